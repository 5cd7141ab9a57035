"""GET /signing-requests/{id}: how far a signing request is."""

from signet.api.bodies.signing_request_bodies import RequestBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import RequestOverview
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.signing_requests.get_signing_request import get_signing_request
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function("GET /v1/signing-requests/{id}", answers={200: RequestBody}, problems=(NotFoundError, NotAllowedError))
def lambda_handler(request: Request[None, None]) -> RequestOverview:
    """Answer the signing request."""
    return get_signing_request(request.path["id"], within=request.session(wiring()))
