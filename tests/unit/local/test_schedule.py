"""Schedules fire when EventBridge would."""

from datetime import UTC, datetime, timedelta

import pytest

from local.event_sources.schedule_expression import ScheduleError, fire_times

pytestmark = pytest.mark.clock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday


def times(expression: str, days: float = 8, zone: str = "UTC") -> list[str]:
    found = fire_times(expression, since=NOON, after=NOON, until=NOON + timedelta(days=days), zone=zone)
    return [moment.astimezone(UTC).strftime("%m-%d %H:%M") for moment in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 6 * * ? *)", [f"11-{day} 06:00" for day in range(23, 31)]),
        ("cron(30 6,18 ? * MON *)", ["11-23 06:30", "11-23 18:30", "11-30 06:30"]),
        ("cron(0 0 ? * 2-4 *)", ["11-23 00:00", "11-24 00:00", "11-25 00:00", "11-30 00:00"]),
        ("cron(0 0 L * ? *)", ["11-30 00:00"]),
        ("cron(0 0 LW * ? *)", ["11-30 00:00"]),
        ("cron(0 0 28W * ? *)", ["11-27 00:00"]),
        ("cron(0 0 29W * ? *)", ["11-30 00:00"]),
        ("cron(0 0 ? * THU#4 *)", ["11-26 00:00"]),
        ("cron(0 0 ? * FRI#4 *)", ["11-27 00:00"]),
        ("cron(0 0 ? * 2L *)", ["11-30 00:00"]),
        ("cron(0 0 ? * L *)", ["11-28 00:00"]),
        ("cron(0 0 1/7 NOV ? 2026)", ["11-29 00:00"]),
        ("cron(0 0 * DEC ? *)", []),
        ("cron(0 0 * * ? 2027)", []),
        ("rate(1 day)", [f"11-{day} 12:00" for day in range(23, 31)]),
        ("rate(100 hours)", ["11-26 16:00"]),
        ("at(2026-11-25T10:30:00)", ["11-25 10:30"]),
        ("at(2026-11-21T10:30:00)", []),
    ],
)
def test_a_schedule_fires(expression: str, expected: list[str]) -> None:
    assert times(expression) == expected


def test_minutes_may_come_in_steps() -> None:
    assert times("cron(0/20 12 * * ? *)", days=0.05) == ["11-22 12:20", "11-22 12:40"]
    assert times("rate(5 minutes)", days=0.01) == ["11-22 12:05", "11-22 12:10"]


def test_a_zone_is_heeded_through_daylight_saving() -> None:
    begin = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    found = fire_times(
        "cron(0 8 * * ? *)", since=begin, after=begin, until=begin + timedelta(days=2), zone="Europe/Madrid"
    )
    assert [moment.hour for moment in found] == [7, 7]  # the clocks go back in the night to the 25th
    before = fire_times(
        "cron(0 8 * * ? *)", since=begin, after=begin - timedelta(days=1), until=begin, zone="Europe/Madrid"
    )
    assert [moment.hour for moment in before] == [6]


@pytest.mark.parametrize(
    "expression",
    [
        "daily",
        "cron(* * * * *)",
        "cron(0 6 * * * *)",
        "cron(60 6 * * ? *)",
        "cron(0 6 * FEB-JAN ? *)",
        "rate(0 days)",
        "rate(1 week)",
    ],
)
def test_what_is_no_schedule_is_an_error(expression: str) -> None:
    with pytest.raises(ScheduleError):
        times(expression)
