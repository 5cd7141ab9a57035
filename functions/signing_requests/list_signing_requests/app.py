"""GET /signing-requests: what waits for a CA, and what did."""

from signet.api.bodies.signing_request_bodies import RequestPage, RequestsQuery
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import RequestOverview
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.operations.signing_requests.list_signing_requests import list_signing_requests
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings, ports.cursors))


@http_function(
    "GET /v1/signing-requests",
    query=RequestsQuery,
    answers={200: RequestPage},
    problems=(NotAllowedError, BadCursorError),
)
def lambda_handler(request: Request[None, RequestsQuery]) -> tuple[tuple[RequestOverview, ...], str | None]:
    """Answer one page of signing requests, the newest first."""
    ports = wiring()
    return list_signing_requests(
        request.query.wanted(),
        cursor=request.query.cursor,
        limit=request.query.limit,
        within=request.session(ports),
        listings=ports.listings,
        cursors=ports.cursors,
    )
