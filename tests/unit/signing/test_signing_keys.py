"""Every signature that Signet makes is one that openssl accepts."""

import base64
import copy
import hashlib
import pickle
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from signet.adapters.cryptography.signing_keys import SigningKey
from signet.domain.errors import AlgorithmMismatchError, BrokenWrappedKeyError, DigestLengthError, InvalidInputError
from signet.domain.signing.digest import fitting
from signet.domain.signing.key_algorithm import (
    GENERATED_KEY_ALGORITHMS,
    SIGNING_ALGORITHMS,
    KeyFamily,
    SigningAlgorithm,
    family_of,
)
from tests.unit.signing.signing_material import DIGEST, MESSAGE, RAW, pkcs8


def openssl(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


def verdict_of_openssl(folder: Path, private_key: bytes, algorithm: SigningAlgorithm, signature: bytes) -> str:
    """What the openssl command line says of `signature` over MESSAGE, given the public key alone."""
    public_key = load_der_private_key(private_key, None).public_key()
    (folder / "public.pem").write_bytes(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "message").write_bytes(MESSAGE)
    (folder / "signature").write_bytes(signature)
    verify = ["pkeyutl", "-verify", "-pubin", "-inkey", folder / "public.pem", "-sigfile", folder / "signature"]
    if algorithm.family is KeyFamily.ED25519:
        answer = openssl(*verify, "-rawin", "-in", folder / "message")
    else:
        (folder / "digest").write_bytes(hashlib.new(algorithm.hash_name, MESSAGE).digest())
        verify += ["-in", folder / "digest", "-pkeyopt", f"digest:{algorithm.hash_name}"]
        if algorithm.pss:
            verify += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]
        answer = openssl(*verify)
    return (answer.stdout + answer.stderr).strip()


pairs = [
    (key_algorithm, algorithm)
    for key_algorithm in (*GENERATED_KEY_ALGORITHMS, "RSA_2176")
    for algorithm in SIGNING_ALGORITHMS.values()
    if algorithm.family is family_of(key_algorithm) is not KeyFamily.ML_DSA
]
"""All but those of ML-DSA, which the openssl of many machines does not know: see `test_ml_dsa.py`."""
prehashed_pairs = [pair for pair in pairs if pair[1].family is not KeyFamily.ED25519]


def of_every(pairs: list[tuple[str, SigningAlgorithm]]) -> pytest.MarkDecorator:
    """Run a test on each key type with each algorithm that fits it."""
    return pytest.mark.parametrize(("key_algorithm", "algorithm"), pairs, ids=[f"{k}-{a.name}" for k, a in pairs])


@pytest.mark.one_in(5)
@of_every(pairs)
def test_openssl_accepts_the_signature_of_a_message(
    key_algorithm: str, algorithm: SigningAlgorithm, keys: dict[str, bytes], tmp_path: Path
) -> None:
    signature = SigningKey.load(keys[key_algorithm]).sign(MESSAGE, algorithm, RAW)

    assert verdict_of_openssl(tmp_path, keys[key_algorithm], algorithm, signature) == "Signature Verified Successfully"


@pytest.mark.one_in(4)
@of_every(prehashed_pairs)
def test_openssl_accepts_the_signature_of_a_digest(
    key_algorithm: str, algorithm: SigningAlgorithm, keys: dict[str, bytes], tmp_path: Path
) -> None:
    digest = hashlib.new(algorithm.hash_name, MESSAGE).digest()

    signature = SigningKey.load(keys[key_algorithm]).sign(digest, algorithm, DIGEST)

    assert verdict_of_openssl(tmp_path, keys[key_algorithm], algorithm, signature) == "Signature Verified Successfully"


def test_openssl_dgst_accepts_a_signature_as_a_reader_of_the_manual_would_check_it(
    keys: dict[str, bytes], tmp_path: Path
) -> None:
    algorithm = SIGNING_ALGORITHMS["RSASSA_PSS_SHA_256"]
    signature = SigningKey.load(keys["RSA_2048"]).sign(MESSAGE, algorithm, RAW)
    verdict_of_openssl(tmp_path, keys["RSA_2048"], algorithm, signature)

    answer = openssl(
        *("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"),
        *("-verify", tmp_path / "public.pem", "-signature", tmp_path / "signature", tmp_path / "message"),
    )
    assert answer.stdout == "Verified OK\n"


def test_openssl_refuses_a_signature_over_something_else(keys: dict[str, bytes], tmp_path: Path) -> None:
    algorithm = SIGNING_ALGORITHMS["ECDSA_SHA_256"]
    signature = SigningKey.load(keys["ECC_NIST_P256"]).sign(MESSAGE + b"!", algorithm, RAW)

    assert "Verification Failure" in verdict_of_openssl(tmp_path, keys["ECC_NIST_P256"], algorithm, signature)


@pytest.mark.parametrize("key_algorithm", [*GENERATED_KEY_ALGORITHMS, "RSA_2176"])
def test_a_key_knows_what_it_is(key_algorithm: str, keys: dict[str, bytes]) -> None:
    key = SigningKey.load(keys[key_algorithm])
    public_key = load_der_private_key(keys[key_algorithm], None).public_key()
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert (key.algorithm, key.spki_sha256) == (key_algorithm, hashlib.sha256(spki).hexdigest().upper())


