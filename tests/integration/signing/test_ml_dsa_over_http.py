"""ML-DSA over HTTP: asked for, certified, imported, used, renewed, and verified by another implementation."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.integration.signing.signing_orders import OWNER, order
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import ML_DSA_ALGORITHMS, authority, in_base64, issue, unused_name
from tests.support.certificates.ml_dsa import is_signature, mu_of
from tests.support.services.actions import MESSAGE, a_policy, answer, ask, complete, renew, sign
from tests.support.services.dialects import Kms, Vault
from tests.support.services.over_http import Client, Service, assert_refused, at

NAME = "ML_DSA_SHAKE_256"
of_each = pytest.mark.parametrize("algorithm", ML_DSA_ALGORITHMS)


def certified(csr: str) -> bytes:
    """What a CA answers to a CSR that the openssl of this machine may not be able to read: PEM, with the path."""
    asked = x509.load_pem_x509_csr(csr.encode())
    assert is_signature(asked.public_key(), asked.tbs_certrequest_bytes, asked.signature)
    made = issue(public_key=asked.public_key(), name=asked.subject)
    return made.pem + authority().pem


def taken_in(admin: Client, algorithm: str) -> Any:
    """A certificate of alice's with its key."""
    return admin.good("POST", "/certificates", issue(algorithm=algorithm).body(owner=OWNER))


@of_each
def test_a_key_is_asked_for_certified_imported_and_used(algorithm: str, admin: Client, alice: Client) -> None:
    request = ask(admin, key_algorithm=algorithm, owner=alice.user)

    made = answer(admin, request, certified(request["csr"])).json

    assert (made["key_algorithm"], made["has_private_key"], made["warnings"]) == (algorithm, True, [])
    key = x509.load_der_x509_certificate(admin.get(at(made["id"], "download")).body).public_key()
    signed = sign(alice, made["id"], algorithm).json
    assert (signed["signing_algorithm"], signed["certificate_id"]) == (NAME, made["id"])
    assert is_signature(key, MESSAGE, b64decode(signed["signature"]))
    details = admin.good("GET", at(made["id"], "details"))["public_key"]
    bits = {"ML_DSA_44": 10496, "ML_DSA_65": 15616, "ML_DSA_87": 20736}[algorithm]
    assert (details["algorithm"], details["size"], details["curve"]) == (algorithm.replace("_", "-"), bits, None)


def test_what_was_hashed_before_is_signed_and_recorded_as_it_came(admin: Client, alice: Client) -> None:
    certificate = taken_in(admin, "ML_DSA_65")
    key = x509.load_der_x509_certificate(admin.get(at(certificate["id"], "download")).body).public_key()
    mu = mu_of(key, MESSAGE)

    made = alice.good("POST", at(certificate["id"], "sign"), order(NAME, mu, "EXTERNAL_MU"))

    assert is_signature(key, MESSAGE, b64decode(made["signature"]))
    (event,) = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    assert (event["detail"]["message_type"], event["detail"]["digest"]) == ("EXTERNAL_MU", mu.hex())
    assert admin.good("GET", at(certificate["id"]))["usage_count"] == 1


@pytest.mark.parametrize(
    ("algorithm", "name", "message", "kind", "code"),
    [
        ("ML_DSA_44", NAME, bytes(63), "EXTERNAL_MU", "digest_length"),
        ("ML_DSA_44", NAME, bytes(65), "EXTERNAL_MU", "digest_length"),
        ("ML_DSA_44", NAME, bytes(64), "DIGEST", "algorithm_mismatch"),
        ("ML_DSA_44", "ED25519_SHA_512", MESSAGE, "RAW", "algorithm_mismatch"),
        ("ECC_NIST_P256", NAME, MESSAGE, "RAW", "algorithm_mismatch"),
        ("ECC_NIST_P256", "ECDSA_SHA_512", bytes(64), "EXTERNAL_MU", "algorithm_mismatch"),
        ("ED25519", "ED25519_SHA_512", bytes(64), "EXTERNAL_MU", "algorithm_mismatch"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    algorithm: str, name: str, message: bytes, kind: str, code: str, signet: Service, admin: Client, alice: Client
) -> None:
    certificate = taken_in(admin, algorithm)

    with signet.nothing_stored():
        refused = alice.post(at(certificate["id"], "sign"), order(name, message, kind), key=unused_name())

    assert_refused(refused, 422, code)


def test_a_certificate_is_renewed_from_rsa_to_ml_dsa_and_its_policy_goes_on(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, key_algorithm="RSA_2048")
    old = complete(admin, ca, request)
    a_policy(admin, alice, what={"certificates": [old["id"]]})
    assert sign(alice, old["id"], "RSA_2048").status == 200

    renewal = renew(admin, old["id"], key_algorithm="ML_DSA_65")
    new = answer(admin, renewal, certified(renewal["csr"])).json

    assert (new["key_algorithm"], new["renews"], new["alias"]) == ("ML_DSA_65", old["id"], old["alias"])
    signed = sign(alice, new["id"], "ML_DSA_65")
    assert signed.status == 200, signed
    again = renew(admin, new["id"])
    assert x509.load_pem_x509_csr(again["csr"].encode()).signature_algorithm_oid.dotted_string.endswith(".4.3.18")


def test_clients_of_kms_sign_and_verify(signet: Service, admin: Client) -> None:
    certificate = taken_in(admin, "ML_DSA_87")
    kms, name = Kms(signet, "alice"), f"alias/{certificate['alias']}"

    key = kms.ask("GetPublicKey", KeyId=name).json
    public_key: Any = load_der_public_key(b64decode(key["PublicKey"]))
    assert (key["KeySpec"], key["SigningAlgorithms"]) == ("ML_DSA_87", [NAME])
    for kind, message in (("RAW", MESSAGE), ("EXTERNAL_MU", mu_of(public_key, MESSAGE))):
        asked = {"KeyId": name, "Message": in_base64(message), "MessageType": kind, "SigningAlgorithm": NAME}
        made = b64decode(kms.ask("Sign", **asked).json["Signature"])
        assert is_signature(public_key, MESSAGE, made)
        assert kms.ask("Verify", **asked, Signature=in_base64(made)).json["SignatureValid"] is True
        wrong = in_base64(made[:-1] + bytes((made[-1] ^ 1,)))
        refused = kms.ask("Verify", **asked, Signature=wrong)
        assert (refused.status, refused.json["__type"]) == (400, "KMSInvalidSignatureException")


def test_clients_of_transit_sign_and_verify(signet: Service, admin: Client) -> None:
    certificate = taken_in(admin, "ML_DSA_87")
    vault, name = Vault(signet, "alice"), certificate["alias"]

    key = vault.read(f"keys/{name}").json["data"]
    assert (key["type"], key["parameter_set"]) == ("ml-dsa", "87")
    public_key = x509.load_pem_x509_certificate(key["keys"]["1"]["certificate_chain"].encode()).public_key()
    made = vault.write(f"sign/{name}", {"input": in_base64(MESSAGE)}).json["data"]["signature"]
    assert is_signature(public_key, MESSAGE, b64decode(made.rpartition(":")[2]))
    for message, good in ((MESSAGE, True), (MESSAGE + b"!", False)):
        verified = vault.write(f"verify/{name}", {"input": in_base64(message), "signature": made})
        assert verified.json["data"]["valid"] is good
