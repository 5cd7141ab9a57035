"""A renewal asks for the same certificate again, whoever made it, but for what its order says otherwise."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.asked_extensions import read_request
from signet.adapters.cryptography.certificate_signing_requests import build_csr, csr_command_of_certificate
from signet.adapters.cryptography.issued_certificates import differences
from signet.adapters.cryptography.private_keys import NewPrivateKey
from signet.domain.asn1 import reader, tags
from signet.domain.errors import InvalidInputError, SignetError, UnsupportedKeyError
from signet.domain.signing_requests.csr_command import nearest_generated, parse_csr_order
from signet.domain.signing_requests.issued_warning import IssuedWarning
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.general_name import texts_by_kind
from tests.unit.x509.csr_reading import fields_of, read_by_openssl


def a_certificate(
    *extensions: tuple[x509.ExtensionType, bool],
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey | None = None,
    subject: x509.Name | None = None,
) -> bytes:
    """A certificate with a subject of unusual string types, and `extensions`."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    name = x509.name._ASN1Type
    if subject is None:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Exämple", name.BMPString),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "printable", name.PrintableString),
                x509.NameAttribute(NameOID.COMMON_NAME, "plain", name.IA5String),
            ]
        )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([]))
        .serial_number(7)
        .public_key(key.public_key())
        .not_valid_before(datetime.now(UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


DIGITAL_SIGNATURE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def test_a_renewal_asks_for_the_same_certificate_to_the_byte(keys: dict[str, NewPrivateKey]) -> None:
    names = x509.SubjectAlternativeName(
        [
            x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x05a@b.c"),
            x509.DNSName("example.com"),
            x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])),
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
            x509.RFC822Name("a@example.com"),
        ]
    )
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = a_certificate((names, False), (usages, True), (DIGITAL_SIGNATURE, True))

    order = csr_command_of_certificate(certificate)
    csr = x509.load_der_x509_csr(build_csr(order, keys["ECC_NIST_P384"].pkcs8))

    assert order.key_algorithm == "ECC_NIST_P384"
    assert csr.is_signature_valid
    assert csr.subject.public_bytes() == x509.load_der_x509_certificate(certificate).subject.public_bytes()
    old = x509.load_der_x509_certificate(certificate).extensions
    for kind in (x509.SubjectAlternativeName, x509.ExtendedKeyUsage, x509.KeyUsage):
        asked = csr.extensions.get_extension_for_class(kind)
        assert asked.value.public_bytes() == old.get_extension_for_class(kind).value.public_bytes()
        assert asked.critical == old.get_extension_for_class(kind).critical
    assert texts_by_kind(order.subject_alternative_names) == {
        "dns": ["example.com"],
        "email": ["a@example.com"],
        "uri": [],
        "ip": [],
    }


def test_a_renewal_may_override_everything() -> None:
    renewed = csr_command_of_certificate(
        a_certificate((x509.SubjectAlternativeName([x509.DNSName("old.example")]), False), (DIGITAL_SIGNATURE, True))
    )

    assert parse_csr_order(renewed=renewed) == renewed
    order = parse_csr_order(
        key_algorithm="RSA_3072",
        hash="SHA_512",
        distinguished_name="CN=new",
        subject_alternative_names={"dns": ["new.example"]},
        extended_key_usage=["client_auth"],
        renewed=renewed,
    )
    assert order == parse_csr_order(
        key_algorithm="RSA_3072",
        hash="SHA_512",
        distinguished_name="CN=new",
        subject_alternative_names={"dns": ["new.example"]},
        extended_key_usage=["client_auth"],
    )


def test_a_renewal_with_a_longer_key_of_the_family_keeps_the_key_usage_and_with_another_family_not() -> None:
    renewed = csr_command_of_certificate(a_certificate((DIGITAL_SIGNATURE, True)))

    assert parse_csr_order(key_algorithm="ECC_NIST_P521", renewed=renewed).key_usage == renewed.key_usage is not None
    assert parse_csr_order(key_algorithm="ED25519", renewed=renewed).key_usage is None


def test_usages_given_for_a_renewal_are_not_critical_because_the_old_ones_were() -> None:
    renewed = csr_command_of_certificate(
        a_certificate((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))
    )
    assert parse_csr_order(renewed=renewed).extended_key_usage_is_critical
    assert not parse_csr_order(extended_key_usage=["code_signing"], renewed=renewed).extended_key_usage_is_critical


def test_what_a_renewal_overrides_is_held_to_the_same_rules() -> None:
    renewed = csr_command_of_certificate(a_certificate())
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(key_algorithm="DSA", hash="MD5", subject={}, renewed=renewed)
    assert fields_of(refusal) == ["key_algorithm", "hash", "subject"]


def test_a_certificate_without_a_subject_is_renewed_by_its_alternative_names(keys: dict[str, NewPrivateKey]) -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("example.com")])
    order = csr_command_of_certificate(a_certificate((names, True), subject=x509.Name([])))
    csr = x509.load_der_x509_csr(build_csr(order, keys["ECC_NIST_P384"].pkcs8))

    assert order.subject == DistinguishedName(())
    assert csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


@pytest.mark.parametrize(
    ("key_algorithm", "expected"),
    [("RSA_2048", "RSA_2048"), ("RSA_2176", "RSA_3072"), ("RSA_4000", "RSA_4096"), ("ED25519", "ED25519")],
)
def test_an_unusual_rsa_length_is_renewed_with_the_next_longer(key_algorithm: str, expected: str) -> None:
    assert nearest_generated(key_algorithm) == expected


