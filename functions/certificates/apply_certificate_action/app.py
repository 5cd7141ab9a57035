"""POST /certificates/actions: one action on many certificates; each stands for itself."""

from signet.api.bodies.action_bodies import ActionBody, ActionReport, action_answer
from signet.api.http_function import Request, http_function
from signet.domain.certificates.bulk_command import BulkReport
from signet.domain.errors import TooManyGroupsError, UnknownReferenceError
from signet.operations.certificates.apply_certificate_action import apply_certificate_action
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "POST /v1/certificates/actions",
    body=ActionBody,
    answers={200: ActionReport},
    respond=action_answer,
    problems=(UnknownReferenceError, TooManyGroupsError),
)
def lambda_handler(request: Request[ActionBody, None]) -> BulkReport:
    """Answer the outcome for each certificate, in the order asked."""
    return apply_certificate_action(request.body.command(), within=request.session(wiring()))
