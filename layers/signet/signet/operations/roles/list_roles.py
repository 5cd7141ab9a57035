"""ListRoles: all of them, the built-in ones too, by name."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Role
from signet.operations.access_pages import by_name, page_of
from signet.operations.roles.role_visibility import visible_roles
from signet.ports.listings import Cursors
from signet.ports.store import Records


def list_roles(
    *, cursor: str | None, limit: int, by: Principal, records: Records, cursors: Cursors
) -> tuple[tuple[Role, ...], str | None]:
    """One page of the roles, and the cursor of the next.

    Raises:
        NotAllowedError: `by` is neither Administrator nor Viewer.
        BadCursorError: `cursor` was not given to `by` for this list.
    """
    roles = visible_roles(records.load().access, by)
    return page_of(roles, by_name, of="roles", cursor=cursor, limit=limit, by=by, cursors=cursors)
