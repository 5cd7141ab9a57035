"""GET /certificate-groups/{id}: its settings, and how many certificates it holds."""

from signet.api.bodies.access_bodies import CertificateGroupBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotFoundError
from signet.operations.certificate_groups.get_certificate_group import get_certificate_group
from signet.wiring import wiring


@http_function("GET /v1/certificate-groups/{id}", answers={200: CertificateGroupBody}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the certificate group; 404 where the caller cannot see it."""
    ports = wiring()
    group = get_certificate_group(
        request.path["id"],
        by=request.principal,
        records=ports.records,
        listings=ports.listings,
        clock=ports.clock,
    )
    return Answer(200, CertificateGroupBody.of(group))
