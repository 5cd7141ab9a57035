"""GET /policies/{id}: what a policy says."""

from signet.api.bodies.access_bodies import PolicyBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.policies.get_policy import get_policy
from signet.wiring import wiring


@http_function("GET /v1/policies/{id}", answers={200: PolicyBody}, problems=(NotFoundError, NotAllowedError))
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the policy; 404 where the caller's role does not cover all that it names."""
    policy = get_policy(request.path["id"], by=request.principal, records=wiring().records)
    return Answer(200, PolicyBody.of(policy))
