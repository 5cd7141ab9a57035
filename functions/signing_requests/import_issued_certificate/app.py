"""POST /signing-requests/{id}/certificate: the CA's answer."""

from signet.api.bodies.certificate_bodies import IMPORT_BODY_BYTES
from signet.api.bodies.signing_request_bodies import ISSUED_PROBLEMS, IssuedBody, IssuedCertificateBody, imported_answer
from signet.api.http_function import Request, http_function
from signet.domain.certificates.import_command import Imported
from signet.operations.signing_requests.import_issued_certificate import import_issued_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.read_certificate_file, ports.complete_path, ports.compare_issued))


@http_function(
    "POST /v1/signing-requests/{id}/certificate",
    body=IssuedBody,
    answers={201: IssuedCertificateBody, 200: IssuedCertificateBody},
    respond=imported_answer,
    problems=ISSUED_PROBLEMS,
    body_bytes=IMPORT_BODY_BYTES,
)
def lambda_handler(request: Request[IssuedBody, None]) -> Imported:
    """Answer the new certificate; 200 where one that was here got another X.509 of its CA, or more of its path."""
    ports = wiring()
    return import_issued_certificate(
        request.path["id"],
        request.body.command(),
        within=request.session(ports),
        read=ports.read_certificate_file,
        complete_path=ports.complete_path,
        compare=ports.compare_issued,
    )
