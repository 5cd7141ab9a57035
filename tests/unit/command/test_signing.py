"""A signature is verified with the certificate alone, whatever its key."""

import datetime as dt
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from signet_cli.errors import UsageError
from signet_cli.signing import verify_digest

DIGEST, OTHER = hashlib.sha256(b"release").digest(), hashlib.sha256(b"another").digest()
PREHASHED = Prehashed(hashes.SHA256())
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
SIGNATURES = {
    "RSASSA_PSS_SHA_256": RSA.sign(DIGEST, PSS, PREHASHED),
    "RSASSA_PKCS1_V1_5_SHA_256": RSA.sign(DIGEST, padding.PKCS1v15(), PREHASHED),
    "ECDSA_SHA_256": EC.sign(DIGEST, ec.ECDSA(PREHASHED)),
}


def certificate(algorithm: str) -> x509.Certificate:
    key = EC if algorithm.startswith("ECDSA") else RSA
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day + dt.timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize("algorithm", SIGNATURES)
def test_a_signature_is_good_for_what_was_signed_and_for_nothing_else(algorithm: str) -> None:
    assert verify_digest(certificate(algorithm), algorithm, DIGEST, SIGNATURES[algorithm])
    assert not verify_digest(certificate(algorithm), algorithm, OTHER, SIGNATURES[algorithm])


def test_an_algorithm_of_another_kind_of_key_verifies_nothing() -> None:
    with pytest.raises(UsageError):
        verify_digest(certificate("RSASSA_PSS_SHA_256"), "ECDSA_SHA_256", DIGEST, SIGNATURES["ECDSA_SHA_256"])
