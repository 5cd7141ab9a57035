"""A PIN: from a prompt, from SIGNET_PIN, or from a file descriptor; never from the command line."""

from __future__ import annotations

import getpass
import os
import sys

from signet_cli.errors import CommandError, UsageError

MOST_BYTES = 1024


def given_pin(descriptor: int | None) -> str | None:
    """The PIN that was handed over; None where there is none."""
    if descriptor is not None:
        try:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                text = file.read(MOST_BYTES).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"No PIN can be read from the file descriptor {descriptor}.") from error
        return text.rstrip("\r\n")
    return os.environ.get("SIGNET_PIN") or None


def ask_for_pin(alias: str) -> str:
    """The PIN, from the person at the terminal.

    Raises:
        CommandError: there is no terminal.
    """
    return _asked(f"PIN of {alias}: ", f"{alias} asks for a PIN.", "Set SIGNET_PIN, or give --pin-fd.", hidden=True)


def ask_for_reason(alias: str) -> str:
    """The reason, from the person at the terminal.

    Raises:
        CommandError: there is no terminal.
    """
    return _asked(f"Reason to sign with {alias}: ", f"{alias} asks for a reason.", "Give --reason.", hidden=False)


def _asked(question: str, needed: str, hint: str, *, hidden: bool) -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"{needed} There is no terminal to ask on.", hint=hint)
    try:
        if hidden:
            answer = getpass.getpass(question)
        else:
            sys.stderr.write(question)
            sys.stderr.flush()
            answer = sys.stdin.readline().rstrip("\r\n")
    except (EOFError, OSError) as error:
        raise CommandError(needed, hint=hint) from error
    if not answer:
        raise CommandError(f"{needed} None was given.", hint=hint)
    return answer
