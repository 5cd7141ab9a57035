"""What is to be signed, and the signature: JSON in `snake_case`."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signet.api.bodies.fields import Base64, Hex, Moment, base64_text
from signet.api.reading.base64_text import decoded
from signet.domain import errors
from signet.domain.errors import InvalidInputError, MessageTooLargeError
from signet.domain.moments import rfc3339
from signet.domain.signing.key_algorithm import SIGNING_ALGORITHMS, MessageType
from signet.domain.signing.pin import MAX_PIN_CHARACTERS
from signet.domain.signing.sign_command import Application, SignCommand
from signet.domain.signing.signature import Signature

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_REASON_CHARACTERS = 1024
MAX_COMMAND_LINE_CHARACTERS = 32767
"""What Windows takes (CreateProcess); however it is escaped, its event still fits into an item of DynamoDB."""

SIGN_BODY_BYTES = 6 * 1024 * 1024
"""All that a Lambda takes: what is too large in such a body is told by field, with its own code."""

SIGN_PROBLEMS = (
    errors.NotFoundError,
    errors.NoPrivateKeyError,
    errors.CertificateDisabledError,
    errors.CertificateExpiredError,
    errors.CertificateNotYetValidError,
    errors.NotAllowedByPolicyError,
    errors.ReasonRequiredError,
    errors.PinRequiredError,
    errors.PinWrongError,
    errors.PinLockedError,
    errors.AlgorithmMismatchError,
    errors.DigestLengthError,
    errors.MessageTooLargeError,
)

AlgorithmName = Annotated[str, Meta(extra_json_schema={"enum": list(SIGNING_ALGORITHMS)})]


class SignatureBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signature, and the record of its making."""

    signing_algorithm: AlgorithmName
    certificate_id: str
    thumbprint_sha256: Hex
    signature: Base64 | None = None
    """Base64; a dry run makes none."""
    used_at: Moment | None = None
    event_id: str | None = None
    dry_run: bool = False

    @classmethod
    def of(cls, made: Signature) -> "SignatureBody":
        """What is answered of `made`."""
        return cls(
            signing_algorithm=made.signing_algorithm,
            certificate_id=made.certificate.id,
            thumbprint_sha256=made.certificate.facts.thumbprint_sha256,
            signature=None if made.signature is None else base64_text(made.signature),
            used_at=None if made.event_id is None else rfc3339(made.used_at),
            event_id=made.event_id,
            dry_run=made.signature is None,
        )


class ApplicationBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The program that signs, as the client states it."""

    process: Annotated[str, Meta(max_length=255)] | None = None
    command_line: Annotated[str, Meta(max_length=MAX_COMMAND_LINE_CHARACTERS)] | None = None

    def application(self) -> Application:
        """As the domain has it."""
        return Application(self.process, self.command_line)


class SignBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What to sign, in the vocabulary of AWS KMS `Sign`."""

    message: Base64
    """Base64 of the message, at most 4 MiB, or of what it was hashed to."""
    message_type: Literal["RAW", "DIGEST", "EXTERNAL_MU"]
    signing_algorithm: AlgorithmName
    reason: Annotated[str, Meta(max_length=MAX_REASON_CHARACTERS)] | None = None
    pin: Annotated[str, Meta(max_length=4 * MAX_PIN_CHARACTERS)] | None = None
    """Looked at in NFC, so it may be sent decomposed: as many as four characters for one."""
    application: ApplicationBody | None = None
    dry_run: bool = False

    def command(self, certificate: str, token: str | None = None) -> SignCommand:
        """Its fields, parsed, for the certificate that the path names; the caller was let in with `token`."""
        if len(self.message) > 4 * -(-MAX_MESSAGE_BYTES // 3):
            raise MessageTooLargeError(f"A message is at most {MAX_MESSAGE_BYTES} bytes.")
        message = decoded(self.message, "message", of=_ENCODED[self.message_type])
        if len(message) > MAX_MESSAGE_BYTES:
            raise MessageTooLargeError(f"A message is at most {MAX_MESSAGE_BYTES} bytes, got {len(message)}.")
        return SignCommand(
            certificate=certificate,
            message=message,
            message_type=MessageType(self.message_type),
            signing_algorithm=_signing_algorithm(self.signing_algorithm),
            reason=self.reason,
            pin=self.pin,
            token=token,
            application=self.application.application() if self.application else Application(),
            dry_run=self.dry_run,
        )


_ENCODED = {"RAW": "the bytes of the message", "DIGEST": "the bytes of the digest", "EXTERNAL_MU": "the bytes of mu"}


def _signing_algorithm(name: str) -> str:
    if name not in SIGNING_ALGORITHMS:
        raise InvalidInputError.at("signing_algorithm", f"must be one of {', '.join(SIGNING_ALGORITHMS)}")
    return name
