"""Events, found again in EventTable."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from signet.adapters.dynamodb.database import Database
from signet.adapters.dynamodb.rows.event_rows import SCHEMA_VERSION, SHARDS, event_of
from signet.adapters.dynamodb.tables import EventRow
from signet.domain.events.event import Event
from signet.domain.identifiers import earliest
from signet.ports.announcements import UnreadableEvent

_MICROSECOND = timedelta(microseconds=1)


class EventTableArchive:
    """`EventArchive`, on EventTable and its index over all events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, event_ids: Sequence[str]) -> Sequence[Event | UnreadableEvent]:
        """The events with these ids. One that is not there is answered as one that cannot be read."""
        found = self._database.read((EventRow, event_id, None) for event_id in event_ids)
        rows = {event_id: found.get(EventRow, event_id) for event_id in event_ids}
        return [
            UnreadableEvent(event_id, "there is no such event") if row is None else event_in(row)
            for event_id, row in rows.items()
        ]

    def between(self, since: datetime, until: datetime) -> Iterator[Sequence[Event | UnreadableEvent]]:
        """What was recorded in a span of time, both ends included, page by page."""
        span = EventRow.pk.between(earliest("evt", since), earliest("evt", until + _MICROSECOND))
        for shard in SHARDS:
            for rows in self._database.pages(EventRow, shard, index="by_shard", range_condition=span):
                yield [event_in(row) for row in rows]


def event_in(row: EventRow) -> Event | UnreadableEvent:
    """The event that `row` is of, unless it makes no sense, or is of a version that is not known."""
    try:
        if row.schema_version == SCHEMA_VERSION:
            return event_of(row)
    except (ValueError, TypeError) as error:
        return UnreadableEvent(row.pk, str(error))
    return UnreadableEvent(row.pk, f"its schema version is {row.schema_version}, and {SCHEMA_VERSION} is known")
