"""GET /certificates/{certificate}/details: everything in the X.509."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError, UnreadableFileError
from signet.domain.x509.certificate_details import CertificateDetails
from signet.operations.certificates.get_certificate_details import get_certificate_details
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.certificate_details))


@http_function(
    "GET /v1/certificates/{certificate}/details",
    answers={200: CertificateDetails},
    # Nothing of the kind is imported; a store that was filled otherwise may hold it.
    problems=(NotFoundError, NotAllowedError, UnreadableFileError),
)
def lambda_handler(request: Request[None, None]) -> CertificateDetails:
    """Answer what the certificate and its chain say, decoded."""
    ports = wiring()
    _, x509 = get_certificate_details(request.path["certificate"], within=request.session(ports))
    return ports.certificate_details(x509.certificate, x509.chain)
