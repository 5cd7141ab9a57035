"""Signing over HTTP: every algorithm on every key, by openssl's word; and orders that are not as they must be."""

import hashlib
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.integration.signing.signing_orders import ALGORITHMS, MESSAGE, OWNER, digest, fitting, order
from tests.support.certificates.issued import KEY_ALGORITHMS, issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.fixture(scope="module")
def of_each_kind(admin: Client) -> Mapping[str, dict[str, Any]]:
    """A certificate of alice's for every key algorithm, and one of an unusual length."""
    return {
        algorithm: admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)
        for algorithm in (*KEY_ALGORITHMS, "RSA_2056")
    }


@cache
def public_key(certificate: bytes, folder: Path) -> Path:
    """The public key that openssl finds in a downloaded certificate."""
    file = folder / f"{hashlib.sha256(certificate).hexdigest()}.pem"
    shown = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=certificate, capture_output=True, check=True
    )
    file.write_bytes(shown.stdout)
    return file


def openssl_verifies(certificate: bytes, algorithm: str, signature: bytes, message: bytes, folder: Path) -> bool:
    """Whether the `openssl` command line takes `signature` for the holder's of `certificate`."""
    (folder / "signature").write_bytes(signature)
    (folder / "message").write_bytes(message)
    key = public_key(certificate, folder)
    if algorithm == "ED25519_SHA_512":
        command = [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            str(key),
            "-rawin",
            "-sigfile",
            "signature",
            "-in",
            "message",
        ]
    else:
        # The salt as long as the digest, and no other.
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if "PSS" in algorithm else []
        command = ["dgst", f"-sha{algorithm[-3:]}", *pss, "-verify", str(key), "-signature", "signature", "message"]
    return subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.one_in(7)
@pytest.mark.parametrize(
    ("key_algorithm", "algorithm", "kind"),
    [
        (key, algorithm, kind)
        for key in (*KEY_ALGORITHMS, "RSA_2056")
        for algorithm in fitting(key)
        for kind in ("RAW", "DIGEST")
        if (algorithm, kind) != ("ED25519_SHA_512", "DIGEST")
    ],
)
def test_openssl_accepts_every_signature(
    key_algorithm: str, algorithm: str, kind: str, of_each_kind: Mapping[str, Any], alice: Client, tmp_path: Path
) -> None:
    certificate = of_each_kind[key_algorithm]
    message = MESSAGE if kind == "RAW" else digest(algorithm)

    made = alice.good("POST", at(certificate["id"], "sign"), order(algorithm, message, kind))

    downloaded = alice.get(at(certificate["id"], "download")).body
    assert openssl_verifies(downloaded, algorithm, b64decode(made["signature"]), MESSAGE, tmp_path)
    assert not openssl_verifies(downloaded, algorithm, b64decode(made["signature"]), MESSAGE + b"!", tmp_path)
    assert made["signing_algorithm"] == algorithm
    assert made["certificate_id"] == certificate["id"]
    assert made["thumbprint_sha256"] == hashlib.sha256(downloaded).hexdigest().upper()


@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ED25519"])
def test_an_algorithm_that_does_not_fit_the_key_is_refused(
    key_algorithm: str, of_each_kind: Mapping[str, Any], signet: Service, alice: Client
) -> None:
    path = at(of_each_kind[key_algorithm]["id"], "sign")
    wrong = [name for name in ALGORITHMS if name not in fitting(key_algorithm)]

    with signet.nothing_stored():
        for algorithm in wrong:
            assert_refused(alice.post(path, order(algorithm), key=unused_name()), 422, "algorithm_mismatch")
            assert_refused(alice.post(path, order(algorithm, dry_run=True)), 422, "algorithm_mismatch")


def test_ed25519_signs_messages_and_no_digests(of_each_kind: Mapping[str, Any], signet: Service, alice: Client) -> None:
    path = at(of_each_kind["ED25519"]["id"], "sign")

    with signet.nothing_stored():
        refused = alice.post(path, order("ED25519_SHA_512", digest("SHA_512"), "DIGEST"))

    assert_refused(refused, 422, "algorithm_mismatch")


@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "ECC_NIST_P384"])
def test_a_digest_is_as_long_as_the_algorithms_hash(
    key_algorithm: str, of_each_kind: Mapping[str, Any], signet: Service, alice: Client
) -> None:
    path = at(of_each_kind[key_algorithm]["id"], "sign")

    with signet.nothing_stored():
        for algorithm in fitting(key_algorithm):
            right = int(algorithm[-3:]) // 8
            for length in {0, 1, 20, 32, 48, 64, right - 1, right + 1, 4096} - {right}:
                for more in ({}, {"dry_run": True}):
                    refused = alice.post(path, order(algorithm, bytes(length), "DIGEST", **more))
                    assert_refused(refused, 422, "digest_length")


def test_a_message_of_four_mebibytes_is_signed_and_a_longer_one_is_not(
    mine: dict[str, Any], signet: Service, alice: Client, tmp_path: Path
) -> None:
    message = bytes(4 * 1024 * 1024)
    path = at(mine["id"], "sign")

    made = alice.good("POST", path, order(message=message))
    with signet.nothing_stored():
        assert_refused(alice.post(path, order(message=message + b"\0")), 413, "message_too_large")
        assert_refused(alice.post(path, order(message=message + bytes(100_000))), 413, "message_too_large")
        assert alice.post(path, order(message=message + message)).status == 413

    certificate = alice.get(at(mine["id"], "download")).body
    assert openssl_verifies(certificate, "ECDSA_SHA_256", b64decode(made["signature"]), message, tmp_path)


BAD_ORDERS: list[tuple[str, Any]] = [
    ("message", None),
    ("message", 7),
    ("message", "not base64"),
    ("message", "QQ"),
    ("message", "QQ==\n"),
    ("message", "-_-_"),
    ("message_type", "raw"),
    ("message_type", None),
    ("message_type", "HASH"),
    ("signing_algorithm", "RSASSA_PSS_SHA_1"),
    ("signing_algorithm", "none"),
    ("signing_algorithm", ""),
    ("signing_algorithm", None),
    ("signing_algorithm", "ecdsa_sha_256"),
    ("reason", 7),
    ("reason", "x" * 1025),
    ("pin", 1234),
    ("pin", "x" * 257),  # longer than any PIN before it is composed (NFC)
    ("dry_run", "true"),
    ("dry_run", None),
    ("application", "signtool"),
    ("application", []),
    ("application.process", {"process": 7}),
    ("application.process", {"process": "x" * 256}),
    ("application.command_line", {"command_line": "x" * 65537}),
    ("application.user", {"user": "root"}),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("name", "value"), BAD_ORDERS, ids=[f"{n}={str(v)[:20]!r}" for n, v in BAD_ORDERS])
def test_an_order_that_is_not_as_it_must_be_is_refused(
    name: str, value: Any, mine: dict[str, Any], signet: Service, alice: Client
) -> None:
    with signet.nothing_stored():
        refused = alice.post(at(mine["id"], "sign"), {**order(), name.partition(".")[0]: value})

    assert_refused(refused, 422, "invalid_input", name)


@pytest.mark.parametrize("name", ["message", "message_type", "signing_algorithm"])
def test_what_an_order_must_say_is_required(name: str, mine: dict[str, Any], signet: Service, alice: Client) -> None:
    short = {key: value for key, value in order().items() if key != name}

    with signet.nothing_stored():
        assert_refused(alice.post(at(mine["id"], "sign"), short), 422, "invalid_input", name)
