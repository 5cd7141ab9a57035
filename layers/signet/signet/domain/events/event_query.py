"""Which events a list is of; always the newest first."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from signet.domain.events.event import Event, EventType, Outcome

_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventQuery:
    """The filters, all of which must match."""

    certificate: str | None = None
    """Its id."""
    type: EventType | None = None
    user: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Inclusive."""

    @property
    def behind(self) -> datetime | None:
        """The moment before which all of it lies: a time without a fraction is its whole second, as times are shown."""
        if self.until is None:
            return None
        rest = _MICROSECOND if self.until.microsecond else _SECOND
        return self.until + min(rest, _LAST_MOMENT - self.until)

    @property
    def ends_before_it_begins(self) -> bool:
        """Whether no moment is between its bounds."""
        return self.since is not None and self.behind is not None and self.since >= self.behind

    def about(self, certificate: str) -> "EventQuery":
        """The same, of one certificate."""
        return replace(self, certificate=certificate)


@dataclass(frozen=True, slots=True)
class EventScope:
    """The events that somebody may look at: the union of what it names."""

    everything: bool = False
    own: str | None = None
    """What this user did or was refused."""
    certificates: bool = False
    """Those of every certificate."""
    groups: frozenset[str] = frozenset()
    """Those of certificates that were in one of these groups."""
    certificate: str | None = None
    """Those of this certificate, whatever groups it was in."""

    def holds(self, event: Event) -> bool:
        """Whether `event` is among them."""
        mention = event.certificate
        return (
            self.everything
            or (self.own is not None and event.principal.user == self.own)
            or (mention is not None and (self.certificates or mention.id == self.certificate))
            or not self.groups.isdisjoint(event.groups)
        )

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to look for."""
        return self == EventScope()
