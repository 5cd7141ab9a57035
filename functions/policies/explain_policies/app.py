"""POST /policies/explain: whether somebody could sign, from somewhere, at some moment, and why."""

from signet.api.bodies.access_bodies import ExplainBody, ExplanationBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.domain.policies.explanation import Explanation
from signet.operations.policies.explain_policies import explain_policies
from signet.wiring import wiring


@http_function(
    "POST /v1/policies/explain",
    body=ExplainBody,
    answers={200: ExplanationBody},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[ExplainBody, None]) -> Answer:
    """Answer what signing would decide, and what every policy concerned says of it; nothing is decided or recorded."""
    ports = wiring()

    def answer(explanation: Explanation) -> Answer:
        return Answer(200, ExplanationBody.of(explanation))

    return answer(
        explain_policies(
            request.body.question(),
            by=request.principal,
            idempotency=request.idempotency(answer),
            records=ports.records,
            clock=ports.clock,
        )
    )
