"""Compare what a CA issued with what was asked of it."""

from collections.abc import Iterable

from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.names import comparable
from signet.adapters.certificate_files.x509.signatures import is_signed_by
from signet.adapters.cryptography.asked_extensions import asked_extensions, read_request
from signet.domain.asn1 import reader
from signet.domain.signing_requests.issued_warning import IssuedWarning
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.general_name import DIRECTORY_NAME_TAG, KIND_TAGS, GeneralName


def differences(csr: bytes, certificate: bytes) -> frozenset[IssuedWarning]:
    """What is odd about `certificate`, issued for the request `csr` (both DER), as far as the two tell it.

    - `subject_differs`: another name by the rules of RFC 5280, 7.1, in which neither string types nor case count.
    - `names_missing`: an alternative name that was asked for is not there. More may be.
    - `usages_missing`: an extended usage that was asked for is not there (one that is any usage must stand beside the
      particular ones, RFC 5280, 4.2.1.12), or the KeyUsage leaves out a bit that was asked for. Without a KeyUsage the
      key is good for everything.
    - `ca_certificate`: its basic constraints make it a CA's (RFC 5280, 4.2.1.9).
    - `self_signed`: its issuer is its subject, and its own key made the signature.
    """
    x509 = X509Certificate.read(certificate)
    subject, wanted = read_request(csr)
    got = asked_extensions(x509.extensions)
    found = {
        IssuedWarning.SUBJECT_DIFFERS: comparable(subject) != comparable(x509.subject),
        IssuedWarning.NAMES_MISSING: not _comparable(wanted.names) <= _comparable(got.names),
        IssuedWarning.USAGES_MISSING: not set(wanted.usages) <= set(got.usages)
        or (got.key_usage is not None and not wanted.key_usage_bits <= got.key_usage_bits),
        IssuedWarning.CA_CERTIFICATE: x509.is_authority,
        IssuedWarning.SELF_SIGNED: is_self_signed(x509),
    }
    return frozenset(each for each, is_so in found.items() if is_so)


def is_self_signed(x509: X509Certificate) -> bool:
    """Whether `x509` is its own issuer; by the names alone where the signature's algorithm cannot be checked."""
    return x509.is_self_issued and is_signed_by(x509, x509.public_key_info) is not False


def _comparable(names: Iterable[GeneralName]) -> set[object]:
    """Equal for names that RFC 5280, 7.2 to 7.5 take as one: the case of hosts does not matter."""
    return {_comparable_name(name) for name in names}


def _comparable_name(name: GeneralName) -> object:
    element = reader.parse(name.encoded)
    content = element.content
    if element.tag == KIND_TAGS["dns"]:
        return element.tag, content.lower()
    if element.tag == KIND_TAGS["email"]:
        mailbox, _, host = content.rpartition(b"@")
        return element.tag, mailbox, host.lower()
    if element.tag == DIRECTORY_NAME_TAG:
        return element.tag, comparable(DistinguishedName.read(element.only()))
    return name.encoded
