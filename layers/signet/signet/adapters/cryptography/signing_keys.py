"""Private keys ready to sign, and the short memory that a warm function has of them.

Nothing here reads a certificate: the sign function loads what signing needs and no more.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from signet.adapters.cryptography.ml_dsa import MlDsaPrivateKey, ml_dsa_algorithm
from signet.domain.errors import BrokenWrappedKeyError, ChangedMeanwhileError
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import CURVE_NAMES, MessageType, SigningAlgorithm
from signet.domain.signing.wrapped_key import WrappedKey
from signet.ports.keys import KeyUnwrapper

SignerKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | MlDsaPrivateKey

MAX_KEPT_KEYS = 256
"""A loaded key takes a few KB; more than this many certificates in use at once only means more calls to KMS."""

_PREHASHED = {
    "sha256": Prehashed(hashes.SHA256()),
    "sha384": Prehashed(hashes.SHA384()),
    "sha512": Prehashed(hashes.SHA512()),
}
_ECDSA = {name: ec.ECDSA(prehashed) for name, prehashed in _PREHASHED.items()}
_PKCS1_V1_5 = padding.PKCS1v15()
# The salt is as long as the digest, the usual choice (RFC 8017, 9.1), so that verifiers agree without being told.
_PSS = {
    "sha256": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
    "sha384": padding.PSS(padding.MGF1(hashes.SHA384()), padding.PSS.DIGEST_LENGTH),
    "sha512": padding.PSS(padding.MGF1(hashes.SHA512()), padding.PSS.DIGEST_LENGTH),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that can sign; it has no way to give itself away."""

    algorithm: str
    """As the contract names it: `RSA_2048`, `ECC_NIST_P256`, `ED25519`, `ML_DSA_65`."""
    spki_sha256: str
    """Upper-case hex of the SHA-256 of its public key's SubjectPublicKeyInfo."""
    _key: SignerKey = field(repr=False, compare=False)

    @classmethod
    def load(cls, private_key: bytes) -> "SigningKey":
        """The key in `private_key`, PKCS#8 DER that was checked when it came in.

        RSA keys are not checked again, which would cost 29 to 200 ms: KMS has authenticated the bytes.
        """
        key = load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, SignerKey):
            raise BrokenWrappedKeyError(f"A stored key is of a kind that does not sign here: {type(key).__name__}.")
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(_algorithm_of(key), hashlib.sha256(spki).hexdigest().upper(), key)

    def sign(self, message: bytes, algorithm: SigningAlgorithm, message_type: MessageType) -> bytes:
        """The signature over `message`, which `message_type` says is the message itself or what it was hashed to.

        RSA as PKCS#1 v1.5 or PSS (RFC 8017), ECDSA as DER (RFC 3279, 2.2.3), Ed25519 as RFC 8032; ML-DSA as FIPS 204,
        hedged, and of a message with an empty context.

        Raises:
            AlgorithmMismatchError: `algorithm` does not fit this key or the type of the message.
            DigestLengthError: the digest is not as long as the hash.
        """
        fitting(algorithm.name, self.algorithm, message_type)
        key = self._key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(message)
        digest = digest_of(message, algorithm, message_type)
        if isinstance(key, MlDsaPrivateKey):
            return key.sign(message) if message_type is MessageType.RAW else key.sign_mu(digest)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(digest, _ECDSA[algorithm.hash_name])
        scheme = _PSS[algorithm.hash_name] if algorithm.pss else _PKCS1_V1_5
        return key.sign(digest, scheme, _PREHASHED[algorithm.hash_name])

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: a signing key stays where it was loaded."""
        raise TypeError("A signing key stays where it was loaded.")


class UnwrappedKeyRing:
    """`KeyRing`: the signing keys that a warm function remembers, each for a short while.

    It decides nothing: whether a caller may sign is decided at every request, from the tables. A key is found only
    under the id and the version that the tables gave at that request, so a replaced key is never used again.
    """

    def __init__(
        self,
        wrapper: KeyUnwrapper,
        *,
        keep_for: timedelta,
        seconds: Callable[[], float] = time.time,
        capacity: int = MAX_KEPT_KEYS,
    ) -> None:
        """Keep at most `capacity` keys, each `keep_for` after it was unwrapped; zero keeps none.

        By the wall clock: a monotonic one may stand still while Lambda has the function frozen.
        """
        self._wrapper = wrapper
        self._keep_for = keep_for.total_seconds()
        self._seconds = seconds
        self._capacity = capacity
        # Oldest first, since a key is kept from when it was unwrapped and use does not lengthen that.
        self._kept: OrderedDict[tuple[str, int], tuple[float, SigningKey]] = OrderedDict()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<UnwrappedKeyRing with {len(self._kept)} keys>"

    def holds(self, key_id: str, key_version: int) -> bool:
        """Whether `sign` needs no wrapped key, because this one is in memory and not too old."""
        return self._kept_key(key_id, key_version) is not None

    def sign(
        self,
        message: bytes,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        *,
        key_id: str,
        key_version: int,
        wrapped: WrappedKey | None,
        spki_sha256: str,
    ) -> bytes:
        """The signature of `message` by the key `key_id`: from memory, else out of `wrapped` by one call to KMS.

        Raises:
            AlgorithmMismatchError, DigestLengthError: as `SigningKey.sign`.
            ChangedMeanwhileError: the key grew too old since `holds` was asked, and no wrapped key was brought.
            BrokenWrappedKeyError: `wrapped` does not open for `key_id`, or its public key is not the certificate's,
                whose SubjectPublicKeyInfo has the SHA-256 `spki_sha256` (upper-case hex).
            UnavailableError: KMS does not answer.
        """
        key = self._kept_key(key_id, key_version)
        if key is None:
            if wrapped is None:
                raise ChangedMeanwhileError(f"{key_id} is not in memory any more.")
            key = SigningKey.load(self._wrapper.unwrap(wrapped, of=key_id))
            if key.spki_sha256 == spki_sha256:
                self._keep(key_id, key_version, key)
        # Asked of a remembered key as well: it must be the key of the certificate as the tables have it now.
        if key.spki_sha256 != spki_sha256:
            raise BrokenWrappedKeyError(f"The private key stored as {key_id} is not the one of its certificate.")
        return key.sign(message, algorithm, message_type)

    def forget(self, key_id: str) -> None:
        """Drop every version of `key_id` from memory."""
        with self._lock:
            for name in [name for name in self._kept if name[0] == key_id]:
                del self._kept[name]

    def _kept_key(self, key_id: str, key_version: int) -> SigningKey | None:
        with self._lock:
            self._forget_old()
            entry = self._kept.get((key_id, key_version))
        return entry[1] if entry else None

    def _keep(self, key_id: str, key_version: int, key: SigningKey) -> None:
        if self._keep_for <= 0:
            return
        with self._lock:
            self._kept.pop((key_id, key_version), None)
            self._kept[key_id, key_version] = (self._seconds() + self._keep_for, key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def _forget_old(self) -> None:
        now = self._seconds()
        while self._kept:
            name, (until, _) = next(iter(self._kept.items()))
            if now < until:
                return
            del self._kept[name]


def _algorithm_of(key: SignerKey) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA_{key.key_size}"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    if isinstance(key, MlDsaPrivateKey):
        return ml_dsa_algorithm(key)
    if key.curve.name not in CURVE_NAMES:
        raise BrokenWrappedKeyError(f"A stored key is on a curve that does not sign here: {key.curve.name}.")
    return CURVE_NAMES[key.curve.name]
