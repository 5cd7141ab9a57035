"""ListCertificateEvents: what happened to one certificate, newest first."""

from signet.domain.errors import NotAllowedError
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventQuery
from signet.operations.authorisation import visible
from signet.operations.events.event_visibility import as_shown, event_scope
from signet.ports.listings import Cursors, Listings
from signet.ports.session import Session


def list_certificate_events(
    reference: str,
    query: EventQuery,
    *,
    cursor: str | None,
    limit: int,
    within: Session,
    listings: Listings,
    cursors: Cursors,
) -> tuple[tuple[Event, ...], str | None]:
    """One page of the events of the certificate that `reference` names, and the cursor of the next.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role lets look at no events.
        BadCursorError: `cursor` was not given to the caller for this query.
    """
    certificate = visible(snapshot := within.load(reference), within)
    scope = event_scope(snapshot.access, within, certificate)
    if scope.is_nothing:
        raise NotAllowedError("Your role does not let you look at events.")
    query = query.about(certificate.id)
    after = cursors.open(cursor, query=query, by=within.caller)
    page = listings.events(query, scope, after=after, limit=limit)
    following = cursors.make(page.next_position, query=query, by=within.caller)
    return tuple(as_shown(event, snapshot.access, within) for event in page.items), following
