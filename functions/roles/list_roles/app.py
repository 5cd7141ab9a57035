"""GET /roles: all of them, the built-in ones too, by name."""

from signet.api.bodies.access_bodies import PageQuery, RoleBody, RolePage
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.operations.roles.list_roles import list_roles
from signet.wiring import wiring


@http_function("GET /v1/roles", query=PageQuery, answers={200: RolePage}, problems=(NotAllowedError, BadCursorError))
def lambda_handler(request: Request[None, PageQuery]) -> Answer:
    """Answer one page of roles; for Administrators and Viewers, since others find their own at `/me`."""
    ports = wiring()
    roles, next_cursor = list_roles(
        cursor=request.query.cursor,
        limit=request.query.limit,
        by=request.principal,
        records=ports.records,
        cursors=ports.cursors,
    )
    return Answer(200, RolePage(tuple(RoleBody.of(role) for role in roles), next_cursor))
