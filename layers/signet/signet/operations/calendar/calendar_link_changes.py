"""A secret link to a calendar is made, replaced or revoked: one transaction with its events."""

from signet.domain.events.event import Event, EventType, Outcome, next_event_id
from signet.domain.expiry.calendar_link import CalendarLink
from signet.domain.identifiers import made_at
from signet.ports.changes import CalendarLinkChanged
from signet.ports.session import Session


def revoke(link: CalendarLink, *, within: Session) -> None:
    """End `link`, at once.

    Raises:
        ChangedMeanwhileError: its user has another one by now, or none.
    """
    event = link_event(EventType.CALENDAR_LINK_REVOKED, link, within, next_event_id(within.now))
    within.commit(CalendarLinkChanged(link.user, link, None), events=[event])


def link_event(kind: EventType, link: CalendarLink, within: Session, event_id: str) -> Event:
    """What happened to `link`; its secret is not known here."""
    told = {"calendar_link_id": link.id, "calendar_link_user": link.user}
    return Event(event_id, kind, Outcome.DONE, made_at(event_id), within.caller, detail=told, announcement=told)
