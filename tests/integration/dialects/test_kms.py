"""Clients of AWS KMS sign with certificates: same rights, same records, their own form of errors."""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import KEY_ALGORITHMS, issue
from tests.support.services.dialects import MESSAGE, Kms, b64, flipped, openssl_takes, pem_of, uses_of
from tests.support.services.over_http import Client, Response, Service, at

OWNER = "local/alice"
SPECS = {"ED25519": "ECC_NIST_EDWARDS25519"}


@pytest.fixture
def kms(signet: Service) -> Kms:
    """Alice, by the tools of AWS."""
    return Kms(signet, "alice")


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's, with an RSA key."""
    return admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER)


def assert_exception(response: Response, kind: str, status: int = 400) -> str:
    """The answer is this exception of KMS, in full; its text."""
    assert (response.status, response.json["__type"]) == (status, kind), response
    assert response.headers["x-amzn-errortype"] == kind
    assert response.headers["content-type"] == "application/x-amz-json-1.1"
    assert set(response.json) == {"__type", "message"}
    return str(response.json["message"])


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_openssl_takes_what_is_signed_and_nothing_that_differs_in_a_bit(
    algorithm: str, admin: Client, kms: Kms, tmp_path: Path
) -> None:
    certificate = admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)
    name = f"alias/{certificate['alias']}"
    key = kms.ask("GetPublicKey", KeyId=name).json
    metadata = kms.ask("DescribeKey", KeyId=certificate["id"]).json["KeyMetadata"]
    assert key["KeySpec"] == metadata["KeySpec"] == SPECS.get(algorithm, algorithm)
    assert key["SigningAlgorithms"] == metadata["SigningAlgorithms"]
    public = pem_of(b64decode(key["PublicKey"]))

    for signing in key["SigningAlgorithms"]:
        digest = "" if algorithm == "ED25519" else f"sha{signing[-3:]}"
        kinds = {"RAW": MESSAGE} if not digest else {"RAW": MESSAGE, "DIGEST": hashlib.new(digest, MESSAGE).digest()}
        for kind, message in kinds.items():
            asked = {"KeyId": name, "Message": b64(message), "MessageType": kind, "SigningAlgorithm": signing}
            made = kms.ask("Sign", **asked)
            signature = b64decode(made.json["Signature"])
            assert (made.json["KeyId"], made.json["SigningAlgorithm"]) == (certificate["id"], signing)
            assert openssl_takes(public, digest, "PSS" in signing, signature, MESSAGE, tmp_path)
            assert not openssl_takes(public, digest, "PSS" in signing, flipped(signature), MESSAGE, tmp_path)
            assert kms.ask("Verify", **asked, Signature=b64(signature)).json["SignatureValid"] is True
            wrong = kms.ask("Verify", **asked, Signature=b64(flipped(signature)))
            assert_exception(wrong, "KMSInvalidSignatureException")

    made_in_all = len(key["SigningAlgorithms"]) * (1 if algorithm == "ED25519" else 2)
    assert uses_of(admin, certificate) == (made_in_all, made_in_all)


GOOD = {"Message": b64(MESSAGE), "SigningAlgorithm": "RSASSA_PSS_SHA_256"}


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"Message": "?"}, "ValidationException", "base64"),
        ({"Message": ""}, "ValidationException", "Message"),
        ({"Message": b64(bytes(4097))}, "ValidationException", "Message"),
        ({"Message": None}, "ValidationException", "Message"),
        ({"MessageType": "MU"}, "ValidationException", "MessageType"),
        ({"MessageType": "EXTERNAL_MU"}, "InvalidKeyUsageException", "RAW or DIGEST"),
        ({"MessageType": "DIGEST"}, "ValidationException", "bytes long"),
        ({"SigningAlgorithm": "ROT13"}, "ValidationException", "SigningAlgorithm"),
        ({"SigningAlgorithm": "ECDSA_SHA_256"}, "InvalidKeyUsageException", "does not fit"),
        ({"GrantTokens": ["a"]}, "ValidationException", "policies"),
        ({"Signature": "AAAA"}, "ValidationException", "not a parameter of Sign"),
        ({"Padding": "zeros"}, "ValidationException", "Padding"),
        ({"KeyId": "alias/nothing"}, "NotFoundException", "nothing"),
        ({"KeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}, "NotFoundException", "nothing"),
        ({"KeyId": None}, "ValidationException", "KeyId"),
        ({"DryRun": True}, "DryRunOperationException", "would have succeeded"),
    ],
)
def test_what_cannot_be_done_is_told_as_kms_tells_it_and_nothing_is_signed(
    change: dict[str, Any], kind: str, said: str, admin: Client, mine: dict[str, Any], kms: Kms
) -> None:
    text = assert_exception(kms.ask("Sign", **{"KeyId": mine["id"], **GOOD, **change}), kind)

    assert said in text
    assert uses_of(admin, mine) == (0, 0)


