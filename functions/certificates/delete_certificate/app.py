"""DELETE /certificates/{certificate}: it and its private key are destroyed; its events stay."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError, StaleVersionError
from signet.operations.certificates.delete_certificate import delete_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "DELETE /v1/certificates/{certificate}",
    answers={204: None},
    problems=(NotFoundError, NotAllowedError, StaleVersionError),
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing, once it is deleted."""
    delete_certificate(request.path["certificate"], if_match=request.if_match, within=request.session(wiring()))
