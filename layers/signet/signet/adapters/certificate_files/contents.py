"""Find every certificate and every key in a file, however they are wrapped; none of them is overlooked.

What a binary file or a block of PEM is, its structure decides. The label of a block is not enough, since tools use
labels differently: AD CS writes PKCS#7 under CERTIFICATE.
"""

import re
from dataclasses import dataclass, field

from signet.adapters.certificate_files import ber, pem
from signet.adapters.certificate_files.foreign_files import refuse_foreign_file, unreadable
from signet.adapters.certificate_files.keys.key_derivation import Password
from signet.adapters.certificate_files.pem import PemBlock, pem_blocks
from signet.adapters.certificate_files.pkcs7 import certificates_in_pkcs7
from signet.adapters.certificate_files.pkcs12 import KeyBag, bags_in_pkcs12
from signet.adapters.certificate_files.work import WorkBudget
from signet.domain.asn1 import tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import (
    NoCertificateError,
    PasswordRequiredError,
    UnreadableFileError,
    UnsupportedFormatError,
    WrongPasswordError,
)

_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_FILE_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA", "CERTIFICATE CHAIN", "PKCS12", "PFX"})
_FOREIGN_LABELS = {
    "OPENSSH PRIVATE KEY": "an SSH key",
    "SSH2 ": "an SSH key",
    "PGP ": "OpenPGP",
    "JWK": "a JSON Web Key",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19]")
_HARMLESS_LABELS = frozenset({"EC PARAMETERS"})
"""Written before a key by `openssl ecparam -genkey`; the key names its curve itself."""
_OTHER_LABELS = {
    "CERTIFICATE REQUEST": "a certificate signing request; send it to the CA, and import what comes back",
    "NEW CERTIFICATE REQUEST": "a certificate signing request; send it to the CA, and import what comes back",
    "X509 CRL": "a certificate revocation list",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "DH PARAMETERS": "Diffie-Hellman parameters",
    "X9.42 DH PARAMETERS": "Diffie-Hellman parameters",
    "DSA PARAMETERS": "DSA parameters",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "SSL SESSION PARAMETERS": "a TLS session",
}


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A private key as found, with what may open it."""

    element: Element = field(repr=False)
    readings: tuple[Password, ...] = field(repr=False)
    password_given: bool
    dek_info: str | None = None
    """The header of an old encrypted PEM block, whose `element` is then the encrypted bytes."""
    friendly_name: str | None = None
    local_key_id: bytes | None = None


@dataclass(slots=True)
class Contents:
    """What a file turned out to hold."""

    certificates: list[bytes] = field(default_factory=list)
    keys: list[FoundKey] = field(default_factory=list)
    friendly_names: dict[bytes, str] = field(default_factory=dict)
    """By the DER of the certificate."""
    local_key_ids: dict[bytes, bytes] = field(default_factory=dict)
    """By the DER of the certificate."""

    def add(self, other: "Contents") -> None:
        """What a further part of the file holds."""
        self.certificates += other.certificates
        self.keys += other.keys
        self.friendly_names = other.friendly_names | self.friendly_names
        self.local_key_ids = other.local_key_ids | self.local_key_ids


def contents_of_file(content: bytes, password: str | None, budget: WorkBudget) -> Contents:
    """Tell the format by the bytes and take it apart.

    Raises:
        UnsupportedFormatError, UnreadableFileError, NoCertificateError: it is of another kind, or broken.
        PasswordRequiredError, WrongPasswordError: it is encrypted.
        Asn1Error: it is broken.
    """
    refuse_foreign_file(content)
    if pem.is_armoured(content) and not _is_binary(content):
        return _contents_of_text(content, password, budget)
    if not _looks_binary(content):
        raise unreadable(content)
    file, end = ber.parse_first(content)
    return _contents_of_binary(file, content, end, password, budget)


def contents_of_private_key(text: str, password: str | None, budget: WorkBudget) -> Contents:
    """What stands in the PEM text of a private key: that, and the certificates beside it.

    Raises:
        UnreadableFileError: there is no private key in it.
        And what `contents_of_file` raises.
    """
    content = text.encode("utf-8", "surrogatepass")
    found = Contents()
    if pem.is_armoured(content):
        found = _contents_of_text(content, password, budget, beside=True)
    if not found.keys:
        raise UnreadableFileError("There is no private key in `private_key`; expected it as PEM.")
    return found


def _is_binary(content: bytes) -> bool:
    """Whether it is DER, though there is PEM in it or behind it."""
    try:
        return _looks_binary(content) and bool(ber.parse_first(content))
    except Asn1Error:
        return False


def _looks_binary(content: bytes) -> bool:
    """Whether it begins as DER does; a text may begin with the digit 0 as well, which is a SEQUENCE's tag."""
    return content[:1] == bytes((tags.SEQUENCE,)) and _CONTROL.search(content, 0, 1024) is not None


def _contents_of_binary(file: Element, content: bytes, end: int, password: str | None, budget: WorkBudget) -> Contents:
    """PKCS#12 begins with a number, PKCS#7 with an object identifier, a certificate with neither."""
    _refuse_what_is_behind(content[end:])
    shape = [each.tag for each in file.expect(tags.SEQUENCE).children()[:3]]
    match shape:
        case [tags.OBJECT_IDENTIFIER, *_]:
            return Contents(certificates=certificates_in_pkcs7(file))
        case [tags.INTEGER, tags.SEQUENCE, tags.OCTET_STRING, *_] | [
            tags.INTEGER,
            tags.INTEGER | tags.OCTET_STRING,
            *_,
        ]:
            raise NoCertificateError("The file is a private key without a certificate; import both together.")
        case [tags.INTEGER, tags.SEQUENCE, *_]:
            return _contents_of_pkcs12(file, password, budget)
        case [tags.SEQUENCE, tags.OCTET_STRING]:
            raise NoCertificateError(
                "The file is an encrypted private key without a certificate; import both together."
            )
        case [tags.SEQUENCE, tags.BIT_STRING]:
            raise NoCertificateError("The file is a public key without a certificate.")
        case [tags.SEQUENCE, tags.SEQUENCE]:
            raise UnsupportedFormatError("The file is a BouncyCastle keystore (BCFKS), or of no kind that is known.")
    _refuse_what_only_looks_like_a_certificate(file)
    return Contents(certificates=[content[:end]])