def test_a_repeat_with_its_idempotency_key_is_answered_the_same_signature(
    admin: Client, mine: dict[str, Any], kms: Kms
) -> None:
    headers = kms.headers("TrentService.Sign") | {"Idempotency-Key": mine["id"]}

    first, again = (kms.send("POST", "/", {"KeyId": mine["id"], **GOOD}, headers) for _ in range(2))

    assert first.status == 200
    assert first.json == again.json
    assert uses_of(admin, mine) == (1, 1)


def test_states_and_rights_are_told_by_the_names_that_kms_has_for_them(
    signet: Service, admin: Client, kms: Kms
) -> None:
    disabled, with_reason, with_pin = (
        admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER, **fields)
        for fields in ({}, {"ask_for_reason": True}, {"pin": "2468"})
    )
    admin.post(at(disabled["id"], "disable"))
    viewer, stranger = Kms(signet, "admin", "administrators"), Kms(signet, "mallory")

    def sign(by: Kms, certificate: dict[str, Any]) -> Response:
        return by.ask("Sign", KeyId=certificate["id"], **GOOD)

    assert_exception(sign(kms, disabled), "DisabledException")
    assert kms.ask("DescribeKey", KeyId=disabled["id"]).json["KeyMetadata"]["KeyState"] == "Disabled"
    assert "client of Signet" in assert_exception(sign(kms, with_reason), "AccessDeniedException")
    assert "PIN" in assert_exception(sign(kms, with_pin), "AccessDeniedException")
    assert_exception(sign(viewer, admin.import_certificate(issue(algorithm="RSA_2048"))), "AccessDeniedException")
    for action, parameters in (("Sign", GOOD), ("GetPublicKey", {}), ("DescribeKey", {})):
        assert_exception(stranger.ask(action, KeyId=with_pin["id"], **parameters), "NotFoundException")


def test_a_token_that_is_none_or_has_ended_is_refused_as_aws_refuses_it(signet: Service, kms: Kms) -> None:
    ended, nobody = Kms(signet, "alice", expires_in=-60), Kms(signet, "alice")
    nobody.token = "FwoGZXIvYXdzEB"

    assert_exception(ended.ask("DescribeKey", KeyId="alias/any"), "UnrecognizedClientException")
    assert_exception(nobody.ask("DescribeKey", KeyId="alias/any"), "UnrecognizedClientException")
    headers = kms.headers("TrentService.DescribeKey")
    del headers["X-Amz-Security-Token"]
    assert kms.send("POST", "/", {}, headers).status == 401


@pytest.mark.parametrize("target", ["TrentService.CreateKey", "DynamoDB_20120810.Sign", "Sign", ""])
def test_other_actions_are_not_answered_here(target: str, mine: dict[str, Any], kms: Kms) -> None:
    answer = kms.send("POST", "/", {"KeyId": mine["id"]}, kms.headers(target))

    assert_exception(answer, "UnsupportedOperationException")


def test_what_is_no_json_is_a_serialization_exception(kms: Kms) -> None:
    assert_exception(kms.send("POST", "/", b"{", kms.headers("TrentService.Sign")), "SerializationException")
