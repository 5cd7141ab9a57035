"""Issuers on this machine: one whose keys are kept by a clock that is set by hand, and one whose tokens are judged."""

from collections.abc import Iterator

import pytest

from signet.adapters.identity.issuer_keys import IssuerKeys
from signet.adapters.identity.token_verifier import JwksTokenVerifier
from tests.support.services.oidc_issuer import OidcIssuer, jwk, key, running_issuer
from tests.unit.identity.kept_keys import HandSetClock, keys_of
from tests.unit.identity.tokens import trusting


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


@pytest.fixture
def corp() -> Iterator[OidcIssuer]:
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("RSA"), kid="k1")]
        yield issuer


@pytest.fixture
def verifier(corp: OidcIssuer) -> JwksTokenVerifier:
    return trusting(corp)
