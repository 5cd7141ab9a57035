"""How long something is tried again while others are in its way."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signet.domain.errors import SignetError

RETRY_SECONDS: Final = 8.0
"""For how long: well within the time that a function has for a caller."""
FIRST_PAUSE_SECONDS: Final = 0.01
LONGEST_PAUSE_SECONDS: Final = 0.4


class Backoff:
    """Waits longer each time, at random, so that those who collided do not collide again.

    See "Exponential Backoff And Jitter" in the AWS Architecture Blog; this is what is called full jitter there.
    """

    def __init__(self) -> None:
        self._until = time.monotonic() + RETRY_SECONDS
        self._longest = FIRST_PAUSE_SECONDS

    def wait(self, give_up: SignetError) -> None:
        """Pause before the next attempt; raises `give_up` where there is no time for another."""
        pause = random.uniform(0, self._longest)  # noqa: S311 - jitter, not a secret
        if time.monotonic() + pause > self._until:
            raise give_up
        time.sleep(pause)
        self._longest = min(2 * self._longest, LONGEST_PAUSE_SECONDS)
