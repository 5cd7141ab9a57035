"""Read a certificate file of whatever format: PKCS#12, PKCS#7, PEM or DER, told apart by its bytes.

    content -> format -> certificates, keys -> the one key -> the certificate that matters -> its path

The parts are in `certificate_reading`; here is the order of things, and every refusal of the contract, section 3.
"""

from dataclasses import dataclass, field

from signet.adapters.certificate_reading import asn1, pem
from signet.adapters.certificate_reading.asn1 import Asn1Error, Element
from signet.adapters.certificate_reading.certificate import X509Certificate
from signet.adapters.certificate_reading.password_encryption import Password, decrypt, decrypt_pem
from signet.adapters.certificate_reading.path import CertificateSet
from signet.adapters.certificate_reading.pem import PemBlock, pem_blocks
from signet.adapters.certificate_reading.pkcs7 import certificates_in_pkcs7
from signet.adapters.certificate_reading.pkcs12 import KeyBag, bags_in_pkcs12
from signet.adapters.certificate_reading.private_keys import PrivateKey, is_encrypted, read_private_key
from signet.adapters.certificate_reading.public_keys import read_public_key
from signet.adapters.certificate_reading.work import WorkBudget
from signet.domain.errors import (
    FileTooLargeError,
    NoCertificateError,
    PasswordRequiredError,
    SeveralKeysError,
    UnreadableFileError,
    UnsupportedFormatError,
    WrongPasswordError,
)
from signet.domain.x509 import CertificateFile, X509Facts

MAX_FILE_BYTES = 256 * 1024
MAX_NAME_CHARACTERS = 16 * 1024
"""Of a subject or issuer as text: a whole file's worth of it would outgrow what a table and an answer hold."""

_FOREIGN_BEGINNINGS = {
    b"\xfe\xed\xfe\xed": "a Java keystore (JKS)",
    b"\xce\xce\xce\xce": "a Java keystore (JCEKS)",
    b"\x00\x00\x00\x01\x00\x00\x00\x14": "a BouncyCastle keystore",
    b"\x00\x00\x00\x02\x00\x00\x00\x14": "a BouncyCastle keystore",
    b"PuTTY-User-Key-File-": "a PuTTY key",
    b"---- BEGIN SSH2 ": "an SSH key",
    b"ssh-": "an SSH key",
    b"ecdsa-sha2-": "an SSH key",
    b"sk-": "an SSH key",
    b"openssh-key-v1": "an SSH key",
    b"\x95": "an OpenPGP key",
    b"\x99": "an OpenPGP key",
    b"\xc5": "an OpenPGP key",
    b"\xc6": "an OpenPGP key",
    b"PK\x03\x04": "a ZIP archive",
    b'{"kty"': "a JSON Web Key",
    b"\x1e\xf1\xb5\xb0": "a Microsoft PVK key",
    b"SQLite format 3": "a database",
}


@dataclass(frozen=True, slots=True)
class _Key:
    """A private key as found, with what may open it."""

    element: Element = field(repr=False)
    password: str | None = field(repr=False)
    dek_info: str | None = None
    """The header of an old encrypted PEM block, whose `element` is then the encrypted bytes."""
    friendly_name: str | None = None


@dataclass(slots=True)
class _Found:
    """What a file turned out to hold."""

    certificates: list[bytes] = field(default_factory=list)
    keys: list[_Key] = field(default_factory=list)
    friendly_names: dict[bytes, str] = field(default_factory=dict)
    """By the DER of the certificate."""


