"""POST /certificates/{certificate}/sign: one signature, decided, made and recorded."""

from signet.api.bodies.certificate_bodies import SIGN_BODY_BYTES, SIGN_PROBLEMS, SignatureBody, SignBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.signing.signature import Signature
from signet.operations.certificates.sign_with_certificate import sign_with_certificate
from signet.wiring import wiring


@http_function(
    "POST /v1/certificates/{certificate}/sign",
    body=SignBody,
    answers={200: SignatureBody},
    problems=SIGN_PROBLEMS,
    body_bytes=SIGN_BODY_BYTES,
)
def lambda_handler(request: Request[SignBody, None]) -> Answer:
    """Answer the signature, once its use is recorded."""
    ports = wiring()

    def answer(made: Signature) -> Answer:
        return Answer(200, SignatureBody.of(made))

    return answer(
        sign_with_certificate(
            request.body.command(request.path["certificate"], request.token),
            by=request.principal,
            idempotency=request.idempotency(answer, with_secrets=False),
            records=ports.records,
            keys=ports.keys,
            pins=ports.pins,
            clock=ports.clock,
        )
    )
