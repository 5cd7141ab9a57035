"""The whole service on this machine, as whoever started it in a terminal sees it."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local.api_gateway.exchanges import Exchange
from local.aws.template import TemplateError
from local.stack import CHECKOUT, PortTakenError, Stack, issuers_fault, start

HIGHEST_PORT = 65535


class SettingError(Exception):
    """A variable of the environment is not as it should be."""


def run() -> int:
    """Bring the service up and say so; the exit code, where it cannot be.

    Raises:
        KeyboardInterrupt: it was ended, and is down again.
    """
    # What is said of trusted issuers is what the functions would say: their layer is on the path, whoever starts this.
    sys.path.append(str(CHECKOUT / "layers" / "signet"))
    ready = threading.Event()

    def show(exchange: Exchange) -> None:
        if ready.is_set():  # what brings the samples in is nobody's request
            print(exchange, flush=True)

    try:
        with (
            _log_file() as log,
            start(
                port=_port("PORT", 3000),
                aws_port=_port("AWS_PORT", 3001),
                seed=os.environ.get("SEED", "1") != "0",
                history=True,
                trusted_issuers=os.environ.get("TRUSTED_ISSUERS", ""),
                pipelines=True,
                log=log.write,
                warn=log.write_and_show,
                seen=show,
            ) as stack,
        ):
            if fault := issuers_fault(stack.template.parameters["TrustedIssuers"]):
                print(f"TRUSTED_ISSUERS cannot be used, so every token is answered 503: {fault}", file=sys.stderr)
            print(welcome(stack, log.path), flush=True)
            ready.set()
            while True:
                signal.pause()
    except (PortTakenError, SettingError, TemplateError) as error:
        print(f"Signet cannot start: {error}", file=sys.stderr)
        return 1


class _Log:
    """Where the functions' log goes."""

    def __init__(self, path: str, file: IO[str]) -> None:
        self.path = path
        self._file = file

    def write(self, text: str) -> None:
        """What functions print."""
        self._file.write(text if text.endswith("\n") else text + "\n")

    def write_and_show(self, text: str) -> None:
        """What is wrong with the stack itself: nobody reads the file before something fails."""
        self.write(text)
        print(text.rstrip("\n"), file=sys.stderr, flush=True)


@contextmanager
def _log_file() -> Iterator[_Log]:
    """A file for this user's eyes only; the one that LOG names stays, any other one goes at the end."""
    chosen = os.environ.get("LOG")
    try:
        if chosen:
            descriptor, path = os.open(chosen, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), chosen
        else:
            descriptor, path = tempfile.mkstemp(prefix="signet-", suffix=".log")
    except OSError as error:
        raise SettingError(f"the log cannot be written ({error}); name a file for it with LOG") from error
    try:
        # Line by line, so that `tail -f` shows what has just happened.
        with os.fdopen(descriptor, "a", buffering=1, encoding="utf-8", errors="backslashreplace") as file:
            yield _Log(path, file)
    finally:
        if not chosen:
            Path(path).unlink(missing_ok=True)


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        raise SettingError(f"{name} is {text!r}, expected a port from 1 to {HIGHEST_PORT}")
    return int(text)


def welcome(stack: Stack, log: str) -> str:
    """What is printed once everything answers."""
    kept = " but the log" if os.environ.get("LOG") else ", the log too (LOG=<file> keeps one)"
    outputs = "\n".join(f"  {name}: {value}" for name, value in stack.outputs.items())
    return f"""Signet is ready: {stack.url}

The console is at {stack.url}/console/, where you choose who you are: alice is an administrator.

An administrator's token, and a first call to paste:

  TOKEN=$(curl -s {stack.url}/local/tokens -d '{{"user": "alice", "groups": ["administrators"]}}' | cut -d '"' -f 4)
  curl -s {stack.url}/v1/certificates -H "Authorization: Bearer $TOKEN"

AWS is played at {stack.aws_url} (any credentials, region us-east-1):

  aws dynamodb list-tables --endpoint-url {stack.aws_url}

{outputs}

The log of the functions is in {log}, and each request is one line here.

Ctrl-C ends it, and everything in it is gone then{kept}."""
