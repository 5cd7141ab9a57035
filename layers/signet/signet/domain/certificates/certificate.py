"""A certificate under management: its settings, what it is used for, when it expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from signet.domain.certificates.certificate_settings import CertificateSettings
from signet.domain.errors import InvalidInputError
from signet.domain.x509.certificate_facts import CertificateFacts

MAX_GROUPS = 25
"""A certificate is in at most so many groups, so that each of its changes fits one transaction."""

EXPIRED_STAGE = 0
"""`flagged_stage` once expiry itself was announced."""


class ExpiryState(StrEnum):
    """Where `now` lies in a certificate's life."""

    NOT_YET_VALID = "not_yet_valid"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class CertificateStatus(StrEnum):
    """Whether anybody may use it."""

    ENABLED = "enabled"
    DISABLED = "disabled"


def expiry_state_at(now: datetime, not_before: datetime, not_after: datetime, stages: Sequence[int]) -> ExpiryState:
    """Where `now` lies in a life; `stages` are days before its end, the widest of which begins `expiring`."""
    #   not_before        not_after - widest          not_after
    #   |----- valid -----|-------- expiring ---------|  expired
    #
    # All bounds are inclusive: still valid at `not_after` itself (RFC 5280, 4.1.2.5).
    if now < not_before:
        return ExpiryState.NOT_YET_VALID
    if now > not_after:
        return ExpiryState.EXPIRED
    if not_after - now <= timedelta(days=max(stages, default=0)):
        return ExpiryState.EXPIRING
    return ExpiryState.VALID


class Placed(Protocol):
    """What decides who sees and uses a certificate, besides what everybody is held to."""

    @property
    def owner(self) -> str | None:
        """One user, or nobody."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Ids of the certificate groups it is in."""

    @property
    def own_and_renewed_ids(self) -> tuple[str, ...]:
        """The ids by which a policy can name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(CertificateSettings):
    """One certificate under management; its uses are counted apart, in `Usage`."""

    id: str
    enabled: bool
    facts: CertificateFacts
    key_version: int
    """0 without a private key; counts up if another wrapping of it is stored."""
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int
    """Counts changes of settings, not uses."""
    last_event: str
    """Id of the event of its newest change: the next one sorts behind it."""
    renewed_ids: tuple[str, ...] = ()
    """Ids of the certificates it descends from by renewal, oldest first: their policies cover it too."""
    renews: str | None = None
    renewed_by: str | None = None
    pending_request: str | None = None
    """Id of the signing request that would renew it."""
    flagged_stage: int | None = None
    """The tightest stage announced, in days; 0 once expiry is."""
    flagged_at: datetime | None = None
    former_groups: tuple[str, ...] = ()
    """Those that were deleted while it was in them: its entries in their listings go with its next change."""

    @property
    def status(self) -> CertificateStatus:
        """`enabled` or `disabled`."""
        return CertificateStatus.ENABLED if self.enabled else CertificateStatus.DISABLED

    @property
    def has_private_key(self) -> bool:
        """Whether it can sign at all."""
        return self.key_version > 0

    @property
    def own_and_renewed_ids(self) -> tuple[str, ...]:
        """The ids by which a policy can name it: its own, and those of the certificates that it renews."""
        return (*self.renewed_ids, self.id)

    @property
    def place_in_line(self) -> int:
        """Which one it is in its line of renewals, counted from 1: the same whoever descends from it."""
        return len(self.renewed_ids) + 1

    def id_in_line(self, place: int) -> str:
        """The id of the certificate at `place` in its line of renewals, counted from 1; whether it exists or not.

        Raises:
            InvalidInputError: the line is not so long.
        """
        if not 1 <= place <= self.place_in_line:
            raise InvalidInputError.at("key_version", f"must be 1 to {self.place_in_line}; 0 stands for the newest")
        return self.own_and_renewed_ids[place - 1]

    def expiry_state(self, now: datetime, stages: Sequence[int]) -> ExpiryState:
        """Where `now` lies; `stages` are days before `valid_to`, the widest of which begins `expiring`."""
        return expiry_state_at(now, self.facts.not_before, self.facts.not_after, stages)

    def days_left(self, now: datetime) -> int:
        """Whole days until `valid_to`, rounded down; negative once expired."""
        return (self.facts.not_after - now) // timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a certificate was used, and how its PIN fared; kept apart, since it changes with every signature."""

    count: int = 0
    last_used_at: datetime | None = None
    last_event: str = ""
    """Id of the event of its newest use."""
    pin_failures: int = 0
    """Wrong PINs in a row."""
    pin_locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class X509Body:
    """The X.509 itself, kept apart from the settings since it is kilobytes."""

    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """DER each, issuer first."""
