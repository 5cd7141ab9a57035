"""GET /certificates/{certificate}/related: its groups, the policies about it, and whom those name."""

from signet.api.bodies.action_bodies import RelatedBody
from signet.api.bodies.certificate_bodies import Mention
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.get_certificate_related import get_certificate_related
from signet.wiring import wiring


@http_function(
    "GET /v1/certificates/{certificate}/related",
    answers={200: RelatedBody},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer what the certificate has to do with."""
    found = get_certificate_related(request.path["certificate"], by=request.principal, records=wiring().records)
    return Answer(
        200,
        RelatedBody(
            tuple(Mention(group.id, group.name) for group in found.groups),
            tuple(Mention(policy.id, policy.name) for policy in found.policies),
            found.users,
            found.user_groups,
        ),
    )
