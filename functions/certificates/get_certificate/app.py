"""GET /certificates/{certificate}: the overview."""

from signet.api.bodies.certificate_bodies import CertificateBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import Overview
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.get_certificate import get_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "GET /v1/certificates/{certificate}", answers={200: CertificateBody}, problems=(NotFoundError, NotAllowedError)
)
def lambda_handler(request: Request[None, None]) -> Overview:
    """Answer the certificate that the path names by id or alias."""
    return get_certificate(request.path["certificate"], within=request.session(wiring()))
