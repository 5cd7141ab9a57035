"""The rules for every change of roles: names are free, groups exist, and somebody can still change roles afterwards."""

from collections.abc import Collection, Mapping

from signet.domain.access.access_snapshot import Access
from signet.domain.access.built_in_roles import BUILT_IN_ROLES
from signet.domain.access.role import Role, RoleSettings
from signet.domain.access.role_in_force import check_administrators
from signet.domain.errors import NameTakenError
from signet.domain.text.display_name import name_key
from signet.ports.session import Session

_BUILT_IN_NAMES = frozenset(name_key(role.settings.name) for role in BUILT_IN_ROLES.values())


def check_name(settings: RoleSettings) -> None:
    """Refuse the names of the built-in roles to every other one.

    Raises:
        NameTakenError: it is one of them.
    """
    if name_key(settings.name) in _BUILT_IN_NAMES:
        raise NameTakenError("A built-in role has the name.")


def check_who_is_left(
    after: Mapping[str, Role | None], access: Access, within: Session, issuers: Collection[str]
) -> None:
    """Refuse a change that leaves no Administrator; `after` has roles by id as they become, None where one is deleted.

    Raises:
        LastAdministratorError: nobody would be left who is known to be one.
    """
    roles = [role for role in {**access.roles, **after}.values() if role is not None]
    check_administrators(roles, within.caller, access.administrator_group, issuers)
