"""POST /certificates/{certificate}/enable: its users may use it again."""

from signet.api.bodies.certificate_bodies import CertificateBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import Overview
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.enable_certificate import enable_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "POST /v1/certificates/{certificate}/enable",
    answers={200: CertificateBody},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[None, None]) -> Overview:
    """Answer the certificate, enabled; already so is no error, and no event."""
    return enable_certificate(request.path["certificate"], within=request.session(wiring()))
