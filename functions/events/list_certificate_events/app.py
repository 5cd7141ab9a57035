"""GET /certificates/{certificate}/events: what happened to one certificate, newest first."""

from signet.api.answering.answer import Answer
from signet.api.bodies.event_bodies import CertificateEventsQuery, EventPage, event_page
from signet.api.http_function import Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError, NotFoundError
from signet.operations.events.list_certificate_events import list_certificate_events
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings, ports.cursors))


@http_function(
    "GET /v1/certificates/{certificate}/events",
    query=CertificateEventsQuery,
    answers={200: (EventPage, "text/csv")},
    problems=(NotFoundError, NotAllowedError, BadCursorError),
)
def lambda_handler(request: Request[None, CertificateEventsQuery]) -> Answer:
    """Answer one page of the certificate's events, as JSON or, where `Accept` asks for it, as CSV."""
    ports = wiring()
    events, next_cursor = list_certificate_events(
        request.path["certificate"],
        request.query.query(),
        cursor=request.query.cursor,
        limit=request.query.limit,
        within=request.session(ports),
        listings=ports.listings,
        cursors=ports.cursors,
    )
    return event_page(events, next_cursor, accept=request.accept)
