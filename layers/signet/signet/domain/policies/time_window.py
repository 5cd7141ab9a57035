"""When a policy applies: days, dates and times of day as a wall clock in the zone shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from signet.domain.field_errors import ObjectReader, shown

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}", re.ASCII)

# Letters first: no dots, no leading slash, nothing that walks out of the zone database.
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9][A-Za-z0-9_+-]{0,31}){0,2}", re.ASCII)

# Found in the database of some systems and not of others, with leap seconds, or whatever the machine is set to.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules", "posix", "right", "SystemV"})

_DAY = timedelta(days=1)


class Day(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEK = tuple(Day)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone that the IANA database has under `name`.

    Raises:
        ValueError: it has none; the message is for the caller.
    """
    if _ZONE.fullmatch(name) and name.partition("/")[0] not in _NO_ZONES:
        try:
            return ZoneInfo(name)
        # "Europe" is a folder of the database, which Python tells in more than one way.
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise ValueError(f"must be a time zone of the IANA database, such as Europe/Madrid, got {shown(name)}")


def local_time_text(moment: datetime, time_zone: str) -> str:
    """What calendar and clock say there, for a person: `sun 2026-11-22 14:00`."""
    wall = moment.astimezone(zone_named(time_zone))
    return f"{_WEEK[wall.weekday()]} {wall:%Y-%m-%d %H:%M}"


def _parse_zone_name(text: str) -> str:
    return zone_named(text).key


def _parse_date(text: str) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"must be a date as in 2026-11-22, got {shown(text)}")


def _parse_time(text: str) -> time:
    if _TIME.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"must be a time of day from 00:00 to 23:59, got {shown(text)}")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A span that comes back; what is not given does not limit it.

    ```text
      start_time 22:00        midnight        end_time 06:00
      |---------- fri ------------|--- still fri's ---|
    ```

    A window past midnight belongs, with all of it, to the day on which it starts: `days` and dates are asked of that
    day. Clocks are read as the wall shows them: an hour that daylight saving leaves out is never inside, and one that
    it repeats is inside twice.
    """

    days: tuple[Day, ...] = ()
    """None given: every day."""
    start_date: date | None = None
    end_date: date | None = None
    """The last day, included."""
    start_time: time | None = None
    end_time: time | None = None
    """The first minute that is outside again."""
    time_zone: str = "UTC"

    @classmethod
    def read(cls, reader: ObjectReader) -> "TimeWindow":
        """The window in `reader`, which notes what is wrong with it."""
        window = cls(
            days=reader.choices("days", Day),
            start_date=reader.text("start_date", _parse_date, None),
            end_date=reader.text("end_date", _parse_date, None),
            start_time=reader.text("start_time", _parse_time, None),
            end_time=reader.text("end_time", _parse_time, None),
            time_zone=reader.text("time_zone", _parse_zone_name, "UTC"),
        )
        if window.start_date and window.end_date and window.end_date < window.start_date:
            reader.refuse("end_date", f"must not be before start_date, {window.start_date}, got {window.end_date}")
        if reader.has("start_time") != reader.has("end_time"):
            reader.refuse(
                "end_time" if reader.has("start_time") else "start_time", "must be given when the other time is"
            )
        elif window.start_time is not None and window.start_time == window.end_time:
            reader.refuse("end_time", "must not equal start_time; leave both out for the whole day")
        return window

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> "TimeWindow":
        """What `plain` made, read from where it was stored."""
        return cls(
            days=tuple(Day(day) for day in plain["days"]),
            start_date=date.fromisoformat(plain["start_date"]) if plain["start_date"] else None,
            end_date=date.fromisoformat(plain["end_date"]) if plain["end_date"] else None,
            start_time=time.fromisoformat(plain["start_time"]) if plain["start_time"] else None,
            end_time=time.fromisoformat(plain["end_time"]) if plain["end_time"] else None,
            time_zone=plain["time_zone"],
        )

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "days": [day.value for day in self.days],
            "start_date": None if self.start_date is None else self.start_date.isoformat(),
            "end_date": None if self.end_date is None else self.end_date.isoformat(),
            "start_time": None if self.start_time is None else self.start_time.isoformat("minutes"),
            "end_time": None if self.end_time is None else self.end_time.isoformat("minutes"),
            "time_zone": self.time_zone,
        }

    def holds_at(self, moment: datetime) -> bool:
        """Whether the aware `moment` lies inside."""
        wall = moment.astimezone(zone_named(self.time_zone))
        today, now = wall.date(), wall.time()
        if self.start_time is None or self.end_time is None:
            return self._starts_on(today)
        if self.start_time < self.end_time:
            return self.start_time <= now < self.end_time and self._starts_on(today)
        if now >= self.start_time:
            return self._starts_on(today)
        return now < self.end_time and self._starts_on(today - _DAY)

    def is_over_at(self, moment: datetime) -> bool:
        """Whether it holds neither at the aware `moment` nor ever after."""
        if self.end_date is None:
            return False
        # The window of its last day may run past midnight.
        return moment.astimezone(zone_named(self.time_zone)).date() - _DAY > self.end_date

    def lies_within(self, other: "TimeWindow") -> bool:
        """Whether `other` surely holds whenever this one does; of different zones only a window without limits does."""
        if other == TimeWindow(time_zone=other.time_zone):
            return True
        return (
            self.time_zone == other.time_zone
            and self._starts_on_days_of(other)
            and _span_within((self.start_time, self.end_time), (other.start_time, other.end_time))
        )

    def _starts_on_days_of(self, other: "TimeWindow") -> bool:
        return (
            (not other.days or (bool(self.days) and set(self.days) <= set(other.days)))
            and (other.start_date is None or (self.start_date is not None and other.start_date <= self.start_date))
            and (other.end_date is None or (self.end_date is not None and self.end_date <= other.end_date))
        )

    def _starts_on(self, day: date) -> bool:
        return (
            (not self.days or _WEEK[day.weekday()] in self.days)
            and (self.start_date is None or self.start_date <= day)
            and (self.end_date is None or day <= self.end_date)
        )

    def __str__(self) -> str:
        """For a person: `mon, tue 08:00-18:00, from 2026-01-01, Europe/Madrid`."""
        parts = [", ".join(self.days) or "every day"]
        if self.start_time is not None and self.end_time is not None:
            parts[0] += f" {self.start_time:%H:%M}-{self.end_time:%H:%M}"
        if self.start_date is not None:
            parts.append(f"from {self.start_date}")
        if self.end_date is not None:
            parts.append(f"until {self.end_date}")
        return ", ".join([*parts, self.time_zone])


def _span_within(span: tuple[time | None, time | None], other: tuple[time | None, time | None]) -> bool:
    """Whether the hours `span` of a day lie within the hours `other` of the same day, past midnight included."""
    (start, end), (other_start, other_end) = span, other
    if other_start is None or other_end is None:
        # A whole day has nothing of the next one.
        return start is None or end is None or start < end
    if start is None or end is None or (start < end) != (other_start < other_end):
        return False
    return other_start <= start and end <= other_end
