"""GetCertificateRelated: what a certificate has to do with."""

from dataclasses import dataclass

from signet.domain.access.principal import Principal
from signet.domain.certificates.overview import Named
from signet.operations.authorisation import readable
from signet.ports.store import Records


@dataclass(frozen=True, slots=True)
class Related:
    """The groups a certificate is in, the policies about it, and whom those name."""

    groups: tuple[Named, ...]
    policies: tuple[Named, ...]
    users: tuple[str, ...]
    user_groups: tuple[str, ...]


def get_certificate_related(reference: str, *, by: Principal, records: Records) -> Related:
    """What the certificate that `reference` names has to do with.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` covers it without letting look.
    """
    certificate = readable(snapshot := records.load(reference), by)
    policies = snapshot.access.policies_about(certificate)
    return Related(
        groups=tuple(Named(group.id, group.settings.name) for group in snapshot.access.groups_of(certificate)),
        policies=tuple(Named(policy.id, policy.settings.name) for policy in policies),
        users=tuple(sorted({user for policy in policies for user in policy.settings.who.users})),
        user_groups=tuple(sorted({group for policy in policies for group in policy.settings.who.user_groups})),
    )