def _refuse_what_is_behind(rest: bytes) -> None:
    """Let zeros and line breaks behind the file pass, which some programs write; refuse everything else."""
    rest = rest.strip(b"\0\t\n\v\f\r ")
    if not rest:
        return
    if pem.is_armoured(rest):
        what = "a text in PEM"
    elif rest[:1] == bytes((tags.SEQUENCE,)):
        what = "another binary file; several certificates are taken as PEM, PKCS#7 or PKCS#12"
    else:
        what = "of no kind that is known"
    raise UnreadableFileError(f"There are {len(rest)} bytes behind the end of the file: {what}.")


def _refuse_what_only_looks_like_a_certificate(file: Element) -> None:
    """A CSR and a CRL are signed structures as well (RFC 2986, 4; RFC 5280, 5.1)."""
    children = file.children()
    if [each.tag for each in children] != [tags.SEQUENCE, tags.SEQUENCE, tags.BIT_STRING]:
        return
    shape = [each.tag for each in children[0].children()]
    times = {tags.UTC_TIME, tags.GENERALIZED_TIME}
    match shape:
        case [tags.INTEGER, tags.SEQUENCE, tags.SEQUENCE] | [tags.INTEGER, tags.SEQUENCE, tags.SEQUENCE, 0xA0]:
            raise UnreadableFileError(f"The file is {_OTHER_LABELS['CERTIFICATE REQUEST']}.")
        case [tags.INTEGER, tags.SEQUENCE, tags.SEQUENCE, time, *_] | [tags.SEQUENCE, tags.SEQUENCE, time, *_] if (
            time in times
        ):
            raise UnreadableFileError("The file is a certificate revocation list, and holds no certificate.")


def _contents_of_pkcs12(file: Element, password: str | None, budget: WorkBudget) -> Contents:
    found = Contents()
    try:
        bags = bags_in_pkcs12(file, Password.readings(password), budget)
    except WrongPasswordError:
        if password is None:
            raise PasswordRequiredError("The file is encrypted, and no password was given.") from None
        raise
    for bag in bags:
        name, mark = bag.attributes.friendly_name, bag.attributes.local_key_id
        if isinstance(bag, KeyBag):
            given = password is not None
            found.keys.append(FoundKey(bag.key, bag.readings, given, friendly_name=name, local_key_id=mark))
            continue
        found.certificates.append(bag.der)
        if name is not None:
            found.friendly_names.setdefault(bag.der, name)
        if mark is not None:
            found.local_key_ids.setdefault(bag.der, mark)
    return found


def _contents_of_text(text: bytes, password: str | None, budget: WorkBudget, *, beside: bool = False) -> Contents:
    """Every block in `text`, which is the file, or the private key that came `beside` it."""
    found = Contents()
    unwanted: PemBlock | None = None
    for block in pem_blocks(text):
        foreign = next((what for label, what in _FOREIGN_LABELS.items() if block.label.startswith(label)), None)
        if foreign is not None:
            raise UnsupportedFormatError(f"The PEM block {block.label} is {foreign}, which is not read here.")
        if pem.is_key(block):
            found.keys.append(_key_in_block(block, password))
        elif block.label in _CERTIFICATE_LABELS or block.label in _FILE_LABELS:
            found.add(_contents_of_block(block, password, budget))
        elif block.label not in _HARMLESS_LABELS:
            unwanted = unwanted or block
    if unwanted is not None:
        what = _OTHER_LABELS.get(unwanted.label, "of a kind that is not known")
        text_of_it = f"The PEM block {unwanted.label} is {what}."
        if found.certificates:
            raise UnsupportedFormatError(f"{text_of_it} Leave only certificates and their private key in the file.")
        if beside:
            raise UnreadableFileError(f"{text_of_it} Expected a private key in `private_key`.")
        raise NoCertificateError(f"{text_of_it} There is no certificate in the file.")
    return found


def _contents_of_block(block: PemBlock, password: str | None, budget: WorkBudget) -> Contents:
    """Read the block by what it holds, which its label does not always say."""
    try:
        file, end = ber.parse_first(block.content)
        if block.label == "TRUSTED CERTIFICATE":
            # What OpenSSL calls a trusted certificate has its notes on trust behind it.
            return Contents(certificates=[block.content[:end]])
        return _contents_of_binary(file, block.content, end, password, budget)
    except NoCertificateError as error:
        raise UnreadableFileError(f"The PEM block {block.label} holds something else. {error}") from None


def _key_in_block(block: PemBlock, password: str | None) -> FoundKey:
    readings, given = Password.readings(password), password is not None
    if "ENCRYPTED" in block.headers.get("Proc-Type", ""):
        raw = Element(tags.OCTET_STRING, block.content, block.content)
        return FoundKey(raw, readings, given, dek_info=block.headers.get("DEK-Info", ""))
    element, end = ber.parse_first(block.content)
    _refuse_what_is_behind(block.content[end:])
    return FoundKey(element, readings, given)
