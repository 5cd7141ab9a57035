"""GetRole: what a role permits, where, and to whom it is given."""

from signet.domain.principal import Principal
from signet.domain.role import Role
from signet.operations.ports import Records
from signet.operations.role_sight import visible_role


def get_role(identifier: str, *, by: Principal, records: Records) -> Role:
    """The role with that id.

    Raises:
        NotFoundError: there is none, or it is not the caller's own and `by` is neither Administrator nor Viewer.
    """
    return visible_role(identifier, records.sight().access, by)
