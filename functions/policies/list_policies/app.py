"""GET /policies: those that the caller sees, in the order in which they are asked."""

from signet.api.bodies.fields import PageQuery
from signet.api.bodies.policy_bodies import PolicyPage
from signet.api.http_function import Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.domain.policies.policy import Policy
from signet.operations.policies.list_policies import list_policies
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.cursors))


@http_function(
    "GET /v1/policies", query=PageQuery, answers={200: PolicyPage}, problems=(NotAllowedError, BadCursorError)
)
def lambda_handler(request: Request[None, PageQuery]) -> tuple[tuple[Policy, ...], str | None]:
    """Answer one page of policies."""
    ports = wiring()
    return list_policies(
        cursor=request.query.cursor, limit=request.query.limit, within=request.session(ports), cursors=ports.cursors
    )
