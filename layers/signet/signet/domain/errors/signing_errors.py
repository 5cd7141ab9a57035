"""Why a certificate does not sign, and what can be wrong with a key that is kept."""

from datetime import datetime

from signet.domain.errors.signet_error import SignetError
from signet.domain.moments import rfc3339


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


class KeyTooLargeError(SignetError):
    """A private key longer than KMS encrypts: 4096 bytes of PKCS#8."""

    code = "key_too_large"


class BrokenWrappedKeyError(SignetError):
    """A stored private key does not open, or is not its certificate's: someone or something changed the tables."""

    code = "broken_wrapped_key"
