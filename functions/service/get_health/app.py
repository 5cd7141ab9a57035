"""GET /health: the service answers."""

from signet.api.bodies import HealthBody
from signet.api.entrance import Answer, Request, entrance


@entrance("GET /v1/health", answers={200: HealthBody}, public=True)
def lambda_handler(_request: Request[None, None]) -> Answer:
    """Say that the service answers; no token is asked for."""
    return Answer(200, HealthBody())
