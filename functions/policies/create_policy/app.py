"""POST /policies: somebody may, or may not, sign with something, from somewhere, at some time."""

from signet.api.bodies.policy_bodies import POLICY_PROBLEMS, NewPolicy, PolicyBody
from signet.api.http_function import Request, http_function
from signet.domain.policies.policy import Policy
from signet.operations.policies.create_policy import create_policy
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.objection_to))


@http_function(
    "POST /v1/policies",
    body=NewPolicy,
    answers={201: PolicyBody},
    problems=POLICY_PROBLEMS,
)
def lambda_handler(request: Request[NewPolicy, None]) -> Policy:
    """Answer the new policy."""
    ports = wiring()
    return create_policy(request.body.plain(), objection_to=ports.objection_to, within=request.session(ports))
