"""CreateCalendarLink: a secret link to the caller's expiry calendar; the link before it stops working."""

from dataclasses import dataclass, field, replace

from signet.domain.access.principal import Principal
from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType, next_event_id
from signet.domain.expiry.calendar_link import CalendarLink, digest_of, new_secret, repeatable_secret
from signet.domain.identifiers import made_at, new_id
from signet.operations.calendar.calendar_link_changes import link_event
from signet.operations.idempotency import stored_for
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CalendarLinkChanged
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.identity import CalendarLinks
from signet.ports.store import Records


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link, and the secret that is shown this once and kept nowhere."""

    link: CalendarLink
    secret: str = field(repr=False)


def create_calendar_link(
    *, by: Principal, idempotency: IdempotencyKey | None, records: Records, links: CalendarLinks, clock: Clock
) -> MadeLink:
    """A new link for `by`; a repeat is given the same one, as long as that is in force.

    Raises:
        NotFoundError: the link that this request made before was revoked or replaced since.
    """
    # What is kept of the answer for a repeat has no secret in it: only which link it was.
    promise = None if idempotency is None else replace(idempotency, render=lambda _: b"{}")

    def secret_of(link_id: str) -> str:
        if idempotency is None:
            return new_secret()
        return repeatable_secret(records.cursor_secret(), idempotency.key, link_id)

    def decide() -> MadeLink:
        stored = stored_for(promise, records.load(idempotency=promise).stored)
        before = links.of(by.user)
        if stored is not None:
            if before is None or stored.subjects != (before.id,):
                raise NotFoundError
            return MadeLink(before, secret_of(before.id))
        revoked_id = next_event_id(clock.now())
        created_id = next_event_id(clock.now(), revoked_id)
        moment = made_at(created_id)
        link_id = new_id("cal", moment)
        secret = secret_of(link_id)
        link = CalendarLink(link_id, digest_of(secret), by.user, by.user_groups, moment)
        events = [link_event(EventType.CALENDAR_LINK_CREATED, link, by, created_id)]
        if before is not None:
            events.append(link_event(EventType.CALENDAR_LINK_REVOKED, before, by, revoked_id))
        records.commit(CalendarLinkChanged(by.user, before, link), events=events, idempotency=promise)
        return MadeLink(link, secret)

    return retry_on_conflict(decide)
