"""GET /roles/{id}: what a role permits, where, and to whom it is given."""

from signet.api.bodies.access_bodies import RoleBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotFoundError
from signet.operations.roles.get_role import get_role
from signet.wiring import wiring


@http_function("GET /v1/roles/{id}", answers={200: RoleBody}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the role; 404 for whoever is neither Administrator nor Viewer, unless it is their own."""
    role = get_role(request.path["id"], by=request.principal, records=wiring().records)
    return Answer(200, RoleBody.of(role))
