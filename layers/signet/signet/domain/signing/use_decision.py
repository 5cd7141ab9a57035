"""Whether a certificate may be used, by whom, and now: the decision of contract section 5, in its order."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.errors import (
    CertificateDisabledError,
    CertificateExpiredError,
    CertificateNotYetValidError,
    NoPrivateKeyError,
    NotAllowedByPolicyError,
    PinLockedError,
    PinRequiredError,
    ReasonRequiredError,
    SignetError,
)
from signet.domain.text.visible_text import says_nothing

MAX_PIN_FAILURES = 5
PIN_LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Application:
    """The program that signs, as the client states it: a claim, not a proof."""

    process: str | None = None
    command_line: str | None = None


@dataclass(frozen=True, slots=True)
class UseDecision:
    """What was decided, and by what."""

    refusal: SignetError | None = None
    """None where the use is allowed."""
    decided_by: str | None = None
    """`owner`, or the id of the policy that decided; None where none did."""


def unusable_for_all(certificate: Certificate, at: datetime, *, needs_key: bool = True) -> SignetError | None:
    """Step 1: what keeps everybody from using it, its owner too."""
    if needs_key and not certificate.has_private_key:
        return NoPrivateKeyError("The certificate is here without its private key.")
    if not certificate.enabled:
        return CertificateDisabledError("The certificate is disabled.")
    if at > certificate.facts.not_after:
        return CertificateExpiredError("The certificate has expired.")
    if at < certificate.facts.not_before:
        return CertificateNotYetValidError("The certificate is not yet valid.")
    return None


def decide_use(
    certificate: Certificate,
    usage: Usage,
    *,
    allowed_by: str | None,
    policy: str | None,
    too_costly: bool = False,
    reason: str | None,
    pin: str | None,
    at: datetime,
) -> UseDecision:
    """Everything that can be decided without looking whether the PIN is right.

    `allowed_by` is `owner` or the id of the policy that allows the use, None where nothing does; `policy` is the
    one that decided, also where it denies. Where asking the policies would have been `too_costly`, nothing allows it.
    """
    refusal = unusable_for_all(certificate, at)
    if refusal is None and allowed_by is None:
        refusal = NotAllowedByPolicyError(
            "The regular expressions of the policies would cost too much on a command line as long as this one."
            if too_costly
            else "You do not own the certificate, and no policy allows you this use of it."
        )
    if refusal is None and certificate.ask_for_reason and says_nothing(reason or ""):
        refusal = ReasonRequiredError("The certificate asks for a reason at every use.")
    if refusal is None and certificate.pin_hash is not None:
        refusal = _of_pin(usage, pin, at)
    return UseDecision(refusal, allowed_by or policy)


def _of_pin(usage: Usage, pin: str | None, at: datetime) -> SignetError | None:
    if pin is None:
        return PinRequiredError("The certificate asks for its PIN at every use.")
    if usage.pin_locked_until is not None and at < usage.pin_locked_until:
        return PinLockedError(usage.pin_locked_until, at)
    return None


def after_wrong_pin(usage: Usage, at: datetime) -> Usage:
    """`usage` once one more wrong PIN has come: the fifth in a row locks, and after a lock the count starts again."""
    earlier = 0 if usage.pin_locked_until is not None else usage.pin_failures
    failures = earlier + 1
    return replace(
        usage, pin_failures=failures, pin_locked_until=at + PIN_LOCK if failures >= MAX_PIN_FAILURES else None
    )


def usage_after(before: Certificate, after: Certificate, usage: Usage) -> Usage:
    """`usage` once the settings `before` are those of `after`: a new PIN was not tried yet."""
    if after.pin_hash == before.pin_hash:
        return usage
    return replace(usage, pin_failures=0, pin_locked_until=None)


@dataclass(frozen=True, slots=True)
class SignCommand:
    """What a caller asks to be signed, and what it states of itself."""

    certificate: str
    """Id or alias."""
    message: bytes = field(repr=False)
    message_type: str
    signing_algorithm: str
    reason: str | None = None
    pin: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    """The token of the caller: it is kept out of the record."""
    application: Application = field(default_factory=Application)
    dry_run: bool = False
