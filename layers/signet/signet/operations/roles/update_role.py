"""UpdateRole: other permissions, certificate groups, name, description, priority, or holders."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from signet.domain.access.built_in_roles import check_built_in
from signet.domain.access.known_issuers import added_to_role, check_added
from signet.domain.access.role import Role
from signet.operations.access_changes import ROLE, check_version, commit_changed
from signet.operations.authorisation import only_administrators
from signet.operations.references import with_ids_of_groups
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.operations.roles.role_rules import check_name, check_who_is_left
from signet.operations.roles.role_visibility import visible_role
from signet.ports.session import Session


def update_role(
    identifier: str,
    changes: Mapping[str, Any],
    *,
    issuers: Collection[str],
    if_match: frozenset[int] | None,
    within: Session,
) -> Role:
    """Put the fields of `changes`, as JSON has them, in place of what a role says there.

    `issuers` are the aliases of those whose users can sign in.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller is no Administrator; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        InvalidInputError, RequestTooLargeError: as `RoleSettings.changed`.
        UnknownReferenceError: it would name a certificate group that does not exist.
        BuiltInRoleError: of a built-in role more than its holders would change.
        LastAdministratorError: nobody would be left who is known to be an Administrator.
        UnknownIssuerError: it would newly be given to somebody of an issuer that is not trusted.
        NameTakenError: another role has the name.
    """

    def decide() -> Role:
        access = within.load().access
        before = visible_role(identifier, access, within)
        only_administrators(access, within, ROLE.updated, detail=ROLE.mention(before.id, before.settings.name))
        check_version(before, if_match)
        settings = with_ids_of_groups(before.settings.changed(changes), changes.get("certificate_groups"), access)
        check_added(added_to_role(changes, before.settings.users, before.settings.user_groups), access.issuers)
        check_built_in(before, settings)
        if not before.is_built_in:
            check_name(settings)
        after = replace(before, settings=settings)
        check_who_is_left({after.id: after}, access, within, issuers)
        return commit_changed(ROLE, before, after, access=access, within=within)

    return retry_on_conflict(decide)
