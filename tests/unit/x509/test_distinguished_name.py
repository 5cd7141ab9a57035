"""A name says what its RFC 4514 text says, and a name from a certificate is carried on to the byte."""

import warnings
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.asn1 import reader, tags
from signet.domain.asn1.writer import element
from signet.domain.errors import InvalidInputError
from signet.domain.x509.attribute_types import ATTRIBUTE_TYPES, UnacceptableValueError
from signet.domain.x509.distinguished_name import Attribute, DistinguishedName, parse_subject
from signet.domain.x509.distinguished_name_text import parse_distinguished_name


def said(name: DistinguishedName) -> list[list[tuple[str, str | None]]]:
    """Type and text of every attribute, in the order of the encoding."""
    return [[(attribute.oid, attribute.text) for attribute in rdn] for rdn in name.rdns]


CN, ORG, OU, C, DC, UID = (
    "2.5.4.3",
    "2.5.4.10",
    "2.5.4.11",
    "2.5.4.6",
    "0.9.2342.19200300.100.1.25",
    "0.9.2342.19200300.100.1.1",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UID=jsmith,DC=example,DC=net", [[(DC, "net")], [(DC, "example")], [(UID, "jsmith")]]),
        (
            "OU=Sales+CN=J.  Smith,DC=example,DC=net",
            [[(DC, "net")], [(DC, "example")], [(OU, "Sales"), (CN, "J.  Smith")]],
        ),
        (
            r"CN=James \"Jim\" Smith\, III,DC=example,DC=net",
            [[(DC, "net")], [(DC, "example")], [(CN, 'James "Jim" Smith, III')]],
        ),
        (r"CN=Before\0dAfter,DC=example,DC=net", [[(DC, "net")], [(DC, "example")], [(CN, "Before\rAfter")]]),
        ("1.3.6.1.4.1.1466.0=#04024869", [[("1.3.6.1.4.1.1466.0", None)]]),
        (r"CN=Lu\C4\8Di\C4\87", [[(CN, "Lučić")]]),
    ],
)
def test_the_examples_of_rfc_4514_say_what_it_says_of_them(
    text: str, expected: list[list[tuple[str, str | None]]]
) -> None:
    name = parse_distinguished_name(text)

    assert [sorted(rdn, key=str) for rdn in said(name)] == [sorted(rdn, key=str) for rdn in expected]
    assert parse_distinguished_name(name.text) == name


