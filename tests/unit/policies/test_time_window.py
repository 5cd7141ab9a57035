"""Windows of time by the clocks on the wall, daylight saving and midnight included."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from signet.domain.field_errors import ObjectReader
from signet.domain.policies.time_window import TimeWindow, zone_named
from tests.unit.policies import reference_policies as reference
from tests.unit.policies.policy_examples import body, by_field, errors_in

pytestmark = pytest.mark.clock


def window(**fields: Any) -> TimeWindow:
    reader = ObjectReader(fields)
    read = TimeWindow.read(reader)
    reader.finish()
    return read


def minutes_inside(on: date, **fields: Any) -> int:
    """How many minutes really pass inside the window from noon before to noon after midnight of `on`."""
    open_window = window(**fields)
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(fields["time_zone"])).astimezone(UTC)
    day = (noon - timedelta(hours=24) + timedelta(minutes=n) for n in range(36 * 60))
    return sum(open_window.holds_at(minute) for minute in day)


def wall(text: str, zone: str = "Europe/Madrid") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_the_end_is_outside_and_the_start_inside() -> None:
    office = window(start_time="08:00", end_time="18:00", time_zone="Europe/Madrid")

    assert office.holds_at(wall("2026-11-23T08:00"))
    assert office.holds_at(wall("2026-11-23T17:59:59.999999"))
    assert not office.holds_at(wall("2026-11-23T18:00"))
    assert not office.holds_at(wall("2026-11-23T07:59:59"))


def test_days_are_those_of_the_zone() -> None:
    monday = window(days=["mon"], time_zone="Pacific/Kiritimati")

    # Fourteen hours ahead of UTC.
    assert monday.holds_at(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    assert not monday.holds_at(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))


def test_dates_are_inclusive_at_both_ends() -> None:
    week = window(start_date="2026-11-23", end_date="2026-11-27", time_zone="Europe/Madrid")

    assert not week.holds_at(wall("2026-11-22T23:59:59"))
    assert week.holds_at(wall("2026-11-23T00:00"))
    assert week.holds_at(wall("2026-11-27T23:59:59"))
    assert not week.holds_at(wall("2026-11-28T00:00"))


def test_a_window_past_midnight_belongs_to_the_day_it_starts_on() -> None:
    night = window(days=["fri"], start_time="22:00", end_time="06:00", time_zone="Europe/Madrid")

    assert night.holds_at(wall("2026-11-27T22:00"))  # Friday
    assert night.holds_at(wall("2026-11-28T05:59"))
    assert not night.holds_at(wall("2026-11-28T06:00"))
    assert not night.holds_at(wall("2026-11-28T22:00"))
    assert not night.holds_at(wall("2026-11-27T05:00"))


def test_a_night_that_starts_on_the_last_date_runs_past_it() -> None:
    nights = window(
        start_date="2026-11-23", end_date="2026-11-24", start_time="22:00", end_time="06:00", time_zone="Europe/Madrid"
    )

    assert not nights.holds_at(wall("2026-11-23T05:00"))  # The night of the 22nd
    assert nights.holds_at(wall("2026-11-24T23:00"))
    assert nights.holds_at(wall("2026-11-25T05:59"))
    assert not nights.holds_at(wall("2026-11-25T22:00"))


def test_until_midnight_is_a_whole_evening() -> None:
    evening = window(days=["mon"], start_time="18:00", end_time="00:00", time_zone="Europe/Madrid")

    assert evening.holds_at(wall("2026-11-23T23:59"))
    assert not evening.holds_at(wall("2026-11-24T00:00"))


@pytest.mark.parametrize(
    ("zone", "on", "start", "end", "minutes"),
    [
        # Spring: the hour after 02:00 is left out, on Lord Howe half an hour.
        ("Europe/Madrid", date(2026, 3, 29), "02:00", "03:00", 0),
        ("Europe/Madrid", date(2026, 3, 29), "01:30", "03:30", 60),
        ("America/New_York", date(2026, 3, 8), "02:15", "02:45", 0),
        ("America/New_York", date(2026, 3, 8), "22:00", "06:00", 420),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:00", "02:30", 0),
        ("Australia/Lord_Howe", date(2026, 10, 4), "01:00", "03:00", 90),
        # Autumn: it is repeated, and inside both times.
        ("Europe/Madrid", date(2026, 10, 25), "02:00", "03:00", 120),
        ("Europe/Madrid", date(2026, 10, 25), "02:30", "03:00", 60),
        ("America/New_York", date(2026, 11, 1), "01:00", "02:00", 120),
        ("America/New_York", date(2026, 11, 1), "22:00", "06:00", 540),
        ("Australia/Lord_Howe", date(2026, 4, 5), "01:30", "02:00", 60),
        ("Australia/Lord_Howe", date(2026, 4, 5), "01:00", "03:00", 150),
        # Any other night.
        ("Europe/Madrid", date(2026, 11, 22), "02:00", "03:00", 60),
    ],
)
def test_daylight_saving_is_what_the_wall_shows(zone: str, on: date, start: str, end: str, minutes: int) -> None:
    # A window past midnight is counted in the night that ends on that day.
    day = on - timedelta(days=1) if end < start else on
    date_range = {"start_date": day.isoformat(), "end_date": day.isoformat()}

    assert minutes_inside(on, start_time=start, end_time=end, time_zone=zone, **date_range) == minutes


@settings(max_examples=200)
@given(reference.windows(), reference.moments())
def test_every_window_holds_when_the_slow_reference_does(plain: dict[str, Any], moment: datetime) -> None:
    assert window(**plain).holds_at(moment) == reference.in_window(plain, moment)


@given(reference.windows())
def test_a_window_is_read_as_it_is_written(plain: dict[str, Any]) -> None:
    assert window(**plain).plain() == plain


def test_a_window_without_anything_holds_always() -> None:
    assert window().holds_at(datetime(2026, 11, 23, tzinfo=UTC))
    assert str(window()) == "every day, UTC"


def test_a_window_is_put_into_words() -> None:
    text = str(
        window(
            days=["fri", "mon"],
            start_date="2026-01-01",
            end_date="2026-12-31",
            start_time="22:00",
            end_time="06:00",
            time_zone="Europe/Madrid",
        )
    )

    assert text == "mon, fri 22:00-06:00, from 2026-01-01, until 2026-12-31, Europe/Madrid"


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Atlantis",
        "Europe",
        "europe/madrid",
        "",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/../Europe/Madrid",
        "localtime",
        "posix/Europe/Madrid",
        "right/UTC",
        "Factory",
        "tzdata.zi",
        "tzdata",
        "zone1970",
        "UTC\n",
        "UTC\0",
        "A" * 300,
    ],
)
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    assert "time zone" in errors_in(body(when=[{"time_zone": name}]))["when[0].time_zone"]


@pytest.mark.parametrize("name", ["UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT"])
def test_a_zone_of_the_database_is_found(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"days": ["monday"]}, "days[0]"),
        ({"start_date": "2026-02-30"}, "start_date"),
        ({"start_date": "20260201"}, "start_date"),
        ({"start_date": "2026-W01-1"}, "start_date"),
        ({"start_date": "2026-02-02", "end_date": "2026-02-01"}, "end_date"),
        ({"start_time": "08:00"}, "end_time"),
        ({"end_time": "08:00"}, "start_time"),
        ({"start_time": "08:00", "end_time": "08:00"}, "end_time"),
        ({"start_time": "8:00", "end_time": "09:00"}, "start_time"),
        ({"start_time": "24:00", "end_time": "09:00"}, "start_time"),
        ({"start_time": "08:00:00", "end_time": "09:00"}, "start_time"),
    ],
)
def test_a_bad_field_is_named_by_its_path(fields: dict[str, Any], field: str) -> None:
    assert list(errors_in(body(when=[{}, fields]))) == [f"when[1].{field}"]


def test_a_bad_time_is_named_once() -> None:
    reader = ObjectReader({"start_time": "late", "end_time": "late"})
    TimeWindow.read(reader)

    assert list(by_field(tuple(reader._errors))) == ["start_time", "end_time"]


OFFICE = {"start_time": "08:00", "end_time": "18:00", "time_zone": "Europe/Madrid"}
NIGHT = {"start_time": "22:00", "end_time": "06:00", "time_zone": "Europe/Madrid"}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (OFFICE, {"time_zone": "Europe/Madrid"}),
        (OFFICE, {"time_zone": "Asia/Tokyo"}),
        (OFFICE, {**OFFICE, "end_time": "18:01"}),
        (NIGHT, {**NIGHT, "start_time": "21:00"}),
        ({**OFFICE, "days": ["mon"]}, {**OFFICE, "days": ["mon", "tue"]}),
        ({**OFFICE, "start_date": "2026-01-02", "end_date": "2026-01-03"}, {**OFFICE, "start_date": "2026-01-02"}),
    ],
)
def test_a_window_lies_within_one_that_holds_whenever_it_does(narrow: dict[str, Any], wide: dict[str, Any]) -> None:
    assert window(**narrow).lies_within(window(**wide))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({**OFFICE, "time_zone": "Asia/Tokyo"}, OFFICE),
        ({"time_zone": "Europe/Madrid"}, OFFICE),
        (NIGHT, OFFICE),
        (OFFICE, NIGHT),
        ({**OFFICE, "end_time": "18:01"}, OFFICE),
        # What has passed midnight is on the next day, which the other window may leave out.
        (NIGHT, {"days": ["mon"], "time_zone": "Europe/Madrid"}),
        ({**NIGHT, "days": ["mon"]}, {"days": ["mon"], "time_zone": "Europe/Madrid"}),
        (OFFICE, {**OFFICE, "days": ["mon"]}),
        (OFFICE, {**OFFICE, "end_date": "2026-01-02"}),
    ],
)
def test_a_window_does_not_lie_within_one_that_may_be_closed_while_it_holds(
    narrow: dict[str, Any], wide: dict[str, Any]
) -> None:
    assert not window(**narrow).lies_within(window(**wide))
