"""`python -m signet_cli.login.agent_token`: what `signet token -o json` prints, for the agent, and sooner.

Neither the framework of the command nor HTTP is imported where a kept token is still good.
"""

from __future__ import annotations

import json
import sys

from signet_cli.core_files import forbid_core_files
from signet_cli.errors import CommandError
from signet_cli.login.session import Session
from signet_cli.settings import profile


def main(words: list[str]) -> int:
    """Print address and token as JSON; with `--renew` the last token was refused. The exit code."""
    forbid_core_files()
    try:
        used = profile()
        answer = {"address": used.required_address, "token": Session(used).token(renew="--renew" in words)}
    except CommandError as error:
        sys.stderr.write(f"{error} {error.hint}\n")
        return int(error.exit_code)
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
