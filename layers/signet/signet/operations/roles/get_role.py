"""GetRole: what a role permits, where, and to whom it is given."""

from signet.domain.access.role import Role
from signet.operations.roles.role_visibility import visible_role
from signet.ports.session import Session


def get_role(identifier: str, *, within: Session) -> Role:
    """The role with that id.

    Raises:
        NotFoundError: there is none, or it is not the caller's own and the caller is neither Administrator nor Viewer.
    """
    return visible_role(identifier, within.load().access, within)
