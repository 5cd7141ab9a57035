"""POST /roles: new permissions for managing, and who has them."""

from signet.api.bodies.role_bodies import ROLE_PROBLEMS, NewRole, RoleBody
from signet.api.http_function import Request, http_function
from signet.domain.access.role import Role
from signet.operations.roles.create_role import create_role
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.issuers))


@http_function(
    "POST /v1/roles",
    body=NewRole,
    answers={201: RoleBody},
    problems=ROLE_PROBLEMS,
)
def lambda_handler(request: Request[NewRole, None]) -> Role:
    """Answer the new role."""
    ports = wiring()
    return create_role(request.body.plain(), issuers=ports.issuers, within=request.session(ports))
