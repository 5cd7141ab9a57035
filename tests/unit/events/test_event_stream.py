"""Of what the stream delivers, new events are told and nothing else is."""

from typing import Any

import pytest

from signet.adapters.messaging.event_stream import read_stream
from signet.ports.announcements import UnreadableEvent


def record(kind: str) -> dict[str, Any]:
    return {"eventName": kind, "dynamodb": {"SequenceNumber": "1", "Keys": {"pk": {"S": "evt_1"}}, "NewImage": {}}}


def test_a_new_item_that_is_no_event_is_told_by_its_id() -> None:
    found = read_stream([record("INSERT")])["1"]

    assert isinstance(found, UnreadableEvent)
    assert found.id == "evt_1"


@pytest.mark.parametrize("kind", ["MODIFY", "REMOVE"])
def test_what_was_done_to_an_event_is_no_event(kind: str) -> None:
    assert read_stream([record(kind)]) == {}
