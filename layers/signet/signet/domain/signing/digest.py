"""What is asked to be signed, and whether the key can sign it (contract, section 5)."""

import base64
import hashlib
import re

from signet.domain.errors import AlgorithmMismatchError, DigestLengthError, InvalidInputError
from signet.domain.signing.key_algorithm import SIGNING_ALGORITHMS, MessageType, SigningAlgorithm, family_of


def fitting(algorithm_name: str, key_algorithm: str, message_type: MessageType) -> SigningAlgorithm:
    """The signing algorithm called `algorithm_name`, if a key of `key_algorithm` can sign such a message with it.

    Raises:
        InvalidInputError: there is no signing algorithm of that name.
        AlgorithmMismatchError: it is for another kind of key, or it does not take what was hashed in that way.
    """
    algorithm = SIGNING_ALGORITHMS.get(algorithm_name)
    if algorithm is None:
        raise InvalidInputError.at("signing_algorithm", f"must be one of {', '.join(SIGNING_ALGORITHMS)}")
    if algorithm.family is not family_of(key_algorithm):
        raise AlgorithmMismatchError(f"{algorithm.name} does not fit a key of {key_algorithm}.")
    if message_type not in {MessageType.RAW, algorithm.hashed_by}:
        of_both = f"RAW or {algorithm.hashed_by}" if algorithm.hashed_by else "RAW"
        raise AlgorithmMismatchError(
            f"{algorithm.name} does not sign a {message_type}: message_type must be {of_both}."
        )
    return algorithm


def digest_of(message: bytes, algorithm: SigningAlgorithm, message_type: MessageType) -> bytes:
    """The digest of `message` under the hash of `algorithm`: `message` itself where the caller hashed already.

    Of a message for ML-DSA it is the SHAKE256 of 64 bytes, which names the message whoever signs it; what the key signs
    is made of its public key too.

    Raises:
        DigestLengthError: `message` is said to be a digest, and is not as long as one.
    """
    if message_type is MessageType.RAW:
        if algorithm.hash_name == "shake_256":
            return hashlib.shake_256(message).digest(algorithm.digest_bytes)
        return hashlib.new(algorithm.hash_name, message, usedforsecurity=True).digest()
    if len(message) != algorithm.digest_bytes:
        raise DigestLengthError(
            f"A {message_type} for {algorithm.name} is {algorithm.digest_bytes} bytes long; this one is {len(message)}."
            + (_NOT_HEX if _is_hex(message, algorithm) else "")
        )
    return message


_NOT_HEX = " It seems to be written in hex: send the digest's own bytes in base64, not their hexadecimal digits."


def _is_hex(message: bytes, algorithm: SigningAlgorithm) -> bool:
    """Whether a digest was sent as hexadecimal digits, either as they are or in base64 once more."""
    digits = f"[0-9A-Fa-f]{{{2 * algorithm.digest_bytes}}}".encode()
    return any(re.fullmatch(digits, text) for text in (message, base64.b64encode(message)))
