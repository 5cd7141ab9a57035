"""What is let pass and what is refused of odd DER: the same of a file that comes in and of a certificate that is here.

A certificate that cannot be taken apart is refused. An extension that cannot is shown as it is, with the reason, and is
not carried into a request. What is only unusual comes in, and is carried on without a change.
"""

from dataclasses import dataclass, field

import msgspec
import pytest

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.adapters.cryptography.certificate_signing_requests import csr_command_of_certificate
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error
from signet.domain.asn1.writer import element, object_identifier
from signet.domain.errors import SignetError, UnreadableFileError
from signet.domain.x509.distinguished_name import DistinguishedName
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import sequence

REFUSED = "refused"
SHOWN_AS_IT_IS = "shown as it is"
TAKEN = "taken"

LONG = b"\x84\x00\x00\x00"
"""Begins a length of four octets; the last follows."""


@dataclass(frozen=True)
class Odd:
    """A certificate with one oddity."""

    certificate: bytes
    answer: str
    text: str | None = None
    """How its subject or the value of its extension is shown, where it is taken."""
    carried: bytes = field(default=b"", repr=False)
    """What a request that renews it has again, to the byte."""


def attribute(value: bytes, kind: bytes = object_identifier(oids.AT_COMMON_NAME)) -> bytes:
    return sequence(element(tags.SET, sequence(kind, value)))


def with_subject(value: bytes) -> bytes:
    return forged.certificate_of(subject=attribute(value))


def with_type(content: bytes) -> bytes:
    kind = element(tags.OBJECT_IDENTIFIER, content)
    return forged.certificate_of(subject=attribute(element(tags.UTF8_STRING, b"a"), kind))


def with_extension(value: bytes, dotted: str = oids.CE_BASIC_CONSTRAINTS) -> bytes:
    return forged.certificate_of(extensions=sequence(forged.extension(dotted, value)))


def with_names(*names: bytes) -> bytes:
    return with_extension(sequence(*names), oids.CE_SUBJECT_ALT_NAME)


def with_signature_parameters(parameters: bytes) -> bytes:
    signed, _, signature = reader.parse(forged.certificate_of()).children()
    algorithm = sequence(object_identifier(oids.ECDSA_WITH_SHA256), parameters)
    return sequence(signed.encoded, algorithm, signature.encoded)


def with_time(value: bytes) -> bytes:
    return forged.certificate_of(not_before=value)


def nested(depth: int) -> bytes:
    value = b""
    for _ in range(depth):
        value = sequence(value)
    return value


UNSORTED = sequence(
    element(
        tags.SET,
        sequence(object_identifier(oids.AT_ORGANIZATION_NAME), element(tags.UTF8_STRING, b"O")),
        sequence(object_identifier(oids.AT_COMMON_NAME), element(tags.UTF8_STRING, b"C")),
    )
)
UPN = object_identifier("1.3.6.1.4.1.311.20.2.3")

