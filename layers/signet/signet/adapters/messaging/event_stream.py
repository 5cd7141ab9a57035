"""What the stream of EventTable delivers, as events.

The stream feeds nothing but the announcer, which gets the records as Lambda hands them over: DynamoDB's typed JSON.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from signet.adapters.dynamodb.queries.event_archive import event_in
from signet.adapters.dynamodb.tables import EventRow
from signet.domain.events.event import Event
from signet.ports.announcements import UnreadableEvent


def read_stream(records: Iterable[Mapping[str, Any]]) -> Mapping[str, Event | UnreadableEvent]:
    """The new events among `records`, each by its sequence number; an event is never changed, so all else is none."""
    return {
        record["dynamodb"]["SequenceNumber"]: read_event(
            record["dynamodb"].get("Keys", {}).get("pk", {}).get("S", ""), record["dynamodb"].get("NewImage", {})
        )
        for record in records
        if record.get("eventName") == "INSERT"
    }


def altered_events(records: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """What happened to events after they were written, by their ids: `MODIFY` or `REMOVE`; we do neither."""
    return {
        record["dynamodb"].get("Keys", {}).get("pk", {}).get("S", ""): record["eventName"]
        for record in records
        if record.get("eventName") in ("MODIFY", "REMOVE")
    }


def read_event(event_id: str, item: Mapping[str, Any]) -> Event | UnreadableEvent:
    """The event in `item`, as DynamoDB types it."""
    try:
        found = event_in(EventRow.from_raw_data(dict(item)))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is this one alone
        return UnreadableEvent(event_id, f"{type(error).__name__}: {error}")
    return UnreadableEvent(event_id, found.reason) if isinstance(found, UnreadableEvent) else found
