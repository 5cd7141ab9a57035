"""RedriveEvents: announce again what was set aside, or whatever was recorded in a span of time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signet.domain.events.event import Event
from signet.operations.automation.announcing import announce
from signet.ports.announcements import AnnouncementBus, AnnouncementDlq, EventArchive, SetAside, UnreadableEvent

RESERVE = timedelta(seconds=60)
"""What must be left of a function's time to begin with more: a page of events that the bus takes slowly."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, both ends included."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class Redriven:
    """The outcome."""

    looked_at: int = 0
    left: int = 0
    """Could not be announced this time either."""
    stopped_early: bool = False
    """Time ran short: run it again."""


def redrive_events(
    span: Span | None,
    *,
    archive: EventArchive,
    bus: AnnouncementBus,
    announcement_dlq: AnnouncementDlq,
    time_left: Callable[[], timedelta],
) -> Redriven:
    """Announce again what was recorded in `span`, or, without one, what was set aside.

    Whoever hears an event twice knows it by its `event_id`. What was set aside leaves the queue once it is announced.
    """
    done = Redriven()
    if span is not None:
        _announce_pages(archive.between(span.since, span.until), done, bus, time_left)
        return done
    for batch in announcement_dlq.batches():
        announcement_dlq.remove(
            [each for each in batch if _announce_pages(_meant(each, archive), done, bus, time_left)]
        )
        if done.stopped_early:
            break
    return done


def _meant(aside: SetAside, archive: EventArchive) -> Iterator[Sequence[Event | UnreadableEvent]]:
    if aside.since is not None and aside.until is not None:
        yield from archive.between(aside.since, aside.until)
    if aside.event_id is not None:
        yield archive.find([aside.event_id])


def _announce_pages(
    pages: Iterable[Sequence[Event | UnreadableEvent]],
    done: Redriven,
    bus: AnnouncementBus,
    time_left: Callable[[], timedelta],
) -> bool:
    """Announce all of `pages`; whether there were some, and none was left."""
    looked_at, left = done.looked_at, done.left
    for page in pages:
        if time_left() < RESERVE:
            done.stopped_early = True
            return False
        events = [each for each in page if isinstance(each, Event)]
        done.looked_at += len(page)
        done.left += len(page) - len(events) + len(announce(events, bus=bus))
    return done.looked_at > looked_at and done.left == left
