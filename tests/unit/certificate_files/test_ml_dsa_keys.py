"""Keys of ML-DSA: what NIST's known answers say of them, the forms of RFC 9881, and seeds that are no secret."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from signet.adapters.certificate_files.keys.ml_dsa_keys import expanded_private_key
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.issued import ML_DSA_ALGORITHMS, a_key, issue
from tests.support.certificates.ml_dsa import expanded_of
from tests.unit.certificate_files.reading import read, refusal, refused

ROOT = Path(cryptography_vectors.__file__).parent / "asymmetric" / "MLDSA"
OIDS = {name: f"2.16.840.1.101.3.4.3.{number}" for name, number in zip(ML_DSA_ALGORITHMS, (17, 18, 19), strict=True)}
of_each = pytest.mark.parametrize("algorithm", ML_DSA_ALGORITHMS)


def known_answers(algorithm: str) -> Iterator[dict[str, str]]:
    """Seed, public and expanded private key of each known answer, in hex."""
    found: dict[str, str] = {}
    for line in (ROOT / f"kat_MLDSA_{algorithm[-2:]}_det_pure.rsp").read_text().splitlines():
        name, _, value = line.partition(" = ")
        found[name] = value
        if name == "smlen":
            yield found


@of_each
def test_a_seed_is_expanded_as_the_known_answers_have_it(algorithm: str) -> None:
    answers = list(known_answers(algorithm))[:20]
    assert len(answers) == 20
    for known in answers:
        made = expanded_private_key(algorithm, bytes.fromhex(known["xi"]), bytes.fromhex(known["pk"]))
        assert made.hex() == known["sk"].lower()


@of_each
def test_another_implementation_expands_a_seed_in_the_same_way(algorithm: str) -> None:
    key = a_key(algorithm)
    seed, public_key = key.private_bytes_raw(), key.public_key()

    assert expanded_private_key(algorithm, seed, public_key.public_bytes_raw()) == expanded_of(public_key, seed)


def pkcs8(algorithm: str, inner: bytes) -> bytes:
    return forged.sequence(
        forged.integer(0), forged.sequence(forged.oid(OIDS[algorithm])), element(tags.OCTET_STRING, inner)
    )


def pem(algorithm: str, inner: bytes) -> str:
    return forged.pem_key(pkcs8(algorithm, inner))


def both(seed: bytes, expanded: bytes) -> bytes:
    return forged.sequence(element(tags.OCTET_STRING, seed), element(tags.OCTET_STRING, expanded))


def seed_alone(seed: bytes) -> bytes:
    return element(tags.context(0, constructed=False), seed)


def expanded(key: Any, algorithm: str) -> bytes:
    return expanded_private_key(algorithm, key.private_bytes_raw(), key.public_key().public_bytes_raw())


@of_each
def test_the_seed_alone_and_the_seed_with_what_it_expands_to_come_in_as_the_seed(algorithm: str) -> None:
    issued = issue("It", algorithm=algorithm)
    seed = issued.key.private_bytes_raw()

    for inner in (seed_alone(seed), both(seed, expanded(issued.key, algorithm))):
        file = read(issued.pem, private_key=pem(algorithm, inner))
        assert file.facts.key_algorithm == algorithm
        assert file.private_key == pkcs8(algorithm, seed_alone(seed))
        loaded = load_der_private_key(file.private_key, None)
        assert loaded.public_key() == issued.key.public_key()
    bags = forged.bag(forged.KEY_BAG, pkcs8(algorithm, seed_alone(seed))), forged.certificate_bag(issued.der)
    assert read(forged.pkcs12(forged.open_part(*bags))).private_key == pkcs8(algorithm, seed_alone(seed))


@of_each
def test_what_was_expanded_from_another_seed_is_refused(algorithm: str) -> None:
    issued = issue("It", algorithm=algorithm)
    seed, good = issued.key.private_bytes_raw(), expanded(issued.key, algorithm)
    for wrong in (
        expanded(a_key(algorithm), algorithm),
        good[:-1],
        good + b"\0",
        b"",
        *(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :] for at in (0, 40, 70, 130, len(good) - 1)),
    ):
        code, text = refused(issued.pem, private_key=pem(algorithm, both(seed, wrong)))
        assert (code, text) == ("unreadable_file", "The two forms of the ML-DSA key are not of the same key.")


@of_each
def test_what_was_expanded_is_not_supported_without_its_seed(algorithm: str) -> None:
    issued = issue("It", algorithm=algorithm)
    alone = element(tags.OCTET_STRING, expanded(issued.key, algorithm))

    code, text = refused(issued.pem, private_key=pem(algorithm, alone))

    assert (code, "without its seed" in text) == ("unsupported_key", True)


def test_a_file_of_another_tool_without_a_seed_is_not_supported() -> None:
    issued = issue("It", algorithm="ML_DSA_65")
    content = (ROOT / "mldsa65_noseed_priv.der").read_bytes()

    assert refusal(issued.pem, private_key=forged.pem_key(content)) == "unsupported_key"


@of_each
def test_the_key_of_another_certificate_or_kind_is_refused(algorithm: str) -> None:
    issued = issue("It", algorithm=algorithm)
    assert refusal(issued.pem, private_key=issue("Other", algorithm=algorithm).key_pem()) == "key_mismatch"
    other = ML_DSA_ALGORITHMS[ML_DSA_ALGORITHMS.index(algorithm) - 1]
    seed = seed_alone(issued.key.private_bytes_raw())
    assert refusal(issued.pem, private_key=pem(other, seed)) == "key_mismatch"


@pytest.mark.parametrize(
    "inner",
    [
        seed_alone(b""),
        seed_alone(bytes(range(7, 38))),
        seed_alone(bytes(range(7, 40))),
        element(tags.context(1, constructed=False), bytes(32)),
        element(tags.INTEGER, bytes(32)),
        forged.sequence(element(tags.OCTET_STRING, b"x" * 32)),
        b"",
        b"\x80\x20",
    ],
    ids=["empty", "31 bytes", "33 bytes", "another choice", "a number", "half of both", "nothing", "cut off"],
)
def test_what_is_no_key_of_ml_dsa_is_unreadable(inner: bytes) -> None:
    issued = issue("It", algorithm="ML_DSA_44")

    assert refusal(issued.pem, private_key=pem("ML_DSA_44", inner)) == "unreadable_file"


@of_each
@pytest.mark.parametrize(
    "seed", [bytes(32), b"a" * 32, bytes(range(32)), bytes(31) + b"\7"], ids=["zeros", "letters", "RFC 9881", "seven"]
)
def test_a_key_of_a_plain_seed_is_weak_with_and_without_the_seed(algorithm: str, seed: bytes) -> None:
    classes: dict[str, Any] = {
        "ML_DSA_44": mldsa.MLDSA44PrivateKey,
        "ML_DSA_65": mldsa.MLDSA65PrivateKey,
        "ML_DSA_87": mldsa.MLDSA87PrivateKey,
    }
    issued = issue("It", key=classes[algorithm].from_seed_bytes(seed))

    assert refusal(issued.der) == "weak_key"
    assert refusal(issued.pem, private_key=issued.key_pem()) == "weak_key"


@pytest.mark.parametrize("length", [0, 1, 1311, 1313, 1952, 3000])
def test_a_public_key_of_another_length_is_unreadable(length: int) -> None:
    algorithm = forged.sequence(forged.oid(OIDS["ML_DSA_44"]))
    info = forged.sequence(algorithm, element(tags.BIT_STRING, b"\0" + b"\x5a" * length))

    assert refusal(forged.certificate_of(public_info=info)) == "unreadable_file"


def test_an_algorithm_of_ml_dsa_has_no_parameters() -> None:
    key = a_key("ML_DSA_44").public_key().public_bytes_raw()
    algorithm = forged.sequence(forged.oid(OIDS["ML_DSA_44"]), element(tags.NULL))
    info = forged.sequence(algorithm, element(tags.BIT_STRING, b"\0" + key))

    assert refusal(forged.certificate_of(public_info=info)) == "unreadable_file"


def test_the_path_above_a_certificate_is_found_by_signatures_of_ml_dsa() -> None:
    root = issue("Root of lattices", algorithm="ML_DSA_87", ca=True)
    sub = issue("Sub", algorithm="ML_DSA_65", issuer=root, ca=True)
    leaf = issue("Leaf", algorithm="RSA_2048", issuer=sub)
    # Two that only the signature tells apart.
    forger = issue("Sub", algorithm="ML_DSA_65", issuer=root, ca=True)

    file = read(leaf.pem + forger.pem + sub.pem + root.pem + leaf.key_pem())

    assert file.chain[:2] == (sub.der, root.der)
