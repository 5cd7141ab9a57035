"""When a schedule fires: `rate(...)`, `cron(...)` and `at(...)` as EventBridge writes them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_UNITS = {"minute": _MINUTE, "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


class ScheduleError(ValueError):
    """The expression is none that EventBridge would take."""


def fire_times(
    expression: str, *, since: datetime, after: datetime, until: datetime, zone: str = "UTC"
) -> Iterator[datetime]:
    """The moments after `after`, up to and with `until`, at which a schedule made at `since` fires.

    Raises:
        ScheduleError: the expression cannot be read.
    """
    kind, _, rest = expression.strip().partition("(")
    arguments = rest.removesuffix(")").strip()
    match kind:
        case "rate":
            yield from _rate_times(arguments, since, after, until)
        case "cron":
            yield from _cron_times(arguments, after, until, ZoneInfo(zone))
        case "at":
            moment = datetime.fromisoformat(arguments).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            if after < moment <= until:
                yield moment
        case _:
            raise ScheduleError(f"{expression!r} is no schedule")


def _rate_times(arguments: str, since: datetime, after: datetime, until: datetime) -> Iterator[datetime]:
    found = re.fullmatch(r"([1-9]\d*) (minute|hour|day)s?", arguments)
    if found is None:
        raise ScheduleError(f"rate({arguments}) is no rate")
    step = int(found[1]) * _UNITS[found[2]]
    moment = since + step * max(0, (after - since) // step)
    while moment <= until:
        if moment > after:
            yield moment
        moment += step


def _cron_times(arguments: str, after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    cron = _Cron.parse(arguments)
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while moment <= until:
        if cron.fires_at(moment.astimezone(zone)):
            yield moment
        moment += _MINUTE


@dataclass(frozen=True)
class _Cron:
    """Six fields; of day of month and day of week one is `?`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> _Cron:
        fields = text.upper().split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):  # noqa: PLR2004  the fields of a cron
            raise ScheduleError(f"cron({text}) needs six fields, and `?` for the day of the month or of the week")
        minutes, hours, days, months, weekdays, years = fields
        return cls(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            days,
            _numbers(months, 1, 12, _MONTHS),
            weekdays,
            _numbers(years, 1970, 2199),
        )

    def fires_at(self, moment: datetime) -> bool:
        return (
            moment.minute in self.minutes
            and moment.hour in self.hours
            and moment.month in self.months
            and moment.year in self.years
            and moment.day in (self._by_weekday(moment) if self.days == "?" else self._by_day(moment))
        )

    def _by_day(self, moment: datetime) -> frozenset[int]:
        last = calendar.monthrange(moment.year, moment.month)[1]
        if self.days == "L":
            return frozenset({last})
        if self.days.endswith("W"):
            number = last if self.days == "LW" else int(self.days[:-1])
            return frozenset({_nearest_working_day(date(moment.year, moment.month, min(number, last)))})
        return _numbers(self.days, 1, 31)

    def _by_weekday(self, moment: datetime) -> frozenset[int]:
        last = calendar.monthrange(moment.year, moment.month)[1]

        def days_on(weekday: int) -> list[int]:  # Sunday is 1
            return [
                day
                for day in range(1, last + 1)
                if date(moment.year, moment.month, day).isoweekday() % 7 + 1 == weekday
            ]

        name, hash_sign, occurrence = self.weekdays.partition("#")
        if hash_sign:
            return frozenset(days_on(_number(name, _DAYS))[int(occurrence) - 1 : int(occurrence)])
        if self.weekdays.endswith("L") and self.weekdays != "L":
            return frozenset(days_on(_number(self.weekdays[:-1], _DAYS))[-1:])
        wanted = frozenset({7}) if self.weekdays == "L" else _numbers(self.weekdays, 1, 7, _DAYS)
        return frozenset(day for weekday in wanted for day in days_on(weekday))


def _nearest_working_day(day: date) -> int:
    last = calendar.monthrange(day.year, day.month)[1]
    match day.isoweekday():
        case 6:
            return day.day - 1 if day.day > 1 else 3
        case 7:
            return day.day + 1 if day.day < last else last - 2
    return day.day


def _numbers(field: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        begin, dash, end = span.partition("-")
        first = lowest if begin == "*" else _number(begin, names or {})
        last_alone = highest if begin == "*" or slash else first
        last = _number(end, names or {}) if dash else last_alone
        if not lowest <= first <= last <= highest or (slash and not step.isdigit()):
            raise ScheduleError(f"{field!r} is not within {lowest} to {highest}")
        found.update(range(first, last + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdigit():
        raise ScheduleError(f"{text!r} is no number or name")
    return int(text)
