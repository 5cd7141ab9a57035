"""Moments in UTC, as text that sorts as they do."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """`moment` to the second, `2026-11-22T13:00:00Z` (RFC 3339, 5.6); sorts as time does, from year 0001 to 9999."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def rfc3339_micros(moment: datetime) -> str:
    """`moment` to the microsecond, always six digits, so that it sorts."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_rfc3339(text: str) -> datetime:
    """The moment that `text` names, in UTC; a time without an offset is a ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError("not an RFC 3339 date and time with an offset")
    return moment.astimezone(UTC)
