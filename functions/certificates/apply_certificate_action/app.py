"""POST /certificates/actions: one action on many certificates; each stands for itself."""

from signet.api.bodies.action_bodies import ActionBody, ActionReport
from signet.api.http_function import Answer, Request, http_function
from signet.domain.certificates.bulk_command import BulkReport
from signet.domain.errors import TooManyGroupsError, UnknownReferenceError
from signet.operations.certificates.apply_certificate_action import apply_certificate_action
from signet.wiring import wiring


@http_function(
    "POST /v1/certificates/actions",
    body=ActionBody,
    answers={200: ActionReport},
    problems=(UnknownReferenceError, TooManyGroupsError),
)
def lambda_handler(request: Request[ActionBody, None]) -> Answer:
    """Answer the outcome for each certificate, in the order asked."""
    ports = wiring()

    def answer(report: BulkReport) -> Answer:
        return Answer(200, ActionReport.of(report, request.principal.request_id))

    return answer(
        apply_certificate_action(
            request.body.command(),
            by=request.principal,
            idempotency=request.idempotency(answer),
            records=ports.records,
            clock=ports.clock,
        )
    )
