"""Pages of policies, certificate groups and roles: all of them are in memory, as of now."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from signet.domain.text.display_name import name_key
from signet.ports.changes import Administered
from signet.ports.listings import Cursors
from signet.ports.session import Session

Thing = TypeVar("Thing", bound=Administered)


PAGE_BYTES = 2 * 1024 * 1024
"""A policy or a role may be 64 KB, 200 of them may be asked for, and Lambda answers no more than 6 MB. Quotation marks
within an answer are escaped once more on the way, so that up to half of it may be spent on those."""


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
    within: Session,
    cursors: Cursors,
) -> tuple[tuple[Thing, ...], str | None]:
    """One page of `things` in the order of their places, and the cursor of the next; `of` names the list.

    Raises:
        BadCursorError: `cursor` was not given to the caller for this list.
    """
    after = cursors.open(cursor, query=of, by=within.caller)
    ahead = sorted((thing for thing in things if after is None or place(thing) > after), key=place)
    page = first_of(ahead, limit)
    following = cursors.make(place(page[-1]), query=of, by=within.caller) if len(ahead) > len(page) else None
    return page, following


def first_of(things: Sequence[Thing], limit: int) -> tuple[Thing, ...]:
    """The first `limit` of `things`, or as many as one answer holds: one at least."""
    size = 0
    for count, thing in enumerate(things[:limit]):
        size += len(json.dumps(thing.settings.plain()))
        if count and size > PAGE_BYTES:
            return tuple(things[:count])
    return tuple(things[:limit])
