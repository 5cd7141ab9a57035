"""PATCH /policies/{id}: another What, Who, Where or When, name, action or priority; enabled or not."""

from signet.api.bodies.policy_bodies import POLICY_PROBLEMS, ChangedPolicy, PolicyBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import StaleVersionError
from signet.domain.policies.policy import Policy
from signet.operations.policies.update_policy import update_policy
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.objection_to))


@http_function(
    "PATCH /v1/policies/{id}",
    body=ChangedPolicy,
    answers={200: PolicyBody},
    problems=(*POLICY_PROBLEMS, StaleVersionError),
)
def lambda_handler(request: Request[ChangedPolicy, None]) -> Policy:
    """Answer the policy with its new settings."""
    ports = wiring()
    return update_policy(
        request.path["id"],
        request.body.plain(),
        objection_to=ports.objection_to,
        if_match=request.if_match,
        within=request.session(ports),
    )
