"""GET /certificates/{certificate}/related: its groups, the policies about it, and who can sign with it."""

from signet.api.bodies.related_bodies import RelatedBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.get_certificate_related import get_certificate_related
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "GET /v1/certificates/{certificate}/related", answers={200: RelatedBody}, problems=(NotFoundError, NotAllowedError)
)
def lambda_handler(request: Request[None, None]) -> RelatedBody:
    """Answer what the certificate has to do with."""
    found = get_certificate_related(request.path["certificate"], within=request.session(wiring()))
    return RelatedBody.of(found.groups, found.policies, found.signers)
