"""ListCertificateEvents: what happened to one certificate, newest first."""

from signet.domain.access.principal import Principal
from signet.domain.errors import NotAllowedError
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventQuery
from signet.operations.authorisation import visible
from signet.operations.events.event_visibility import as_shown, event_scope
from signet.ports.listings import Cursors, Listings
from signet.ports.store import Records


def list_certificate_events(
    reference: str,
    query: EventQuery,
    *,
    cursor: str | None,
    limit: int,
    by: Principal,
    records: Records,
    listings: Listings,
    cursors: Cursors,
) -> tuple[tuple[Event, ...], str | None]:
    """One page of the events of the certificate that `reference` names, and the cursor of the next.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` lets look at no events.
        BadCursorError: `cursor` was not given to `by` for this query.
    """
    certificate = visible(snapshot := records.load(reference), by)
    scope = event_scope(snapshot.access, by, certificate)
    if scope.is_nothing:
        raise NotAllowedError("Your role does not let you look at events.")
    query = query.about(certificate.id)
    after = None if cursor is None else cursors.open(cursor, query=query, by=by)
    page = listings.events(query, scope, after=after, limit=limit)
    following = None if page.next_position is None else cursors.seal(page.next_position, query=query, by=by)
    return tuple(as_shown(event, snapshot.access, by) for event in page.items), following
