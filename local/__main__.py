"""`python -m local`: the whole service on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from local.stack import PortTakenError, Stack, issuers_fault, start
from local.template import TemplateError

HIGHEST_PORT = 65535


class SettingError(Exception):
    """A variable of the environment is not as it should be."""


def main() -> int:
    """Run until interrupted; the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        with start(
            port=_port("PORT", 3000),
            aws_port=_port("AWS_PORT", 3001),
            seed=os.environ.get("SEED", "1") != "0",
            trusted_issuers=os.environ.get("TRUSTED_ISSUERS", ""),
        ) as stack:
            if fault := issuers_fault(stack.template.parameters["TrustedIssuers"]):
                print(f"TRUSTED_ISSUERS cannot be used, so every token is answered 503: {fault}", file=sys.stderr)
            print(welcome(stack), flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        return 0
    except (PortTakenError, SettingError, TemplateError) as error:
        print(f"Signet cannot start: {error}", file=sys.stderr)
        return 1


def _end(_: int, __: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C would end the tidying up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        raise SettingError(f"{name} is {text!r}, expected a port from 1 to {HIGHEST_PORT}")
    return int(text)


def welcome(stack: Stack) -> str:
    """What is printed once everything answers."""
    outputs = "\n".join(f"  {name}: {value}" for name, value in stack.outputs.items())
    return f"""Signet is ready: {stack.url}

An administrator's token, and a first call to paste:

  TOKEN=$(curl -s {stack.url}/local/tokens -d '{{"user": "alice", "groups": ["administrators"]}}' | cut -d '"' -f 4)
  curl -s {stack.url}/v1/certificates -H "Authorization: Bearer $TOKEN"

AWS is played at {stack.aws_url} (any credentials, region us-east-1):

  aws dynamodb list-tables --endpoint-url {stack.aws_url}

{outputs}

Ctrl-C ends it."""


if __name__ == "__main__":
    sys.exit(main())
