"""What every certificate answer shows."""

import json
from dataclasses import dataclass
from datetime import datetime

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.signing_requests.signing_request import SigningRequest


@dataclass(frozen=True, slots=True)
class Named:
    """A group or policy, as it is mentioned."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A certificate with what is kept apart from it."""

    certificate: Certificate
    usage: Usage
    groups: tuple[Named, ...]
    policies: tuple[Named, ...]
    tells_pin_lock: bool
    """Whether the one who looks may know that its PIN is locked."""
    at: datetime
    """The moment at which it is looked at."""
    stages: tuple[int, ...]
    """At how many days before its end the deployment tells of it."""

    @property
    def weight(self) -> int:
        """About how many bytes it is as JSON."""
        facts = self.certificate.facts
        named = [one.name for one in (*self.groups, *self.policies)]
        return (
            2048
            + 64 * len(named)
            + len(json.dumps([facts.subject, facts.issuer, self.certificate.description, *named]))
        )


@dataclass(frozen=True, slots=True)
class RequestOverview:
    """A signing request with the names of its groups."""

    request: SigningRequest
    groups: tuple[Named, ...]


def request_overview(request: SigningRequest, access: Access) -> RequestOverview:
    """Join `request` with the names of its groups."""
    groups = (access.groups[group] for group in access.existing(request.groups))
    return RequestOverview(request, tuple(Named(group.id, group.settings.name) for group in groups))


def overview(
    certificate: Certificate, usage: Usage, access: Access, by: Principal, *, at: datetime, stages: tuple[int, ...]
) -> Overview:
    """Join `certificate` with its counters and with the names of its groups and policies, as `by` may know them."""
    return Overview(
        certificate,
        usage,
        tuple(Named(group.id, group.settings.name) for group in access.groups_of(certificate)),
        tuple(Named(policy.id, policy.settings.name) for policy in access.policies_about(certificate)),
        # Who may edit it can end the lock, by a new PIN.
        tells_pin_lock=access.may(by, Permission.EDIT_CERTIFICATES, certificate),
        at=at,
        stages=stages,
    )
