"""Who calls, by the token in an `Authorization` header, if it can be trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signet.domain.errors import InvalidTokenError

if TYPE_CHECKING:  # The ports know every noun there is; the authorizer, which all callers wait for, needs none of them.
    from signet.domain.access.token_claims import VerifiedToken
    from signet.ports.clock import Clock
    from signet.ports.identity import TokenVerifier

# RFC 9110, 11.1: the scheme is without regard to case; RFC 6750, 2.1: then spaces and one token.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE | re.ASCII)


def authorize_request(authorization: str | None, *, tokens: TokenVerifier, clock: Clock) -> VerifiedToken:
    """Who the `Authorization` header speaks for, now.

    This decides who somebody is, not what they may do: that every other operation asks by itself.

    Raises:
        InvalidTokenError: no header, another scheme, several tokens, or a token that cannot be trusted.
        IssuerUnreachableError: the keys of the token's issuer cannot be had.
    """
    if authorization is None:
        raise InvalidTokenError("This is not a token: there is no Authorization header.")
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise InvalidTokenError("This is not a token: the Authorization header is not one Bearer token.")
    return tokens.verify(bearer[1], clock.now())
