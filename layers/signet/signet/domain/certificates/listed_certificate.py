"""A certificate as lists know it: what it is filtered and sorted by, and what decides who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from signet.domain.certificates.alias import folded
from signet.domain.certificates.certificate import Certificate, CertificateStatus, ExpiryState, expiry_state_at

MAX_TEXT = 1024
"""How many characters of a subject or an issuer are kept for lists. Longer ones are looked at where they are: each
certificate has many entries, and what all of them repeat has to be short."""


def text_for_lists(text: str) -> str | None:
    """`text`, or None where it is too long to be kept for lists."""
    return text if len(text) <= MAX_TEXT else None


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """What the entry of a certificate in a list tells of it."""

    id: str
    alias_key: str
    owner: str | None
    groups: tuple[str, ...]
    renewed_ids: tuple[str, ...]
    enabled: bool
    has_private_key: bool
    not_before: datetime
    not_after: datetime
    renewal_pending: bool
    serial_number: str
    subject: str | None
    """After NFC and case folding; None where it is not known here."""
    issuer: str | None
    """As `subject`."""

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        """What is known of `certificate` itself: everything."""
        facts = certificate.facts
        return cls(
            id=certificate.id,
            alias_key=certificate.alias.key,
            owner=certificate.owner,
            groups=certificate.groups,
            renewed_ids=certificate.renewed_ids,
            enabled=certificate.enabled,
            has_private_key=certificate.has_private_key,
            not_before=facts.not_before,
            not_after=facts.not_after,
            renewal_pending=certificate.pending_request is not None,
            serial_number=facts.serial_number,
            subject=folded(facts.subject),
            issuer=folded(facts.issuer),
        )

    @property
    def own_and_renewed_ids(self) -> tuple[str, ...]:
        """The ids by which a policy can name it."""
        return (*self.renewed_ids, self.id)

    @property
    def status(self) -> CertificateStatus:
        """`enabled` or `disabled`."""
        return CertificateStatus.ENABLED if self.enabled else CertificateStatus.DISABLED

    def expiry_state(self, now: datetime, stages: Sequence[int]) -> ExpiryState:
        """As `Certificate.expiry_state`."""
        return expiry_state_at(now, self.not_before, self.not_after, stages)

    def can_sign_at(self, now: datetime) -> bool:
        """Whether nothing keeps everybody from using it: it has its key, is enabled and in force."""
        return self.has_private_key and self.enabled and self.not_before <= now <= self.not_after
