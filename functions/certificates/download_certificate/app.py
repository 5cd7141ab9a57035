"""GET /certificates/{certificate}/download: the certificate as a file. Never a private key."""

from signet.api.answering.answer import Answer
from signet.api.answering.downloads import DownloadQuery, file_answer
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.download_certificate import download_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.certificate_file))


@http_function(
    "GET /v1/certificates/{certificate}/download",
    query=DownloadQuery,
    answers={200: ("application/pkix-cert", "application/x-pem-file", "application/x-pkcs7-certificates")},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[None, DownloadQuery]) -> Answer:
    """Answer the certificate as DER, PEM, PEM with its chain, or PKCS#7."""
    ports = wiring()
    certificate, x509 = download_certificate(request.path["certificate"], within=request.session(ports))
    file_format = request.query.format
    content = ports.certificate_file(x509.certificate, x509.chain, file_format)
    return file_answer(content, certificate.alias.text, file_format)
