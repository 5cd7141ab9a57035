"""What the claims of a token say, once its signature is known to be its issuer's (RFC 7519; RFC 8725 for the traps)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from signet.domain.errors import InvalidTokenError
from signet.domain.trusted_issuer import TrustedIssuer
from signet.domain.user_name import is_bare_name

MAX_USER_GROUPS = 1000
"""An HTTP API has 10,240 bytes for all headers, so a token of more would not arrive; it bounds our answer, too."""

CLOCK_DIFFERENCE = timedelta(seconds=60)
"""How far the issuer's clock may be ahead of ours. Not granted to `exp`: a token never works longer than it says."""

_LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
_LEFT_OUT = ("_claim_names", "_claim_sources", "hasgroups")


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Who a token speaks for, and until when."""

    user: str
    """`<issuer alias>/<name>`."""
    user_groups: tuple[str, ...]
    """`<issuer alias>/<name>` each, all of them, each once."""
    expires_at: datetime
    """A whole second; from then on the token is nothing."""


def read_claims(claims: Mapping[str, Any], issuer: TrustedIssuer, at: datetime) -> VerifiedToken:
    """Read the claims of a token that `issuer` signed, at the moment `at`.

    Raises:
        InvalidTokenError: it is for somebody else, of another time, or does not say who calls in full.
    """
    # The signature was checked with this issuer's keys; its tokens name nobody else's users.
    if claims.get("iss") != issuer.issuer:
        raise InvalidTokenError("the token is another issuer's")
    _check_audience(claims.get("aud"), issuer.audience)
    expires_at = _check_times(claims, at)
    return VerifiedToken(
        user=_user(claims, issuer),
        user_groups=_user_groups(claims, issuer),
        expires_at=expires_at,
    )


def _check_audience(audiences: object, ours: str) -> None:
    """RFC 7519, 4.1.3: one audience as text, or a list of them."""
    given = audiences if isinstance(audiences, list) else [audiences]
    if not all(isinstance(audience, str) for audience in given):
        raise InvalidTokenError("the audience is not text or a list of it")
    if ours not in given:
        raise InvalidTokenError("the token is for another audience")


def _check_times(claims: Mapping[str, Any], at: datetime) -> datetime:
    """The moment the token expires.

    ```text
       nbf, iat - 60 s            at                exp
       |------------------ valid -------------------|  expired
    ```
    """
    now = at.timestamp()
    # To the whole second below: those who get `expires_at` from the authorizer see no fractions.
    expires = math.floor(_moment(claims, "exp"))
    if expires <= now:
        raise InvalidTokenError("the token has expired")
    for name in ("nbf", "iat"):
        if name in claims and _moment(claims, name) > now + CLOCK_DIFFERENCE.total_seconds():
            raise InvalidTokenError(f"the token is of a time to come ({name})")
    return datetime.fromtimestamp(expires, UTC)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519, 2): a JSON number, fractions allowed."""
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _LAST_MOMENT:
        raise InvalidTokenError(f"{name} is not a time")
    return seconds


def _user(claims: Mapping[str, Any], issuer: TrustedIssuer) -> str:
    name = claims.get(issuer.user_claim)
    if not isinstance(name, str) or not is_bare_name(name):
        raise InvalidTokenError("the user claim is not a name")
    return f"{issuer.alias}/{name}"


def _user_groups(claims: Mapping[str, Any], issuer: TrustedIssuer) -> tuple[str, ...]:
    """All groups or none of the token: a group that is missing would slip past a policy that denies it."""
    prefixes = {f"{claim}:src" for claim in ("groups", issuer.groups_claim) if claim}
    if any(claim in _LEFT_OUT or claim.startswith(tuple(prefixes)) for claim in claims):
        raise InvalidTokenError("the token says that its list of groups was left out")
    if issuer.groups_claim is None or issuer.groups_claim not in claims:
        return ()
    given = claims[issuer.groups_claim]
    names = given if isinstance(given, list) else [given]
    if len(names) > MAX_USER_GROUPS:
        raise InvalidTokenError(f"the token lists more than {MAX_USER_GROUPS} groups")
    if not all(isinstance(name, str) and is_bare_name(name) for name in names):
        raise InvalidTokenError("the groups claim is not a list of names")
    return tuple(dict.fromkeys(f"{issuer.alias}/{name}" for name in names))
