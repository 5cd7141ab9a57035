"""Which stage of its expiry a certificate has reached, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.errors import InvalidInputError
from signet.domain.expiry.expiry import (
    is_rehearsal,
    last_due,
    moment_of_check,
    stage_reached,
    stage_to_announce,
)
from tests.support.certificates.domain_examples import a_certificate

pytestmark = pytest.mark.clock

STAGES = (90, 30, 7, 1)
END = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_reached_to_the_second(stage: int) -> None:
    reached = END - timedelta(days=stage)
    before = min((wider for wider in STAGES if wider > stage), default=None)

    assert stage_reached(END, reached - SECOND, STAGES) == before
    assert stage_reached(END, reached, STAGES) == stage
    assert stage_reached(END, reached + SECOND, STAGES) == stage


def test_a_certificate_is_valid_at_its_last_second_and_expired_a_second_later() -> None:
    assert stage_reached(END, END - SECOND, STAGES) == 1
    assert stage_reached(END, END, STAGES) == 1
    assert stage_reached(END, END + SECOND, STAGES) == 0


@pytest.mark.parametrize(
    ("end", "reached"),
    [
        (datetime(2028, 3, 30, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),  # leap day
        (datetime(2027, 3, 30, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2100, 3, 30, tzinfo=UTC), datetime(2100, 2, 28, tzinfo=UTC)),  # no leap year, and past 2050
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(9999, 12, 1, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_days_are_those_of_the_calendar(end: datetime, reached: datetime) -> None:
    assert stage_reached(end, reached, STAGES) == 30
    assert stage_reached(end, reached - SECOND, STAGES) == 90


def test_a_day_has_24_hours_on_the_night_clocks_change() -> None:
    end = datetime(2026, 3, 29, 12, 0, tzinfo=ZoneInfo("Europe/Madrid"))  # clocks went forward nine hours before
    day_before_by_the_wall = datetime(2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/Madrid"))

    assert stage_reached(end.astimezone(UTC), day_before_by_the_wall.astimezone(UTC), STAGES) == 1
    assert stage_reached(end.astimezone(UTC), end.astimezone(UTC) - timedelta(hours=24, seconds=1), STAGES) == 7


def test_only_what_no_tighter_stage_covers_is_announced() -> None:
    certificate = replace(a_certificate(), facts=replace(a_certificate().facts, not_after=END))
    week_before = END - timedelta(days=7)

    assert stage_to_announce(certificate, week_before, STAGES) == 7
    assert stage_to_announce(replace(certificate, flagged_stage=30), week_before, STAGES) == 7
    assert stage_to_announce(replace(certificate, flagged_stage=7), week_before, STAGES) is None
    assert stage_to_announce(replace(certificate, flagged_stage=1), week_before, STAGES) is None
    assert stage_to_announce(replace(certificate, flagged_stage=1), END + SECOND, STAGES) == 0
    assert stage_to_announce(replace(certificate, flagged_stage=0), END + SECOND, STAGES) is None


def test_a_renewed_certificate_is_left_alone() -> None:
    certificate = replace(a_certificate(), facts=replace(a_certificate().facts, not_after=END), renewed_by="crt_other")

    assert stage_to_announce(certificate, END + SECOND, STAGES) is None


MOMENTS = st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone


@given(end=MOMENTS, now=MOMENTS, stages=st.lists(st.integers(1, 3650), min_size=1, max_size=5, unique=True))
def test_whatever_has_reached_a_stage_is_among_what_is_due(end: datetime, now: datetime, stages: list[int]) -> None:
    assert (stage_reached(end, now, stages) is not None) == (end <= last_due(now, stages))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T06:00:00Z", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("2026-11-22T06:00:00+02:00", datetime(2026, 11, 22, 6, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_a_check_is_as_of_the_events_time(text: str, moment: datetime) -> None:
    assert moment_of_check(text) == moment


@pytest.mark.parametrize(
    "time",
    [
        None,
        "",
        5,
        "tomorrow",
        "2026-11-22",
        "2026-11-22T06:00:00",
        "2026-02-29T06:00:00Z",
        [],
        "0001-01-01T00:00:00+02:00",
    ],
)
def test_a_check_without_a_time_is_refused_and_none_is_guessed(time: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^time: "):
        moment_of_check(time)


def test_more_than_a_day_ahead_is_a_rehearsal_unless_the_deployment_allows_it() -> None:
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    a_day = timedelta(days=1)

    assert not is_rehearsal(now + a_day, now, allowed=False)
    assert is_rehearsal(now + a_day + SECOND, now, allowed=False)
    assert not is_rehearsal(now + 900 * a_day, now, allowed=True)
    assert not is_rehearsal(now - 900 * a_day, now, allowed=False)
