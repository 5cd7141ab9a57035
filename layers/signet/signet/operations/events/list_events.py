"""ListEvents: the audit record, newest first."""

from signet.domain.errors import FieldError, NotAllowedError, UnknownReferenceError
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventQuery
from signet.domain.identifiers import is_id
from signet.operations.events.event_visibility import as_shown, event_scope
from signet.ports.listings import Cursors, Listings
from signet.ports.session import Session


def list_events(
    query: EventQuery,
    *,
    certificate: str | None,
    cursor: str | None,
    limit: int,
    within: Session,
    listings: Listings,
    cursors: Cursors,
) -> tuple[tuple[Event, ...], str | None]:
    """One page of the events that the caller may look at and that match `query`, and the cursor of the next.

    `certificate` is an id or alias; the id of one that was deleted finds its events still.

    Raises:
        NotAllowedError: the caller's role lets look at no events.
        UnknownReferenceError: the caller sees no certificate of that alias.
        BadCursorError: `cursor` was not given to the caller for this query.
    """
    snapshot = within.load(certificate)
    seen = snapshot.certificate
    if seen is not None and not snapshot.access.sees(within.caller, seen):
        seen = None
    if certificate is not None and seen is None:
        snapshot.read_again()
    scope = event_scope(snapshot.access, within, seen)
    if scope.is_nothing:
        raise NotAllowedError("Your role does not let you look at events.")
    if certificate is not None:
        if seen is None and not is_id("crt", certificate):
            raise UnknownReferenceError(FieldError("certificate", "There is no such certificate that you can see."))
        query = query.about(certificate if seen is None else seen.id)
    after = cursors.open(cursor, query=query, by=within.caller)
    page = listings.events(query, scope, after=after, limit=limit)
    following = cursors.make(page.next_position, query=query, by=within.caller)
    return tuple(as_shown(event, snapshot.access, within) for event in page.items), following