def test_the_encoded_example_of_rfc_4514_keeps_its_encoding() -> None:
    assert parse_distinguished_name("1.3.6.1.4.1.1466.0=#04024869").rdns[0][0].value == b"\x04\x02Hi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CN=Example,O=Example Corp,C=US", [[(C, "US")], [(ORG, "Example Corp")], [(CN, "Example")]]),
        ("cn=a, o = b ,C= US ", [[(C, "US")], [(ORG, "b")], [(CN, "a")]]),
        ("commonName=a,OID.2.5.4.10=b,2.5.4.6=US", [[(C, "US")], [(ORG, "b")], [(CN, "a")]]),
        (r"CN=\ a\ ", [[(CN, " a ")]]),
        (r"CN=a\20  ", [[(CN, "a ")]]),
        (r"CN=\#1", [[(CN, "#1")]]),
        ("CN=a=b", [[(CN, "a=b")]]),
        (r"CN=a\=b\\c", [[(CN, r"a=b\c")]]),
        ("CN=株式会社 例,C=JP", [[(C, "JP")], [(CN, "株式会社 例")]]),
        ("CN=a#b", [[(CN, "a#b")]]),
        ("CN=#0c0161", [[(CN, "a")]]),
        ("CN=#1e020161 ,C=US", [[(C, "US")], [(CN, "š")]]),
        ("1.2.3.4=hello", [[("1.2.3.4", "hello")]]),
        ("CN=😀", [[(CN, "😀")]]),
    ],
)
def test_text_says(text: str, expected: list[list[tuple[str, str | None]]]) -> None:
    assert said(parse_distinguished_name(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        ",",
        "CN=a,",
        "CN=a,,O=b",
        "CN=a+",
        "CN",
        "=a",
        "CN=",
        "CN= ,C=US",
        "nonsense=a",
        "2.5.4=",
        "3.1.2=a",
        "1.40=a",
        "2.5.04.3=a",
        "CN=a;O=b",
        "CN=a<b",
        'CN="a"',
        "CN=a\\",
        "CN=a\\q",
        r"CN=\FF",
        r"CN=\C4,O=b",
        r"CN=a\00b",
        "CN=a\0b",
        "CN=#",
        "CN=#0",
        "CN=#zz",
        "CN=#0c02 61",
        "CN=#0c0261",
        "CN=#0c016161",
        "CN=#0201ff",
        "CN=#0c01ff",
        "CN=a+CN=b",
        "C=USA",
        "C=U",
        "C=1A",
        "C=ÑÑ",
        "C=#0c03555341",
        "CN=" + "x" * 65,
        "O=" + "ж" * 65,
        "OU=" + "x" * 65,
        "L=" + "x" * 129,
        "ST=" + "x" * 129,
        "serialNumber=" + "1" * 65,
        "serialNumber=a*b",
        "DC=bücher",
        "E=nobody",
        "E=" + "x" * 250 + "@example.com",
        "CN=\ud800",
        "CN=a," * 2000,
    ],
)
def test_what_is_no_acceptable_name_is_refused_in_its_field(text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_distinguished_name(text)
    assert [error.field for error in refusal.value.errors] == ["distinguished_name"]
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("text", ["CN=" + "ж" * 64, "L=" + "x" * 128, "C=es", "E=" + "x" * 243 + "@example.com"])
def test_the_bounds_count_characters_and_are_inclusive(text: str) -> None:
    assert parse_distinguished_name(text).text


@pytest.mark.parametrize("text", ["CN=a,C=es", "CN=a,C=Es", "CN=a,1.3.6.1.4.1.311.60.2.1.3=es"])
def test_a_country_is_written_in_upper_case(text: str) -> None:
    assert parse_distinguished_name(text).text.endswith("=ES")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64)
free_types = st.sampled_from(
    [kind.oid for kind in ATTRIBUTE_TYPES if kind.tag == tags.UTF8_STRING] + ["1.2.3", "2.999.1"]
)
attributes = st.one_of(
    st.builds(Attribute.of_text, free_types, texts),
    st.builds(Attribute.of_text, st.just(C), st.sampled_from(["US", "ES", "jp"])),
    st.builds(
        lambda oid, content: Attribute.of_encoding(oid, element(tags.OCTET_STRING, content)),
        st.sampled_from(["1.2.3", "2.999.1"]),
        st.binary(max_size=300),
    ),
)


def sorted_as_a_set(rdn: list[Attribute]) -> tuple[Attribute, ...]:
    return tuple(sorted(rdn, key=lambda attribute: attribute.encoded))


names = st.builds(
    lambda rdns: DistinguishedName(tuple(map(sorted_as_a_set, rdns))),
    st.lists(
        st.lists(attributes, min_size=1, max_size=3, unique_by=lambda attribute: attribute.oid), min_size=1, max_size=5
    ),
)


@given(names)
def test_a_name_is_the_same_after_a_trip_through_its_text(name: DistinguishedName) -> None:
    if len(name.text) <= 4096:
        assert parse_distinguished_name(name.text) == name


@given(names)
def test_a_name_is_the_same_after_a_trip_through_its_encoding(name: DistinguishedName) -> None:
    assert DistinguishedName.decode(name.encoded) == name


@given(st.text(max_size=200))
def test_any_text_is_a_name_or_bad_input(text: str) -> None:
    try:
        name = parse_distinguished_name(text)
    except InvalidInputError:
        return
    assert parse_distinguished_name(name.text) == name


@given(st.text('CNO=,+\\#"; a0dé4C', max_size=40))
def test_any_text_made_of_separators_is_a_name_or_bad_input(text: str) -> None:
    test_any_text_is_a_name_or_bad_input.hypothesis.inner_test(text)  # type: ignore[attr-defined]


