"""GET /policies: those that the caller sees, in the order in which they are asked."""

from signet.api.bodies.access_bodies import PageQuery, PolicyBody, PolicyPage
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.operations.policies.list_policies import list_policies
from signet.wiring import wiring


@http_function(
    "GET /v1/policies",
    query=PageQuery,
    answers={200: PolicyPage},
    problems=(NotAllowedError, BadCursorError),
)
def lambda_handler(request: Request[None, PageQuery]) -> Answer:
    """Answer one page of policies."""
    ports = wiring()
    policies, next_cursor = list_policies(
        cursor=request.query.cursor,
        limit=request.query.limit,
        by=request.principal,
        records=ports.records,
        cursors=ports.cursors,
    )
    return Answer(200, PolicyPage(tuple(PolicyBody.of(policy) for policy in policies), next_cursor))
