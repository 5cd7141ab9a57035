"""POST /signing-requests/{id}/certificate: the CA's answer."""

from signet.api.bodies.certificate_bodies import IMPORT_BODY_BYTES
from signet.api.bodies.signing_request_bodies import ISSUED_PROBLEMS, IssuedBody, IssuedCertificateBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.certificates.import_command import Imported
from signet.operations.signing_requests.import_issued_certificate import import_issued_certificate
from signet.wiring import wiring


@http_function(
    "POST /v1/signing-requests/{id}/certificate",
    body=IssuedBody,
    answers={201: IssuedCertificateBody, 200: IssuedCertificateBody},
    problems=ISSUED_PROBLEMS,
    body_bytes=IMPORT_BODY_BYTES,
)
def lambda_handler(request: Request[IssuedBody, None]) -> Answer:
    """Answer the new certificate; 200 where one that was here got another X.509 of its CA, or more of its path."""
    ports = wiring()

    def answer(done: Imported) -> Answer:
        body = IssuedCertificateBody.of_import(done, ports.clock.now(), ports.settings.expiry_stages)
        return Answer(201 if done.created else 200, body)

    return answer(
        import_issued_certificate(
            request.path["id"],
            request.body.command(),
            by=request.principal,
            idempotency=request.idempotency(answer),
            records=ports.records,
            read=ports.read_certificate_file,
            complete_path=ports.complete_path,
            compare=ports.compare_issued,
            clock=ports.clock,
        )
    )
