"""Which roles a caller sees: Administrators and Viewers all, everybody else the one that is in force for them."""

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.access.role import Role
from signet.domain.errors import NotAllowedError, NotFoundError


def visible_role(identifier: str, access: Access, by: Principal) -> Role:
    """The role with that id.

    Raises:
        NotFoundError: there is none, or `by` does not see it; the two are one answer.
    """
    if not access.sees_role(by, identifier):
        raise NotFoundError
    return access.roles[identifier]


def visible_roles(access: Access, by: Principal) -> tuple[Role, ...]:
    """All roles.

    Raises:
        NotAllowedError: `by` is neither Administrator nor Viewer.
    """
    if not access.sees_all_roles(by):
        raise NotAllowedError("Only Administrators and Viewers look at all roles; your own is at /v1/me.")
    return tuple(access.roles.values())
