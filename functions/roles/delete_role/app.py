"""DELETE /roles/{id}: nobody has it any longer."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import (
    BuiltInRoleError,
    LastAdministratorError,
    NotAllowedError,
    NotFoundError,
    StaleVersionError,
)
from signet.operations.roles.delete_role import delete_role
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.issuers))


@http_function(
    "DELETE /v1/roles/{id}",
    answers={204: None},
    problems=(NotFoundError, NotAllowedError, StaleVersionError, BuiltInRoleError, LastAdministratorError),
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing, once it is deleted; a built-in role cannot be deleted."""
    ports = wiring()
    delete_role(request.path["id"], issuers=ports.issuers, if_match=request.if_match, within=request.session(ports))
