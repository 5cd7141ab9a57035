"""A terminal that a person sits at, and the `signet` command on it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time

from tests.support.programs.signet_command import Command
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS

_CTRL_C = "\x03"
_PRESSES = 3
_PATIENCE_SECONDS = 10.0
"""How long a person waits before pressing Ctrl-C again."""
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
"""What turns a colour on (ECMA-48, 8.3.117): bold and underlined are none."""


class Terminal:
    """Shows what the command says, and takes what the person types."""

    def __init__(self, command: Command, *words: object, **more: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x28\x00\xc8\x00" + bytes(4))  # 40 lines of 200 letters
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "signet_cli", *map(str, words)],
                env=command.environment_of(**{"TERM": "xterm-256color", **more}),
                cwd=command.home,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call, before Python starts
            )
        finally:
            os.close(theirs)
        self.shown = ""

    def until(self, text: str) -> None:
        """Read until `text` is shown."""
        end = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while text not in self.shown:
            if not self._read() or time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f"{text!r} is not in {self.shown!r}")

    def answer(self, question: str, text: str) -> None:
        """Type `text`, and Enter, once `question` is asked and the terminal is ready for the answer."""
        self.until(question)
        self.type(f"{text}\n")

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def interrupt(self) -> int:
        """Press Ctrl-C, again where nothing comes of it, and give the exit code.

        A signal that comes after a question is shown and before Python waits for the answer is only noted: its handler
        runs between two instructions of Python, so not before the wait is over (Python's documentation, `signal`,
        "Execution of Python signal handlers").
        """
        for _ in range(_PRESSES):
            self.type(_CTRL_C)
            if not self.read_for(_PATIENCE_SECONDS):
                break
        return self.end()

    def read_for(self, seconds: float) -> bool:
        """Read what is shown meanwhile; whether there may be more after it, which is not so once all have left."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self._ours], [], [], left)[0]:
            if not self._read():
                return False
        return True

    def end(self) -> int:
        """The exit code, once it has ended and everything is shown."""
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(ANSWER_TIMEOUT_SECONDS)

    def _read(self) -> bool:
        """Whether there was more, or there may be."""
        # Where nobody has the other end any more, Linux says so by an error.
        with contextlib.suppress(OSError):
            if not select.select([self._ours], [], [], ANSWER_TIMEOUT_SECONDS)[0]:
                return False
            more = os.read(self._ours, 4096)
            self.shown += more.decode(errors="replace")
            return bool(more)
        return False