@given(names)
def test_another_reader_sees_the_same_name(name: DistinguishedName) -> None:
    if any(attribute.text is None for rdn in name.rdns for attribute in rdn):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # That reader bounds a common name in octets.
        theirs = x509.Name(
            [
                x509.RelativeDistinguishedName(
                    [
                        x509.NameAttribute(x509.ObjectIdentifier(attribute.oid), attribute.text or "", _validate=False)
                        for attribute in rdn
                    ]
                )
                for rdn in name.rdns
            ]
        )
        assert name.encoded == theirs.public_bytes()


def test_the_names_of_many_certificates_are_kept_to_the_byte_and_read_as_by_another_reader() -> None:
    seen = 0
    for path in sorted((Path(cryptography_vectors.__file__).parent / "x509").rglob("*.crt")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                certificate = x509.load_der_x509_certificate(path.read_bytes())
                theirs = certificate.subject
                text = theirs.rfc4514_string()
        except ValueError:
            continue
        certified = reader.parse(certificate.tbs_certificate_bytes).children()
        encoded = certified[5 if certified[0].tag == tags.context(0) else 4].encoded
        ours = DistinguishedName.decode(encoded)
        assert ours.encoded == encoded
        assert ours.text == text
        seen += 1
    assert seen > 200


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (" ", r"\ "),
        ("  ", r"\ \ "),
        ("a ", r"a\ "),
        ("#", r"\#"),
        ("# ", r"\#\ "),
        ("a\n\\", r"a\0A\\"),
        ("\x85", r"\C2\85"),
    ],
)
def test_what_must_be_escaped_is(said: str, text: str) -> None:
    name = DistinguishedName(((Attribute.of_text(CN, said),),))

    assert name.text == f"CN={text}"
    assert parse_distinguished_name(name.text) == name


def test_a_value_that_is_not_der_has_no_text_and_is_shown_in_hex() -> None:
    name = DistinguishedName(((Attribute(CN, b"\x0c\x80a\0\0"),),))

    assert name.common_name is None
    assert name.text == "CN=#0c80610000"


def test_an_attribute_starts_with_its_type() -> None:
    wrong = element(tags.SEQUENCE, element(tags.INTEGER, b"\1"), element(tags.UTF8_STRING, b"a"))
    with pytest.raises(reader.Asn1Error):
        DistinguishedName.decode(element(tags.SEQUENCE, element(tags.SET, wrong)))


# --- by parts ---------------------------------------------------------------------------------------------------


def test_parts_make_a_name_widest_first() -> None:
    name = parse_subject(
        {
            "common_name": "Example",
            "organization": "Example Corp",
            "organizational_unit": None,
            "country": "US",
            "state": "Texas",
            "locality": "Austin",
            "email": "a@example.com",
        }
    )
    assert name.text == "1.2.840.113549.1.9.1=a@example.com,CN=Example,O=Example Corp,L=Austin,ST=Texas,C=US"
    assert name.common_name == "Example"


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({}, ["subject"]),
        ({"common_name": None}, ["subject"]),
        ({"common_name": ""}, ["subject.common_name"]),
        ({"common_name": "a", "country": "USA"}, ["subject.country"]),
        ({"common_name": "a", "country": "U1", "email": "x"}, ["subject.country", "subject.email"]),
        ({"common_name": "x" * 65}, ["subject.common_name"]),
        ({"organization": "x" * 65, "locality": "x" * 129}, ["subject.locality", "subject.organization"]),
        ({"common_name": "a\nb"}, ["subject.common_name"]),
        ({"common_name": " a"}, ["subject.common_name"]),
        ({"common_name": "a\0"}, ["subject.common_name"]),
        ({"common_name": "\ud800"}, ["subject.common_name"]),
        ({"email": "Jörg@example.com"}, ["subject.email"]),
        ({"common_name": "a", "title": "Dr"}, ["subject.title"]),
    ],
)
def test_parts_that_cannot_be_had_are_each_named(parts: dict[str, str | None], fields: list[str]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_subject(parts)
    assert [error.field for error in refusal.value.errors] == fields


def test_a_value_that_comes_encoded_must_suit_its_type() -> None:
    with pytest.raises(UnacceptableValueError, match="not a character string"):
        Attribute.of_encoding(CN, element(tags.OCTET_STRING, b"a"))