def read_certificate_file(
    content: bytes, *, password: str | None, private_key: str | None, private_key_password: str | None
) -> CertificateFile:
    """The certificate that `content` is about, the rest of its path, and its private key if there is one.

    `password` opens `content`, `private_key_password` the PEM text `private_key`, which may come beside it.

    Raises:
        FileTooLargeError: over 256 KiB.
        UnsupportedFormatError: a key store of a kind that is not read here.
        UnreadableFileError: not a certificate file, a broken one, or one that asks for too much work.
        PasswordRequiredError: encrypted, and no password was given.
        WrongPasswordError: the password given does not open it.
        NoCertificateError: there is no certificate in it.
        SeveralKeysError: there is more than one private key.
        SeveralCertificatesError: it cannot be told which certificate is meant.
        KeyMismatchError: the private key belongs to none of the certificates.
        UnsupportedKeyError: the certificate or the key is of a kind that Signet does not sign with.
        WeakKeyError: the certificate or the key can be broken.
    """
    if len(content) > MAX_FILE_BYTES or len(private_key or "") > MAX_FILE_BYTES:
        raise FileTooLargeError(f"A certificate file is at most {MAX_FILE_BYTES // 1024} KiB long.")
    try:
        return _read(content, password, private_key, private_key_password, WorkBudget())
    except Asn1Error:
        # The cause could quote the content.
        raise UnreadableFileError("The file, or the private key, is broken or no such thing.") from None


def _read(
    content: bytes, password: str | None, private_key: str | None, private_key_password: str | None, budget: WorkBudget
) -> CertificateFile:
    found = _found_in(content, password, budget)
    if private_key is not None:
        found.keys += _keys_in_pem(private_key, private_key_password)
    if len(found.keys) > 1:
        raise SeveralKeysError("There is more than one private key; expected one at most.")
    if not found.certificates:
        raise NoCertificateError("There is no certificate in the file.")

    certificates = CertificateSet(map(X509Certificate.read, found.certificates), budget)
    key = _opened(found.keys[0], budget) if found.keys else None
    certificate = certificates.of_key(key.public_info) if key else certificates.end_entity()
    friendly_name = found.friendly_names.get(certificate.der)
    if friendly_name is None and found.keys:
        friendly_name = found.keys[0].friendly_name
    return CertificateFile(
        certificate=certificate.der,
        facts=_facts(certificate),
        chain=tuple(issuer.der for issuer in certificates.path_from(certificate)),
        private_key=key.pkcs8 if key else None,
        friendly_name=friendly_name,
    )


