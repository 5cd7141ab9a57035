"""Everything that a certificate says is shown, as pyca reads it; what is broken is shown as it is."""

import ipaddress
import itertools
import warnings
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.certificate_decoder import MAX_DETAILS_BYTES, certificate_details
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.errors import SignetError
from signet.domain.x509.certificate_details import ExtensionDetails
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import issue, rsa_key
from tests.support.certificates.vectors import expectations


def shown(*extensions: tuple[x509.ExtensionType, bool]) -> dict[str, ExtensionDetails]:
    """What is shown of a certificate with these extensions, by name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "It")])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), 17)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(key, hashes.SHA256())
    details = certificate_details(certificate.public_bytes(Encoding.DER), ())
    return {extension.name: extension for extension in details.extensions}


def test_every_extension_that_the_contract_names_is_decoded() -> None:
    general = [
        x509.DNSName("example.com"),
        x509.RFC822Name("a@example.com"),
        x509.UniformResourceIdentifier("https://example.com/x"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dir")])),
        x509.RegisteredID(ObjectIdentifier("1.2.3.4")),
        x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), element(tags.UTF8_STRING, b"me@corp")),
        x509.OtherName(ObjectIdentifier("1.2.3"), element(tags.INTEGER, b"\x05")),
    ]
    general_shown = [
        {"type": "dns", "value": "example.com"},
        {"type": "email", "value": "a@example.com"},
        {"type": "uri", "value": "https://example.com/x"},
        {"type": "ip", "value": "192.0.2.1"},
        {"type": "ip", "value": "2001:db8::1"},
        {"type": "directory_name", "value": "CN=Dir"},
        {"type": "registered_id", "value": "1.2.3.4"},
        {"type": "other_name", "oid": "1.3.6.1.4.1.311.20.2.3", "value": "me@corp"},
        {"type": "other_name", "oid": "1.2.3", "value": "AgEF"},
    ]
    uri = x509.UniformResourceIdentifier("http://example.com/crl")
    uri_shown = {"type": "uri", "value": "http://example.com/crl"}
    expected: dict[str, tuple[x509.ExtensionType, Any]] = {
        "basic_constraints": (x509.BasicConstraints(True, 3), {"ca": True, "path_length": 3}),
        "key_usage": (
            x509.KeyUsage(True, True, False, False, True, False, False, True, False),
            ["digital_signature", "non_repudiation", "key_agreement", "encipher_only"],
        ),
        "extended_key_usage": (
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.CODE_SIGNING, ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ObjectIdentifier("1.2.3")]
            ),
            [
                {"oid": "1.3.6.1.5.5.7.3.3", "name": "code_signing"},
                {"oid": "1.3.6.1.5.5.7.3.36", "name": "document_signing"},
                {"oid": "1.2.3", "name": "1.2.3"},
            ],
        ),
        "subject_alternative_name": (x509.SubjectAlternativeName(general), general_shown),
        "issuer_alternative_name": (x509.IssuerAlternativeName(general[:1]), general_shown[:1]),
        "subject_key_identifier": (x509.SubjectKeyIdentifier(b"\xab\x01"), "AB01"),
        "authority_key_identifier": (
            x509.AuthorityKeyIdentifier(b"\xcd", [x509.DNSName("ca")], 255),
            {"key_identifier": "CD", "issuer": [{"type": "dns", "value": "ca"}], "serial_number": "FF"},
        ),
        "certificate_policies": (
            x509.CertificatePolicies(
                [
                    x509.PolicyInformation(ObjectIdentifier("2.23.140.1.4.1"), None),
                    x509.PolicyInformation(
                        ObjectIdentifier("1.2.3"),
                        ["https://cps", x509.UserNotice(x509.NoticeReference("Org", [1, 2]), "Read this")],
                    ),
                ]
            ),
            [
                {"oid": "2.23.140.1.4.1", "name": "code_signing", "qualifiers": []},
                {
                    "oid": "1.2.3",
                    "name": "1.2.3",
                    "qualifiers": [
                        {"type": "cps", "uri": "https://cps"},
                        {"type": "user_notice", "text": "Read this", "organization": "Org", "notice_numbers": [1, 2]},
                    ],
                },
            ],
        ),
        "crl_distribution_points": (
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint([uri], None, frozenset([x509.ReasonFlags.key_compromise]), general[:1]),
                    x509.DistributionPoint(
                        None,
                        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "R")]),
                        None,
                        general[5:6],
                    ),
                ]
            ),
            [
                {
                    "names": [uri_shown],
                    "relative_name": None,
                    "reasons": ["key_compromise"],
                    "crl_issuer": general_shown[:1],
                },
                {"names": [], "relative_name": "CN=R", "reasons": None, "crl_issuer": general_shown[5:6]},
            ],
        ),
        "authority_information_access": (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri),
                    x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, uri),
                ]
            ),
            [
                {"oid": "1.3.6.1.5.5.7.48.1", "method": "ocsp", "location": uri_shown},
                {"oid": "1.3.6.1.5.5.7.48.2", "method": "ca_issuers", "location": uri_shown},
            ],
        ),
        "name_constraints": (
            x509.NameConstraints(
                [x509.IPAddress(ipaddress.ip_network("192.0.2.0/25")), x509.DNSName(".example.com")],
                [x509.IPAddress(ipaddress.ip_network("::/0"))],
            ),
            {
                "permitted": [{"type": "ip", "value": "192.0.2.0/25"}, {"type": "dns", "value": ".example.com"}],
                "excluded": [{"type": "ip", "value": "::/0"}],
            },
        ),
        "policy_constraints": (
            x509.PolicyConstraints(0, 5),
            {"require_explicit_policy": 0, "inhibit_policy_mapping": 5},
        ),
        "inhibit_any_policy": (x509.InhibitAnyPolicy(2), 2),
        "tls_feature": (x509.TLSFeature([x509.TLSFeatureType.status_request]), [5]),
        "ocsp_no_check": (x509.OCSPNoCheck(), None),
        "1.2.3.4": (
            x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x00raw"),
            "AHJhdw==",
        ),
    }
    found = shown(*((extension, number % 2 == 0) for number, (extension, _) in enumerate(expected.values())))

    assert list(found) == list(expected)
    for number, (name, (extension, value)) in enumerate(expected.items()):
        assert found[name] == ExtensionDetails(extension.oid.dotted_string, name, number % 2 == 0, value), name


def test_the_rest_of_the_certificate_is_shown_too() -> None:
    root = issue("Root")
    leaf = issue("Leaf", by=root, key=rsa_key())
    details = certificate_details(leaf.der, (root.der,))
    facts = read_certificate_file(leaf.der, password=None, private_key=None, private_key_password=None).facts

    assert details.version == 3
    assert (details.serial_number, details.thumbprint_sha1) == (facts.serial_number, facts.thumbprint_sha1)
    assert details.thumbprint_sha256 == facts.thumbprint_sha256
    assert (details.signature_algorithm.oid, details.signature_algorithm.name) == (
        "1.2.840.10045.4.3.2",
        "ecdsa-with-SHA256",
    )
    assert (details.valid_from, details.valid_to) == (facts.not_before, facts.not_after)
    assert (details.subject, details.issuer) == ("CN=Leaf", "CN=Root")
    [attribute] = details.subject_attributes
    assert (attribute.oid, attribute.name, attribute.value) == ("2.5.4.3", "common_name", "Leaf")
    assert (details.public_key.algorithm, details.public_key.size, details.public_key.curve) == ("RSA", 2048, None)
    assert details.public_key.spki_sha256 == facts.spki_sha256
    [above] = details.chain
    assert (above.subject, above.issuer, b64decode(above.certificate)) == ("CN=Root", "CN=Root", root.der)
    assert above.thumbprint_sha256 == root.certificate.fingerprint(hashes.SHA256()).hex().upper()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ec.generate_private_key(ec.SECP256R1()), ("EC", 256, "P-256")),
        (ec.generate_private_key(ec.SECP384R1()), ("EC", 384, "P-384")),
        (ec.generate_private_key(ec.SECP521R1()), ("EC", 521, "P-521")),
        (ed25519.Ed25519PrivateKey.generate(), ("ED25519", 256, None)),
        (rsa_key(3072), ("RSA", 3072, None)),
    ],
)
def test_public_keys_are_shown_by_size_or_curve(key: forged.AnyKey, expected: tuple[str, int, str | None]) -> None:
    shown_key = certificate_details(issue("It", key=key).der, ()).public_key
    assert (shown_key.algorithm, shown_key.size, shown_key.curve) == expected


@pytest.mark.parametrize(
    ("dotted", "value"),
    [
        ("2.5.29.19", b""),
        ("2.5.29.19", b"\x30\x03\x01\x01\x01"),
        ("2.5.29.15", b"\x03\x01\x07"),
        ("2.5.29.17", b"\x30\x03\x87\x01\x00"),
        ("2.5.29.17", b"\x05\x00"),
        ("2.5.29.37", b"\x30\x02\x06\x00"),
        ("2.5.29.54", b"\x02\x01\xff"),
        ("2.5.29.30", b"\x30\x09\xa0\x07\x30\x05\x87\x03\x01\x02\x03"),
    ],
)
def test_a_broken_extension_is_shown_as_it_is_and_spoils_no_other(dotted: str, value: bytes) -> None:
    sound = forged.extension("2.5.29.14", forged.octets(b"\x01"))
    both = forged.sequence(forged.extension(dotted, value), sound)
    broken, other = certificate_details(forged.certificate_of(extensions=both), ()).extensions

    assert broken.error
    assert isinstance(broken.value, str)
    assert b64decode(broken.value) == value
    assert (other.value, other.error) == ("01", None)


def test_an_extension_given_twice_is_shown_twice() -> None:
    both = forged.sequence(
        forged.extension("2.5.29.54", b"\x02\x01\x01"), forged.extension("2.5.29.54", b"\x02\x01\x02")
    )
    assert [each.value for each in certificate_details(forged.certificate_of(extensions=both), ()).extensions] == [1, 2]


def refused(certificate: bytes) -> str | None:
    """The code of the import's refusal; None where it comes in."""
    try:
        read_certificate_file(certificate, password=None, private_key=None, private_key_password=None)
    except SignetError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("octets", "code"), [(20, None), (40, None), (41, "unreadable_file"), (204_000, "unreadable_file")]
)
def test_a_serial_number_is_at_most_40_octets(octets: int, code: str | None) -> None:
    assert refused(forged.certificate_of(serial=element(tags.INTEGER, b"\x7f" * octets))) == code
    assert refused(forged.certificate_of(serial=element(tags.INTEGER, b"\x80" + bytes(octets - 1)))) == code


