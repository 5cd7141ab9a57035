"""The public keys of certificates: shown, and asked whether they verify a signature."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.public_keys import load_public_key, read_public_key
from signet.adapters.cryptography.ml_dsa import MlDsaPublicKey
from signet.domain.signing.key_algorithm import MessageType, SigningAlgorithm

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class CertifiedPublicKeys:
    """`PublicKeys`, read from the certificates that were taken in with them."""

    def public_key(self, certificate: bytes) -> bytes:
        """The SubjectPublicKeyInfo of `certificate`; DER, both."""
        return read_public_key(X509Certificate.read(certificate).public_key_info).info

    def made(
        self, signature: bytes, signed: bytes, algorithm: SigningAlgorithm, message_type: MessageType, *, by: bytes
    ) -> bool:
        """Whether the key of the certificate `by`, DER, made `signature`.

        `signed` is a digest of `algorithm`, for Ed25519 and ML-DSA the message as `message_type` has it; a PSS salt may
        have any length.
        """
        key = load_public_key(X509Certificate.read(by).public_key_info)
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, signed)
                return True
            if isinstance(key, MlDsaPublicKey):
                verify = key.verify_mu if message_type is MessageType.EXTERNAL_MU else key.verify
                verify(signature, signed)
                return True
            hashed = _HASHES[algorithm.hash_name]
            if isinstance(key, EllipticCurvePublicKey):
                key.verify(signature, signed, ECDSA(Prehashed(hashed)))
            elif algorithm.pss:
                key.verify(signature, signed, PSS(MGF1(hashed), PSS.AUTO), Prehashed(hashed))
            else:
                key.verify(signature, signed, PKCS1v15(), Prehashed(hashed))
        except InvalidSignature:
            return False
        return True
