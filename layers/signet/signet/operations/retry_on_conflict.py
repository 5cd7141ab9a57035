"""What was decided on may change before the decision is written: then decide again."""

from collections.abc import Callable
from typing import TypeVar

from signet.domain.errors import BusyError, ChangedMeanwhileError
from signet.ports.backoff import Backoff

T = TypeVar("T")


def retry_on_conflict(decide: Callable[[], T]) -> T:
    """Call `decide`, which looks, decides and commits, until nothing changed in between.

    Raises:
        BusyError: others were faster for too long.
    """
    backoff = Backoff()
    while True:
        try:
            return decide()
        except ChangedMeanwhileError:
            backoff.wait(BusyError("Too many changes of the same thing at once; try again shortly."))
