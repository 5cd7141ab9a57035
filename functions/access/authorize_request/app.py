"""API Gateway asks who calls; the answer is a name, its groups and a time limit, or why not, and never an exception."""

from collections.abc import Mapping
from typing import Any

from signet.api.answering.identity import identity_answer, only_identity_source
from signet.domain.access.token_claims import VerifiedToken
from signet.operations.access.authorize_request import authorize_request
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.tokens)


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a Lambda authorizer request of payload 2.0 with a simple response."""
    return identity_answer(event, only_identity_source, _judge)


def _judge(authorization: str | None) -> VerifiedToken:
    return authorize_request(authorization, tokens=wiring().tokens, clock=wiring().clock)
