"""Everything that a certificate says, for people to read. No address that stands in a certificate is ever contacted."""

import json
from base64 import b64encode
from dataclasses import asdict, replace

from signet.adapters.certificate_files.keys.ml_dsa_keys import public_key_bytes
from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.extensions import extension_details, extension_in_base64
from signet.adapters.certificate_files.x509.names import ATTRIBUTE_NAMES
from signet.adapters.certificate_files.x509.public_keys import PublicKey, read_public_key
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1.reader import Asn1Error
from signet.domain.errors import UnreadableFileError
from signet.domain.x509.certificate_details import (
    AlgorithmName,
    CertificateDetails,
    IssuerDetails,
    NameAttribute,
    PublicKeyDetails,
)
from signet.domain.x509.distinguished_name import DistinguishedName

SIGNATURE_ALGORITHMS = {
    oids.MD2_WITH_RSA_ENCRYPTION: "md2WithRSAEncryption",
    oids.MD5_WITH_RSA_ENCRYPTION: "md5WithRSAEncryption",
    oids.SHA1_WITH_RSA_ENCRYPTION: "sha1WithRSAEncryption",
    oids.SHA1_WITH_RSA_SIGNATURE: "sha1WithRSA",
    oids.RSASSA_PSS: "rsassaPss",
    oids.SHA224_WITH_RSA_ENCRYPTION: "sha224WithRSAEncryption",
    oids.SHA256_WITH_RSA_ENCRYPTION: "sha256WithRSAEncryption",
    oids.SHA384_WITH_RSA_ENCRYPTION: "sha384WithRSAEncryption",
    oids.SHA512_WITH_RSA_ENCRYPTION: "sha512WithRSAEncryption",
    oids.ECDSA_WITH_SHA1: "ecdsa-with-SHA1",
    oids.ECDSA_WITH_SHA224: "ecdsa-with-SHA224",
    oids.ECDSA_WITH_SHA256: "ecdsa-with-SHA256",
    oids.ECDSA_WITH_SHA384: "ecdsa-with-SHA384",
    oids.ECDSA_WITH_SHA512: "ecdsa-with-SHA512",
    oids.DSA_WITH_SHA1: "dsaWithSHA1",
    oids.DSA_WITH_SHA224: "dsa_with_SHA224",
    oids.DSA_WITH_SHA256: "dsa_with_SHA256",
    oids.ED25519: "ED25519",
    oids.ED448: "ED448",
    oids.ML_DSA_44: "ML-DSA-44",
    oids.ML_DSA_65: "ML-DSA-65",
    oids.ML_DSA_87: "ML-DSA-87",
}
"""As OpenSSL prints them."""


MAX_DETAILS_BYTES = 2_000_000
"""Of JSON: a third of what Lambda answers, and far more than any certificate in use says."""
_TOO_LONG = "What it says is too long to be shown."


def details_size(certificate: bytes, chain: tuple[bytes, ...]) -> int:
    """How many bytes of JSON the details of `certificate` and its `chain` take in full."""
    return _size(_details(certificate, chain))


def certificate_details(certificate: bytes, chain: tuple[bytes, ...]) -> CertificateDetails:
    """What `certificate` and its `chain` say; all DER that `read_certificate_file` has accepted.

    Of a certificate from before there was a bound to what is accepted, the extensions may be shown in base64.

    Raises:
        UnreadableFileError: one of them is no certificate, which an import would have refused.
    """
    try:
        details = _details(certificate, chain)
    except Asn1Error as error:
        raise UnreadableFileError(f"The certificate cannot be read: {error}") from None
    if _size(details) <= MAX_DETAILS_BYTES:
        return details
    extensions = tuple(extension_in_base64(each, _TOO_LONG) for each in X509Certificate.read(certificate).extensions)
    return replace(details, extensions=extensions)


def _size(details: CertificateDetails) -> int:
    return len(json.dumps(asdict(details), ensure_ascii=False, default=str).encode())


def _details(certificate: bytes, chain: tuple[bytes, ...]) -> CertificateDetails:
    x509 = X509Certificate.read(certificate)
    algorithm = x509.signature_algorithm
    return CertificateDetails(
        version=x509.version,
        serial_number=x509.serial_number_hex,
        thumbprint_sha1=x509.thumbprint_sha1,
        thumbprint_sha256=x509.thumbprint_sha256,
        signature_algorithm=AlgorithmName(algorithm, SIGNATURE_ALGORITHMS.get(algorithm, algorithm)),
        valid_from=x509.not_before,
        valid_to=x509.not_after,
        subject=x509.subject.text,
        subject_attributes=_attributes(x509.subject),
        issuer=x509.issuer.text,
        issuer_attributes=_attributes(x509.issuer),
        public_key=_public_key(read_public_key(x509.public_key_info)),
        extensions=tuple(map(extension_details, x509.extensions)),
        chain=tuple(map(_issuer, chain)),
    )


def _attributes(name: DistinguishedName) -> tuple[NameAttribute, ...]:
    return tuple(
        NameAttribute(
            each.oid,
            ATTRIBUTE_NAMES.get(each.oid, each.oid),
            f"#{each.value.hex()}" if (text := each.text) is None else text,
        )
        for rdn in name.rdns
        for each in rdn
    )


def _public_key(key: PublicKey) -> PublicKeyDetails:
    """The algorithm's parts: `RSA_2048`, `ECC_NIST_P256`, `ED25519`, `ML_DSA_65`."""
    family, _, rest = key.algorithm.partition("_")
    if family == "RSA":
        return PublicKeyDetails("RSA", int(rest), None, key.thumbprint_sha256)
    if family == "ECC":
        bits = rest.removeprefix("NIST_P")
        return PublicKeyDetails("EC", int(bits), f"P-{bits}", key.thumbprint_sha256)
    if family == "ML":
        # OpenSSL, too, takes the length of the key for its size.
        return PublicKeyDetails(
            key.algorithm.replace("_", "-"), 8 * public_key_bytes(key.algorithm), None, key.thumbprint_sha256
        )
    return PublicKeyDetails(family, 256, None, key.thumbprint_sha256)


def _issuer(der: bytes) -> IssuerDetails:
    x509 = X509Certificate.read(der)
    return IssuerDetails(
        subject=x509.subject.text,
        issuer=x509.issuer.text,
        serial_number=x509.serial_number_hex,
        thumbprint_sha1=x509.thumbprint_sha1,
        thumbprint_sha256=x509.thumbprint_sha256,
        valid_from=x509.not_before,
        valid_to=x509.not_after,
        certificate=b64encode(der).decode(),
    )
