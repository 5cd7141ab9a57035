"""Tokens of an issuer that is trusted, and what becomes of those that are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from signet.adapters.identity.token_verifier import JwksTokenVerifier
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import InvalidTokenError
from tests.support.services.oidc_issuer import OidcIssuer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXPIRY = int(NOW.timestamp()) + 600


def trusting(*issuers: OidcIssuer) -> JwksTokenVerifier:
    """A verifier that trusts `issuers` as corp, corp2, ..."""
    trusted = [
        TrustedIssuer(f"corp{number or ''}", issuer.url, ("signet",), "sub", ("groups",))
        for number, issuer in enumerate(issuers)
    ]
    return JwksTokenVerifier({issuer.issuer: issuer for issuer in trusted})


def claims(issuer: OidcIssuer, **changes: Any) -> dict[str, Any]:
    return {"iss": issuer.url, "aud": "signet", "sub": "alice", "exp": EXPIRY} | changes


def refuse(verifier: JwksTokenVerifier, token: str, why: str) -> None:
    with pytest.raises(InvalidTokenError, match=why) as refusal:
        verifier.verify(token, NOW)
    for piece in token.split("."):
        assert len(piece) < 8 or piece not in str(refusal.value)
