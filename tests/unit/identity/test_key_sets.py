"""Which keys of a set are passed over."""

import json

import pytest

from signet.adapters.identity.issuer_keys import parse_key_set
from tests.support.services.oidc_issuer import base64url, jwk, key


def usable(*entries: object) -> list[str]:
    return [found.kind for found in parse_key_set(json.dumps({"keys": entries}).encode())]


def test_what_is_no_key_is_passed_over() -> None:
    good = jwk(key("P-256"), kid="k1")

    assert usable(1, None, [], {}, "x", {"kty": "EC"}, {"kty": 1}, {"kty": ["RSA"]}, good, {"kty": "future"}) == [
        "P-256"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"n": None},
        {"n": ""},
        {"n": 5},
        {"n": "AQAB"},
        {"e": ""},
        {"e": "AA"},
        {"e": "Ag"},
        {"e": base64url(b"\xff" * 300)},
        {"n": base64url(b"\xff" * 2000)},
        {"n": "é"},
        {"crv": "P-256"},
        {"kty": "rsa"},
        {"kid": 1},
        {"d": "AQAB"},
        {"use": ["sig"]},
        {"key_ops": []},
        {"key_ops": None},
    ],
)
def test_an_rsa_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("RSA"), **changes)) == []


@pytest.mark.parametrize(
    "changes", [{"x": "AA"}, {"y": None}, {"crv": "P-384"}, {"x": base64url(b"\1" * 32)}, {"kty": "OKP"}]
)
def test_an_elliptic_curve_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("P-256"), **changes)) == []


@pytest.mark.parametrize("changes", [{"x": "AA"}, {"x": None}, {"crv": "Ed448"}, {"crv": "X25519"}])
def test_an_edwards_curve_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("Ed25519"), **changes)) == []
