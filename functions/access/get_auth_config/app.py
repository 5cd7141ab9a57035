"""GET /auth-config: where people log in, for programs that have them do so."""

from signet.api.bodies.login_bodies import AuthConfigBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import TokensUnjudgedError
from signet.operations.access.get_auth_config import get_auth_config
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.issuer_list)


@http_function("GET /v1/auth-config", answers={200: AuthConfigBody}, problems=(TokensUnjudgedError,), public=True)
def lambda_handler(_request: Request[None, None]) -> AuthConfigBody:
    """Answer the trusted issuers that people log in with; no token is asked for."""
    return AuthConfigBody.of(get_auth_config(issuers=wiring().issuer_list.values()))
