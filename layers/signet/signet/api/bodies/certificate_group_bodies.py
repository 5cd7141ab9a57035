"""What is asked and answered about certificate groups: JSON in `snake_case`.

The structs give the shape, for the OpenAPI document and for whoever sends something else altogether; the values are
read by the domain, which tells everything that is wrong with them at once, field by field.
"""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from signet.api.bodies.fields import Moment
from signet.api.bodies.sent_body import SentBody
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.moments import rfc3339


class ChangedCertificateGroup(SentBody, frozen=True, kw_only=True):
    """Settings of a certificate group to change."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    certificate_limit: int | UnsetType | None = UNSET
    """How many certificates it may hold; null for any number."""


class NewCertificateGroup(ChangedCertificateGroup, frozen=True, kw_only=True):
    """Settings of a new certificate group."""

    name: str


class CertificateGroupBody(msgspec.Struct, frozen=True):
    """A certificate group."""

    id: str
    name: str
    description: str
    certificate_limit: int | None
    certificate_count: int
    """Certificates in it, renewed ones not counted."""
    created_at: Moment
    created_by: str
    updated_at: Moment
    version: int

    @classmethod
    def of(cls, group: CertificateGroup) -> "CertificateGroupBody":
        """What is shown of `group`."""
        return cls(
            id=group.id,
            name=group.settings.name,
            description=group.settings.description,
            certificate_limit=group.settings.certificate_limit,
            certificate_count=group.certificate_count,
            created_at=rfc3339(group.created_at),
            created_by=group.created_by,
            updated_at=rfc3339(group.updated_at),
            version=group.version,
        )


class CertificateGroupPage(msgspec.Struct, frozen=True):
    """One page of certificate groups, by name."""

    items: tuple[CertificateGroupBody, ...]
    next_cursor: str | None

    @classmethod
    def of(cls, page: tuple[Iterable[CertificateGroup], str | None]) -> "CertificateGroupPage":
        """What is shown of `page`, and the cursor of the next."""
        return cls(tuple(map(CertificateGroupBody.of, page[0])), page[1])
