"""GET /me: who the caller is, and what the caller may do."""

from signet.api.bodies.service_bodies import MeBody
from signet.api.http_function import Request, http_function
from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.operations.access.get_me import get_me
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function("GET /v1/me", answers={200: MeBody})
def lambda_handler(request: Request[None, None]) -> tuple[Principal, Access]:
    """Answer the caller's name, groups, role in force and permissions."""
    return get_me(within=request.session(wiring()))
