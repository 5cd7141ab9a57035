"""The one role that says what a principal may manage."""

from collections.abc import Collection, Iterable
from datetime import datetime

from signet.domain.access.built_in_roles import ADMINISTRATOR
from signet.domain.access.principal import Principal
from signet.domain.access.role import Role
from signet.domain.errors import LastAdministratorError


def role_in_force(principal: Principal, roles: Iterable[Role], administrator_group: str) -> Role | None:
    """The one role that says what `principal` may manage; None where none was given.

    ```text
    1. the deployment's administrator group   2. given to the user   3. given to a user group
                                                 the lowest priority number, then the older
    ```

    `roles` may lack the built-in ones, which exist in any case, given to nobody.
    """
    if administrator_group and administrator_group in principal.user_groups:
        return next((role for role in roles if role.is_administrator), ADMINISTRATOR)
    directly: list[Role] = []
    through_groups: list[Role] = []
    for role in roles:
        if principal.user in role.settings.users:
            directly.append(role)
        elif not role.settings.user_groups.isdisjoint(principal.user_groups):
            through_groups.append(role)
    return min(directly or through_groups, key=_force, default=None)


def check_administrators(
    roles: Collection[Role], changer: Principal, administrator_group: str, issuers: Collection[str]
) -> None:
    """Refuse a change of roles, after which they would be `roles`, unless somebody could change them again.

    The service does not know who is in a user group. What it can be sure of is the one who makes the change, and users
    to whom Administrator is given directly, which nothing outranks; `issuers` are the aliases of those whose users can
    sign in.

    Raises:
        LastAdministratorError: neither the changer stays an Administrator nor is such a user named.
    """
    role = role_in_force(changer, roles, administrator_group)
    if role is not None and role.is_administrator:
        return
    administrator = next((role for role in roles if role.is_administrator), ADMINISTRATOR)
    if not any(user.partition("/")[0] in issuers for user in administrator.settings.users):
        raise LastAdministratorError("Nobody would be left who is known to be an Administrator.")


def _force(role: Role) -> tuple[int, datetime, str]:
    return role.settings.priority, role.created_at, role.id
