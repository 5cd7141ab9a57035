"""GET /roles/{id}: what a role permits, where, and to whom it is given."""

from signet.api.bodies.role_bodies import RoleBody
from signet.api.http_function import Request, http_function
from signet.domain.access.role import Role
from signet.domain.errors import NotFoundError
from signet.operations.roles.get_role import get_role
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function("GET /v1/roles/{id}", answers={200: RoleBody}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> Role:
    """Answer the role; 404 for whoever is neither Administrator nor Viewer, unless it is their own."""
    return get_role(request.path["id"], within=request.session(wiring()))
