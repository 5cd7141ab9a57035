"""Read a certificate file of whatever format: PKCS#12, PKCS#7, PEM or DER, told apart by its bytes.

    content -> certificates, keys -> the one key -> the certificate that matters -> its path

The modules beside this one do the single steps. This one has their order, and every refusal of the contract, section 3.
"""

from collections.abc import Container

from signet.adapters.certificate_files import ber
from signet.adapters.certificate_files.contents import (
    Contents,
    FoundKey,
    contents_of_file,
    contents_of_private_key,
)
from signet.adapters.certificate_files.keys.password_encryption import decrypt, decrypt_pem
from signet.adapters.certificate_files.keys.private_keys import PrivateKey, is_encrypted, read_private_key
from signet.adapters.certificate_files.path import CertificateSet
from signet.adapters.certificate_files.work import WorkBudget
from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.public_keys import check_strength, read_public_key
from signet.adapters.cryptography.certificate_decoder import MAX_DETAILS_BYTES, details_size
from signet.adapters.cryptography.certificate_paths import issuer_keys
from signet.domain.asn1.reader import Asn1Error
from signet.domain.certificates.certificate_marks import MAX_SERIAL_NUMBER_BYTES
from signet.domain.errors import (
    CompromisedKeyError,
    FileTooLargeError,
    NoCertificateError,
    PasswordRequiredError,
    SeveralKeysError,
    UnreadableFileError,
    WrongPasswordError,
)
from signet.domain.x509.certificate_facts import CertificateFacts, CertificateFile
from signet.ports.keys import MAX_CERTIFICATE_FILE_BYTES

MAX_NAME_CHARACTERS = 16 * 1024
"""Of a subject or issuer as text: a whole file's worth of it would outgrow what a table and an answer hold."""


def read_certificate_file(
    content: bytes,
    *,
    password: str | None,
    private_key: str | None,
    private_key_password: str | None,
    compromised: Container[str] = frozenset(),
) -> CertificateFile:
    """The certificate that `content` is about, the rest of its path, and its private key if there is one.

    `password` opens `content`, `private_key_password` the PEM text `private_key`, which may come beside it.
    Where no `private_key` came and no `password`, `private_key_password` opens `content`.
    `compromised` holds the SPKI thumbprints of keys that are public, in upper-case hex.

    Raises:
        FileTooLargeError: over 256 KiB, or it says more than can be shown.
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
        CompromisedKeyError: the certificate's key is a public one.
    """
    if len(content) > MAX_CERTIFICATE_FILE_BYTES or len(private_key or "") > MAX_CERTIFICATE_FILE_BYTES:
        raise FileTooLargeError(f"A certificate file is at most {MAX_CERTIFICATE_FILE_BYTES // 1024} KiB long.")
    try:
        return _read(content, password, private_key, private_key_password, compromised, WorkBudget())
    except Asn1Error as error:
        # The text of these errors is fixed. The cause is left out, because it could quote the content.
        raise UnreadableFileError(f"The file, or the private key, is broken: {error}") from None


def _read(
    content: bytes,
    password: str | None,
    private_key: str | None,
    private_key_password: str | None,
    compromised: Container[str],
    budget: WorkBudget,
) -> CertificateFile:
    if password is None and private_key is None:
        # It can only be meant for the key in `content`.
        password = private_key_password
    found = contents_of_file(content, password, budget)
    if private_key is not None:
        found.add(contents_of_private_key(private_key, private_key_password, budget))
    if len(found.keys) > 1:
        raise SeveralKeysError("There is more than one private key; expected one at most.")
    if not found.certificates:
        what = "The file is a private key without a certificate; import both together." if found.keys else ""
        raise NoCertificateError(what or "There is no certificate in the file.")

    certificates = CertificateSet(map(X509Certificate.read, found.certificates), budget)
    key = _opened(found.keys[0], budget) if found.keys else None
    if key is None:
        certificate = certificates.end_entity()
    else:
        certificate = certificates.of_key(key.public_info, marked=_marked(found))
    facts = _facts(certificate)
    check_strength(certificate.public_key_info, private_key_is_here=key is not None)
    chain = tuple(issuer.der for issuer in certificates.path_from(certificate))
    _check_what_would_be_shown(certificate, chain)
    if facts.spki_sha256 in compromised:
        raise CompromisedKeyError("The private key of this certificate is public: anybody can sign with it.")
    friendly_name = found.friendly_names.get(certificate.der)
    if friendly_name is None and found.keys:
        friendly_name = found.keys[0].friendly_name
    return CertificateFile(
        certificate=certificate.der,
        facts=facts,
        chain=chain,
        private_key=key.pkcs8 if key else None,
        friendly_name=friendly_name,
    )


def _check_what_would_be_shown(certificate: X509Certificate, chain: tuple[bytes, ...]) -> None:
    """Refuse a certificate that says more than can be shown later."""
    for each in (certificate, *map(X509Certificate.read, chain)):
        if each.serial_number.bit_length() > 8 * MAX_SERIAL_NUMBER_BYTES:
            raise UnreadableFileError(
                f"A serial number is at most {MAX_SERIAL_NUMBER_BYTES} octets long (RFC 5280, 4.1.2.2 allows 20)."
            )
    if details_size(certificate.der, chain) > MAX_DETAILS_BYTES:
        raise FileTooLargeError(
            f"The certificate and its path say more than is shown: {MAX_DETAILS_BYTES // 1_000_000} MB at most."
        )


def _marked(found: Contents) -> frozenset[bytes]:
    """The certificates that have the key's localKeyID."""
    mark = found.keys[0].local_key_id
    return frozenset(der for der, theirs in found.local_key_ids.items() if mark is not None and theirs == mark)


def _facts(certificate: X509Certificate) -> CertificateFacts:
    """What the register keeps of the certificate. Its public key is read for that, and so it is checked as well."""
    public_key = read_public_key(certificate.public_key_info)
    subject, issuer = certificate.subject.text, certificate.issuer.text
    if max(len(subject), len(issuer)) > MAX_NAME_CHARACTERS:
        raise UnreadableFileError(f"A subject or issuer is at most {MAX_NAME_CHARACTERS} characters long.")
    return CertificateFacts(
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
        issuer_keys=issuer_keys(certificate),
    )


def _opened(key: FoundKey, budget: WorkBudget) -> PrivateKey:
    """`key` decrypted, if it has to be, and checked."""
    encrypted = key.dek_info is not None or is_encrypted(key.element)
    if not encrypted:
        return read_private_key(key.element)
    if not key.password_given and key.dek_info is not None:
        raise PasswordRequiredError("The private key is encrypted, and no password was given.")
    try:
        if key.dek_info is not None:
            plain = decrypt_pem(key.dek_info, key.element.content, key.readings, budget)
        else:
            fields = key.element.fields()
            plain = decrypt(fields.take(), fields.take().octets(), key.readings, budget)
    except WrongPasswordError:
        if not key.password_given:
            raise PasswordRequiredError("The private key is encrypted, and no password was given.") from None
        raise
    return read_private_key(ber.parse(plain))
