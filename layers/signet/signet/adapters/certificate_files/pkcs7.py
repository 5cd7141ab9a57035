"""Read the certificates of a PKCS#7 file (RFC 2315, 9; RFC 5652, 5)."""

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import tags
from signet.domain.asn1.reader import Element
from signet.domain.errors import UnsupportedFormatError


def content_info(element: Element) -> tuple[str, Element | None]:
    """The type of a ContentInfo and its content."""
    fields = element.fields()
    oid, content = fields.take().oid(), fields.take_if(tags.context(0))
    return oid, content.only() if content else None


def certificates_in_pkcs7(element: Element) -> list[bytes]:
    """The DER of every X.509 certificate in the SignedData that `element` is.

    Raises:
        UnsupportedFormatError: the PKCS#7 is of another kind.
        Asn1Error: it is broken.
    """
    oid, signed_data = content_info(element)
    if oid != oids.SIGNED_DATA or signed_data is None:
        raise UnsupportedFormatError("Of PKCS#7, only signed data is read: the kind that carries certificates.")
    fields = signed_data.fields()
    fields.take(tags.INTEGER)
    fields.take(tags.SET)
    fields.take(tags.SEQUENCE)
    certificates = fields.take_if(tags.context(0))
    if certificates is None:
        return []
    # The other alternatives of CertificateChoices are tagged; only X.509 is a plain SEQUENCE (RFC 5652, 10.2.2).
    return [each.encoded for each in certificates.children() if each.tag == tags.SEQUENCE]
