"""POST /: Sign, Verify, GetPublicKey and DescribeKey, for clients of AWS KMS; `X-Amz-Target` says which."""

from collections.abc import Mapping
from typing import Any

from signet.api.answering.answer import Answer
from signet.api.bodies.signing_bodies import SIGN_PROBLEMS
from signet.api.dialects.kms import AMAZON_JSON, KMS, KmsBody, action_of, description, exception, signed
from signet.api.dialects.kms import public_key_answer as public_key
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError
from signet.domain.signing.signature import Signature
from signet.operations.certificates.sign_with_certificate import sign_with_certificate
from signet.operations.dialects.read_key_versions import read_key_versions
from signet.operations.dialects.verify_signature import verify_signature
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.keys, ports.pins, ports.public_keys, ports.wrapper.connect()))


def _answer(result: Signature | Mapping[str, Any], request: Request[KmsBody, None]) -> Answer:
    if isinstance(result, Signature):
        if result.signature is None:
            text = "The request would have succeeded, but the DryRun option is set."
            return exception("DryRunOperationException", text, request.principal.request_id)
        result = signed(result)
    return Answer(200, result, {"x-amzn-RequestId": request.principal.request_id}, AMAZON_JSON)


@http_function(
    "POST /",
    body=KmsBody,
    answers={200: AMAZON_JSON},
    respond=_answer,
    problems=(*SIGN_PROBLEMS, NotAllowedError),
    body_bytes=64 * 1024,
    dialect=KMS,
)
def lambda_handler(request: Request[KmsBody, None]) -> object:
    """Answer what the action answers; only Sign counts a use."""
    action, request_id = action_of(request.sent_header("x-amz-target")), request.principal.request_id
    if action is None:
        known = "Sign, Verify, GetPublicKey and DescribeKey are answered here."
        return exception("UnsupportedOperationException", known, request_id)
    ports, body = wiring(), request.body.checked(action)
    within = request.session(ports)
    if action == "Sign":
        return sign_with_certificate(body.sign_command(request.token), within=within, keys=ports.keys, pins=ports.pins)
    if action == "Verify":
        certificate, valid = verify_signature(body.verify_command(), within=within, public_keys=ports.public_keys)
        if not valid:
            return exception("KMSInvalidSignatureException", "The key did not make this signature.", request_id)
        return {"KeyId": certificate.id, "SignatureValid": True, "SigningAlgorithm": body.signing_algorithm}
    (key,) = read_key_versions(body.certificate, within=within, public_keys=ports.public_keys, renewed=False)
    return public_key(key) if action == "GetPublicKey" else description(key)
