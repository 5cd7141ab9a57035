"""DELETE /signing-requests/{id}: it is cancelled, and its key is destroyed."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError, RequestNotPendingError, StaleVersionError
from signet.operations.signing_requests.cancel_signing_request import cancel_signing_request
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "DELETE /v1/signing-requests/{id}",
    answers={204: None},
    problems=(NotFoundError, NotAllowedError, RequestNotPendingError, StaleVersionError),
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing, once its key is destroyed."""
    cancel_signing_request(request.path["id"], if_match=request.if_match, within=request.session(wiring()))
