"""Putting the announcements of events on the bus."""

from collections.abc import Mapping, Sequence

from signet.domain.events.announcement import announcement_of
from signet.domain.events.event import Event
from signet.ports.announcements import AnnouncementBus, NotPut


def announce(events: Sequence[Event], *, bus: AnnouncementBus) -> Mapping[str, NotPut]:
    """Announce what of `events` is to be announced, in order; what the bus did not take, by the event's id."""
    return bus.put([announcement for event in events if (announcement := announcement_of(event)) is not None])
