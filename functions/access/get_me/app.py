"""GET /me: who the caller is, and what the caller may do."""

from signet.api.bodies.certificate_bodies import MeBody
from signet.api.http_function import Answer, Request, http_function
from signet.operations.access.get_me import get_me
from signet.wiring import wiring


@http_function("GET /v1/me", answers={200: MeBody})
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the caller's name, groups, role in force and permissions."""
    return Answer(200, MeBody.of(*get_me(by=request.principal, records=wiring().records)))
