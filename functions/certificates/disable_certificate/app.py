"""POST /certificates/{certificate}/disable: nobody can use it until it is enabled again."""

from signet.api.bodies.certificate_bodies import CertificateBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import Overview
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.disable_certificate import disable_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "POST /v1/certificates/{certificate}/disable",
    answers={200: CertificateBody},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[None, None]) -> Overview:
    """Answer the certificate, disabled; already so is no error, and no event."""
    return disable_certificate(request.path["certificate"], within=request.session(wiring()))
