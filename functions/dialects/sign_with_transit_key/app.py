"""POST /transit/sign/{proxy+}: signatures, for clients of Vault's transit engine; some of them send PUT."""

from typing import Any

from signet.api.answering.answer import Answer
from signet.api.bodies.signing_bodies import SIGN_BODY_BYTES, SIGN_PROBLEMS
from signet.api.dialects.transit import TRANSIT, TransitAnswer, segments_of
from signet.api.dialects.transit_batches import each_of
from signet.api.dialects.transit_bodies import TransitBody, TransitItem
from signet.api.dialects.transit_signatures import signed
from signet.api.http_function import Request, http_function
from signet.domain.signing.signature import Signature
from signet.operations.certificates.sign_with_certificate import sign_with_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.keys, ports.pins, ports.wrapper.connect()))


def _answer(result: Signature | TransitAnswer, request: Request[TransitBody, None]) -> Answer:
    if isinstance(result, Signature):
        result = TransitAnswer(request.principal.request_id, signed(result, url_safe=request.body.url_safe))
    return Answer(200, result)


@http_function(
    "POST /v1/transit/sign/{proxy+}",
    body=TransitBody,
    answers={200: TransitAnswer},
    respond=_answer,
    problems=SIGN_PROBLEMS,
    body_bytes=SIGN_BODY_BYTES,
    dialect=TRANSIT,
)
def lambda_handler(request: Request[TransitBody, None]) -> Signature | TransitAnswer:
    """Answer the signature, once its use is recorded."""
    ports, body = wiring(), request.body
    name, of_path = segments_of(request.raw_path, "sign", most=2)
    url_safe = body.url_safe  # Before anything is signed: it may be wrong.

    def sign(item: TransitItem) -> Signature:
        command = body.sign_command(name, of_path, item, request.token)
        return sign_with_certificate(command, within=request.session(ports), keys=ports.keys, pins=ports.pins)

    def answer(item: TransitItem) -> dict[str, Any]:
        return signed(sign(item), url_safe=url_safe)

    if body.batch_input:
        return each_of(request, answer)
    (item,) = body.items()
    return sign(item)
