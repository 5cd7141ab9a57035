"""GET /transit/keys/{proxy+}: a certificate's public key, as Vault's transit engine shows a key."""

from signet.api.dialects.transit import TRANSIT, TransitAnswer, key_answer, segments_of
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.dialects.read_key_versions import read_key_versions
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.public_keys))


@http_function(
    "GET /v1/transit/keys/{proxy+}",
    answers={200: TransitAnswer},
    problems=(NotFoundError, NotAllowedError),
    dialect=TRANSIT,
)
def lambda_handler(request: Request[None, None]) -> TransitAnswer:
    """Answer the public keys of the certificate and of those that it renews, each a version."""
    ports = wiring()
    name, _ = segments_of(request.raw_path, "keys", most=1)
    versions = read_key_versions(name, within=request.session(ports), public_keys=ports.public_keys)
    return key_answer(name, versions, request.principal.request_id)
