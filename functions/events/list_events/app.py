"""GET /events: the audit record, newest first; for a spreadsheet too."""

from signet.api.answering.answer import Answer
from signet.api.bodies.event_bodies import EventPage, EventsQuery, event_page
from signet.api.http_function import Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError, UnknownReferenceError
from signet.operations.events.list_events import list_events
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings, ports.cursors))


@http_function(
    "GET /v1/events",
    query=EventsQuery,
    answers={200: (EventPage, "text/csv")},
    problems=(NotAllowedError, BadCursorError, UnknownReferenceError),
)
def lambda_handler(request: Request[None, EventsQuery]) -> Answer:
    """Answer one page of events, as JSON or, where `Accept` asks for it, as CSV."""
    ports = wiring()
    events, next_cursor = list_events(
        request.query.query(),
        certificate=request.query.certificate,
        cursor=request.query.cursor,
        limit=request.query.limit,
        within=request.session(ports),
        listings=ports.listings,
        cursors=ports.cursors,
    )
    return event_page(events, next_cursor, accept=request.accept)
