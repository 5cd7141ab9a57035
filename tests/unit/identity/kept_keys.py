"""The keys of an issuer, and ways in which it fails."""

from collections.abc import Callable
from datetime import timedelta

from signet.adapters.identity.issuer_keys import FETCH_TIMEOUT, IssuerKeys
from signet.domain.access.trusted_issuer import TrustedIssuer
from tests.support.services.oidc_issuer import Answer, OidcIssuer

DISCOVERY = "/.well-known/openid-configuration"


class HandSetClock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, span: timedelta) -> None:
        self.seconds += span.total_seconds()


def keys_of(issuer: OidcIssuer, clock: Callable[[], float], fetch_timeout: timedelta = FETCH_TIMEOUT) -> IssuerKeys:
    return IssuerKeys(TrustedIssuer("corp", issuer.url, ("signet",), "sub"), clock=clock, fetch_timeout=fetch_timeout)


def ids(keys: IssuerKeys, key_id: str | None = None) -> list[str | None]:
    return [found.key_id for found in keys.find(key_id)]


def broken() -> Answer:
    return 500, {}, b""
