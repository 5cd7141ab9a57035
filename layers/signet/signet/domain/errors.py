"""Everything that can be wrong, as named facts.

Each error carries a stable `code`, which callers see (contract, section 2); `api/problems.py` gives each its status.
A message says what was expected and what was got, and never repeats a secret.
"""

from dataclasses import dataclass
from datetime import datetime

from signet.domain.moments import rfc3339


class SignetError(Exception):
    """What Signet refuses or could not do."""

    code: str
    """Stable name of the fact, for programs."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the input that cannot be accepted."""

    field: str
    """Dotted path, `subject.country` or `when[0].time_zone`; empty for the body itself."""
    message: str


# --- the request itself ------------------------------------------------------------------------------------------


class InvalidInputError(SignetError):
    """Well-formed, but fields of it are unacceptable."""

    code = "invalid_input"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(
            "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
        )
        self.errors = errors

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidInputError":
        """One field is wrong."""
        return cls(FieldError(field, message))


class MalformedJsonError(SignetError):
    """The body is not JSON."""

    code = "malformed_json"


class RequestTooLargeError(SignetError):
    """The body, or a field of it, is longer than is read."""

    code = "too_large"


class UnauthenticatedError(SignetError):
    """No valid token came with the request, or it has expired since."""

    code = "unauthenticated"


class InvalidTokenError(UnauthenticatedError):
    """The token is not one to believe. The message is for the caller, and repeats nothing that the token holds."""


class TokensUnjudgedError(SignetError):
    """The service cannot judge the token: its issuers are misconfigured, or their keys out of reach."""

    code = "tokens_unjudged"


class IssuerUnreachableError(TokensUnjudgedError):
    """The keys of the token's issuer cannot be had now. The message is for the caller."""


class NotAllowedError(SignetError):
    """The caller sees the thing, and may not do this to it."""

    code = "not_allowed"


class GroupRequiredError(SignetError):
    """The caller's role works in certificate groups, and none that it may add to was named."""

    code = "group_required"


class NotFoundError(SignetError):
    """Absent, or invisible to the caller: the two are one answer."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you can see.")


class StaleVersionError(SignetError):
    """`If-Match` names another version than the present one."""

    code = "stale"


class IdempotencyKeyReusedError(SignetError):
    """The Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"


class BadCursorError(SignetError):
    """The cursor was not given by this service to this caller for this query."""

    code = "bad_cursor"


class BusyError(SignetError):
    """Too many changes of one thing at once; try again."""

    code = "busy"


class UnavailableError(SignetError):
    """AWS does not answer; nothing is known to have happened, and a repeat with the same Idempotency-Key is safe."""

    code = "unavailable"


# --- reading a certificate file ----------------------------------------------------------------------------------


class UnreadableFileError(SignetError):
    """Not a certificate file, or a broken one, or one that asks for more work than is allowed."""

    code = "unreadable_file"


class UnsupportedFormatError(SignetError):
    """A key store of a kind that is not read here, such as a Java keystore."""

    code = "unsupported_format"


class WrongPasswordError(SignetError):
    """The password does not open the file or the key."""

    code = "wrong_password"


class PasswordRequiredError(SignetError):
    """The file or the key is encrypted and no password was given."""

    code = "password_required"


class NoCertificateError(SignetError):
    """The file holds no certificate."""

    code = "no_certificate"


class SeveralCertificatesError(SignetError):
    """Several end-entity certificates and no private key to choose by."""

    code = "several_certificates"


class SeveralKeysError(SignetError):
    """More than one private key: none is taken silently."""

    code = "several_keys"


class KeyMismatchError(SignetError):
    """The private key, or the pending request's, is not the certificate's."""

    code = "key_mismatch"


class WeakKeyError(SignetError):
    """A key that can be broken: RSA under 2048 bits, an invalid exponent, plain or close primes, a plain seed."""

    code = "weak_key"


class CompromisedKeyError(SignetError):
    """A key whose private part is public, by the list that the deployment has."""

    code = "compromised_key"


class UnsupportedKeyError(SignetError):
    """A kind of key that Signet does not sign with: DSA, other curves, RSA over 4096 bits."""

    code = "unsupported_key"


class FileTooLargeError(SignetError):
    """The certificate file is over 256 KiB, or says more than can be shown."""

    code = "file_too_large"


# --- conflicts with the present state ----------------------------------------------------------------------------


class AliasTakenError(SignetError):
    """Another certificate or pending request has the alias."""

    code = "alias_taken"


