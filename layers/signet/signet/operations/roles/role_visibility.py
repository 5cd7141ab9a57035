"""Which roles a caller sees: Administrators and Viewers all, everybody else the one that is in force for them."""

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import Role
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.ports.session import Session


def visible_role(identifier: str, access: Access, within: Session) -> Role:
    """The role with that id.

    Raises:
        NotFoundError: there is none, or the caller does not see it; the two are one answer.
    """
    if not access.sees_role(within.caller, identifier):
        raise NotFoundError
    return access.roles[identifier]


def visible_roles(access: Access, within: Session) -> tuple[Role, ...]:
    """All roles.

    Raises:
        NotAllowedError: the caller is neither Administrator nor Viewer.
    """
    if not access.sees_all_roles(within.caller):
        raise NotAllowedError("Only Administrators and Viewers look at all roles; your own is at /v1/me.")
    return tuple(access.roles.values())
