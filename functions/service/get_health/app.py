"""GET /health: the service answers, and can judge the tokens of those who call."""

from signet.api.bodies.service_bodies import HealthBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import TokensUnjudgedError
from signet.operations.service.get_health import get_health
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.issuer_watch)


@http_function("GET /v1/health", answers={200: HealthBody}, problems=(TokensUnjudgedError,), public=True)
def lambda_handler(_request: Request[None, None]) -> HealthBody:
    """Say that the service answers; 503 where it cannot judge tokens. No token is asked for."""
    get_health(issuers=wiring().issuer_watch)
    return HealthBody()
