"""What the claims of a token say, once its signature is known to be its issuer's (RFC 7519; RFC 8725 for the traps)."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.access.user_name import is_bare_name
from signet.domain.errors import InvalidTokenError

MAX_USER_GROUPS = 1000
"""An HTTP API has 10,240 bytes for all headers, so a token of more would not arrive; it bounds our answer, too."""

CLOCK_DIFFERENCE = timedelta(seconds=60)
"""How far the issuer's clock may be ahead of ours. Not granted to `exp`: a token never works longer than it says."""

UNTRUSTED_ISSUER = "The issuer of the token is not trusted here."
"""Said of a token of ours that another tenant of a public issuer got, too: it is as good as another issuer's."""

_LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
_LEFT_OUT = ("_claim_names", "_claim_sources", "hasgroups")
_ABSENT = object()


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
        raise InvalidTokenError(UNTRUSTED_ISSUER)
    _check_required(claims, issuer)
    _check_audience(claims.get("aud"), issuer.audiences)
    expires_at = _check_times(claims, at)
    return VerifiedToken(
        user=_user(claims, issuer),
        user_groups=_user_groups(claims, issuer),
        expires_at=expires_at,
    )


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """The value of the claim `name`; a dot goes into a nested claim where no claim has the whole name.

    `realm_access.roles` is the claim of that name, else `roles` in `realm_access`. None has a value that is a marker of
    this module's: JSON's null is a value.
    """
    if name in claims:
        return claims[name]
    # The names of nested claims may have dots themselves, as `https://example.com/roles` does.
    for at in (index for index, letter in enumerate(name) if letter == "."):
        inner = claims.get(name[:at])
        if isinstance(inner, Mapping) and (value := claim(inner, name[at + 1 :])) is not _ABSENT:
            return value
    return _ABSENT


def _check_required(claims: Mapping[str, Any], issuer: TrustedIssuer) -> None:
    """Turn away what an issuer that serves the whole world signed for others."""
    for name, accepted in (issuer.required_claims or {}).items():
        value = claim(claims, name)
        given = value if isinstance(value, list) else [value]
        # JSON's true is not its 1, whatever Python says.
        if not any(type(one) is type(wanted) and one == wanted for one in given for wanted in accepted):
            raise InvalidTokenError(UNTRUSTED_ISSUER)


def _check_audience(audiences: object, ours: tuple[str, ...]) -> None:
    """RFC 7519, 4.1.3: one audience as text, or a list of them."""
    given = audiences if isinstance(audiences, list) else [audiences]
    if not all(isinstance(audience, str) for audience in given):
        raise InvalidTokenError("The audience of the token is not text or a list of it, so it is not trusted here.")
    if not any(audience in ours for audience in given):
        raise InvalidTokenError("The audience of the token is not trusted here: it is for another service.")


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
        raise InvalidTokenError("The token has expired.")
    for name in ("nbf", "iat"):
        if name in claims and _moment(claims, name) > now + CLOCK_DIFFERENCE.total_seconds():
            raise InvalidTokenError(f"The token is not yet valid: its {name} lies in the future.")
    return datetime.fromtimestamp(expires, UTC)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519, 2): a JSON number, fractions allowed."""
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _LAST_MOMENT:
        raise InvalidTokenError(f"The token's {name} is not a time.")
    return seconds


def _user(claims: Mapping[str, Any], issuer: TrustedIssuer) -> str:
    name = claim(claims, issuer.user_claim)
    if not isinstance(name, str) or not is_bare_name(name):
        raise InvalidTokenError(f"The claim {issuer.user_claim} of the token is not the name of a user.")
    return f"{issuer.alias}/{name}"


def _user_groups(claims: Mapping[str, Any], issuer: TrustedIssuer) -> tuple[str, ...]:
    """All groups or none of the token: a group that is missing would slip past a policy that denies it."""
    prefixes = tuple(f"{name}:src" for name in ("groups", *issuer.group_claims))
    if any(name in _LEFT_OUT or name.startswith(prefixes) for name in claims):
        raise InvalidTokenError("The token says that its list of groups was left out, so a deny could miss its user.")
    names = [name for each in issuer.group_claims for name in _names_of(claims, each, issuer)]
    if len(names) > MAX_USER_GROUPS:
        raise InvalidTokenError(f"The token names more than {MAX_USER_GROUPS} groups.")
    return tuple(dict.fromkeys(f"{issuer.alias}/{name}" for name in names))


def _names_of(claims: Mapping[str, Any], name: str, issuer: TrustedIssuer) -> Iterator[str]:
    """The groups that one claim makes: each entry of a list, or `<claim>:<value>` of a text."""
    value = claim(claims, name)
    # GitHub, say, sends claims that have nothing to say as empty text.
    if value is _ABSENT or value == "":
        return
    if isinstance(value, str):
        yield _checked(f"{name}:{value}", name)
        return
    if not isinstance(value, list):
        raise InvalidTokenError(f"The claim {name} of the token is neither text nor a list of names.")
    # Whoever may name groups at the issuer must not be able to name environments, branches or repositories by that.
    others = tuple(f"{other}:" for other in issuer.group_claims if other != name)
    for entry in value:
        if not (group := _checked(entry, name)).startswith(others):
            yield group


def _checked(group: object, name: str) -> str:
    if not isinstance(group, str) or not is_bare_name(group):
        raise InvalidTokenError(f"The claim {name} of the token holds what is not the name of a group.")
    return group
