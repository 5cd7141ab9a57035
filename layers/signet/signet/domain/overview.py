"""What every certificate answer shows."""

from dataclasses import dataclass

from signet.domain.access import Access
from signet.domain.certificate import Certificate, Usage


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


def overview(certificate: Certificate, usage: Usage, access: Access) -> Overview:
    """Join `certificate` with its counters and with the names of its groups and policies."""
    return Overview(
        certificate,
        usage,
        tuple(Named(group.id, group.settings.name) for group in access.groups_of(certificate)),
        tuple(Named(policy.id, policy.settings.name) for policy in access.policies_about(certificate)),
    )
