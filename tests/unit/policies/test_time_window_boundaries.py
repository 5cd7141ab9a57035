"""Windows of time looked at where they open and close, and where the clocks of their zone are set forward or back.

A random moment hardly ever lies on such a boundary, so moments are made from the boundaries: where a zone changes its
clocks, on the days around that, to the microsecond.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from signet.domain.field_errors import ObjectReader
from signet.domain.policies.time_window import TimeWindow

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
A_MOMENT = timedelta(microseconds=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# By an hour and by half of one, on both sides of the equator, at midnight, behind UTC and far ahead, with a winter
# time that is the exception, with a day that never was, and never.
ZONES = (
    "Europe/Madrid",
    "Europe/Dublin",
    "America/New_York",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
)
FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """When the clocks of `zone` are set to another offset, in UTC; the first moment of the new one."""
    info, found, moment = ZoneInfo(zone), [], FIRST
    while moment < LAST:
        if moment.astimezone(info).utcoffset() != (moment + DAY).astimezone(info).utcoffset():
            before, after = moment, moment + DAY
            while after - before > MINUTE:
                middle = before + (after - before) // 2
                same = middle.astimezone(info).utcoffset() == before.astimezone(info).utcoffset()
                before, after = (middle, after) if same else (before, middle)
            found.append(after.replace(second=0, microsecond=0))
        moment += DAY
    return tuple(found)


def holds(window: TimeWindow, moment: datetime) -> bool:
    """The rule as the contract has it: is the wall's time within what began on one of the days that count?"""
    wall = moment.astimezone(ZoneInfo(window.time_zone)).replace(tzinfo=None)
    for begins_on in (wall.date(), wall.date() - DAY):
        if window.days and WEEK[begins_on.weekday()] not in [str(day) for day in window.days]:
            continue
        if window.start_date is not None and begins_on < window.start_date:
            continue
        if window.end_date is not None and begins_on > window.end_date:
            continue
        begins = datetime.combine(begins_on, window.start_time or time(0))
        ends = datetime.combine(begins_on, window.end_time or time(0))
        if ends <= begins:
            ends += DAY
        if begins <= wall < ends:
            return True
    return False


def window(fields: dict[str, Any]) -> TimeWindow:
    reader = ObjectReader(fields)
    read = TimeWindow.read(reader)
    reader.finish()
    return read


@st.composite
def zones_and_moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone, and a moment at which its clocks change, or are about to, or any other."""
    zone = draw(st.sampled_from(ZONES))
    changes = changes_of(zone)
    near = draw(st.none() | st.sampled_from(changes)) if changes else None
    if near is not None:
        return zone, near + draw(st.integers(-50, 50)) * HOUR / 2
    return zone, draw(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)).map(utc))


def utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)


@st.composite
def windows_near(draw: st.DrawFn, zone: str, moment: datetime) -> TimeWindow:
    """A window one of whose limits is the wall's minute, day or date at `moment`, or one beside it."""
    wall = moment.astimezone(ZoneInfo(zone))
    fields: dict[str, Any] = {"time_zone": zone}
    if draw(st.booleans()):
        minute = (datetime.combine(date(2000, 1, 2), wall.time()) + draw(st.integers(-1, 1)) * MINUTE).strftime("%H:%M")
        other = draw(st.times()).strftime("%H:%M")
        assume(minute != other)
        fields["start_time"], fields["end_time"] = draw(st.permutations([minute, other]))
    if draw(st.booleans()):
        around = [WEEK[(wall.weekday() + shift) % 7] for shift in (-2, -1, 0, 1)]
        fields["days"] = draw(st.lists(st.sampled_from(around), min_size=1, unique=True))
    for limit in ("start_date", "end_date"):
        if draw(st.booleans()):
            fields[limit] = (wall.date() + draw(st.integers(-1, 1)) * DAY).isoformat()
    assume("start_date" not in fields or fields["start_date"] <= fields.get("end_date", fields["start_date"]))
    return window(fields)


@given(
    data=st.data(), at=zones_and_moments(), aside=st.sampled_from([-MINUTE, -A_MOMENT, timedelta(0), A_MOMENT, MINUTE])
)
def test_a_window_holds_by_the_wall_at_each_of_its_boundaries(
    data: st.DataObject, at: tuple[str, datetime], aside: timedelta
) -> None:
    zone, moment = at
    looked_at = data.draw(windows_near(zone, moment))
    # On the minute that the wall shows, a moment before it, and as far behind.
    moment = moment.replace(second=0, microsecond=0) + aside

    assert looked_at.holds_at(moment) == holds(looked_at, moment)


@given(at=zones_and_moments(), hours=st.integers(1, 23), days=st.sets(st.sampled_from(WEEK), min_size=1))
@example(at=("Europe/Madrid", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)), hours=2, days={"sun"})
@example(at=("America/Havana", datetime(2026, 3, 8, 5, 0, tzinfo=UTC)), hours=3, days={"sat"})
@example(at=("Pacific/Apia", datetime(2011, 12, 30, 10, 0, tzinfo=UTC)), hours=5, days={"fri"})
def test_a_window_and_the_rest_of_its_day_never_hold_both_and_leave_nothing_between(
    at: tuple[str, datetime], hours: int, days: set[str]
) -> None:
    zone, moment = at
    begins = moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    ends = (datetime.combine(date(2000, 1, 1), time.fromisoformat(begins)) + hours * HOUR).strftime("%H:%M")
    inside = window({"start_time": begins, "end_time": ends, "time_zone": zone})
    outside = window({"start_time": ends, "end_time": begins, "time_zone": zone})

    for shift in (-A_MOMENT, timedelta(0), MINUTE, hours * HOUR - A_MOMENT, hours * HOUR):
        looked_at = moment.replace(second=0, microsecond=0) + shift
        assert inside.holds_at(looked_at) != outside.holds_at(looked_at)
        # Of the days the same: what some have and the others have is all.
        some = window({"days": sorted(days), "time_zone": zone}).holds_at(looked_at)
        others = [day for day in WEEK if day not in days]
        assert some != (bool(others) and window({"days": others, "time_zone": zone}).holds_at(looked_at))


@pytest.mark.parametrize(
    "zone", [zone for zone in ZONES if zone not in {"UTC", "Asia/Kathmandu", "Pacific/Kiritimati"}]
)
def test_the_zones_do_change_their_clocks(zone: str) -> None:
    assert len(changes_of(zone)) >= 2
