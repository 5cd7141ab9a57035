"""Detached signatures in CMS, held to openssl."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from signet_cli import cms
from tests.support.certificates.issued import Issued, authority, issue
from tests.support.programs.pkcs11_program import ec_certificate, rsa_certificate

DATA = b"release 1.4\n"
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
ALGORITHMS = [
    *(f"RSASSA_PKCS1_V1_5_SHA_{bits}" for bits in HASHES),
    *(f"RSASSA_PSS_SHA_{bits}" for bits in HASHES),
    *(f"ECDSA_SHA_{bits}" for bits in HASHES),
]


def signer(issued: Issued, algorithm: str) -> Callable[[bytes], bytes]:
    chosen = HASHES[algorithm[-3:]]

    def sign(data: bytes) -> bytes:
        signature: bytes
        if algorithm.startswith("ECDSA"):
            signature = issued.key.sign(data, ec.ECDSA(chosen))
        elif algorithm.startswith("RSASSA_PSS"):
            signature = issued.key.sign(data, padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)
        else:
            signature = issued.key.sign(data, padding.PKCS1v15(), chosen)
        return signature

    return sign


def made(issued: Issued, algorithm: str) -> bytes:
    digest = hashlib.new(f"sha{algorithm[-3:]}", DATA).digest()
    return cms.detached(digest, algorithm, issued.certificate, [], signer(issued, algorithm))


def openssl_verifies(folder: Path, signature: bytes, data: bytes) -> bool:
    (folder / "root.pem").write_bytes(authority().pem)
    (folder / "signature.p7s").write_bytes(signature)
    (folder / "data").write_bytes(data)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.p7s", "-content", "data"]
    command += ["-CAfile", "root.pem", "-purpose", "any", "-out", "verified"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return done.returncode == 0 and (folder / "verified").read_bytes() == data


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_verifies_what_is_made_and_nothing_else(algorithm: str, tmp_path: Path) -> None:
    issued = ec_certificate() if algorithm.startswith("ECDSA") else rsa_certificate()
    signature = made(issued, algorithm)

    assert openssl_verifies(tmp_path, signature, DATA)
    assert not openssl_verifies(tmp_path, signature, b"release 1.5\n")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_made_is_read_back(algorithm: str) -> None:
    issued = ec_certificate() if algorithm.startswith("ECDSA") else rsa_certificate()
    parts = cms.signed_parts(made(issued, algorithm))

    assert parts.bits == algorithm[-3:]
    assert parts.digest == hashlib.new(f"sha{parts.bits}", DATA).digest()
    assert parts.algorithm_for("ECC_NIST_P256" if algorithm.startswith("ECDSA") else "RSA_2048") == algorithm


def test_a_serial_number_with_its_highest_bit_set_stays_positive(tmp_path: Path) -> None:
    issued = issue()
    while issued.certificate.serial_number.bit_length() % 8:
        issued = issue()

    assert openssl_verifies(tmp_path, made(issued, "ECDSA_SHA_256"), DATA)


@pytest.mark.parametrize("change", [lambda der: der[:-1], lambda der: b"", lambda der: der + der, lambda der: b"0\0"])
def test_what_is_no_detached_signature_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="detached CMS"):
        cms.signed_parts(change(made(ec_certificate(), "ECDSA_SHA_256")))
