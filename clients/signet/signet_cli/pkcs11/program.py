"""The program that signs: the parent of the agent, whose name and command line are stated to the service."""

from __future__ import annotations

import os
import re
import select
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LONGEST_COMMAND_LINE: Final = 4096

_PIN_OPTION: Final = re.compile(
    r"--?(?:so-)?(?:pin|pass|password|storepass|keypass|passin|ks-pass|key-pass)", re.IGNORECASE
)
_SHORT_PIN_OPTION: Final = re.compile(r"-p(.*)")
"""Of OpenSC's programs; elsewhere `-p` is something else."""
_OPENSC: Final = re.compile(r"pkcs1[15]-.*")
_PIN_SOMEHOW: Final = re.compile(r"pin|pass", re.IGNORECASE)
_PIN_IN_VALUE: Final = re.compile(r"(?i)(pin-value=|--?(?:pin|pass|password|storepass|keypass)=|pass:)[^;&\s]*")


@dataclass(frozen=True, slots=True)
class Program:
    """What is stated of the program; None for what the system does not tell."""

    process: str | None
    command_line: str | None
    may_bring_pin: bool = True
    """Whether its command line could say where it has a PIN from; true where that is not known."""


def has_left() -> bool:
    """Whether the program at the other end of standard input is gone; while it waits for an answer it sends nothing."""
    if not hasattr(select, "poll"):
        return False
    watched = select.poll()
    watched.register(0, 0)  # Asked for nothing: that the other end has hung up is told all the same.
    return any(what & (select.POLLHUP | select.POLLERR) for _, what in watched.poll(0))


def parent_program() -> Program:
    """The program that started this agent. Its command line is told without what looks like a PIN."""
    words = _words_of(os.getppid())
    if not words:
        return Program(None, None)
    return Program(
        Path(words[0]).name or None,
        shlex.join(without_pins(words))[:LONGEST_COMMAND_LINE],
        any(_PIN_SOMEHOW.search(word) for word in words[1:]),
    )


def without_pins(words: list[str]) -> list[str]:
    """The words of a command line, with `***` for what a PIN or a password is given by."""
    shown = []
    hidden = False
    is_opensc = bool(words) and _OPENSC.fullmatch(Path(words[0]).name) is not None
    for word in words:
        attached = _SHORT_PIN_OPTION.fullmatch(word) if is_opensc and not hidden else None
        if attached is not None:
            shown.append("-p***" if attached[1] else word)
            hidden = not attached[1]
            continue
        shown.append("***" if hidden else _PIN_IN_VALUE.sub(r"\1***", word))
        hidden = _PIN_OPTION.fullmatch(word) is not None
    return shown


def _words_of(process_id: int) -> list[str]:
    try:
        text = Path(f"/proc/{process_id}/cmdline").read_bytes().decode(errors="replace")
        return text.rstrip("\0").split("\0") if text else []
    except OSError:
        if Path("/proc").is_dir():
            return []
    try:
        command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(process_id)]
        told = subprocess.run(command, env={}, capture_output=True, timeout=5, check=False)  # noqa: S603
        return shlex.split(told.stdout.decode(errors="replace"))
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
