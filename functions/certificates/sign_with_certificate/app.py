"""POST /certificates/{certificate}/sign: one signature, decided, made and recorded."""

from signet.api.bodies.signing_bodies import SIGN_BODY_BYTES, SIGN_PROBLEMS, SignatureBody, SignBody
from signet.api.http_function import Request, http_function
from signet.domain.signing.signature import Signature
from signet.operations.certificates.sign_with_certificate import sign_with_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.keys, ports.pins, ports.wrapper.connect()))


@http_function(
    "POST /v1/certificates/{certificate}/sign",
    body=SignBody,
    answers={200: SignatureBody},
    with_secrets=False,  # The PIN is checked each time.
    problems=SIGN_PROBLEMS,
    body_bytes=SIGN_BODY_BYTES,
)
def lambda_handler(request: Request[SignBody, None]) -> Signature:
    """Answer the signature, once its use is recorded."""
    ports = wiring()
    return sign_with_certificate(
        request.body.command(request.path["certificate"], request.token),
        within=request.session(ports),
        keys=ports.keys,
        pins=ports.pins,
    )
