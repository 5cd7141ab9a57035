"""GET /certificate-groups/{id}: its settings, and how many certificates it holds."""

from signet.api.bodies.certificate_group_bodies import CertificateGroupBody
from signet.api.http_function import Request, http_function
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.errors import NotFoundError
from signet.operations.certificate_groups.get_certificate_group import get_certificate_group
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings))


@http_function("GET /v1/certificate-groups/{id}", answers={200: CertificateGroupBody}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> CertificateGroup:
    """Answer the certificate group; 404 where the caller cannot see it."""
    ports = wiring()
    return get_certificate_group(request.path["id"], within=request.session(ports), listings=ports.listings)
