"""Read the certificates of a PKCS#7 file (RFC 2315, 9; RFC 5652, 5)."""

from signet.adapters.certificate_files import asn1
from signet.adapters.certificate_files.asn1 import Element
from signet.domain.errors import UnsupportedFormatError

SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"
ENCRYPTED_DATA = "1.2.840.113549.1.7.6"


def content_info(element: Element) -> tuple[str, Element | None]:
    """The type of a ContentInfo and its content."""
    fields = element.fields()
    oid, content = fields.take().oid(), fields.take_if(asn1.context(0))
    return oid, content.only() if content else None


def certificates_in_pkcs7(element: Element) -> list[bytes]:
    """The DER of every X.509 certificate in the SignedData that `element` is.

    Raises:
        UnsupportedFormatError: the PKCS#7 is of another kind.
        Asn1Error: it is broken.
    """
    oid, signed_data = content_info(element)
    if oid != SIGNED_DATA or signed_data is None:
        raise UnsupportedFormatError("Of PKCS#7, only signed data is read: the kind that carries certificates.")
    fields = signed_data.fields()
    fields.take(asn1.INTEGER)
    fields.take(asn1.SET)
    fields.take(asn1.SEQUENCE)
    certificates = fields.take_if(asn1.context(0))
    if certificates is None:
        return []
    # The other alternatives of CertificateChoices are tagged; only X.509 is a plain SEQUENCE (RFC 5652, 10.2.2).
    return [each.encoded for each in certificates.children() if each.tag == asn1.SEQUENCE]
