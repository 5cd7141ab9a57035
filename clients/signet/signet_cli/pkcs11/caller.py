"""Who calls: the address of the service and the caller's token, asked of `signet token` or of the pipeline's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Final

from signet_cli.address import parse_address
from signet_cli.errors import UsageError
from signet_cli.pkcs11.service import Account

CHILD_SECONDS: Final = 60

_SECRETS: Final = ("SIGNET_PIN",)
"""Never in the environment of a child."""


def environment_of_children() -> dict[str, str]:
    """The environment of this process without what no child of it needs to know."""
    return {name: value for name, value in os.environ.items() if name not in _SECRETS}


class NotLoggedInError(Exception):
    """There is no token to call with; the message says what to do."""


class Caller:
    """Keeps the account of this process, and asks for another token when the one it has is refused."""

    def __init__(self) -> None:
        self._account: Account | None = None

    def __call__(self, renew: bool) -> Account:
        """The account; with `renew`, with a new token.

        Raises:
            NotLoggedInError: nobody is logged in.
        """
        if self._account is None or renew:
            self._account = self._from_environment(renew=renew) or self._from_command(renew=renew)
        return self._account

    @staticmethod
    def _from_environment(*, renew: bool) -> Account | None:
        address, token = os.environ.get("SIGNET_ADDR"), os.environ.get("SIGNET_ID_TOKEN")
        if not address or not token or renew:
            return None
        try:
            return Account(parse_address(address), token.strip())
        except UsageError as error:
            raise NotLoggedInError(f"SIGNET_ADDR: {error}") from error

    @staticmethod
    def _from_command(*, renew: bool) -> Account:
        # With -P a folder called signet_cli where the program happens to run is not taken for this package.
        command = [sys.executable, "-P", "-m", "signet_cli.login.agent_token", *(["--renew"] if renew else [])]
        try:
            done = subprocess.run(  # noqa: S603 - our own program, by our own interpreter
                command,
                env=environment_of_children(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=CHILD_SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NotLoggedInError(f"The signet command could not be asked for a token: {error}.") from error
        if done.returncode:
            told = " ".join(done.stderr.decode(errors="replace").removeprefix("signet: ").split())
            raise NotLoggedInError(told or "Nobody is logged in. Run signet login.")
        try:
            answer = json.loads(done.stdout)
            return Account(str(answer["address"]), str(answer["token"]))
        except (ValueError, KeyError, TypeError) as error:
            raise NotLoggedInError("The signet command gave no token; run signet doctor.") from error