ODD = {
    # --- headers
    "a length of four octets": Odd(forged.certificate_of(serial=b"\x02" + LONG + b"\x01\x11"), REFUSED),
    "a short length in the long form": Odd(forged.certificate_of(serial=b"\x02\x81\x01\x11"), REFUSED),
    "a length of five octets": Odd(forged.certificate_of(serial=b"\x02\x85\x00\x00\x00\x00\x01\x11"), REFUSED),
    "an indefinite length": Odd(forged.certificate_of(subject=b"\x30\x80\x00\x00"), REFUSED),
    "an odd length in an extension": Odd(with_extension(b"\x30\x81\x03\x01\x01\xff"), SHOWN_AS_IT_IS),
    "an indefinite length in an extension": Odd(with_extension(b"\x30\x80\x01\x01\xff\x00\x00"), SHOWN_AS_IT_IS),
    "an odd length in a value of a name": Odd(with_subject(b"\x0c\x81\x01a"), REFUSED),
    "an odd length inside a value that is no text": Odd(
        with_subject(sequence(b"\x0c\x81\x01a")), TAKEN, "CN=#30040c810161", attribute(sequence(b"\x0c\x81\x01a"))
    ),
    "a tag above 30": Odd(forged.certificate_of(serial=b"\x1f\x1f\x01\x11"), REFUSED),
    "a tag above 30 in a name": Odd(with_subject(b"\x1f\x1f\x01a"), REFUSED),
    "a tag above 30 beside the signature": Odd(with_signature_parameters(b"\x1f\x1f\x00"), REFUSED),
    "a small tag number written like one above 30": Odd(with_signature_parameters(b"\x1f\x05\x00"), REFUSED),
    "a tag above 30 in another name": Odd(
        with_names(element(0xA0, UPN, element(0xA0, b"\x1f\x1f\x01a"))), SHOWN_AS_IT_IS
    ),
    "bytes behind the certificate": Odd(forged.certificate_of() + b"\x05\x00", REFUSED),
    "bytes behind an extension": Odd(with_extension(sequence() + b"\x00"), SHOWN_AS_IT_IS),
    "a field behind the last": Odd(
        sequence(*(e.encoded for e in reader.parse(forged.certificate_of()).children()), forged.NULL), REFUSED
    ),
    "a thousand SEQUENCEs in each other": Odd(with_extension(nested(1000)), SHOWN_AS_IT_IS),
    "a thousand SEQUENCEs in a name": Odd(
        with_subject(nested(1000)), TAKEN, f"CN=#{nested(1000).hex()}", attribute(nested(1000))
    ),
    # --- object identifiers
    "an empty object identifier": Odd(with_type(b""), REFUSED),
    "an object identifier that begins with 0x80": Odd(with_type(b"\x80\x55\x04\x03"), REFUSED),
    "an arc that begins with 0x80": Odd(with_type(b"\x55\x80\x04\x03"), REFUSED),
    "an object identifier that is cut off": Odd(with_type(b"\x55\x04\x83"), REFUSED),
    "an object identifier of 64 bytes": Odd(with_type(b"\x55" + b"\x04" * 63), TAKEN, "2.5" + ".4" * 63 + "=a"),
    "an object identifier of 65 bytes": Odd(with_type(b"\x55" + b"\x04" * 64), REFUSED),
    "a usage that begins with 0x80": Odd(
        with_extension(sequence(b"\x06\x04\x80\x55\x1d\x25"), oids.CE_EXT_KEY_USAGE), SHOWN_AS_IT_IS
    ),
    # --- numbers and truth values
    "a negative serial number": Odd(forged.certificate_of(serial=b"\x02\x01\xff"), TAKEN, "CN=By hand"),
    "a serial number of zero": Odd(forged.certificate_of(serial=b"\x02\x01\x00"), TAKEN, "CN=By hand"),
    "a serial number without octets": Odd(forged.certificate_of(serial=b"\x02\x00"), REFUSED),
    "a serial number with a zero too many": Odd(forged.certificate_of(serial=b"\x02\x02\x00\x11"), REFUSED),
    "a serial number with 0xFF too many": Odd(forged.certificate_of(serial=b"\x02\x02\xff\x81"), REFUSED),
    "a path length with a zero too many": Odd(
        with_extension(sequence(b"\x01\x01\xff\x02\x02\x00\x01")), SHOWN_AS_IT_IS
    ),
    "a negative path length": Odd(with_extension(sequence(b"\x01\x01\xff\x02\x01\xff")), SHOWN_AS_IT_IS),
    "TRUE as 0x01": Odd(with_extension(sequence(b"\x01\x01\x01")), SHOWN_AS_IT_IS),
    "TRUE of two octets": Odd(with_extension(sequence(b"\x01\x02\xff\xff")), SHOWN_AS_IT_IS),
    "FALSE where it is the default": Odd(
        with_extension(sequence(b"\x01\x01\x00")), TAKEN, "{'ca': False, 'path_length': None}"
    ),
    "critical as 0x01": Odd(
        forged.certificate_of(
            extensions=sequence(
                sequence(object_identifier(oids.CE_KEY_USAGE), b"\x01\x01\x01", forged.octets(b"\x03\x02\x07\x80"))
            )
        ),
        REFUSED,
    ),
    "named bits with zeros behind the last": Odd(
        with_extension(b"\x03\x02\x00\x80", oids.CE_KEY_USAGE), TAKEN, "['digital_signature']", b"\x03\x02\x00\x80"
    ),
    "named bits with eight unused": Odd(with_extension(b"\x03\x02\x08\x80", oids.CE_KEY_USAGE), SHOWN_AS_IT_IS),
    # --- character strings
    "a UTF8String that is not UTF-8": Odd(with_subject(b"\x0c\x01\xff"), TAKEN, "CN=#0c01ff", b"\x0c\x01\xff"),
    "a UTF8String of an overlong form": Odd(with_subject(b"\x0c\x02\xc0\x80"), TAKEN, "CN=#0c02c080"),
    "a UTF8String with half a surrogate pair": Odd(with_subject(b"\x0c\x03\xed\xa0\x80"), TAKEN, "CN=#0c03eda080"),
    "a T61String": Odd(with_subject(b"\x14\x02J\xfc"), TAKEN, "CN=Jü", b"\x14\x02J\xfc"),
    "a PrintableString with what cannot be printed": Odd(with_subject(b"\x13\x01*"), TAKEN, "CN=*", b"\x13\x01*"),
    "a PrintableString beyond ASCII": Odd(with_subject(b"\x13\x01\xfc"), TAKEN, "CN=#1301fc"),
    "an IA5String beyond ASCII": Odd(with_subject(b"\x16\x01\xfc"), TAKEN, "CN=#1601fc"),
    "a BMPString of odd length": Odd(with_subject(b"\x1e\x03\x00a\x00"), TAKEN, "CN=#1e03006100"),
    "a BMPString with a pair of surrogates": Odd(with_subject(b"\x1e\x04\xd8\x3d\xde\x00"), TAKEN, "CN=😀"),
    "a BMPString with half a pair": Odd(with_subject(b"\x1e\x02\xd8\x3d"), TAKEN, "CN=#1e02d83d"),
    "a UniversalString of odd length": Odd(with_subject(b"\x1c\x03\x00\x00\x00"), TAKEN, "CN=#1c03000000"),
    "a UniversalString beyond Unicode": Odd(with_subject(b"\x1c\x04\x00\x11\x00\x00"), TAKEN, "CN=#1c0400110000"),
    "a character string in pieces": Odd(with_subject(b"\x2c\x03\x0c\x01a"), TAKEN, "CN=#2c030c0161"),
    # --- alternative names
    "a host name with values inside": Odd(with_names(element(0xA2, b"\x16\x01a")), SHOWN_AS_IT_IS),
    "a directory name without values inside": Odd(with_names(element(0x84, sequence())), SHOWN_AS_IT_IS),
    # --- sets
    "a SET that is not sorted": Odd(forged.certificate_of(subject=UNSORTED), TAKEN, "O=O+CN=C", UNSORTED),
    "a SEQUENCE where a name has a SET": Odd(
        forged.certificate_of(
            subject=sequence(sequence(sequence(object_identifier(oids.AT_COMMON_NAME), b"\x0c\x01a")))
        ),
        REFUSED,
    ),
    "an attribute of three values": Odd(with_subject(b"\x0c\x01a\x0c\x01b"), REFUSED),
    # --- times
    "a time without seconds": Odd(with_time(element(tags.UTC_TIME, b"2501010000Z")), REFUSED),
    "a time of another zone": Odd(with_time(element(tags.UTC_TIME, b"250101000000+0000")), REFUSED),
    "a time with a fraction": Odd(with_time(element(tags.GENERALIZED_TIME, b"20250101000000.0Z")), REFUSED),
    "a time of a leap second": Odd(with_time(element(tags.UTC_TIME, b"161231235960Z")), REFUSED),
    "a time with a sign": Odd(with_time(element(tags.UTC_TIME, b"+50101000000Z")), REFUSED),
    "a GeneralizedTime before 2050": Odd(
        with_time(element(tags.GENERALIZED_TIME, b"20250101000000Z")), TAKEN, "CN=By hand"
    ),
}