TALKATIVE = {
    "usages": ("2.5.29.37", forged.oid("1.3.6.1.5.5.7.3.3")),
    "empty distribution points": ("2.5.29.31", b"\x30\x00"),
    "empty general subtrees and names": ("2.5.29.17", b"\x82\x00"),
    "policies": ("2.5.29.32", forged.sequence(forged.oid("2.5.29.32.0"))),
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", TALKATIVE)
def test_what_says_more_than_is_shown_is_too_large_to_come_in_and_shown_in_base64_if_it_is_here(kind: str) -> None:
    dotted, part = TALKATIVE[kind]
    content = forged.sequence(part * (259_000 // len(part)))
    certificate = forged.certificate_of(extensions=forged.sequence(forged.extension(dotted, content)))
    assert len(certificate) < 256 * 1024

    details = certificate_details(certificate, ())

    encoded = len(msgspec.json.encode(details))
    assert encoded <= MAX_DETAILS_BYTES
    in_full = details.extensions[0].error is None
    assert refused(certificate) == (None if in_full else "file_too_large")
    assert in_full or b64decode(str(details.extensions[0].value)) == content


def certificates(part: int) -> Iterator[tuple[str, bytes]]:
    """Every tenth, from that one on."""
    for vector in itertools.islice(expectations(), part, None, 10):
        if vector.code is None and not vector.name.startswith("x509/PKITS_data/pkcs12"):
            file = read_certificate_file(
                vector.content, password=vector.password, private_key=None, private_key_password=None
            )
            yield vector.name, file.certificate


@pytest.mark.one_in(10)
@pytest.mark.parametrize("part", range(10))
def test_everybodys_certificates_are_shown_as_pyca_reads_them_and_become_json(part: int) -> None:
    """Where pyca reads one at all; it refuses some that are broken."""
    compared = 0
    for name, certificate in certificates(part):
        details = certificate_details(certificate, ())
        assert msgspec.json.encode(details)
        by_oid = {each.oid: each.value for each in details.extensions if each.error is None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = x509.load_der_x509_certificate(certificate)
                extensions = list(theirs.extensions)
                subject, issuer = theirs.subject.rfc4514_string(), theirs.issuer.rfc4514_string()
            except (ValueError, x509.DuplicateExtension):
                continue
            assert details.version == theirs.version.value + 1
            assert int(details.serial_number, 16) == theirs.serial_number, name
            assert details.valid_from == theirs.not_valid_before_utc
            assert details.valid_to == theirs.not_valid_after_utc
            if "=#" not in details.subject:  # Of such values pyca leaves out the header, which RFC 4514, 2.4 has.
                assert details.subject == subject, name
            assert details.issuer == issuer, name
        assert [each.critical for each in details.extensions] == [each.critical for each in extensions]
        for extension in extensions:
            mine = by_oid.get(extension.oid.dotted_string)
            match extension.value:
                case x509.SubjectKeyIdentifier() as value:
                    assert mine == value.digest.hex().upper()
                case x509.BasicConstraints() as value:
                    assert mine == {"ca": value.ca, "path_length": value.path_length}
                case x509.ExtendedKeyUsage() as value:
                    assert isinstance(mine, list)
                    assert [each["oid"] for each in mine if isinstance(each, dict)] == [o.dotted_string for o in value]
                case x509.SubjectAlternativeName() as value:
                    assert isinstance(mine, list)
                    dns = [each["value"] for each in mine if isinstance(each, dict) and each["type"] == "dns"]
                    assert dns == value.get_values_for_type(x509.DNSName)
            compared += 1
    assert compared > 25