@pytest.mark.parametrize("key_algorithm", [*GENERATED_KEY_ALGORITHMS, "RSA_2176"])
@pytest.mark.parametrize("algorithm", SIGNING_ALGORITHMS.values(), ids=lambda algorithm: algorithm.name)
def test_an_algorithm_that_does_not_fit_the_key_is_refused(
    key_algorithm: str, algorithm: SigningAlgorithm, keys: dict[str, bytes]
) -> None:
    if algorithm.family is family_of(key_algorithm):
        assert fitting(algorithm.name, key_algorithm, RAW) is algorithm
        return
    with pytest.raises(AlgorithmMismatchError, match=f"{algorithm.name} does not fit"):
        fitting(algorithm.name, key_algorithm, RAW)
    with pytest.raises(AlgorithmMismatchError):
        SigningKey.load(keys[key_algorithm]).sign(MESSAGE, algorithm, RAW)


def test_ed25519_signs_no_digest(keys: dict[str, bytes]) -> None:
    algorithm = SIGNING_ALGORITHMS["ED25519_SHA_512"]
    with pytest.raises(AlgorithmMismatchError, match="RAW"):
        fitting(algorithm.name, "ED25519", DIGEST)
    with pytest.raises(AlgorithmMismatchError, match="RAW"):
        SigningKey.load(keys["ED25519"]).sign(hashlib.sha512(MESSAGE).digest(), algorithm, DIGEST)


@pytest.mark.parametrize("name", ["", "RSASSA_PSS_SHA_1", "ecdsa_sha_256", "none"])
def test_an_unknown_algorithm_is_bad_input(name: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        fitting(name, "RSA_2048", RAW)
    assert refusal.value.errors[0].field == "signing_algorithm"


@pytest.mark.parametrize("length", [0, 1, 20, 31, 33, 48, 64])
@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "ECC_NIST_P521"])
def test_a_digest_of_another_length_is_refused(key_algorithm: str, length: int, keys: dict[str, bytes]) -> None:
    name = "RSASSA_PKCS1_V1_5_SHA_256" if key_algorithm == "RSA_2048" else "ECDSA_SHA_256"
    with pytest.raises(DigestLengthError, match=f"32 bytes long; this one is {length}"):
        SigningKey.load(keys[key_algorithm]).sign(b"x" * length, SIGNING_ALGORITHMS[name], DIGEST)


@pytest.mark.parametrize(
    "sent",
    [b"0123456789abcdef" * 4, base64.b64decode("0123456789abcdef" * 4)],
    ids=["the digits in base64", "the digits for base64"],
)
def test_a_digest_in_hex_is_told_to_be_sent_as_bytes(sent: bytes, keys: dict[str, bytes]) -> None:
    key = SigningKey.load(keys["ECC_NIST_P256"])
    with pytest.raises(DigestLengthError, match="base64, not their hexadecimal digits"):
        key.sign(sent, SIGNING_ALGORITHMS["ECDSA_SHA_256"], DIGEST)
    with pytest.raises(DigestLengthError) as other:
        key.sign(sent[:-1], SIGNING_ALGORITHMS["ECDSA_SHA_256"], DIGEST)
    assert "hex" not in str(other.value)


def test_an_empty_message_can_be_signed(keys: dict[str, bytes]) -> None:
    for key_algorithm, algorithm in pairs:
        assert SigningKey.load(keys[key_algorithm]).sign(b"", algorithm, RAW)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "name",
    [
        "asymmetric/EC/high-bit-set.pem",
        "asymmetric/EC/secp384r1-explicit-seed.pem",
        "asymmetric/EC/secp521r1-explicit-no-seed.pem",
        "asymmetric/Ed25519/ed25519-pkcs8.pem",
        "asymmetric/PKCS8/ecc_private_with_rfc5915_ext.pem",
        "asymmetric/Traditional_OpenSSL_Serialization/testrsa.pem",
        "x509/custom/ca/ca_key.pem",
        "x509/custom/ca/rsa_key.pem",
    ],
)
def test_keys_that_no_one_here_made_sign(name: str, tmp_path: Path) -> None:
    path = Path(cryptography_vectors.__file__).parent / name
    private_key = pkcs8(load_pem_private_key(path.read_bytes(), None))
    key = SigningKey.load(private_key)
    for algorithm in SIGNING_ALGORITHMS.values():
        if algorithm.family is family_of(key.algorithm):
            verdict = verdict_of_openssl(tmp_path, private_key, algorithm, key.sign(MESSAGE, algorithm, RAW))
            assert verdict == "Signature Verified Successfully"


@pytest.mark.parametrize(
    "make",
    [
        partial(dsa.generate_private_key, 1024),
        partial(ec.generate_private_key, ec.SECP256K1()),
        partial(ec.generate_private_key, ec.BrainpoolP256R1()),
    ],
    ids=["DSA", "secp256k1", "brainpool"],
)
def test_a_stored_key_of_another_kind_is_a_fault(make: Callable[[], Any]) -> None:
    key = pkcs8(make())
    with pytest.raises(BrokenWrappedKeyError):
        SigningKey.load(key)


def test_a_signing_key_shows_nothing_of_itself(keys: dict[str, bytes]) -> None:
    key = SigningKey.load(keys["ED25519"])

    assert repr(key) == f"SigningKey(algorithm='ED25519', spki_sha256='{key.spki_sha256}')"


def test_a_signing_key_cannot_be_pickled_or_copied(keys: dict[str, bytes]) -> None:
    key = SigningKey.load(keys["ED25519"])
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="stays where it was loaded"):
            take(key)
