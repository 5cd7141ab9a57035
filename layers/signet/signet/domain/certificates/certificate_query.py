"""Which certificates a list is of, and in which order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signet.domain.certificates.certificate import Certificate, CertificateStatus, ExpiryState

NOBODY = "none"
"""As an owner to look for: no user name is without a slash."""


class CertificateSort(StrEnum):
    """What a list of certificates can be sorted by."""

    ALIAS = "alias"
    VALID_TO = "valid_to"
    CREATED_AT = "created_at"


@dataclass(frozen=True, slots=True)
class CertificateQuery:
    """The filters, all of which must match, and the order."""

    sort: CertificateSort = CertificateSort.ALIAS
    descending: bool = False
    status: CertificateStatus | None = None
    expiry: ExpiryState | None = None
    owner: str | None = None
    """A user, or `none`."""
    group: str | None = None
    alias_start: str | None = None
    """Folded, as an alias's key is."""
    expires_before: datetime | None = None
    expires_from: datetime | None = None
    renewal_pending: bool = False
    usable: bool = False
    """Only those that the caller could sign with now."""

    def matches(self, certificate: Certificate, now: datetime, stages: tuple[int, ...]) -> bool:
        """Whether `certificate` passes every filter but `usable`, which asks the policies."""
        owner_sought = None if self.owner == NOBODY else self.owner
        return (
            (self.status is None or certificate.status is self.status)
            and (self.expiry is None or certificate.expiry_state(now, stages) is self.expiry)
            and (self.owner is None or certificate.owner == owner_sought)
            and (self.group is None or self.group in certificate.groups)
            and (self.alias_start is None or certificate.alias.key.startswith(self.alias_start))
            and (self.expires_before is None or certificate.facts.not_after < self.expires_before)
            and (self.expires_from is None or certificate.facts.not_after >= self.expires_from)
            and (not self.renewal_pending or certificate.pending_request is not None)
        )

    def ends_between(self, now: datetime, stages: tuple[int, ...]) -> tuple[datetime | None, datetime | None]:
        """Between which moments, give or take a second, `valid_to` lies of all that can match."""
        widest = timedelta(days=max(stages, default=0))
        low = self.expires_from
        high = self.expires_before
        if self.expiry is ExpiryState.EXPIRED:
            high = now if high is None else min(high, now)
        if self.expiry is ExpiryState.EXPIRING:
            low = now
            high = now + widest if high is None else min(high, now + widest)
        if self.expiry is ExpiryState.VALID:
            low = now + widest
        if self.usable and low is None:
            low = now
        return low, high
