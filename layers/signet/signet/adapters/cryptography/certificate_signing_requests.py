"""Certification requests (PKCS#10, RFC 2986), and what one has to say to renew a certificate.

They are written with the writer of `domain.asn1`, not with cryptography's builder. The builder keeps neither the string
types of a name that was read from a certificate, nor values and alternative names of kinds that it does not know; a
renewal has to carry all of them.
"""

from base64 import encodebytes

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.cryptography.asked_extensions import asked_extensions
from signet.adapters.cryptography.ml_dsa import MlDsaPrivateKey, MlDsaPublicKey, ml_dsa_algorithm
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import tags
from signet.domain.asn1.reader import Asn1Error
from signet.domain.asn1.writer import element, object_identifier
from signet.domain.errors import UnreadableFileError, UnsupportedKeyError
from signet.domain.signing.key_algorithm import CURVE_NAMES
from signet.domain.signing_requests.csr_command import HASHES, CsrCommand, nearest_generated

_HASH_ALGORITHMS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_RSA_WITH = {
    "sha256": oids.SHA256_WITH_RSA_ENCRYPTION,
    "sha384": oids.SHA384_WITH_RSA_ENCRYPTION,
    "sha512": oids.SHA512_WITH_RSA_ENCRYPTION,
}
_ML_DSA = {"ML_DSA_44": oids.ML_DSA_44, "ML_DSA_65": oids.ML_DSA_65, "ML_DSA_87": oids.ML_DSA_87}
_ECDSA_WITH = {"sha256": oids.ECDSA_WITH_SHA256, "sha384": oids.ECDSA_WITH_SHA384, "sha512": oids.ECDSA_WITH_SHA512}


def build_csr(command: CsrCommand, private_key: bytes) -> bytes:
    """The certification request that `command` describes, signed by `private_key` (PKCS#8 DER, made here): DER."""
    # Not checked again: it was made here a moment ago, and checking RSA-4096 takes 0.2 s.
    key = load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
    extensions = _extensions(command)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    information = element(
        tags.SEQUENCE,
        element(tags.INTEGER, b"\0"),
        command.subject.encoded,
        spki,
        # The attributes are not optional, even if there are none (RFC 2986, 4.1).
        element(tags.context(0), _extension_request(extensions) if extensions else b""),
    )

    hash_name = HASHES[command.hash]
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm = element(tags.SEQUENCE, object_identifier(_RSA_WITH[hash_name]), element(tags.NULL))
        signature = key.sign(information, padding.PKCS1v15(), _HASH_ALGORITHMS[hash_name])
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = element(tags.SEQUENCE, object_identifier(_ECDSA_WITH[hash_name]))
        signature = key.sign(information, ec.ECDSA(_HASH_ALGORITHMS[hash_name]))
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        algorithm = element(tags.SEQUENCE, object_identifier(oids.ED25519))
        signature = key.sign(information)
    elif isinstance(key, MlDsaPrivateKey):
        algorithm = element(tags.SEQUENCE, object_identifier(_ML_DSA[ml_dsa_algorithm(key)]))
        signature = key.sign(information)
    else:
        raise UnsupportedKeyError(f"A request is not signed with a key of {type(key).__name__}.")
    return element(tags.SEQUENCE, information, algorithm, element(tags.BIT_STRING, b"\0", signature))


def pem_of_csr(csr: bytes) -> str:
    """The request `csr`, DER, as text (RFC 7468, 7)."""
    lines = encodebytes(csr).decode("ascii").replace("\n", "")
    body = "\n".join(lines[start : start + 64] for start in range(0, len(lines), 64))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"


def csr_command_of_certificate(certificate: bytes, key_algorithm: str | None = None) -> CsrCommand:
    """The command that asks for `certificate` (DER) again: the same subject, names and usages, and a key of its kind.

    Of names and usages that cannot be read, `left_out` tells. `key_algorithm` is the certificate's, where it is known.

    Raises:
        UnreadableFileError: it is no certificate, which an import would have refused.
        UnsupportedKeyError: its key is of a kind that is not made here.
    """
    try:
        x509 = X509Certificate.read(certificate)
    except Asn1Error as error:
        raise UnreadableFileError(f"The certificate cannot be read: {error}") from None
    asked = asked_extensions(x509.extensions)
    return CsrCommand(
        nearest_generated(key_algorithm or _key_algorithm(x509.public_key_info.encoded)),
        x509.subject,
        asked.names,
        asked.usages,
        extended_key_usage_is_critical=asked.usages_are_critical,
        key_usage=asked.key_usage,
        left_out=asked.left_out,
    )


def _key_algorithm(spki: bytes) -> str:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise UnsupportedKeyError("The certificate's key cannot be read.") from None
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVE_NAMES:
        return CURVE_NAMES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ED25519"
    if isinstance(key, MlDsaPublicKey):
        return ml_dsa_algorithm(key)
    raise UnsupportedKeyError(f"No keys of the certificate's kind are made here: {type(key).__name__}.")


def _extensions(command: CsrCommand) -> list[bytes]:
    extensions = []
    if command.key_usage is not None:
        extensions.append(_extension(oids.CE_KEY_USAGE, command.key_usage, critical=True))  # RFC 5280, 4.2.1.3
    if command.extended_key_usage:
        usages = element(tags.SEQUENCE, *map(object_identifier, command.extended_key_usage))
        extensions.append(_extension(oids.CE_EXT_KEY_USAGE, usages, critical=command.extended_key_usage_is_critical))
    if command.subject_alternative_names:
        names = element(tags.SEQUENCE, *(name.encoded for name in command.subject_alternative_names))
        # Where there is no subject these names are all there is (RFC 5280, 4.2.1.6).
        extensions.append(_extension(oids.CE_SUBJECT_ALT_NAME, names, critical=not command.subject.rdns))
    return extensions


def _extension(oid: str, value: bytes, *, critical: bool) -> bytes:
    flag = element(tags.BOOLEAN, b"\xff") if critical else b""
    return element(tags.SEQUENCE, object_identifier(oid), flag, element(tags.OCTET_STRING, value))


def _extension_request(extensions: list[bytes]) -> bytes:
    return element(
        tags.SEQUENCE,
        object_identifier(oids.EXTENSION_REQUEST),
        element(tags.SET, element(tags.SEQUENCE, *extensions)),
    )
