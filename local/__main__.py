"""`python -m local`: the whole service on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

_ENDED = "Signet has ended. Everything that was in it is gone."


def main() -> int:
    """Run until interrupted; the exit code."""
    _on_signal(_end_at_once)
    # A second and more goes by in this import, in which Ctrl-C is to end it as cleanly as later.
    from local.terminal import run

    try:
        _on_signal(_end)
        return run()
    except KeyboardInterrupt:
        print(_ENDED, flush=True)
        return 0


def _on_signal(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _end_at_once(_: int, __: FrameType | None) -> None:
    # An exception that is raised within an import can get lost: Python lets none out of the callbacks of its locks.
    print(_ENDED, flush=True)
    os._exit(0)


def _end(_: int, __: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C would end the tidying up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