def test_a_certificate_with_a_key_that_is_not_made_here_asks_for_nothing() -> None:
    with pytest.raises(UnsupportedKeyError):
        csr_command_of_certificate(a_certificate(key=dsa.generate_private_key(1024)))
    with pytest.raises(UnsupportedKeyError):
        csr_command_of_certificate(a_certificate(key=ec.generate_private_key(ec.SECP256K1())))


def test_certificates_that_no_one_here_made_can_be_asked_for_again(keys: dict[str, NewPrivateKey]) -> None:
    seen = 0
    for path in sorted((Path(cryptography_vectors.__file__).parent / "x509").rglob("*.*")):
        certificate = one_certificate(path)
        if certificate is None:
            continue
        encoded = certificate.public_bytes(Encoding.DER)
        try:
            order = csr_command_of_certificate(encoded)
        except UnsupportedKeyError:
            continue
        asked = x509.load_der_x509_csr(build_csr(order, keys[order.key_algorithm].pkcs8))
        assert asked.is_signature_valid
        information = reader.parse(asked.tbs_certrequest_bytes).children()
        certified = reader.parse(certificate.tbs_certificate_bytes).children()
        assert information[1].encoded == certified[5 if certified[0].tag == tags.context(0) else 4].encoded
        assert DistinguishedName.decode(information[1].encoded).text == order.subject.text
        seen += 1
    assert seen > 300


BROKEN_NAMES = {
    "no DER": b"\xff\xff",
    "empty": b"",
    "another type": b"\x04\x02\x30\x00",
    "cut off": b"\x30\x0a\x82\x03abc",
    "bytes behind": b"\x30\x05\x82\x03abc\x00",
    "an address of five bytes": b"\x30\x07\x87\x05abcde",
    "a kind of name that there is not": b"\x30\x03\x8a\x01a",
    "a length too long": b"\x30\x84\xff\xff\xff\xff",
}


@pytest.mark.parametrize("value", BROKEN_NAMES.values(), ids=BROKEN_NAMES)
@pytest.mark.parametrize(
    ("oid", "warning"),
    [
        ("2.5.29.17", "names_left_out"),
        ("2.5.29.37", "usages_left_out"),
        ("2.5.29.15", "key_usage_left_out"),
    ],
)
def test_what_cannot_be_read_is_left_out_of_a_renewal_and_told(
    oid: str, warning: str, value: bytes, keys: dict[str, NewPrivateKey], tmp_path: Path
) -> None:
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)

    order = csr_command_of_certificate(a_certificate((broken, False)))

    assert order.left_out == (warning,)
    asked = read_by_openssl(build_csr(order, keys["ECC_NIST_P384"].pkcs8), tmp_path)
    assert "X509v3" not in asked


def test_one_broken_name_takes_no_other_with_it(keys: dict[str, NewPrivateKey], tmp_path: Path) -> None:
    mixed = b"\x30\x15\x87\x05abcde\x82\x0ckept.example"
    order = csr_command_of_certificate(
        a_certificate((x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), mixed), False))
    )
    assert texts_by_kind(order.subject_alternative_names)["dns"] == ["kept.example"]
    assert order.left_out == ("names_left_out",)
    assert "DNS:kept.example" in read_by_openssl(build_csr(order, keys["ECC_NIST_P384"].pkcs8), tmp_path)


def test_what_the_body_of_a_renewal_replaces_is_not_left_out() -> None:
    broken = [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\xff"), False)
        for oid in ("2.5.29.17", "2.5.29.37", "2.5.29.15")
    ]
    renewed = csr_command_of_certificate(a_certificate(*broken))
    assert renewed.left_out == ("names_left_out", "usages_left_out", "key_usage_left_out")
    assert parse_csr_order(renewed=renewed).left_out == renewed.left_out
    given = parse_csr_order(
        key_algorithm="ED25519",
        subject_alternative_names={"dns": ["new.example"]},
        extended_key_usage=["code_signing"],
        renewed=renewed,
    )
    assert given.left_out == ()


@pytest.mark.one_in(10)
@pytest.mark.parametrize("part", range(10))
def test_every_certificate_of_the_vectors_that_can_be_imported_can_be_renewed(
    keys: dict[str, NewPrivateKey], part: int
) -> None:
    seen = 0
    for path in sorted((Path(cryptography_vectors.__file__).parent / "x509").rglob("*.*"))[part::10]:
        try:
            file = read_certificate_file(path.read_bytes(), password=None, private_key=None, private_key_password=None)
        except SignetError:
            continue
        order = csr_command_of_certificate(file.certificate, file.facts.key_algorithm)
        csr = build_csr(order, keys[order.key_algorithm].pkcs8)
        # What is asked for is read again as it was asked for, and the old certificate lacks nothing of it.
        subject, asked = read_request(csr)
        assert subject == order.subject
        assert (asked.names, asked.usages, asked.left_out) == (
            order.subject_alternative_names,
            order.extended_key_usage,
            (),
        )
        assert differences(csr, file.certificate) <= {IssuedWarning.CA_CERTIFICATE, IssuedWarning.SELF_SIGNED}
        seen += 1
    assert seen > 5


def one_certificate(path: Path) -> x509.Certificate | None:
    """The certificate in a file of test vectors, if its key is one that an import accepts."""
    content = path.read_bytes() if path.is_file() else b""
    try:
        certificate = (
            x509.load_pem_x509_certificate(content)
            if content.startswith(b"-----BEGIN CERT")
            else x509.load_der_x509_certificate(content)
        )
        certificate.public_key()
    except Exception:  # noqa: BLE001 - the vectors are full of what must not be read
        return None
    return certificate
