"""The two roles that are always there; of them only to whom they are given can be changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from signet.domain.access.role import ADMINISTRATOR_ID, VIEWER_ID, Permission, Role, RoleSettings
from signet.domain.errors import BuiltInRoleError, LastAdministratorError
from signet.domain.policies.policy import MAX_PRIORITY

ADMINISTRATOR = Role(
    ADMINISTRATOR_ID,
    RoleSettings(
        name="Administrator",
        description="May do everything; alone manages certificate groups and roles.",
        priority=0,
        permissions=frozenset(Permission),
    ),
)
VIEWER = Role(
    VIEWER_ID,
    RoleSettings(
        name="Viewer",
        description="Sees everything and changes nothing.",
        priority=MAX_PRIORITY,  # Whoever was given anything more has that.
        permissions=frozenset(
            {
                Permission.VIEW_CERTIFICATES,
                Permission.VIEW_SIGNING_REQUESTS,
                Permission.VIEW_POLICIES,
                Permission.VIEW_ALL_EVENTS,
            }
        ),
    ),
)
BUILT_IN_ROLES: Mapping[str, Role] = {role.id: role for role in (ADMINISTRATOR, VIEWER)}


def with_built_in(stored: Iterable[Role]) -> tuple[Role, ...]:
    """All roles, the built-in ones first: of those only the users and user groups are taken from what was stored.

    So a permission that a later version of the service brings is an Administrator's at once.
    """
    others = {role.id: role for role in stored}
    built_in = []
    for role in BUILT_IN_ROLES.values():
        kept = others.pop(role.id, role)
        settings = replace(role.settings, users=kept.settings.users, user_groups=kept.settings.user_groups)
        built_in.append(replace(role, settings=settings, updated_at=kept.updated_at, version=kept.version))
    return (*built_in, *others.values())


def check_built_in(role: Role, settings: RoleSettings) -> None:
    """Refuse a change of a built-in role, except of the users and user groups that have it.

    Raises:
        LastAdministratorError: Administrator would be less than it is, so that nobody could do everything.
        BuiltInRoleError: another change of a built-in role.
    """
    built_in = BUILT_IN_ROLES.get(role.id)
    if built_in is None:
        return
    given, asked = built_in.settings, settings
    if role.is_administrator and (
        asked.permissions != given.permissions or asked.certificate_groups != given.certificate_groups
    ):
        raise LastAdministratorError("Nobody would be left who may do everything: Administrator keeps all it may do.")
    if any(
        getattr(asked, name) != getattr(given, name)
        for name in ("name", "description", "priority", "permissions", "certificate_groups")
    ):
        raise BuiltInRoleError("Of a built-in role only its users and user groups can be changed.")
