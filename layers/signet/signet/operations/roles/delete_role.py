"""DeleteRole: nobody has it any longer."""

from collections.abc import Collection

from signet.domain.errors import BuiltInRoleError
from signet.operations.access_changes import ROLE, check_version, commit_deleted
from signet.operations.authorisation import only_administrators
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.operations.roles.role_rules import check_who_is_left
from signet.operations.roles.role_visibility import visible_role
from signet.ports.session import Session


def delete_role(identifier: str, *, issuers: Collection[str], if_match: frozenset[int] | None, within: Session) -> None:
    """Delete a role; for those who had it another one may be in force from then on.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller is no Administrator; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        BuiltInRoleError: it is always there.
        LastAdministratorError: nobody would be left who is known to be an Administrator.
    """

    def decide() -> None:
        access = within.load().access
        role = visible_role(identifier, access, within)
        only_administrators(access, within, ROLE.deleted, detail=ROLE.mention(role.id, role.settings.name))
        check_version(role, if_match)
        if role.is_built_in:
            raise BuiltInRoleError("A built-in role is always there.")
        check_who_is_left({role.id: None}, access, within, issuers)
        commit_deleted(ROLE, role, access=access, within=within)

    retry_on_conflict(decide)
