"""What was decided on may change before the decision is written: then decide again."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from signet.domain.errors import BusyError, ChangedMeanwhileError

T = TypeVar("T")

PATIENCE_SECONDS = 8.0
_LONGEST_PAUSE_SECONDS = 0.2


def retry_on_conflict(decide: Callable[[], T]) -> T:
    """Call `decide`, which looks, decides and commits, until nothing changed in between.

    Raises:
        BusyError: others were faster for too long.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    pause = 0.005
    while True:
        try:
            return decide()
        except ChangedMeanwhileError:
            if time.monotonic() + pause > until:
                raise BusyError("Too many changes of the same thing at once; try again shortly.") from None
            time.sleep(random.uniform(0, pause))  # noqa: S311 - jitter, not a secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
