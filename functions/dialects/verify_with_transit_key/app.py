"""POST /transit/verify/{proxy+}: whether a signature is a certificate's, for clients of Vault's transit engine."""

from signet.api.bodies.signing_bodies import SIGN_BODY_BYTES
from signet.api.dialects.transit import TRANSIT, TransitAnswer, segments_of
from signet.api.dialects.transit_batches import each_of
from signet.api.dialects.transit_bodies import TransitBody, TransitItem
from signet.api.http_function import Request, http_function
from signet.domain import errors
from signet.operations.dialects.verify_signature import verify_signature
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.public_keys))


@http_function(
    "POST /v1/transit/verify/{proxy+}",
    body=TransitBody,
    answers={200: TransitAnswer},
    problems=(
        errors.NotFoundError,
        errors.NotAllowedError,
        errors.AlgorithmMismatchError,
        errors.DigestLengthError,
        errors.MessageTooLargeError,
    ),
    body_bytes=SIGN_BODY_BYTES,
    dialect=TRANSIT,
)
def lambda_handler(request: Request[TransitBody, None]) -> TransitAnswer:
    """Answer whether it is; no use is counted."""
    ports, body = wiring(), request.body
    name, of_path = segments_of(request.raw_path, "verify", most=2)

    def verify(item: TransitItem) -> dict[str, bool]:
        command = body.verify_command(name, of_path, item)
        _, valid = verify_signature(command, within=request.session(ports), public_keys=ports.public_keys)
        return {"valid": valid}

    if body.batch_input:
        return each_of(request, verify)
    (item,) = body.items()
    return TransitAnswer(request.principal.request_id, verify(item))
