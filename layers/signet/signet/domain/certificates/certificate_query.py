"""Which certificates a list is of, and in which order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from signet.domain.certificates.certificate import CertificateStatus, ExpiryState
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.domain.errors import InvalidInputError

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
    thumbprint: str | None = None
    """Upper-case hex of the SHA-1 or of the SHA-256."""
    serial_number: str | None = None
    """As `CertificateFacts` has it."""
    subject: str | None = None
    """A part of the subject, after NFC and case folding."""
    issuer: str | None = None
    """A part of the issuer, after NFC and case folding."""
    contains: str | None = None
    """A part of alias, subject or issuer, after NFC and case folding."""
    usable: bool = False
    """Only those that the caller could sign with now."""

    def check(self, now: datetime) -> None:
        """Hold it to what some certificate could match.

        Raises:
            InvalidInputError: two filters of it exclude each other, whatever there is.
        """
        if self.usable and self.status is CertificateStatus.DISABLED:
            raise InvalidInputError.at("usable", "is true of no certificate that is disabled: leave status out")
        if self.usable and self.expiry in (ExpiryState.EXPIRED, ExpiryState.NOT_YET_VALID):
            raise InvalidInputError.at("usable", f"is true of no certificate that is {self.expiry}: leave expiry out")
        in_force = self.usable or self.expiry in (ExpiryState.VALID, ExpiryState.EXPIRING)
        if in_force and self.expires_before is not None and self.expires_before <= now:
            raise InvalidInputError.at("expires_before", "is past, and what ended before it is in force no more")

    def sorted_by(self, sort: CertificateSort) -> "CertificateQuery":
        """The same filters in another order."""
        return replace(self, sort=sort, descending=False)

    @property
    def asks_for_text(self) -> bool:
        """Whether it looks for a part of a name."""
        return any(part is not None for part in (self.subject, self.issuer, self.contains))

    def matches(self, listed: ListedCertificate, now: datetime, stages: tuple[int, ...]) -> bool:
        """Whether it passes every filter, as far as is known of it, but those that ask policies or a key.

        Those are `thumbprint`, by which certificates are found and not filtered, and of `usable` who may use it.
        """
        owner_sought = None if self.owner == NOBODY else self.owner
        return (
            (self.status is None or listed.status is self.status)
            and (self.expiry is None or listed.expiry_state(now, stages) is self.expiry)
            and (self.owner is None or listed.owner == owner_sought)
            and (self.group is None or self.group in listed.groups)
            and (self.alias_start is None or listed.alias_key.startswith(self.alias_start))
            and (self.expires_before is None or listed.not_after < self.expires_before)
            and (self.expires_from is None or listed.not_after >= self.expires_from)
            and (not self.renewal_pending or listed.renewal_pending)
            and (self.serial_number is None or listed.serial_number == self.serial_number)
            and (self.subject is None or _may_hold(listed.subject, self.subject))
            and (self.issuer is None or _may_hold(listed.issuer, self.issuer))
            and (
                self.contains is None
                or self.contains in listed.alias_key
                or _may_hold(listed.subject, self.contains)
                or _may_hold(listed.issuer, self.contains)
            )
            and (not self.usable or listed.can_sign_at(now))
        )

    def is_sure_of(self, listed: ListedCertificate) -> bool:
        """Whether `matches` knows enough of it to be right."""
        asks_subject, asks_issuer = self.subject or self.contains, self.issuer or self.contains
        return not ((asks_subject and listed.subject is None) or (asks_issuer and listed.issuer is None))

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


def _may_hold(text: str | None, part: str) -> bool:
    return text is None or part in text
