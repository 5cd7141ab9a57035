"""What one item says of others, and whether it is so: looked at page by page, and again before anything is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.recovery.findings import Finding, Kind
from tools.recovery.tables import BATCH, Item, Key, Tables, key_of

Found = Mapping[Key, Item]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that is true of a healthy store."""

    kind: Kind
    subject: str
    detail: str
    """What is said where it is not so."""
    looks_at: tuple[Key, ...] = ()
    """The other items that it is about."""
    holds: Callable[[Found], bool] = field(compare=False, default=lambda _: False)
    """Whether it is so, by what was found of those."""
    excused: Callable[[], bool] = field(compare=False, default=lambda: False)
    """Whether it is well all the same; asked only where it does not hold, because that takes calls of its own."""


Rules = Callable[[Item], Iterator[Expectation]]
"""What an item of one table says of others."""


def there(key: Key) -> Callable[[Found], bool]:
    """That there is an item with that key."""
    return lambda found: key in found


def text(item: Item | None, name: str) -> str | None:
    """An attribute that is text, if it is there."""
    value: str | None = None if item is None else item.get(name, {}).get("S")
    return value


def number(item: Item | None, name: str) -> int:
    """An attribute that is a whole number; 0 where it is not there."""
    return 0 if item is None else int(item.get(name, {}).get("N", 0))


def leads(key: Key, target: str) -> Callable[[Found], bool]:
    """That the item with that key leads to `target`."""
    return lambda found: text(found.get(key), "target") == target


def unmet(table: str, rules: Rules, tables: Tables) -> Iterator[Finding]:
    """What does not hold of all that the items of a table say.

    The deployment may be at work meanwhile: what does not seem to hold is looked at once more, both items as of one
    moment (TransactGetItems), and told only if it does not hold then.
    """
    for page in tables.pages(table):
        said = {key_of(table, item): _said(item, rules) for item in page}
        for key, what in said.items():
            if isinstance(what, str):
                yield Finding(Kind.UNREADABLE, " ".join(filter(None, key[1:])), what)
        told = {key: what for key, what in said.items() if not isinstance(what, str)}
        for some in _portions(told):
            found = tables.get(key for _, each in some for key in each.looks_at)
            for source, expected in some:
                if not _holds(expected, found) and _stands(source, expected, rules, tables):
                    yield Finding(expected.kind, expected.subject, expected.detail)


def _holds(expected: Expectation, found: Found) -> bool:
    try:
        return expected.holds(found)
    except (ValueError, KeyError, TypeError):
        return True  # the other item cannot be read, which is told of that one


def _said(item: Item, rules: Rules) -> list[Expectation] | str:
    """What an item says, or in words why it cannot be read."""
    try:
        return list(rules(item))
    except (ValueError, KeyError, TypeError) as error:
        return f"it cannot be read: {type(error).__name__}"


def _portions(said: Mapping[Key, Iterable[Expectation]]) -> Iterator[Sequence[tuple[Key, Expectation]]]:
    """What items say, no more at a time than one read finds out about."""
    some: list[tuple[Key, Expectation]] = []
    keys = 0
    for source, expectations in said.items():
        for expected in expectations:
            if keys + len(expected.looks_at) > BATCH and some:
                yield some
                some, keys = [], 0
            some.append((source, expected))
            keys += len(expected.looks_at)
    if some:
        yield some


def _stands(source: Key, expected: Expectation, rules: Rules, tables: Tables) -> bool:
    found = tables.at_once([source, *expected.looks_at])
    if source not in found:
        return False
    # What the item says by now, which may be something else.
    said = _said(found[source], rules)
    still = None if isinstance(said, str) else next((each for each in said if each == expected), None)
    return still is not None and not _holds(still, found) and not still.excused()
