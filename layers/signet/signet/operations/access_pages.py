"""Pages of policies, certificate groups and roles: all of them are in memory, as of now."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from signet.domain.name import name_key
from signet.domain.principal import Principal
from signet.operations.ports import Administered, Cursors

Thing = TypeVar("Thing", bound=Administered)


def by_name(thing: Administered) -> str:
    """Where `thing` stands in a list by name."""
    return f"{name_key(thing.settings.name)} {thing.id}"


def page_of(
    things: Iterable[Thing],
    place: Callable[[Thing], str],
    *,
    of: str,
    cursor: str | None,
    limit: int,
    by: Principal,
    cursors: Cursors,
) -> tuple[tuple[Thing, ...], str | None]:
    """One page of `things` in the order of their places, and the cursor of the next; `of` names the list.

    Raises:
        BadCursorError: `cursor` was not given to `by` for this list.
    """
    after = None if cursor is None else cursors.open(cursor, query=of, by=by)
    ahead = sorted((thing for thing in things if after is None or place(thing) > after), key=place)
    page = tuple(ahead[:limit])
    following = cursors.seal(place(page[-1]), query=of, by=by) if len(ahead) > limit else None
    return page, following
