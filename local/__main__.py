"""`python -m local`: the whole service on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> int:
    """Run until interrupted; the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        # A second and more goes by in this import, in which Ctrl-C is to end it as cleanly as later.
        from local.terminal import run

        return run()
    except KeyboardInterrupt:
        print("Signet has ended. Everything that was in it is gone.", flush=True)
        return 0


def _end(_: int, __: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C would end the tidying up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
