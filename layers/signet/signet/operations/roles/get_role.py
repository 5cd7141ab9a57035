"""GetRole: what a role permits, where, and to whom it is given."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Role
from signet.operations.roles.role_visibility import visible_role
from signet.ports.store import Records


def get_role(identifier: str, *, by: Principal, records: Records) -> Role:
    """The role with that id.

    Raises:
        NotFoundError: there is none, or it is not the caller's own and `by` is neither Administrator nor Viewer.
    """
    return visible_role(identifier, records.load().access, by)
