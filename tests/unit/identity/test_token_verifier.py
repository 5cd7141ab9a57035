"""Genuine tokens are believed and others are not: RFC 8725, against an issuer with real keys."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signet.adapters.identity.issuer_keys import KEY_KINDS
from signet.adapters.identity.token_verifier import MAX_TOKEN_CHARACTERS, JwksTokenVerifier
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import InvalidTokenError, IssuerUnreachableError
from tests.support.services.oidc_issuer import OidcIssuer, base64url, jwk, key, part, running_issuer, signed

pytestmark = pytest.mark.clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXPIRY = int(NOW.timestamp()) + 600


@pytest.fixture
def corp() -> Iterator[OidcIssuer]:
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("RSA"), kid="k1")]
        yield issuer


@pytest.fixture
def verifier(corp: OidcIssuer) -> JwksTokenVerifier:
    return trusting(corp)


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


def test_a_genuine_token_names_its_user(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = verifier.verify(signed(claims(corp, groups=["release"]), key("RSA"), kid="k1"), NOW)

    assert (token.user, token.user_groups) == ("corp/alice", ("corp/release",))
    assert token.expires_at == datetime.fromtimestamp(EXPIRY, UTC)


@pytest.mark.parametrize("algorithm", KEY_KINDS)
def test_every_accepted_algorithm_works_with_its_kind_of_key(algorithm: str, corp: OidcIssuer) -> None:
    private_key = key(KEY_KINDS[algorithm])
    corp.keys = [jwk(private_key, kid="k1", alg=algorithm, use="sig", key_ops=["verify"])]

    assert trusting(corp).verify(signed(claims(corp), private_key, algorithm, kid="k1"), NOW).user == "corp/alice"


@pytest.mark.parametrize("algorithm", KEY_KINDS)
@pytest.mark.parametrize("kind", ["RSA", "P-256", "P-384", "P-521", "Ed25519"])
def test_an_algorithm_works_with_no_other_kind_of_key(algorithm: str, kind: str, corp: OidcIssuer) -> None:
    if KEY_KINDS[algorithm] == kind:
        return
    corp.keys = [jwk(key(kind), kid="k1")]
    genuine = signed(claims(corp), key(KEY_KINDS[algorithm]), algorithm, kid="k1")

    refuse(trusting(corp), genuine, "no such key")


def test_a_key_is_used_for_the_algorithm_its_issuer_says(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"), kid="k1", alg="PS256")]

    refuse(trusting(corp), signed(claims(corp), key("RSA"), "RS256", kid="k1"), "no such key")


@pytest.mark.parametrize(
    "members", [{"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": 1}, {"alg": "RSA-OAEP"}, {"alg": 5}]
)
def test_a_key_for_another_purpose_signs_no_token(members: dict[str, object], corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"), **{"kid": "k1", **members})]

    refuse(trusting(corp), signed(claims(corp), key("RSA"), kid="k1"), "no such key")


# --- algorithm confusion (RFC 8725, 2.1, 3.1, 3.2) ---------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", " none", "none\0"])
def test_no_signature_is_no_token(algorithm: str, corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    unsigned = f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(claims(corp))}"

    refuse(verifier, f"{unsigned}.", "three parts")
    refuse(verifier, unsigned, "three parts")
    refuse(verifier, f"{unsigned}.{base64url(b'x')}", "algorithm is not accepted")


def forms_of_the_public_key() -> dict[str, bytes]:
    public_key = key("RSA").public_key()
    public = jwk(key("RSA"), kid="k1")
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "PEM": pem,
        "PEM without its last line break": pem.rstrip(),
        "PKCS#1 PEM": public_key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "DER": public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "PKCS#1 DER": public_key.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "JWK": json.dumps(public).encode(),
        "modulus": base64.urlsafe_b64decode(public["n"] + "=="),
        "modulus as text": public["n"].encode(),
        "nothing": b"",
    }


@pytest.mark.parametrize("secret", forms_of_the_public_key().values(), ids=forms_of_the_public_key())
@pytest.mark.parametrize(("algorithm", "hash_name"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_the_public_key_is_no_shared_secret(
    algorithm: str, hash_name: str, secret: bytes, corp: OidcIssuer, verifier: JwksTokenVerifier
) -> None:
    for name in (algorithm, algorithm.lower()):
        signing_input = f"{part({'alg': name, 'typ': 'JWT', 'kid': 'k1'})}.{part(claims(corp))}"
        mac = hmac.new(secret, signing_input.encode(), getattr(hashlib, hash_name)).digest()

        refuse(verifier, f"{signing_input}.{base64url(mac)}", "algorithm is not accepted")


def test_an_hmac_is_not_a_signature_under_an_accepted_name(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    for secret in forms_of_the_public_key().values():
        signing_input = f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part(claims(corp))}"
        mac = hmac.new(secret, signing_input.encode(), "sha256").digest()

        refuse(verifier, f"{signing_input}.{base64url(mac)}", "signature")


def test_a_symmetric_key_that_an_issuer_publishes_by_mistake_signs_nothing(corp: OidcIssuer) -> None:
    secret = b"a secret that everybody can read"
    corp.keys = [{"kty": "oct", "kid": "s1", "k": base64url(secret), "alg": alg} for alg in ("HS256", "RS256")]
    for algorithm, why in (("HS256", "algorithm is not accepted"), ("RS256", "no such key")):
        signing_input = f"{part({'alg': algorithm, 'kid': 's1'})}.{part(claims(corp))}"
        mac = hmac.new(secret, signing_input.encode(), "sha256").digest()

        refuse(trusting(corp), f"{signing_input}.{base64url(mac)}", why)


def test_a_private_key_that_an_issuer_publishes_by_mistake_signs_nothing(corp: OidcIssuer) -> None:
    private = jwk(key("P-256"), kid="k1", d=base64url(b"\1" * 32))
    corp.keys = [private]

    refuse(trusting(corp), signed(claims(corp), key("P-256"), "ES256", kid="k1"), "no such key")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_weak_key_signs_nothing(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA-1024"), kid="k1")]

    refuse(trusting(corp), signed(claims(corp), key("RSA-1024"), kid="k1"), "no such key")


def test_curves_and_algorithms_of_others_are_not_ours(corp: OidcIssuer) -> None:
    corp.keys = [
        {"kty": "EC", "crv": "secp256k1", "kid": "k1", "x": base64url(b"\1" * 32), "y": base64url(b"\2" * 32)},
        {"kty": "OKP", "crv": "X25519", "kid": "k1", "x": base64url(b"\1" * 32)},
        {"kty": "EC", "crv": "P-256", "kid": "k1", "x": base64url(b"\1" * 32), "y": base64url(b"\2" * 32)},
    ]
    verifier = trusting(corp)
    for algorithm, why in (("ES256K", "not accepted"), ("ES256", "no such key"), ("Ed448", "not accepted")):
        token = f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(claims(corp))}.{base64url(bytes(64))}"
        refuse(verifier, token, why)


def test_an_empty_ecdsa_signature_is_none(corp: OidcIssuer) -> None:
    """CVE-2022-21449: r = s = 0 fits every message where nobody looks."""
    corp.keys = [jwk(key("P-256"), kid="k1")]
    for signature in (bytes(64), b"\0", bytes(63), bytes(65), bytes(132)):
        token = f"{part({'alg': 'ES256', 'kid': 'k1'})}.{part(claims(corp))}.{base64url(signature)}"
        refuse(trusting(corp), token, "signature")


# --- keys that a token brings along (RFC 8725, 3.10) -------------------------------------------------------------


def test_a_key_in_the_token_is_not_looked_at(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    mine = key("RSA/attacker")
    with running_issuer() as elsewhere:
        elsewhere.keys = [jwk(mine, kid="k1")]
        for header in (
            {"jwk": jwk(mine, kid="k1")},
            {"jku": f"{elsewhere.url}/keys"},
            {"x5u": f"{elsewhere.url}/chain"},
            {"x5c": ["MIIB"]},
        ):
            refuse(verifier, signed(claims(corp), mine, kid="k1", **header), "signature")
            assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1", **header), NOW).user == "corp/alice"
        assert not elsewhere.requests


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": []}, {"crit": None}, {"b64": False}, {"crit": ["b64"], "b64": True}]
)
def test_what_must_be_understood_and_is_not_refuses(
    header: dict[str, object], corp: OidcIssuer, verifier: JwksTokenVerifier
) -> None:
    signing_input = f"{part({'alg': 'RS256', 'kid': 'k1', **header})}.{part(claims(corp))}"

    refuse(verifier, f"{signing_input}.{base64url(b'x')}", "extension")


# --- key ids -----------------------------------------------------------------------------------------------------


def test_without_a_key_id_the_only_fitting_key_is_meant(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"), kid="k1"), jwk(key("P-256"), kid="k2"), jwk(key("RSA/enc"), kid="k3", use="enc")]

    assert trusting(corp).verify(signed(claims(corp), key("RSA")), NOW).user == "corp/alice"


def test_without_a_key_id_there_is_no_guessing(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"), kid="k1"), jwk(key("RSA/2"), kid="k2")]

    refuse(trusting(corp), signed(claims(corp), key("RSA")), "which of its issuer's keys")


def test_a_key_without_an_id_is_not_named_by_one(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"))]

    refuse(trusting(corp), signed(claims(corp), key("RSA"), kid="k1"), "no such key")
    assert trusting(corp).verify(signed(claims(corp), key("RSA")), NOW).user == "corp/alice"


def test_two_keys_under_one_id_both_count(corp: OidcIssuer) -> None:
    corp.keys = [jwk(key("RSA"), kid="k1"), jwk(key("P-256"), kid="k1"), jwk(key("RSA/2"), kid="k1")]
    verifier = trusting(corp)

    for name, algorithm in (("RSA", "RS256"), ("RSA/2", "PS512"), ("P-256", "ES256")):
        assert verifier.verify(signed(claims(corp), key(name), algorithm, kid="k1"), NOW).user == "corp/alice"
    refuse(verifier, signed(claims(corp), key("RSA/attacker"), kid="k1"), "signature")


@pytest.mark.parametrize("key_id", [1, None, ["k1"], {"k1": 1}, True])
def test_a_key_id_is_text(key_id: object, corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = f"{part({'alg': 'RS256', 'kid': key_id})}.{part(claims(corp))}.{base64url(b'x')}"

    refuse(verifier, token, "key id")


@pytest.mark.parametrize("key_id", ["", "k2", "K1", "k1 ", "../k1", "' or 1=1", "\ud800"])
def test_a_key_id_is_matched_exactly(key_id: str, corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    refuse(verifier, signed(claims(corp), key("RSA"), kid=key_id), "no such key")


# --- issuers -----------------------------------------------------------------------------------------------------


def test_a_token_of_one_issuer_never_yields_a_name_of_another(corp: OidcIssuer) -> None:
    with running_issuer() as ci:
        ci.keys = [jwk(key("RSA/ci"), kid="k1")]
        verifier = trusting(corp, ci)

        assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
        assert verifier.verify(signed(claims(ci), key("RSA/ci"), kid="k1"), NOW).user == "corp1/alice"
        refuse(verifier, signed(claims(corp), key("RSA/ci"), kid="k1"), "signature")
        refuse(verifier, signed(claims(ci), key("RSA"), kid="k1"), "signature")


def test_a_name_with_a_slash_stays_behind_its_issuers_alias(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = signed(claims(corp, sub="local/administrator", groups=["github/x"]), key("RSA"), kid="k1")

    verified = verifier.verify(token, NOW)

    assert (verified.user, verified.user_groups) == ("corp/local/administrator", ("corp/github/x",))


def test_an_issuer_that_is_not_trusted_causes_no_request(corp: OidcIssuer) -> None:
    with running_issuer() as evil:
        evil.keys = [jwk(key("RSA/attacker"), kid="k1")]
        verifier = trusting(corp)
        for iss in (
            evil.url,
            f"{corp.url}/",
            corp.url.upper(),
            None,
            1,
            [corp.url],
            {"x": corp.url},
            f"{corp.url}\ud800",
        ):
            refuse(
                verifier,
                signed(claims(corp, iss=iss), key("RSA/attacker"), kid="k1"),
                "issuer of the token is not trusted",
            )
        assert not evil.requests
        assert not corp.requests


def test_without_any_trusted_issuer_nobody_is_believed(corp: OidcIssuer) -> None:
    refuse(JwksTokenVerifier({}), signed(claims(corp), key("RSA"), kid="k1"), "issuer of the token is not trusted")


# --- form --------------------------------------------------------------------------------------------------------


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


# --- traffic -----------------------------------------------------------------------------------------------------


def test_a_warm_process_fetches_once(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    for number in range(50):
        verifier.verify(signed(claims(corp, sub=f"user {number}"), key("RSA"), kid="k1"), NOW)

    assert corp.requests == {"/.well-known/openid-configuration": 1, "/keys": 1}


def test_a_thousand_made_up_key_ids_fetch_once(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    for number in range(1000):
        token = f"{part({'alg': 'RS256', 'kid': f'made up {number}'})}.{part(claims(corp))}.AAAA"
        refuse(verifier, token, "no such key")

    assert corp.fetched == 1
    assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"


def test_many_at_once_fetch_once_and_all_are_answered(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = signed(claims(corp), key("RSA"), kid="k1")

    with ThreadPoolExecutor(32) as pool:
        users = [verified.user for verified in pool.map(lambda _: verifier.verify(token, NOW), range(200))]

    assert users == ["corp/alice"] * 200
    assert corp.fetched == 1


def test_an_issuer_that_does_not_answer_refuses_its_own_tokens_only(corp: OidcIssuer) -> None:
    with running_issuer() as ci:
        ci.answers["/.well-known/openid-configuration"] = lambda: (500, {}, b"")
        verifier = trusting(corp, ci)

        for _ in range(20):
            with pytest.raises(IssuerUnreachableError, match="corp1"):
                verifier.verify(signed(claims(ci), key("RSA"), kid="k1"), NOW)
            assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
        assert ci.requests.total() == 2


def test_keys_may_be_named_without_discovery(corp: OidcIssuer) -> None:
    issuer = TrustedIssuer("corp", corp.url, ("signet",), "sub", jwks_uri=f"{corp.url}/keys")
    verifier = JwksTokenVerifier({corp.url: issuer})

    assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
    assert corp.requests == {"/keys": 1}
