"""PATCH /roles/{id}: other permissions, certificate groups, name, description, priority, or holders."""

from signet.api.bodies.role_bodies import ROLE_PROBLEMS, ChangedRole, RoleBody
from signet.api.http_function import Request, http_function
from signet.domain.access.role import Role
from signet.domain.errors import BuiltInRoleError, StaleVersionError
from signet.operations.roles.update_role import update_role
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.issuers))


@http_function(
    "PATCH /v1/roles/{id}",
    body=ChangedRole,
    answers={200: RoleBody},
    problems=(*ROLE_PROBLEMS, StaleVersionError, BuiltInRoleError),
)
def lambda_handler(request: Request[ChangedRole, None]) -> Role:
    """Answer the role with its new settings; of a built-in one only users and user groups can be changed."""
    ports = wiring()
    return update_role(
        request.path["id"],
        request.body.plain(),
        issuers=ports.issuers,
        if_match=request.if_match,
        within=request.session(ports),
    )
