"""ListRoles: all of them, the built-in ones too, by name."""

from signet.domain.access.role import Role
from signet.operations.access_pages import by_name, page_of
from signet.operations.roles.role_visibility import visible_roles
from signet.ports.listings import Cursors
from signet.ports.session import Session


def list_roles(
    *, cursor: str | None, limit: int, within: Session, cursors: Cursors
) -> tuple[tuple[Role, ...], str | None]:
    """One page of the roles, and the cursor of the next.

    Raises:
        NotAllowedError: the caller is neither Administrator nor Viewer.
        BadCursorError: `cursor` was not given to the caller for this list.
    """
    roles = visible_roles(within.load().access, within)
    return page_of(roles, by_name, of="roles", cursor=cursor, limit=limit, within=within, cursors=cursors)
