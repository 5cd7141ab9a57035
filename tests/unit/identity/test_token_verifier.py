"""Genuine tokens are believed and others are not: RFC 8725, against an issuer with real keys."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signet.adapters.identity.issuer_keys import KEY_KINDS
from signet.adapters.identity.token_verifier import JwksTokenVerifier
from tests.support.services.oidc_issuer import OidcIssuer, base64url, jwk, key, part, running_issuer, signed
from tests.unit.identity.tokens import EXPIRY, NOW, claims, refuse, trusting

pytestmark = pytest.mark.clock


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
