"""POST /certificates: bring a certificate in, with or without its private key."""

from signet.api.bodies.certificate_bodies import IMPORT_BODY_BYTES, IMPORT_PROBLEMS, ImportBody
from signet.api.bodies.signing_request_bodies import IssuedCertificateBody, imported_answer
from signet.api.http_function import Request, http_function
from signet.domain.certificates.import_command import Imported
from signet.operations.certificates.import_certificate import import_certificate
from signet.wiring import at_init, wiring

at_init(
    lambda ports: (
        ports.records,
        ports.read_certificate_file,
        ports.complete_path,
        ports.compare_issued,
        ports.pins,
        ports.wrapper.connect(),
    )
)


@http_function(
    "POST /v1/certificates",
    body=ImportBody,
    answers={201: IssuedCertificateBody, 200: IssuedCertificateBody},
    respond=imported_answer,
    problems=IMPORT_PROBLEMS,
    body_bytes=IMPORT_BODY_BYTES,
)
def lambda_handler(request: Request[ImportBody, None]) -> Imported:
    """Answer the new certificate, with warnings where it completes a request; 200 where one gained what it lacked."""
    ports = wiring()
    return import_certificate(
        request.body.command(ports.settings.expiry_stages),
        within=request.session(ports),
        read=ports.read_certificate_file,
        complete_path=ports.complete_path,
        compare=ports.compare_issued,
        wrapper=ports.wrapper,
        pins=ports.pins,
    )
