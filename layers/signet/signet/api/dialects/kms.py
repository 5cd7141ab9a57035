"""The dialect of AWS KMS: what its clients ask, and how they are answered (AWS KMS API Reference)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from signet.api.answering.answer import Answer
from signet.api.answering.dialect import Dialect
from signet.api.bodies.fields import base64_text
from signet.api.problems import problem_of
from signet.api.reading.base64_text import decoded
from signet.domain import errors
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import InvalidInputError, SignetError
from signet.domain.signing.key_algorithm import SIGNING_ALGORITHMS, MessageType, family_of
from signet.domain.signing.key_version import KeyVersion
from signet.domain.signing.sign_command import SignCommand
from signet.domain.signing.signature import Signature
from signet.domain.signing.verify_command import VerifyCommand

AMAZON_JSON = "application/x-amz-json-1.1"
MAX_MESSAGE_BYTES = 4096
"""What KMS takes: who has more hashes it."""
MAX_SIGNATURE_BYTES = 6144
"""As KMS has it; the longest is one of ML-DSA-87, 4627 bytes."""

Action = Literal["Sign", "GetPublicKey", "DescribeKey", "Verify"]
_ACTIONS: tuple[Action, ...] = ("Sign", "GetPublicKey", "DescribeKey", "Verify")

_TYPES: dict[type[SignetError], str] = {
    errors.UnauthenticatedError: "UnrecognizedClientException",
    errors.TokensUnjudgedError: "DependencyTimeoutException",
    errors.UnavailableError: "DependencyTimeoutException",
    errors.BusyError: "ThrottlingException",
    errors.NotFoundError: "NotFoundException",
    errors.CertificateDisabledError: "DisabledException",
    errors.NoPrivateKeyError: "KMSInvalidStateException",
    errors.CertificateExpiredError: "KMSInvalidStateException",
    errors.CertificateNotYetValidError: "KMSInvalidStateException",
    errors.NotAllowedError: "AccessDeniedException",
    errors.NotAllowedByPolicyError: "AccessDeniedException",
    errors.ReasonRequiredError: "AccessDeniedException",
    errors.PinRequiredError: "AccessDeniedException",
    errors.PinLockedError: "AccessDeniedException",
    errors.AlgorithmMismatchError: "InvalidKeyUsageException",
    errors.MalformedJsonError: "SerializationException",
}
"""The exceptions that KMS has a name for; the rest is a ValidationException."""

_NO_WAY_TO_GIVE = (errors.ReasonRequiredError, errors.PinRequiredError)
_KEY_SPECS = {"ED25519": "ECC_NIST_EDWARDS25519"}
_OF_CURVE = {
    "ECC_NIST_P256": ("ECDSA_SHA_256",),
    "ECC_NIST_P384": ("ECDSA_SHA_384",),
    "ECC_NIST_P521": ("ECDSA_SHA_512",),
}
"""KMS has one hash for each curve, and its clients take the first that they are told."""


def _refused(error: SignetError, request_id: str) -> Answer:
    kind = _TYPES.get(type(error), "ValidationException")
    problem, headers = problem_of(error, request_id)
    text = str(error) or problem.title
    if isinstance(error, _NO_WAY_TO_GIVE):
        text += " Clients of KMS have no way to give it: sign with a client of Signet."
    headers = {name: value for name, value in headers.items() if name.lower() != "www-authenticate"}
    return exception(kind, text, request_id, status=503 if kind == "DependencyTimeoutException" else 400, more=headers)


def _broken(request_id: str) -> Answer:
    return exception("KMSInternalException", "Something is broken here.", request_id, status=500)


def _certificate_in(body: "KmsBody") -> str:
    return body.key_id


KMS = Dialect(_refused, _broken, token_headers=("x-amz-security-token",), certificate_in=_certificate_in)


def exception(kind: str, text: str, request_id: str, *, status: int = 400, more: Any = None) -> Answer:
    """An exception as KMS tells of it (AWS JSON 1.1 protocol)."""
    headers = {**(more or {}), "x-amzn-ErrorType": kind, "x-amzn-RequestId": request_id}
    return Answer(status, {"__type": kind, "message": text}, headers, AMAZON_JSON)


Base64 = Annotated[str, Meta(max_length=4 * -(-MAX_MESSAGE_BYTES // 3))]

Signature64 = Annotated[str, Meta(max_length=4 * -(-MAX_SIGNATURE_BYTES // 3))]


class KmsBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename="pascal"):
    """What any of the actions takes."""

    key_id: Annotated[str, Meta(max_length=2048)] = ""
    message: Base64 | None = None
    message_type: Literal["RAW", "DIGEST", "EXTERNAL_MU"] | None = None
    signature: Signature64 | None = None
    signing_algorithm: Annotated[str, Meta(max_length=64)] | None = None
    grant_tokens: Annotated[tuple[str, ...], Meta(max_length=10)] | None = None
    dry_run: bool | None = None

    def checked(self, action: Action) -> "KmsBody":
        """This, if `action` takes what was sent.

        Raises:
            InvalidInputError: something is missing, or is for another action.
        """
        needed = {"Sign": _TO_SIGN, "Verify": (*_TO_SIGN, "signature")}.get(action, ())
        allowed = {*needed, *(("message_type", "dry_run") if needed else ())}
        for field in ("message", "message_type", "signature", "signing_algorithm", "dry_run"):
            name = "".join(word.capitalize() for word in field.split("_"))
            if getattr(self, field) is not None and field not in allowed:
                raise InvalidInputError.at(name, f"is not a parameter of {action}")
            if not getattr(self, field) and field in needed:
                raise InvalidInputError.at(name, "must not be empty")
        if self.grant_tokens:
            raise InvalidInputError.at("GrantTokens", "are not given out here: policies say who may sign")
        if self.signing_algorithm is not None and self.signing_algorithm not in SIGNING_ALGORITHMS:
            raise InvalidInputError.at("SigningAlgorithm", f"must be one of {', '.join(SIGNING_ALGORITHMS)}")
        return self

    @property
    def certificate(self) -> str:
        """The id, or the alias behind `alias/`.

        Raises:
            NotFoundError: it is neither; KMS knows no key by such an id.
        """
        if self.key_id.startswith("alias/"):
            alias = self.key_id.removeprefix("alias/")
            if alias and not alias.startswith("crt_"):
                return alias
        elif self.key_id.startswith("crt_"):
            return self.key_id
        raise errors.NotFoundError

    def sign_command(self, token: str | None) -> SignCommand:
        """The command of Sign."""
        return SignCommand(
            certificate=self.certificate,
            message=self._message,
            message_type=self._message_type,
            signing_algorithm=self.signing_algorithm or "",
            token=token,
            dry_run=bool(self.dry_run),
        )

    def verify_command(self) -> VerifyCommand:
        """The command of Verify."""
        return VerifyCommand(
            certificate=self.certificate,
            message=self._message,
            message_type=self._message_type,
            signing_algorithms=(self.signing_algorithm or "",),
            signature=decoded(self.signature or "", "Signature", of="the bytes of the signature"),
        )

    @property
    def _message(self) -> bytes:
        message = decoded(self.message or "", "Message", of="the bytes of the message, or of its digest,")
        if len(message) > MAX_MESSAGE_BYTES:
            raise InvalidInputError.at(
                "Message", f"has at most {MAX_MESSAGE_BYTES} bytes: hash it, and send its DIGEST or EXTERNAL_MU"
            )
        return message

    @property
    def _message_type(self) -> MessageType:
        return MessageType(self.message_type or MessageType.RAW)


_TO_SIGN = ("message", "signing_algorithm")


def action_of(target: str) -> Action | None:
    """The action that `X-Amz-Target` names; None where it is none of those that are answered here."""
    service, _, name = target.partition(".")
    return next((action for action in _ACTIONS if service == "TrentService" and action == name), None)


def signed(made: Signature) -> dict[str, Any]:
    """What Sign answers."""
    return {
        "KeyId": made.certificate.id,
        "Signature": base64_text(made.signature or b""),
        "SigningAlgorithm": made.signing_algorithm,
    }


def public_key_answer(version: KeyVersion) -> dict[str, Any]:
    """What GetPublicKey answers."""
    return {
        "KeyId": version.certificate.id,
        "PublicKey": base64_text(version.public_key),
        **_kind(version.certificate),
    }


def description(version: KeyVersion) -> dict[str, Any]:
    """What DescribeKey answers."""
    certificate = version.certificate
    metadata = {
        "KeyId": certificate.id,
        "CreationDate": int(certificate.created_at.timestamp()),
        "Description": certificate.description,
        "Enabled": certificate.enabled,
        "KeyState": "Enabled" if certificate.enabled else "Disabled",
        "KeyManager": "CUSTOMER",
        "Origin": "EXTERNAL",
        "MultiRegion": False,
        **_kind(certificate),
    }
    return {"KeyMetadata": metadata}


def _kind(certificate: Certificate) -> dict[str, Any]:
    algorithm = certificate.facts.key_algorithm
    spec = _KEY_SPECS.get(algorithm, algorithm)
    names = _OF_CURVE.get(algorithm) or tuple(
        name for name, each in SIGNING_ALGORITHMS.items() if each.family is family_of(algorithm)
    )
    return {
        "KeySpec": spec,
        "CustomerMasterKeySpec": spec,  # What KMS called it before, and still answers.
        "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": list(names),
    }
