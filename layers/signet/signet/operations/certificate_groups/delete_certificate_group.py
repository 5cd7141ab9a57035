"""DeleteCertificateGroup: the set is deleted; the certificates in it stay."""

from signet.domain.access.access_snapshot import Access
from signet.domain.errors import GroupInUseError
from signet.operations.access_changes import CERTIFICATE_GROUP, check_version, commit_deleted
from signet.operations.authorisation import only_administrators
from signet.operations.certificate_group_visibility import visible_group
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.listings import Listings
from signet.ports.session import Session


def delete_certificate_group(
    identifier: str, *, if_match: frozenset[int] | None, within: Session, listings: Listings
) -> None:
    """Delete a certificate group that nothing names; the certificates in it leave it, and nothing else of them changes.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller is no Administrator; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        GroupInUseError: a policy or a role names it.
    """

    def decide() -> None:
        access = within.load().access
        group = visible_group(identifier, access, within, listings=listings)
        only_administrators(
            access, within, CERTIFICATE_GROUP.deleted, detail=CERTIFICATE_GROUP.mention(group.id, group.settings.name)
        )
        check_version(group, if_match)
        _check_unused(group.id, access)
        commit_deleted(CERTIFICATE_GROUP, group, access=access, within=within)

    retry_on_conflict(decide)


def _check_unused(group: str, access: Access) -> None:
    policies = access.policies.naming_group(group)
    roles = [role for role in access.roles.values() if group in (role.settings.certificate_groups.rights or ())]
    if policies or roles:
        raise GroupInUseError(
            f"{len(policies)} policies and {len(roles)} roles name the certificate group; take it out of them first."
        )
