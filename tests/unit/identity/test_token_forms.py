"""What is no token in strict parts, and what else goes for one: changed, mixed, nested, encrypted, of another type."""

import json

import pytest

from signet.adapters.identity.token_verifier import MAX_TOKEN_CHARACTERS, JwksTokenVerifier
from signet.domain.errors import InvalidTokenError
from tests.support.services.oidc_issuer import OidcIssuer, base64url, key, part, signed
from tests.unit.identity.tokens import NOW, claims, refuse

pytestmark = pytest.mark.clock


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "a b.c.d",
        "é.b.c",
        "a.b.c\n",
        "a=.b.c",
        "a+b.c.d",
        "a/b.c.d",
        "\0.\0.\0",
        "\ud800.b.c",
    ],
)
def test_what_is_not_three_parts_of_base64url_is_no_token(token: str, verifier: JwksTokenVerifier) -> None:
    refuse(verifier, token, "three parts")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"{",
        b'{"alg":"RS256"',
        b'{"alg":"RS256"}x',
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}",
        b'{"alg":"\xff"}',
        b'{"alg":"none","alg":"RS256"}',
        b'{"a":{"b":1,"b":2}}',
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":' + b"9" * 5000 + b"}",
        b"[" * 5000,
        b'{"a":' * 1200,
    ],
)
def test_parts_are_strict_json(content: bytes, corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    part_of_it = base64url(content) or "AAAAA"
    refuse(verifier, f"{part_of_it}.{part(claims(corp))}.AAAA", "not JSON")
    refuse(verifier, f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part_of_it}.AAAA", "not JSON")


@pytest.mark.parametrize("content", ["[]", "1", '"x"', "null", "true", '[{"alg":"RS256"}]'])
def test_parts_are_objects(content: str, corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    part_of_it = base64url(content.encode())
    refuse(verifier, f"{part_of_it}.{part(claims(corp))}.AAAA", "not a JSON object")
    refuse(verifier, f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part_of_it}.AAAA", "not a JSON object")


def test_a_part_of_impossible_length_is_refused(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    refuse(verifier, f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part(claims(corp))}.AAAAA", "signature")


def test_a_huge_token_is_not_read(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    genuine = signed(claims(corp, padding="x" * MAX_TOKEN_CHARACTERS), key("RSA"), kid="k1")

    refuse(verifier, genuine, "longer than 10240 characters")
    refuse(verifier, "a" * 10_000_000, "longer than 10240 characters")


def test_one_changed_character_anywhere_refuses(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    genuine = signed(claims(corp), key("RSA"), kid="k1")
    verifier.verify(genuine, NOW)

    for place in range(len(genuine)):
        changed = genuine[:place] + ("A" if genuine[place] != "A" else "B") + genuine[place + 1 :]
        with pytest.raises(InvalidTokenError):
            verifier.verify(changed, NOW)


def test_two_genuine_tokens_do_not_mix(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    alice = signed(claims(corp), key("RSA"), kid="k1").split(".")
    bob = signed(claims(corp, sub="bob"), key("RSA"), kid="k1").split(".")

    refuse(verifier, ".".join((alice[0], bob[1], alice[2])), "signature")


def test_a_token_within_a_token_is_not_unpacked(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    inner = signed(claims(corp), key("RSA"), kid="k1")

    refuse(verifier, signed(inner.encode(), key("RSA"), kid="k1", cty="JWT"), "not JSON")
    refuse(verifier, signed(json.dumps(inner).encode(), key("RSA"), kid="k1"), "not a JSON object")
    refuse(verifier, signed(claims(corp), key("RSA"), kid="k1", cty="JWT"), "says who calls")


def test_an_encrypted_token_is_not_opened(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    encrypted = ".".join([part({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "k1"}), "AAAA", "AAAA", "AAAA", "AAAA"])

    refuse(verifier, encrypted, "three parts")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_tokens_that_say_who_calls_are_of_these_types(
    kind: str | None, corp: OidcIssuer, verifier: JwksTokenVerifier
) -> None:
    assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1", typ=kind), NOW).user == "corp/alice"


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE", "JWE", "JWT ", 1, ["JWT"]])
def test_a_token_for_another_purpose_says_not_who_calls(
    kind: object, corp: OidcIssuer, verifier: JwksTokenVerifier
) -> None:
    refuse(verifier, signed(claims(corp), key("RSA"), kid="k1", typ=kind), "says who calls")


def test_claims_are_read_only_under_a_good_signature(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    refuse(verifier, signed(claims(corp, exp=1), key("RSA/attacker"), kid="k1"), "signature")
    refuse(verifier, signed(claims(corp, exp=1), key("RSA"), kid="k1"), "expired")
    refuse(verifier, signed(claims(corp, aud="other"), key("RSA"), kid="k1"), "audience")
    refuse(verifier, signed(claims(corp, hasgroups=True), key("RSA"), kid="k1"), "left out")
