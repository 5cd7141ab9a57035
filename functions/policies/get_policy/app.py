"""GET /policies/{id}: what a policy says."""

from signet.api.bodies.policy_bodies import PolicyBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.domain.policies.policy import Policy
from signet.operations.policies.get_policy import get_policy
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function("GET /v1/policies/{id}", answers={200: PolicyBody}, problems=(NotFoundError, NotAllowedError))
def lambda_handler(request: Request[None, None]) -> Policy:
    """Answer the policy; 404 where the caller's role does not cover all that it names."""
    return get_policy(request.path["id"], within=request.session(wiring()))
