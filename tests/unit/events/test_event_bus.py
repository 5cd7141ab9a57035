"""Announcements on their way to a bus that refuses, throttles, times out or never takes one of them."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from signet.adapters.messaging.event_bus import MAX_BYTES, EventBridgeBus
from signet.domain.events.announcement import Announcement
from signet.domain.events.event import EventType

Answer = Callable[[list[dict[str, Any]]], list[str | None]]
"""What to say of each entry: an error code, or None."""


class Bus:
    """EventBridge, as far as `put_events` goes; `answers` are used up one by one, then all is taken."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []
        self.calls = 0

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  boto3 calls it so
        self.calls += 1
        assert 1 <= len(Entries) <= 10
        assert sum(len(entry["Detail"].encode()) for entry in Entries) <= MAX_BYTES
        codes = self.answers.pop(0)(Entries) if self.answers else [None] * len(Entries)
        self.taken += [entry["Detail"] for entry, code in zip(Entries, codes, strict=True) if code is None]
        return {
            "FailedEntryCount": sum(code is not None for code in codes),
            "Entries": [{"EventId": "1"} if code is None else {"ErrorCode": code} for code in codes],
        }


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def announcements(number: int, text: str = "") -> list[Announcement]:
    now = datetime(2026, 11, 22, 13, tzinfo=UTC)
    kind = EventType.CERTIFICATE_ENABLED
    return [
        Announcement(f"evt_{place}", kind, now, {"event_id": f"evt_{place}", "text": text}) for place in range(number)
    ]


def put(bus: Bus, sent: Sequence[Announcement]) -> dict[str, bool]:
    client: Any = bus
    return {event: failure.for_good for event, failure in EventBridgeBus("signet", lambda: client).put(sent).items()}


def fails(error: Exception) -> Answer:
    def answer(entries: list[dict[str, Any]]) -> list[str | None]:
        raise error

    return answer


def refusing(place: int, code: str) -> Answer:
    return lambda entries: [code if number == place else None for number in range(len(entries))]


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutEvents")


def test_they_go_in_tens() -> None:
    bus = Bus()

    assert put(bus, announcements(25)) == {}
    assert bus.calls == 3
    assert len(bus.taken) == 25


def test_a_call_holds_no_more_than_the_bus_takes() -> None:
    bus = Bus()

    assert put(bus, announcements(4, "x" * 100_000)) == {}
    assert bus.calls == 2


def test_one_that_no_call_can_hold_is_given_up_and_the_others_go() -> None:
    bus = Bus()
    sent = announcements(3)
    sent[1] = announcements(2, "é" * 131_072)[1]

    assert put(bus, sent) == {"evt_1": True}
    assert len(bus.taken) == 2


def test_an_entry_refused_for_a_moment_is_put_again_alone() -> None:
    bus = Bus(refusing(3, "ThrottlingException"), refusing(0, "InternalFailure"))

    assert put(bus, announcements(5)) == {}
    assert len(bus.taken) == 5
    assert bus.calls == 3


def test_an_entry_refused_for_good_is_given_up_and_holds_nothing_up() -> None:
    bus = Bus(refusing(3, "MalformedDetail"))

    assert put(bus, announcements(15)) == {"evt_3": True}
    assert len(bus.taken) == 14


def test_where_the_bus_takes_nothing_for_now_the_rest_is_not_tried() -> None:
    def throttle(entries: list[dict[str, Any]]) -> list[str | None]:
        return ["ThrottlingException"] * len(entries)

    bus = Bus(throttle, throttle, throttle)

    assert put(bus, announcements(25)) == {f"evt_{place}": False for place in range(25)}
    assert bus.calls == 3


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException"),
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException"),
        client_error("InternalException"),
        ReadTimeoutError(endpoint_url="https://events.invalid"),
    ],
)
def test_a_bus_that_does_not_answer_is_tried_again_later(error: Exception) -> None:
    assert put(Bus(fails(error)), announcements(12)) == {f"evt_{place}": False for place in range(12)}


def test_the_one_that_a_whole_call_is_refused_for_is_found() -> None:
    def refuse(entries: list[dict[str, Any]]) -> list[str | None]:
        if any('"evt_2"' in entry["Detail"] for entry in entries):
            raise client_error("ValidationException")
        return [None] * len(entries)

    bus = Bus(*[refuse] * 12)

    assert put(bus, announcements(5)) == {"evt_2": True}
    assert len(bus.taken) == 4
