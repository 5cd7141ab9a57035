"""GET /roles: all of them, the built-in ones too, by name."""

from signet.api.bodies.fields import PageQuery
from signet.api.bodies.role_bodies import RolePage
from signet.api.http_function import Request, http_function
from signet.domain.access.role import Role
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.operations.roles.list_roles import list_roles
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.cursors))


@http_function("GET /v1/roles", query=PageQuery, answers={200: RolePage}, problems=(NotAllowedError, BadCursorError))
def lambda_handler(request: Request[None, PageQuery]) -> tuple[tuple[Role, ...], str | None]:
    """Answer one page of roles; for Administrators and Viewers, since others find their own at `/me`."""
    ports = wiring()
    return list_roles(
        cursor=request.query.cursor, limit=request.query.limit, within=request.session(ports), cursors=ports.cursors
    )
