"""What clients of Vault's transit engine send to sign and to verify, and what of it can be done here."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from signet.api.bodies.signing_bodies import MAX_MESSAGE_BYTES
from signet.api.dialects.transit import read_signature
from signet.api.reading.base64_text import decoded
from signet.domain.errors import InvalidInputError, MessageTooLargeError
from signet.domain.signing.key_algorithm import MessageType
from signet.domain.signing.raw_ecdsa import der_of
from signet.domain.signing.sign_command import SignCommand
from signet.domain.signing.verify_command import VerifyCommand

MAX_BATCH = 50
"""Each is decided and recorded by itself, one after the other, within the time that API Gateway gives."""

_HASHES = {"sha2-256": 256, "sha2-384": 384, "sha2-512": 512}
_HASH_NAMES = ", ".join(_HASHES)
_SALT_LENGTHS = ("auto", "hash")

Number = int | Annotated[str, Meta(pattern="^[0-9]{1,6}$")]
"""Vault takes numbers as text, too."""
Flag = bool | Annotated[str, Meta(pattern="^(true|false)$")]
Text = Annotated[str, Meta(max_length=1024)]
SignatureText = Annotated[str, Meta(max_length=6250)]
"""Room for one of ML-DSA-87."""


class TransitItem(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One of a batch."""

    input: str | None = None
    signature: SignatureText | None = None
    context: Text | None = None
    hmac: Text | None = None
    reference: Text | None = None
    """Answered as it came."""


class TransitBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A message or several, and how it is, or was, signed."""

    name: Text | None = None
    """hvac repeats it from the path, which decides, as with Vault."""
    input: str | None = None
    signature: SignatureText | None = None
    key_version: Number = 0
    hash_algorithm: Text | None = None
    algorithm: Text | None = None
    """What `hash_algorithm` was called before."""
    prehashed: Flag = False
    signature_algorithm: Text | None = None
    marshaling_algorithm: Text | None = None
    salt_length: int | Text | None = None
    context: Text | None = None
    hmac: Text | None = None
    batch_input: Annotated[tuple[TransitItem, ...], Meta(max_length=MAX_BATCH)] | None = None

    def items(self) -> Iterator[TransitItem]:
        """What is to be signed or verified: the batch, or else the one message."""
        if self.batch_input:
            yield from self.batch_input
        else:
            yield TransitItem(self.input, self.signature, self.context, self.hmac)

    @property
    def url_safe(self) -> bool:
        """Whether signatures are those of JWS (RFC 7515)."""
        if self.marshaling_algorithm not in {None, "", "asn1", "jws"}:
            raise InvalidInputError.at("marshaling_algorithm", "must be one of asn1, jws")
        return self.marshaling_algorithm == "jws"

    def sign_command(self, name: str, hash_algorithm: str | None, item: TransitItem, token: str | None) -> SignCommand:
        """The command to sign `item` with the key called `name`, by the hash of the path or else the body's.

        Raises:
            InvalidInputError: something is wrong, or asks for what is not done here.
            MessageTooLargeError: the message is over 4 MiB.
        """
        first, *others = self._signing_algorithms(hash_algorithm)
        if item.signature is not None or item.hmac is not None:
            raise InvalidInputError.at("signature", "is for verify")
        return SignCommand(
            certificate=name,
            message=self._message(item),
            message_type=self._message_type,
            signing_algorithm=first,
            token=token,
            other_algorithms=tuple(others),
            place_in_line=int(self.key_version),
        )

    def verify_command(self, name: str, hash_algorithm: str | None, item: TransitItem) -> VerifyCommand:
        """As `sign_command`, to verify the signature of `item`."""
        if item.hmac is not None:
            raise InvalidInputError.at("hmac", "is not verified here: only signatures are")
        if item.signature is None:
            raise InvalidInputError.at("signature", "is missing")
        names = self._signing_algorithms(hash_algorithm)
        place, signature = read_signature(item.signature, url_safe=self.url_safe)
        return VerifyCommand(
            certificate=name,
            message=self._message(item),
            message_type=self._message_type,
            signing_algorithms=names,
            # Two numbers side by side are an ECDSA signature of JWS, or nothing that verifies.
            signature=(der_of(signature) or signature) if self.url_safe else signature,
            place_in_line=place,
        )

    @property
    def _message_type(self) -> MessageType:
        return MessageType.DIGEST if self.prehashed in {True, "true"} else MessageType.RAW

    @staticmethod
    def _message(item: TransitItem) -> bytes:
        if item.context:
            raise InvalidInputError.at("context", "is not taken: keys are not derived here")
        if item.input is None:
            raise InvalidInputError.at("input", "is missing")
        if len(item.input) > 4 * -(-MAX_MESSAGE_BYTES // 3):
            raise MessageTooLargeError(f"A message is at most {MAX_MESSAGE_BYTES} bytes.")
        message = decoded(item.input, "input", of="the bytes of the message, or of its digest where prehashed,")
        if len(message) > MAX_MESSAGE_BYTES:
            raise MessageTooLargeError(f"A message is at most {MAX_MESSAGE_BYTES} bytes, got {len(message)}.")
        return message

    def _signing_algorithms(self, of_path: str | None) -> tuple[str, ...]:
        """For RSA, for ECDSA, for Ed25519 and for ML-DSA: which of them is meant, only the key tells."""
        name = of_path or self.hash_algorithm or self.algorithm or "sha2-256"
        if name not in _HASHES:
            raise InvalidInputError.at("hash_algorithm", f"must be one of {_HASH_NAMES}")
        if self.signature_algorithm not in {None, "", "pss", "pkcs1v15"}:
            raise InvalidInputError.at("signature_algorithm", "must be one of pss, pkcs1v15")
        bits = _HASHES[name]
        # A salt as long as the digest is what everybody who verifies accepts, "auto" included.
        if self.salt_length not in {None, "", *_SALT_LENGTHS, bits // 8, str(bits // 8)}:
            raise InvalidInputError.at(
                "salt_length", f"must be auto, hash or {bits // 8}: salts are as long as the hash"
            )
        scheme = "RSASSA_PKCS1_V1_5" if self.signature_algorithm == "pkcs1v15" else "RSASSA_PSS"
        return f"{scheme}_SHA_{bits}", f"ECDSA_SHA_{bits}", "ED25519_SHA_512", "ML_DSA_SHAKE_256"
