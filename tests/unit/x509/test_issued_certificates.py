"""What is odd about a certificate that a CA issued, held to the CSR that it answers."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signet.adapters.cryptography.certificate_signing_requests import build_csr
from signet.adapters.cryptography.issued_certificates import differences
from signet.adapters.cryptography.private_keys import generate_private_key
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.signing_requests.csr_command import CsrCommand, parse_csr_order
from signet.domain.x509.distinguished_name_text import parse_distinguished_name

KEY = generate_private_key("ECC_NIST_P256")
SUBJECT = x509.Name(
    [x509.NameAttribute(NameOID.COUNTRY_NAME, "US"), x509.NameAttribute(NameOID.COMMON_NAME, "Release 2027")]
)
NAMES = {"dns": ["example.com"], "email": ["Ana@Example.com"], "ip": ["192.0.2.7"], "uri": ["urn:example:a"]}
SAME_NAMES = (
    x509.DNSName("EXAMPLE.com"),
    x509.RFC822Name("Ana@example.COM"),
    x509.IPAddress(ip_address("192.0.2.7")),
    x509.UniformResourceIdentifier("urn:example:a"),
    x509.DNSName("more.example"),
)
DIGITAL_SIGNATURE = element(tags.BIT_STRING, b"\x07\x80")


def order(**fields: object) -> CsrCommand:
    given = {"key_algorithm": "ECC_NIST_P256", "distinguished_name": "CN=Release 2027,C=US", **fields}
    return parse_csr_order(**given)  # type: ignore[arg-type]


def issued(
    *extensions: tuple[x509.ExtensionType, bool],
    subject: x509.Name = SUBJECT,
    issuer: x509.Name | None = None,
    by_itself: bool = False,
) -> bytes:
    """A certificate over `KEY`, by a CA unless told."""
    key = load_der_private_key(KEY.pkcs8, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .serial_number(7)
        .public_key(key.public_key())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    signer = key if by_itself else ec.generate_private_key(ec.SECP256R1())
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def odd(asked: CsrCommand, certificate: bytes) -> set[str]:
    return {each.value for each in differences(build_csr(asked, KEY.pkcs8), certificate)}


def test_nothing_is_odd_about_what_was_asked_for() -> None:
    asked = order(subject_alternative_names=NAMES, extended_key_usage=["code_signing"])
    certificate = issued(
        (x509.SubjectAlternativeName(SAME_NAMES), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    )
    assert odd(asked, certificate) == set()


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("CN=release  2027,C=us", False),
        ("CN=Release 2027", True),
        ("CN=Release 2028,C=US", True),
        ("C=US,CN=Release 2027", True),
        ("CN=Release 2027+C=US", True),
        ("CN=Release 2027,O=Added by the CA,C=US", True),
    ],
)
def test_a_subject_differs_by_the_rules_of_rfc_5280(text: str, differs: bool) -> None:
    asked = CsrCommand("ECC_NIST_P256", parse_distinguished_name(text))
    assert odd(asked, issued()) == ({"subject_differs"} if differs else set())


@pytest.mark.parametrize("kind", NAMES)
def test_one_name_too_few_is_told_whatever_its_kind(kind: str) -> None:
    asked = order(subject_alternative_names={kind: NAMES[kind]})
    others = {"dns": "x.example", "email": "b@example.com", "uri": "urn:x", "ip": "192.0.2.8"}
    other = order(subject_alternative_names={kind: [others[kind]]}).subject_alternative_names[0]
    value = element(tags.SEQUENCE, other.encoded)
    another = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), value)
    assert odd(asked, issued()) == {"names_missing"}
    assert odd(asked, issued((another, False))) == {"names_missing"}


def test_the_mailbox_before_the_at_keeps_its_case() -> None:
    asked = order(subject_alternative_names={"email": ["Ana@example.com"]})
    certificate = issued((x509.SubjectAlternativeName([x509.RFC822Name("ana@example.com")]), False))
    assert odd(asked, certificate) == {"names_missing"}


@pytest.mark.parametrize(
    "usages",
    [None, [ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]],
)
def test_a_usage_too_few_is_told(usages: list[x509.ObjectIdentifier] | None) -> None:
    extensions = [] if usages is None else [(x509.ExtendedKeyUsage(usages), False)]
    assert odd(order(extended_key_usage=["code_signing"]), issued(*extensions)) == {"usages_missing"}


@pytest.mark.parametrize(("bits", "missing"), [(None, False), (b"\x05\xa0", False), (b"\x01\x06", True)])
def test_a_key_usage_without_a_bit_that_was_asked_for_is_told(bits: bytes | None, missing: bool) -> None:
    asked = CsrCommand("ECC_NIST_P256", parse_distinguished_name("CN=Release 2027,C=US"), key_usage=DIGITAL_SIGNATURE)
    usage = x509.ObjectIdentifier("2.5.29.15")
    extensions = [] if bits is None else [(x509.UnrecognizedExtension(usage, element(tags.BIT_STRING, bits)), True)]
    assert odd(asked, issued(*extensions)) == ({"usages_missing"} if missing else set())


@pytest.mark.parametrize("is_ca", [True, False])
def test_a_certificate_of_a_ca_is_told(is_ca: bool) -> None:
    constraints = x509.BasicConstraints(ca=is_ca, path_length=None)
    assert odd(order(), issued((constraints, True))) == ({"ca_certificate"} if is_ca else set())


def test_self_signed_is_what_its_own_key_signed_under_its_own_name() -> None:
    assert odd(order(), issued(issuer=SUBJECT, by_itself=True)) == {"self_signed"}
    # The names alone are no proof, and the key alone is not either.
    assert odd(order(), issued(issuer=SUBJECT)) == set()
    assert odd(order(), issued(by_itself=True)) == set()


def test_an_answer_with_broken_extensions_lacks_what_cannot_be_read() -> None:
    asked = order(subject_alternative_names=NAMES, extended_key_usage=["code_signing"])
    broken = [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\xff"), False)
        for oid in ("2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37")
    ]
    assert odd(asked, issued(*broken)) == {"names_missing", "usages_missing"}