class CertificateExistsError(SignetError):
    """The same certificate is under management already."""

    code = "certificate_exists"

    def __init__(self, certificate_id: str | None = None) -> None:
        super().__init__("This certificate is under management already.")
        self.certificate_id = certificate_id
        """Only where the caller can see it."""


class GroupFullError(SignetError):
    """The certificate group holds as many certificates as its limit allows."""

    code = "group_full"


class NameTakenError(SignetError):
    """Another policy, certificate group or role has the name, without regard to case."""

    code = "name_taken"


class GroupInUseError(SignetError):
    """Policies or roles name the certificate group."""

    code = "group_in_use"


class LimitBelowCountError(SignetError):
    """The certificate group holds more certificates than the limit asked for."""

    code = "limit_below_count"


class LastAdministratorError(SignetError):
    """Nobody would be left who can administer."""

    code = "last_administrator"


class BuiltInRoleError(SignetError):
    """The built-in roles cannot be changed in this way or deleted."""

    code = "built_in_role"


class RenewalPendingError(SignetError):
    """A renewal of this certificate waits for the CA already."""

    code = "renewal_pending"


class AlreadyRenewedError(SignetError):
    """The certificate was renewed; renew the newest."""

    code = "already_renewed"


class RequestNotPendingError(SignetError):
    """The signing request is completed or cancelled."""

    code = "request_not_pending"


class AnswerExpiredError(SignetError):
    """The CA's answer to a signing request is past its end: it could not sign, and the request waits on."""

    code = "certificate_expired"


class AnswerNotYetValidError(SignetError):
    """The CA's answer is not in force yet: an alias never moves to what cannot sign; send it again when it is."""

    code = "certificate_not_yet_valid"

    def __init__(self, begins: datetime, now: datetime) -> None:
        super().__init__(f"The certificate is in force from {rfc3339(begins)} on: send it again then.")
        self.retry_after = begins - now


class ChangedMeanwhileError(SignetError):
    """What was decided on changed before the decision was written; decide again. It never leaves an operation."""

    code = "changed_meanwhile"


# --- what is named in a body -------------------------------------------------------------------------------------


class UnknownReferenceError(SignetError):
    """A certificate or certificate group that does not exist, or that the caller cannot see."""

    code = "unknown_reference"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


class UnknownIssuerError(SignetError):
    """A user or user group of an issuer that this deployment does not trust."""

    code = "unknown_issuer"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


class TooManyGroupsError(SignetError):
    """A certificate is in at most 25 groups."""

    code = "too_many_groups"


# --- signing -----------------------------------------------------------------------------------------------------


class NoPrivateKeyError(SignetError):
    """The certificate is under management without its private key."""

    code = "no_private_key"


class CertificateDisabledError(SignetError):
    """Disabled: unusable to everybody, its owner too."""

    code = "certificate_disabled"


class CertificateExpiredError(SignetError):
    """Past its notAfter."""

    code = "certificate_expired"


class CertificateNotYetValidError(SignetError):
    """Before its notBefore."""

    code = "certificate_not_yet_valid"


class NotAllowedByPolicyError(SignetError):
    """The caller does not own it, and no policy allows this use."""

    code = "not_allowed_by_policy"


class ReasonRequiredError(SignetError):
    """The certificate asks for a reason at every use."""

    code = "reason_required"


class PinRequiredError(SignetError):
    """The certificate asks for its PIN at every use."""

    code = "pin_required"


class PinWrongError(SignetError):
    """Not the PIN; the fifth in a row locks it."""

    code = "pin_wrong"


class PinLockedError(SignetError):
    """Five wrong PINs in a row; the right one is refused too until the lock ends."""

    code = "pin_locked"

    def __init__(self, until: datetime, now: datetime) -> None:
        super().__init__(f"Too many wrong PINs in a row: the PIN is locked until {rfc3339(until)}, the right one too.")
        self.retry_after = until - now


class AlgorithmMismatchError(SignetError):
    """The signing algorithm, or the message type, does not fit the key."""

    code = "algorithm_mismatch"


class DigestLengthError(SignetError):
    """The digest is not as long as the algorithm's hash."""

    code = "digest_length"


class MessageTooLargeError(SignetError):
    """A RAW message over 4 MiB."""

    code = "message_too_large"


# --- private keys at rest ----------------------------------------------------------------------------------------


class KeyTooLargeError(SignetError):
    """A private key longer than KMS can seal: 4096 bytes of PKCS#8."""

    code = "key_too_large"


class SealBrokenError(SignetError):
    """A stored private key does not open, or is not its certificate's: someone or something changed the tables."""

    code = "seal_broken"
