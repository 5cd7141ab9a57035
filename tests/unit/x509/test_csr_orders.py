"""What may be ordered of a certificate signing request, and what is told of an order that cannot be."""

from pathlib import Path

import pytest

from signet.adapters.cryptography.certificate_signing_requests import build_csr
from signet.adapters.cryptography.private_keys import NewPrivateKey
from signet.domain.errors import InvalidInputError
from signet.domain.signing_requests.csr_command import CsrCommand, parse_csr_order
from signet.domain.x509.distinguished_name_text import parse_distinguished_name
from signet.domain.x509.extended_key_usage import name_of_usage
from signet.domain.x509.general_name import texts_by_kind
from tests.unit.x509.csr_reading import fields_of, read_by_openssl


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


def test_the_text_of_a_subject_can_be_ordered_again() -> None:
    order = CsrCommand("ED25519", parse_distinguished_name("CN=a\\+b,1.2.3=#0401ff,C=US"))

    again = parse_csr_order(key_algorithm="ED25519", distinguished_name=order.subject.text)
    assert again == order