def read(certificate: bytes) -> None:
    read_certificate_file(certificate, password=None, private_key=None, private_key_password=None)


@pytest.mark.parametrize(
    "odd", [odd for odd in ODD.values() if odd.answer == REFUSED], ids=[k for k in ODD if ODD[k].answer == REFUSED]
)
def test_what_is_refused_comes_in_nowhere_and_is_told_of_what_is_here(odd: Odd) -> None:
    with pytest.raises(UnreadableFileError):
        read(odd.certificate)
    with pytest.raises(UnreadableFileError):
        certificate_details(odd.certificate, ())
    with pytest.raises(UnreadableFileError):
        certificate_details(forged.certificate_of(), (odd.certificate,))
    with pytest.raises(UnreadableFileError):
        csr_command_of_certificate(odd.certificate)


@pytest.mark.parametrize(
    "odd", [odd for odd in ODD.values() if odd.answer != REFUSED], ids=[k for k in ODD if ODD[k].answer != REFUSED]
)
def test_what_comes_in_is_shown_and_carried_on_as_it_is(odd: Odd) -> None:
    read(odd.certificate)
    details = certificate_details(odd.certificate, ())
    command = csr_command_of_certificate(odd.certificate)

    assert msgspec.json.encode(details)
    errors = [each.error for each in details.extensions if each.error is not None]
    assert bool(errors) == (odd.answer == SHOWN_AS_IT_IS)
    if odd.text is not None:
        assert odd.text in {details.subject, *(str(each.value) for each in details.extensions)}
    assert odd.carried in (command.key_usage or b"") + command.subject.encoded
    assert (DistinguishedName.decode(command.subject.encoded)) == command.subject


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.answer == SHOWN_AS_IT_IS])
def test_an_extension_that_cannot_be_read_is_asked_for_by_no_request(name: str) -> None:
    command = csr_command_of_certificate(ODD[name].certificate)

    assert (command.subject_alternative_names, command.extended_key_usage, command.key_usage) == ((), (), None)


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x00\x30\x00", b"\x00\x04"])
@pytest.mark.parametrize("dotted", [oids.RSA_ENCRYPTION, oids.EC_PUBLIC_KEY, oids.ED25519, oids.RSASSA_PSS, "1.2.3"])
def test_a_key_that_cannot_be_read_is_told_of_wherever_it_is(dotted: str, content: bytes) -> None:
    info = sequence(sequence(object_identifier(dotted)), element(tags.BIT_STRING, content))
    certificate = forged.certificate_of(public_info=info)

    with pytest.raises(SignetError):
        read(certificate)
    with pytest.raises(SignetError):
        certificate_details(certificate, ())
    with pytest.raises(SignetError):
        csr_command_of_certificate(certificate)


@pytest.mark.parametrize(
    "encoded", [b"\x30\x80\x06\x01\x29\x00\x00", b"\x30\x81\x03\x06\x01\x29", b"\x1f\x1f\x00", b"\x30\x02\x1f\x1f"]
)
def test_a_name_of_a_certificate_is_read_by_the_same_rules_wherever_it_comes_from(encoded: bytes) -> None:
    with pytest.raises(Asn1Error):
        DistinguishedName.decode(encoded)
