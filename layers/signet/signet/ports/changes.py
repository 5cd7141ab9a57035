"""What one transaction does: the changes that `Records.commit` takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.role import Role
from signet.domain.certificates.certificate import Certificate
from signet.domain.policies.policy import Policy

if TYPE_CHECKING:
    from datetime import datetime

    from signet.domain.certificates.certificate import Usage, X509Body
    from signet.domain.expiry.calendar_link import CalendarLink
    from signet.domain.signing.wrapped_key import WrappedKey
    from signet.domain.signing_requests.signing_request import SigningRequest


@dataclass(frozen=True, slots=True)
class CertificateAdded:
    """A certificate comes under management."""

    certificate: Certificate
    x509: X509Body
    wrapped_key: WrappedKey | None = None
    """None too where the key is here already, since its signing request was made."""
    alias_held_by: str | None = None
    """What may hold its alias until now: the signing request, or the certificate that it renews."""
    keyless_duplicate: str | None = None
    """The same X.509, imported without its key by somebody for whom the signing request does not exist; it stays."""


@dataclass(frozen=True, slots=True)
class CertificateChanged:
    """Settings of a certificate change; nothing happens if `before` is no longer the present state."""

    before: Certificate
    after: Certificate
    wrapped_key: WrappedKey | None = None
    """The private key that it gains."""
    x509: X509Body | None = None
    """Its X.509 as it is now, where that or the path above it is another."""
    keyless_duplicate: str | None = None
    """As of `CertificateAdded`, where its X.509 is another."""
    hands_on_alias: bool = False
    """Whether its old alias goes to another certificate in the same transaction."""


@dataclass(frozen=True, slots=True)
class CertificateFlagged:
    """A stage of its expiry is announced; nothing happens if `before` is no longer the present state."""

    before: Certificate
    stage: int
    """Days before its end; 0 for expiry itself."""
    at: datetime
    """The moment as of which it was reached."""
    event_id: str


@dataclass(frozen=True, slots=True)
class CalendarLinkChanged:
    """A user's secret link to the calendar is made, replaced or revoked."""

    user: str
    before: CalendarLink | None
    """The one there was; nothing happens if it is another by now."""
    after: CalendarLink | None


@dataclass(frozen=True, slots=True)
class CertificateRemoved:
    """A certificate and its private key are deleted."""

    certificate: Certificate
    event_id: str


@dataclass(frozen=True, slots=True)
class CertificateUsed:
    """One signature, counted, as long as the certificate is still as it was decided on."""

    certificate: Certificate
    usage: Usage
    """As it was decided on."""
    at: datetime
    event_id: str
    pin_was_right: bool


@dataclass(frozen=True, slots=True)
class PinFailed:
    """One wrong PIN, counted, as long as no other was counted meanwhile."""

    certificate: Certificate
    before: Usage
    after: Usage


@dataclass(frozen=True, slots=True)
class RequestAdded:
    """A signing request begins to wait; of a renewal, nothing happens if another waits or the renewal was done."""

    request: SigningRequest
    wrapped_key: WrappedKey


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """A signing request was completed or cancelled; a cancelled one's key is destroyed."""

    before: SigningRequest
    after: SigningRequest


Administered = Policy | CertificateGroup | Role


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """A policy, certificate group or role is created, changed or deleted.

    Nothing happens if anything of who may do what has changed since `revision`: what it names was looked up then.
    """

    before: Administered | None
    after: Administered | None
    revision: str
    """As it was decided on."""
    next_revision: str


Change = (
    AccessChanged
    | RequestAdded
    | RequestEnded
    | CertificateAdded
    | CertificateChanged
    | CertificateFlagged
    | CalendarLinkChanged
    | CertificateRemoved
    | CertificateUsed
    | PinFailed
)
