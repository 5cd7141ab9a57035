"""API Gateway asks who calls in the dialect of Vault, whose clients send their token in one of two headers."""

from collections.abc import Mapping
from typing import Any

from signet.api.answering.identity import identity_answer
from signet.api.dialects.credentials import authorization_of_transit
from signet.domain.access.token_claims import VerifiedToken
from signet.operations.access.authorize_request import authorize_request
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.tokens)


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a Lambda authorizer request of payload 2.0 with a simple response."""
    return identity_answer(event, authorization_of_transit, _judge)


def _judge(authorization: str | None) -> VerifiedToken:
    return authorize_request(authorization, tokens=wiring().tokens, clock=wiring().clock)
