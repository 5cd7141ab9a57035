"""GetCertificateRelated: the groups, policies and users that a certificate has to do with."""

from dataclasses import dataclass

from signet.domain.certificates.overview import Named
from signet.domain.policies.policy import Policy
from signet.domain.policies.who_can_sign import Signers, signers_of
from signet.operations.authorisation import readable
from signet.ports.session import Session


@dataclass(frozen=True, slots=True)
class Related:
    """The groups a certificate is in, the policies about it, and whom those name."""

    groups: tuple[Named, ...]
    policies: tuple[Policy, ...]
    """In the order in which they are asked."""
    signers: Signers


def get_certificate_related(reference: str, *, within: Session) -> Related:
    """What the certificate that `reference` names has to do with.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    certificate = readable(snapshot := within.load(reference), within)
    policies = snapshot.access.policies_about(certificate)
    return Related(
        groups=tuple(Named(group.id, group.settings.name) for group in snapshot.access.groups_of(certificate)),
        policies=policies,
        signers=signers_of(certificate, policies, within.now),
    )
