"""POST /policies/explain: whether somebody could sign, from somewhere, at some moment, and why."""

from signet.api.bodies.explanation_bodies import ExplainBody, ExplanationBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.domain.policies.explanation import Explanation
from signet.operations.policies.explain_policies import explain_policies
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "POST /v1/policies/explain",
    body=ExplainBody,
    answers={200: ExplanationBody},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[ExplainBody, None]) -> Explanation:
    """Answer what signing would decide, and what every policy concerned says of it; nothing is decided or recorded."""
    return explain_policies(request.body.question(), within=request.session(wiring()))
