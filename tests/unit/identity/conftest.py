"""An issuer on this machine, and its keys as Signet keeps them, by a clock that is set by hand."""

from collections.abc import Iterator

import pytest

from signet.adapters.identity.issuer_keys import (
    IssuerKeys,
)
from tests.support.services.oidc_issuer import OidcIssuer, jwk, key, running_issuer
from tests.unit.identity.kept_keys import HandSetClock, keys_of


@pytest.fixture
def issuer() -> Iterator[OidcIssuer]:
    with running_issuer() as running:
        running.keys = [jwk(key("RSA"), kid="k1")]
        yield running


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def keys(issuer: OidcIssuer, clock: HandSetClock) -> IssuerKeys:
    return keys_of(issuer, clock)
