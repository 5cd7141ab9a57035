"""GET /signing-requests: what waits for a CA, and what did."""

from signet.api.bodies.signing_request_bodies import RequestBody, RequestPage, RequestsQuery
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.operations.signing_requests.list_signing_requests import list_signing_requests
from signet.wiring import wiring


@http_function(
    "GET /v1/signing-requests",
    query=RequestsQuery,
    answers={200: RequestPage},
    problems=(NotAllowedError, BadCursorError),
)
def lambda_handler(request: Request[None, RequestsQuery]) -> Answer:
    """Answer one page of signing requests, the newest first."""
    ports = wiring()
    found, next_cursor = list_signing_requests(
        request.query.wanted(),
        cursor=request.query.cursor,
        limit=request.query.limit,
        by=request.principal,
        records=ports.records,
        listings=ports.listings,
        cursors=ports.cursors,
    )
    return Answer(200, RequestPage(tuple(map(RequestBody.of, found)), next_cursor))
