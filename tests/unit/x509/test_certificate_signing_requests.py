"""openssl accepts every request that Signet makes, and reads in it what was ordered."""

import hashlib
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.asked_extensions import read_request
from signet.adapters.cryptography.certificate_signing_requests import build_csr, csr_command_of_certificate, pem_of_csr
from signet.adapters.cryptography.issued_certificates import differences
from signet.adapters.cryptography.private_keys import NewPrivateKey, generate_private_key
from signet.domain.asn1 import reader, tags
from signet.domain.errors import InvalidInputError, SignetError, UnsupportedKeyError
from signet.domain.signing.key_algorithm import GENERATED_KEY_ALGORITHMS
from signet.domain.signing_requests.csr_command import CsrCommand, nearest_generated, parse_csr_order
from signet.domain.signing_requests.issued_warning import IssuedWarning
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.distinguished_name_text import parse_distinguished_name
from signet.domain.x509.extended_key_usage import EXTENDED_KEY_USAGES, name_of_usage
from signet.domain.x509.general_name import texts_by_kind

NAMES = {
    "dns": ["example.com", "*.example.com"],
    "email": ["release@example.com"],
    "uri": ["urn:example:release", "https://example.com/a?b=c"],
    "ip": ["192.0.2.7", "2001:db8::7"],
}


@pytest.fixture(scope="module")
def keys() -> dict[str, NewPrivateKey]:
    return {name: generate_private_key(name) for name in GENERATED_KEY_ALGORITHMS}


