"""AnnounceEvents: what was recorded is put on the bus."""

from collections.abc import Mapping

from signet.domain.events.event import Event
from signet.operations.automation.announcing import announce
from signet.ports.announcements import AnnouncementBus, AnnouncementDlq, UnreadableEvent


def announce_events(
    delivered: Mapping[str, Event | UnreadableEvent], *, bus: AnnouncementBus, announcement_dlq: AnnouncementDlq
) -> tuple[str, ...]:
    """Announce the events that the stream delivered, by their places in it; the places to deliver again from.

    What cannot be read, and what the bus refuses for good, is set aside, so that it holds nothing else up; where even
    that cannot be done, it is to come again.
    """
    not_put = announce([each for each in delivered.values() if isinstance(each, Event)], bus=bus)
    aside = {each.id: each.reason for each in delivered.values() if isinstance(each, UnreadableEvent)}
    aside |= {event_id: failure.reason for event_id, failure in not_put.items() if failure.for_good}
    again = {event_id for event_id, failure in not_put.items() if not failure.for_good}
    if aside:
        again |= announcement_dlq.add(aside)
    return tuple(place for place, each in delivered.items() if each.id in again)