def _facts(certificate: X509Certificate) -> X509Facts:
    """What the register keeps; the certificate's own key is checked on the way."""
    public_key = read_public_key(certificate.public_key_info)
    subject, issuer = certificate.subject.text, certificate.issuer.text
    if max(len(subject), len(issuer)) > MAX_NAME_CHARACTERS:
        raise UnreadableFileError(f"A subject or issuer is at most {MAX_NAME_CHARACTERS} characters long.")
    return X509Facts(
        subject=subject,
        issuer=issuer,
        common_name=certificate.subject.common_name,
        serial_number=certificate.serial_number_hex,
        thumbprint_sha1=certificate.thumbprint_sha1,
        thumbprint_sha256=certificate.thumbprint_sha256,
        key_algorithm=public_key.algorithm,
        spki_sha256=public_key.thumbprint_sha256,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _found_in(content: bytes, password: str | None, budget: WorkBudget) -> _Found:
    """Tell the format by the bytes and take it apart."""
    for beginning, what in _FOREIGN_BEGINNINGS.items():
        if content.startswith(beginning):
            raise UnsupportedFormatError(f"The file is {what}; expected PKCS#12, PKCS#7, PEM or DER.")
    if pem.MARKER in content and not _is_one_element(content):
        return _found_in_pem(pem_blocks(content), password)
    return _found_in_der(asn1.parse(content, ber=True), content, password, budget)


def _is_one_element(content: bytes) -> bool:
    """A text may begin with the digit 0, which is a SEQUENCE's tag; a DER file may have a PEM text in it."""
    try:
        return asn1.parse(content, ber=True).tag == asn1.SEQUENCE
    except Asn1Error:
        return False


def _found_in_der(file: Element, content: bytes, password: str | None, budget: WorkBudget) -> _Found:
    """PKCS#12 begins with a number, PKCS#7 with an object identifier, a certificate with neither."""
    tags = [each.tag for each in file.expect(asn1.SEQUENCE).children()[:3]]
    match tags:
        case [asn1.OBJECT_IDENTIFIER, *_]:
            return _Found(certificates=certificates_in_pkcs7(file))
        case [asn1.INTEGER, asn1.SEQUENCE, asn1.OCTET_STRING, *_] | [
            asn1.INTEGER,
            asn1.INTEGER | asn1.OCTET_STRING,
            *_,
        ]:
            raise NoCertificateError("The file is a private key without a certificate.")
        case [asn1.INTEGER, asn1.SEQUENCE, *_]:
            return _found_in_pkcs12(file, password, budget)
        case [asn1.SEQUENCE, asn1.OCTET_STRING]:
            raise NoCertificateError("The file is an encrypted private key without a certificate.")
        case [asn1.SEQUENCE, asn1.BIT_STRING]:
            raise NoCertificateError("The file is a public key without a certificate.")
        case [asn1.SEQUENCE, asn1.SEQUENCE]:
            raise UnsupportedFormatError("The file is a BouncyCastle keystore (BCFKS), or of no kind that is known.")
    return _Found(certificates=[content])


def _found_in_pkcs12(file: Element, password: str | None, budget: WorkBudget) -> _Found:
    found = _Found()
    try:
        bags = bags_in_pkcs12(file, Password.readings(password), budget)
    except WrongPasswordError:
        if password is None:
            raise PasswordRequiredError("The file is encrypted, and no password was given.") from None
        raise
    for bag in bags:
        if isinstance(bag, KeyBag):
            found.keys.append(_Key(bag.key, password, friendly_name=bag.friendly_name))
            continue
        found.certificates.append(bag.der)
        if bag.friendly_name is not None:
            found.friendly_names.setdefault(bag.der, bag.friendly_name)
    return found


def _found_in_pem(blocks: list[PemBlock], password: str | None) -> _Found:
    found = _Found()
    for block in blocks:
        if block.label in pem.CERTIFICATE_LABELS:
            # What OpenSSL calls a trusted certificate has its notes on trust behind it.
            trusted = block.label == "TRUSTED CERTIFICATE"
            found.certificates.append(asn1.parse_first(block.content).encoded if trusted else block.content)
        elif block.label in pem.PKCS7_LABELS:
            found.certificates += certificates_in_pkcs7(asn1.parse(block.content, ber=True))
        elif block.label.startswith(pem.FOREIGN_LABELS):
            raise UnsupportedFormatError(f"A PEM block is of a kind that is not read here: {block.label}.")
        elif pem.is_key(block):
            found.keys.append(_key_in_block(block, password))
    return found


def _keys_in_pem(text: str, password: str | None) -> list[_Key]:
    """The private keys in a PEM text, of which there must be one at least."""
    blocks = pem_blocks(text.encode("utf-8", "surrogatepass"))
    if any(block.label.startswith(pem.FOREIGN_LABELS) for block in blocks):
        raise UnsupportedFormatError("The private key is of a format that is not read here; expected PEM of PKCS#8.")
    keys = [_key_in_block(block, password) for block in blocks if pem.is_key(block)]
    if not keys:
        raise UnreadableFileError("There is no private key in `private_key`; expected it as PEM.")
    return keys


def _key_in_block(block: PemBlock, password: str | None) -> _Key:
    if "ENCRYPTED" in block.headers.get("Proc-Type", ""):
        raw = Element(asn1.OCTET_STRING, block.content, block.content, ber=False)
        return _Key(raw, password, dek_info=block.headers.get("DEK-Info", ""))
    return _Key(asn1.parse(block.content, ber=True), password)


def _opened(key: _Key, budget: WorkBudget) -> PrivateKey:
    """`key` decrypted, if it has to be, and checked."""
    encrypted = key.dek_info is not None or is_encrypted(key.element)
    if not encrypted:
        return read_private_key(key.element)
    if key.password is None and key.dek_info is not None:
        raise PasswordRequiredError("The private key is encrypted, and no password was given.")
    readings = Password.readings(key.password)
    try:
        if key.dek_info is not None:
            plain = decrypt_pem(key.dek_info, key.element.content, readings[0], budget)
        else:
            fields = key.element.fields()
            plain = decrypt(fields.take(), fields.take().octets(), readings, budget)
    except WrongPasswordError:
        if key.password is None:
            raise PasswordRequiredError("The private key is encrypted, and no password was given.") from None
        raise
    return read_private_key(asn1.parse(plain, ber=True))
