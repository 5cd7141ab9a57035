"""The way of events to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from signet.domain.events.announcement import Announcement
    from signet.domain.events.event import Event
    from signet.domain.expiry.expiry_mail import Mail


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """An event whose stored form makes no sense, or is of a version that is not known."""

    id: str
    reason: str


class EventArchive(Protocol):
    """Finds events again, to announce them once more."""

    def find(self, event_ids: Sequence[str]) -> Sequence[Event | UnreadableEvent]:
        """The events with these ids; one that is not there cannot be read, either."""

    def between(self, since: datetime, until: datetime) -> Iterator[Sequence[Event | UnreadableEvent]]:
        """What was recorded in a span of time, both ends included, page by page."""


@dataclass(frozen=True, slots=True)
class NotPut:
    """The bus did not take an announcement."""

    reason: str
    for_good: bool
    """Whether it never will."""


class AnnouncementBus(Protocol):
    """Takes announcements to whoever listens."""

    def put(self, announcements: Sequence[Announcement]) -> Mapping[str, NotPut]:
        """Put `announcements`, in order; those that were not taken, by event id. Nothing is raised."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """What waits to be announced again: one event, or whatever a span of time holds."""

    handle: str
    """For the queue, to remove it."""
    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AnnouncementDlq(Protocol):
    """Keeps the ids of events that could not be announced, and alarms somebody."""

    def add(self, reasons: Mapping[str, str]) -> set[str]:
        """Set aside events by id, each with the reason; the ids of those for which that failed. Nothing is raised."""

    def batches(self) -> Iterator[Sequence[SetAside]]:
        """Everything in it, each once."""

    def remove(self, done: Sequence[SetAside]) -> None:
        """These were announced."""


class Mailing(Protocol):
    """Sends mail to the people who asked to be told."""

    def send(self, mail: Mail) -> None:
        """Send `mail`."""


@dataclass(frozen=True, slots=True)
class MailClaim:
    """The right to send the mail about one event, for a short while."""

    event_id: str
    token: str
    """Whose claim it is."""


class MailClaims(Protocol):
    """Sees to it that the mail about one event is sent once, however often and by how many the event is heard."""

    def begin(self, event_id: str) -> MailClaim | None:
        """Claim the mail about an event; None where it is sent already, or somebody is about to."""

    def keep(self, claim: MailClaim) -> None:
        """It is sent: nobody sends it again."""

    def give_up(self, claim: MailClaim) -> None:
        """It was not sent: let another try at once."""


class RequestedActionDlq(Protocol):
    """Keeps requested actions that failed, and alarms somebody."""

    def add(self, event: str, reason: str) -> None:
        """Keep `event` as it came, with `reason`."""
