"""CreateCalendarLink: a secret link to the caller's expiry calendar; the link before it stops working."""

from dataclasses import dataclass, field, replace

from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType, next_event_id
from signet.domain.expiry.calendar_link import CalendarLink, digest_of, new_secret, repeatable_secret
from signet.domain.identifiers import made_at, new_id
from signet.operations.calendar.calendar_link_changes import link_event
from signet.operations.idempotency import stored_for
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CalendarLinkChanged
from signet.ports.identity import CalendarLinks
from signet.ports.session import Session


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link, and the secret that is shown this once and kept nowhere."""

    link: CalendarLink
    secret: str = field(repr=False)


def create_calendar_link(*, within: Session, links: CalendarLinks) -> MadeLink:
    """A new link for the caller; a repeat is given the same one, as long as that is in force.

    Raises:
        NotFoundError: the link that this request made before was revoked or replaced since.
    """
    # What is kept of the answer for a repeat has no secret in it: only which link it was.
    if within.idempotency is not None:
        within = replace(within, idempotency=replace(within.idempotency, render=lambda _: b"{}"))

    def secret_of(link_id: str) -> str:
        if within.idempotency is None:
            return new_secret()
        return repeatable_secret(within.records.cursor_secret(), within.idempotency.key, link_id)

    def decide() -> MadeLink:
        stored = stored_for(within, within.load().stored)
        before = links.of(within.caller.user)
        if stored is not None:
            if before is None or stored.subjects != (before.id,):
                raise NotFoundError
            return MadeLink(before, secret_of(before.id))
        revoked_id = next_event_id(within.now)
        created_id = next_event_id(within.now, revoked_id)
        moment = made_at(created_id)
        link_id = new_id("cal", moment)
        secret = secret_of(link_id)
        link = CalendarLink(link_id, digest_of(secret), within.caller.user, within.caller.user_groups, moment)
        events = [link_event(EventType.CALENDAR_LINK_CREATED, link, within, created_id)]
        if before is not None:
            events.append(link_event(EventType.CALENDAR_LINK_REVOKED, before, within, revoked_id))
        within.commit(CalendarLinkChanged(within.caller.user, before, link), events=events)
        return MadeLink(link, secret)

    return retry_on_conflict(decide)
