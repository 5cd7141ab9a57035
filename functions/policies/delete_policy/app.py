"""DELETE /policies/{id}: it no longer allows or denies anything."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError, StaleVersionError
from signet.operations.policies.delete_policy import delete_policy
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "DELETE /v1/policies/{id}", answers={204: None}, problems=(NotFoundError, NotAllowedError, StaleVersionError)
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing, once it is deleted."""
    delete_policy(request.path["id"], if_match=request.if_match, within=request.session(wiring()))
