"""openssl accepts every request that Signet makes, and reads in it what was ordered."""

import hashlib
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from signet.adapters.cryptography.certificate_signing_requests import build_csr, pem_of_csr
from signet.adapters.cryptography.private_keys import NewPrivateKey, generate_private_key
from signet.domain.errors import UnsupportedKeyError
from signet.domain.signing.key_algorithm import GENERATED_KEY_ALGORITHMS
from signet.domain.signing_requests.csr_command import parse_csr_order
from signet.domain.x509.extended_key_usage import EXTENDED_KEY_USAGES
from tests.support.certificates.issued import KEY_ALGORITHMS, ML_DSA_ALGORITHMS
from tests.support.certificates.ml_dsa import is_signature
from tests.unit.x509.csr_reading import NAMES, read_by_openssl


@pytest.mark.parametrize("key_algorithm", GENERATED_KEY_ALGORITHMS)
def test_a_new_key_is_what_was_asked_for_and_sound(key_algorithm: str, keys: dict[str, NewPrivateKey]) -> None:
    made = keys[key_algorithm]
    key = load_der_private_key(made.pkcs8, None)  # Checks an RSA key, primes and all.
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert made.key_algorithm == key_algorithm
    assert made.spki_sha256 == hashlib.sha256(spki).hexdigest().upper()
    assert len(made.pkcs8) <= 4096


def test_two_keys_differ() -> None:
    assert generate_private_key("ED25519").spki_sha256 != generate_private_key("ED25519").spki_sha256


def test_a_new_key_does_not_show_itself(keys: dict[str, NewPrivateKey]) -> None:
    assert re.fullmatch(r"NewPrivateKey\(key_algorithm='ED25519', spki_sha256='[0-9A-F]{64}'\)", repr(keys["ED25519"]))


@pytest.mark.parametrize("key_algorithm", ["", "RSA_1024", "RSA_2176", "ECC_SECG_P256K1", "DSA"])
def test_no_other_keys_are_made(key_algorithm: str) -> None:
    with pytest.raises(ValueError, match="made here"):
        generate_private_key(key_algorithm)


@pytest.mark.parametrize("hash_name", ["SHA_256", "SHA_384", "SHA_512"])
@pytest.mark.parametrize("key_algorithm", KEY_ALGORITHMS)
def test_openssl_reads_what_was_ordered(
    key_algorithm: str, hash_name: str, keys: dict[str, NewPrivateKey], tmp_path: Path
) -> None:
    order = parse_csr_order(
        key_algorithm=key_algorithm,
        hash=hash_name,
        distinguished_name="CN=Lučić\\, Ana+UID=ana,OU=Релиз,O=Example Corp,C=HR",
        subject_alternative_names=NAMES,
        extended_key_usage=["code_signing", "document_signing", "1.2.3.4"],
    )

    text = read_by_openssl(build_csr(order, keys[key_algorithm].pkcs8), tmp_path)

    # RFC 2253 is RFC 4514's forerunner.
    assert "Subject: CN=Lučić\\, Ana+UID=ana,OU=Релиз,O=Example Corp,C=HR\n" in text
    assert (
        "DNS:example.com, DNS:*.example.com, email:release@example.com, URI:urn:example:release, "
        "URI:https://example.com/a?b=c, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7\n"
    ) in text
    assert re.search(r"Extended Key Usage: \n\s+Code Signing, (1\.3\.6\.1\.5\.5\.7\.3\.36|\S.*), 1\.2\.3\.4\n", text)
    bits = hash_name.removeprefix("SHA_")
    signature = (
        "ED25519"
        if key_algorithm == "ED25519"
        else f"sha{bits}WithRSAEncryption"
        if key_algorithm.startswith("RSA")
        else f"ecdsa-with-SHA{bits}"
    )
    assert f"Signature Algorithm: {signature}\n" in text


def test_another_reader_reads_the_same(keys: dict[str, NewPrivateKey]) -> None:
    order = parse_csr_order(
        key_algorithm="ECC_NIST_P256",
        subject={"common_name": "Example", "country": "US"},
        subject_alternative_names=NAMES,
        extended_key_usage=list(EXTENDED_KEY_USAGES),
    )
    csr = x509.load_der_x509_csr(build_csr(order, keys["ECC_NIST_P256"].pkcs8))

    assert csr.is_signature_valid
    assert csr.subject.rfc4514_string() == order.subject.text == "CN=Example,C=US"
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == NAMES["dns"]
    assert names.value.get_values_for_type(x509.RFC822Name) == NAMES["email"]
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == NAMES["uri"]
    assert [str(address) for address in names.value.get_values_for_type(x509.IPAddress)] == NAMES["ip"]
    assert not names.critical
    usages = csr.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [usage.dotted_string for usage in usages] == list(EXTENDED_KEY_USAGES.values())
    spki = csr.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert hashlib.sha256(spki).hexdigest().upper() == keys["ECC_NIST_P256"].spki_sha256


@pytest.mark.parametrize("key_algorithm", ML_DSA_ALGORITHMS)
def test_a_request_for_a_key_of_ml_dsa_is_as_rfc_9881_has_it(
    key_algorithm: str, keys: dict[str, NewPrivateKey]
) -> None:
    order = parse_csr_order(key_algorithm=key_algorithm, hash="SHA_384", subject={"common_name": "for years to come"})
    csr = x509.load_der_x509_csr(build_csr(order, keys[key_algorithm].pkcs8))

    identifier = {"ML_DSA_44": "17", "ML_DSA_65": "18", "ML_DSA_87": "19"}[key_algorithm]
    assert csr.signature_algorithm_oid.dotted_string == f"2.16.840.1.101.3.4.3.{identifier}"
    assert is_signature(csr.public_key(), csr.tbs_certrequest_bytes, csr.signature)
    assert not is_signature(csr.public_key(), csr.tbs_certrequest_bytes + b"!", csr.signature)


def test_a_request_without_names_beside_the_subject_has_no_extensions(
    keys: dict[str, NewPrivateKey], tmp_path: Path
) -> None:
    order = parse_csr_order(key_algorithm="ED25519", subject={"common_name": "plain"})
    csr = build_csr(order, keys["ED25519"].pkcs8)

    assert len(x509.load_der_x509_csr(csr).extensions) == 0
    assert re.search(r"Attributes:\s+\(none\)\n", read_by_openssl(csr, tmp_path))


def test_the_pem_holds_the_der_in_lines_of_64(keys: dict[str, NewPrivateKey]) -> None:
    csr = build_csr(parse_csr_order(key_algorithm="RSA_4096", subject={"common_name": "a"}), keys["RSA_4096"].pkcs8)
    pem = pem_of_csr(csr)

    assert pem.encode() == x509.load_der_x509_csr(csr).public_bytes(Encoding.PEM)


def test_a_request_is_not_signed_with_a_key_of_another_kind() -> None:
    key = dsa.generate_private_key(1024).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UnsupportedKeyError, match="DSA"):
        build_csr(parse_csr_order(key_algorithm="ED25519", subject={"common_name": "a"}), key)
