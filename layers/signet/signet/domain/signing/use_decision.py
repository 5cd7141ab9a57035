"""Whether a certificate may be used, by whom, and now: the decision of contract section 5, in its order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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
from signet.domain.signing.sign_command import SignCommand
from signet.domain.text.visible_text import says_nothing

if TYPE_CHECKING:  # It knows of a use what is stated of it, which must not know of it in turn.
    from signet.domain.access.access_snapshot import AllowedUse

MAX_PIN_FAILURES = 5
PIN_LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class UseDecision:
    """One use: what was asked for, what it was decided on, and what was decided. Its record tells nothing else."""

    command: SignCommand
    certificate: Certificate
    usage: Usage
    at: datetime
    decided_by: str | None = None
    """`owner`, or the id of the policy that decided; None where none did."""
    refusal: SignetError | None = None
    """None where the use is allowed."""


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
    command: SignCommand, certificate: Certificate, usage: Usage, by_policy: AllowedUse, *, at: datetime
) -> UseDecision:
    """Everything that can be decided without looking whether the PIN is right.

    `by_policy` is what owner and policies say; where asking them would have been too costly, nothing allows the use.
    """
    refusal = unusable_for_all(certificate, at)
    if refusal is None and by_policy.allowed_by is None:
        refusal = NotAllowedByPolicyError(
            "The regular expressions of the policies would cost too much on a command line as long as this one."
            if by_policy.too_costly
            else "You do not own the certificate, and no policy allows you this use of it."
        )
    if refusal is None and certificate.ask_for_reason and says_nothing(command.reason or ""):
        refusal = ReasonRequiredError("The certificate asks for a reason at every use.")
    if refusal is None and certificate.pin_hash is not None:
        refusal = _of_pin(usage, command.pin, at)
    return UseDecision(command, certificate, usage, at, by_policy.allowed_by or by_policy.policy, refusal)


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
