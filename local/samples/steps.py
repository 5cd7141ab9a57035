"""What is done for the samples, each thing at a moment of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

ADMINISTRATOR = "alice"

_SATURDAY = 5


@dataclass(frozen=True)
class Call:
    """One request to the service."""

    at: datetime
    user: str
    method: str
    path: str
    """With `{}` for the id of what `of` names."""
    body: Mapping[str, Any] | None = None
    of: str = ""
    refused: str | None = None
    """The code that it is refused with; None where it is done."""
    source_ip: str | None = None
    """Where it comes from, if not from where its user usually is."""


@dataclass(frozen=True)
class ExpiryCheck:
    """The schedule's daily run."""

    at: datetime


Step = Call | ExpiryCheck


@dataclass(frozen=True)
class Days:
    """The days until now."""

    now: datetime
    """In UTC."""

    def at(self, days_ago: int, clock: str) -> datetime:
        """The moment, in UTC, of `HH:MM` on that day."""
        return datetime.combine(self._date(days_ago), time.fromisoformat(clock), UTC)

    def weekend(self, days_ago: int) -> bool:
        """Whether that was a Saturday or Sunday."""
        return self._date(days_ago).weekday() >= _SATURDAY

    def saturday(self, days_ago: int) -> bool:
        """Whether that was a Saturday."""
        return self._date(days_ago).weekday() == _SATURDAY

    def _date(self, days_ago: int) -> date:
        return self.now.date() - timedelta(days=days_ago)