def read_by_openssl(csr: bytes, folder: Path) -> str:
    """What openssl says of the request after checking its signature."""
    (folder / "a.csr").write_text(pem_of_csr(csr))
    answer = subprocess.run(
        ["openssl", "req", "-in", "a.csr", "-verify", "-noout", "-text", "-nameopt", "RFC2253,-esc_msb,utf8"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "verify OK" in answer.stderr + answer.stdout
    return answer.stdout


# --- new keys ---------------------------------------------------------------------------------------------------


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


# --- requests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hash_name", ["SHA_256", "SHA_384", "SHA_512"])
@pytest.mark.parametrize("key_algorithm", GENERATED_KEY_ALGORITHMS)
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


# --- orders -----------------------------------------------------------------------------------------------------


def fields_of(refusal: pytest.ExceptionInfo[InvalidInputError]) -> list[str]:
    return [error.field for error in refusal.value.errors]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(
            key_algorithm="RSA_1024",
            hash="SHA_1",
            subject={"common_name": "a", "country": "USA"},
            subject_alternative_names={"ip": ["192.0.2.7", "example.com"], "dns": ["a b"], "x400": ["x"]},
            extended_key_usage=["code_signing", "codeSigning"],
        )
    assert fields_of(refusal) == [
        "key_algorithm",
        "hash",
        "subject.country",
        "subject_alternative_names.x400",
        "subject_alternative_names.dns[0]",
        "subject_alternative_names.ip[1]",
        "extended_key_usage[1]",
    ]


def test_an_order_names_its_key_algorithm_and_its_subject() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order()
    assert fields_of(refusal) == ["key_algorithm", "subject"]


def test_a_subject_is_given_one_way_only() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(key_algorithm="ED25519", subject={"common_name": "a"}, distinguished_name="CN=a")
    assert fields_of(refusal) == ["distinguished_name"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dns", "example.com"),
        ("dns", "localhost"),
        ("dns", "*.example.com"),
        ("dns", "xn--bcher-kva.example"),
        ("dns", "1.example"),
        ("dns", ".".join(["a" * 63] * 3 + ["b" * 61])),
        ("email", "a.b+c@example.com"),
        ("email", "o'neil@localhost"),
        ("uri", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ("uri", "spiffe://example.org/ns/prod/sa/sign"),
        ("uri", "https://user@example.com:8443/a%20b?q#f"),
        ("uri", "http://[2001:db8::7]/"),
        ("uri", "mailto:a@example.com"),
        ("ip", "0.0.0.0"),
        ("ip", "::1"),
    ],
)
def test_a_name_of_its_kind_is_taken(kind: str, text: str, keys: dict[str, NewPrivateKey], tmp_path: Path) -> None:
    order = parse_csr_order(
        key_algorithm="ED25519", subject={"common_name": "a"}, subject_alternative_names={kind: [text]}
    )
    assert texts_by_kind(order.subject_alternative_names)[kind] == [text]
    read_by_openssl(build_csr(order, keys["ED25519"].pkcs8), tmp_path)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dns", ""),
        ("dns", "*"),
        ("dns", "*."),
        ("dns", "a.*.example.com"),
        ("dns", "f*.example.com"),
        ("dns", "a..b"),
        ("dns", ".example.com"),
        ("dns", "example.com."),
        ("dns", "-a.example"),
        ("dns", "a-.example"),
        ("dns", "a_b.example"),
        ("dns", "exa mple.com"),
        ("dns", "example.com\n"),
        ("dns", "bücher.example"),
        ("dns", "192.0.2.7"),
        ("dns", "a" * 64 + ".example"),
        ("dns", ".".join(["a" * 63] * 4)),
        ("dns", "example.com/x"),
        ("dns", "a,b"),
        ("email", ""),
        ("email", "nobody"),
        ("email", "@example.com"),
        ("email", "a@"),
        ("email", "a b@example.com"),
        ("email", "a..b@example.com"),
        ("email", "jörg@example.com"),
        ("email", "a@bücher.example"),
        ("email", "a@*.example.com"),
        ("email", "a@192.0.2.7"),
        ("email", "Ana <a@example.com>"),
        ("email", "a@b@example.com"),
        ("email", "x" * 65 + "@example.com"),
        ("uri", ""),
        ("uri", "example.com"),
        ("uri", "/a/b"),
        ("uri", "https:"),
        ("uri", "https://"),
        ("uri", "https:///a"),
        ("uri", "https://exa mple.com"),
        ("uri", "https://example.com/%zz"),
        ("uri", "https://bücher.example"),
        ("uri", "https://example.com/\n"),
        ("uri", "https://a:b:c/"),
        ("uri", "1a:b"),
        ("uri", "x:" + "a" * 2048),
        ("ip", ""),
        ("ip", "192.0.2.0/24"),
        ("ip", "192.0.2.256"),
        ("ip", "192.0.2"),
        ("ip", "192.0.02.1"),
        ("ip", "fe80::1%eth0"),
        ("ip", "[::1]"),
        ("ip", "example.com"),
        ("ip", " 192.0.2.1"),
    ],
)
def test_what_is_no_name_of_its_kind_is_refused_in_its_place(kind: str, text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(key_algorithm="ED25519", subject={"common_name": "a"}, subject_alternative_names={kind: [text]})
    assert fields_of(refusal) == [f"subject_alternative_names.{kind}[0]"]


def test_a_name_given_twice_is_asked_for_once() -> None:
    order = parse_csr_order(
        key_algorithm="ED25519",
        subject={"common_name": "a"},
        subject_alternative_names={"ip": ["::1", "0:0::1"], "dns": None},
        extended_key_usage=["code_signing", "1.3.6.1.5.5.7.3.3"],
    )
    assert texts_by_kind(order.subject_alternative_names) == {"dns": [], "email": [], "uri": [], "ip": ["::1"]}
    assert [name_of_usage(usage) for usage in order.extended_key_usage] == ["code_signing"]


def test_names_and_usages_are_bounded() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(
            key_algorithm="ED25519",
            subject={"common_name": "a"},
            subject_alternative_names={"ip": ["::1"] * 251},
            extended_key_usage=["code_signing"] * 51,
        )
    assert fields_of(refusal) == ["subject_alternative_names", "extended_key_usage"]


@pytest.mark.parametrize("name", ["", "code signing", "Code_Signing", "3.1.2", "1.40", "1", "1.2.", "1.02", "1.2.3\n"])
def test_an_unknown_usage_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_csr_order(key_algorithm="ED25519", subject={"common_name": "a"}, extended_key_usage=[name])
    assert fields_of(refusal) == ["extended_key_usage[0]"]


# --- renewals ---------------------------------------------------------------------------------------------------


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


def test_the_text_of_a_subject_can_be_ordered_again() -> None:
    order = CsrCommand("ED25519", parse_distinguished_name("CN=a\\+b,1.2.3=#0401ff,C=US"))

    again = parse_csr_order(key_algorithm="ED25519", distinguished_name=order.subject.text)
    assert again == order
