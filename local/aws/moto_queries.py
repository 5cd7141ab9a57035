"""Why Moto is slow where a table is large, and what of it a query need not do: patches that `moto_patches` applies.

Moto looks at every item of a table for each query and sorts them by comparing Python objects, weighs each item that it
gives attribute by attribute, twice, and copies them all before it filters. An item that is stored it weighs anew for
each of its attributes. What it answers stays the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from itertools import dropwhile
from operator import ge, le
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT, Table

MOST_BYTES = 405_000
"""Of an item, as Moto has it (`LimitedSizeDict`): 400 KB, and a little."""

Conditions = list[tuple[str, DynamoType]]

_page: dict[int, list[Item]] = {}
"""What a running query may look at, by the identity of its table. Whoever asks holds the lock of the database."""

_weights: dict[int, int] = {}
"""The bytes of items, by identity, while a query runs."""


class CopyOfAllButFoundItems:
    """`copy` as `moto.dynamodb.models.table` sees it: what a query has found is only read, and under that lock."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        """A copy, but of a query's list of items."""
        return value if isinstance(value, list) and _page else copy.deepcopy(value)


def narrowed(original: Callable[..., Any]) -> Callable[..., Any]:
    """`Table.all_items`: for a running query those alone that can be in its answer."""

    def all_items(self: Table) -> Any:
        found = _page.get(id(self))
        return original(self) if found is None else found

    return all_items


def weighed_once(original: Callable[[Item], int]) -> Callable[[Item], int]:
    """`Item.size`: in a running query it is asked twice of each item."""

    def size(self: Item) -> int:
        if not _page:
            return original(self)
        if (weight := _weights.get(id(self))) is None:
            weight = _weights[id(self)] = _weight(self)
        return weight

    return size


def weighed_whole(original: Callable[..., None]) -> Callable[..., None]:
    """`Item.__init__`: an item is too large, or is not, once it has all its attributes."""
    del original

    def __init__(  # noqa: N807
        self: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: Mapping[str, Any]
    ) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = LimitedSizeDict()
        for name, value in attrs.items():
            dict.__setitem__(self.attrs, name, DynamoType(value))
        if _weight(self) > MOST_BYTES:
            raise ItemSizeTooLarge

    return __init__


def _weight(item: Item) -> int:
    return sum(len(name.encode()) + _weight_of(value) for name, value in item.attrs.items())


def _weight_of(value: DynamoType) -> int:
    return len(value.value.encode()) if value.type == "S" else value.size()


def looking_at_one_page(original: Callable[..., Any]) -> Callable[..., Any]:
    """`Table.query`: of the partition asked for, in order, the items of one page, and the next behind them."""

    def query(
        self: Table,
        hash_key: DynamoType | None,
        range_comparison: str | None,
        range_objs: list[DynamoType],
        limit: int | None,
        exclusive_start_key: Mapping[str, Any] | None,
        scan_index_forward: bool,  # noqa: FBT001  Moto's own signature
        projection_expressions: Any,
        index_name: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        asked = (hash_key, range_comparison, range_objs, limit, exclusive_start_key, scan_index_forward)
        conditions: Conditions = kwargs.get("hash_key_conditions") or []
        _page[id(self)] = []
        try:
            if names := _sort_names(self, index_name, conditions):
                found = _in_index_partition(self, conditions) if index_name else _in_partition(self, hash_key)
                placed = sorted((_place(item.attrs, names), id(item), item) for item in found if _has(item, names))
                behind: Iterable[tuple[Any, int, Item]] = placed
                if scan_index_forward is False:
                    behind = reversed(placed)
                if exclusive_start_key:
                    start = _place({name: DynamoType(exclusive_start_key[name]) for name in names}, names)
                    is_before: Callable[[Any, Any], bool] = ge if scan_index_forward is False else le
                    behind = dropwhile(lambda each: is_before(each[0], start), behind)
                fits = _fitting(names[0], range_comparison, range_objs)
                _page[id(self)] = _one_page((item for _, _, item in behind), limit, fits)
            else:
                del _page[id(self)]
            return original(self, *asked, projection_expressions, index_name, *args, **kwargs)
        finally:
            _page.pop(id(self), None)
            _weights.clear()

    return query


def _one_page(items: Iterable[Item], limit: int | None, fits: Callable[[Item], bool]) -> list[Item]:
    """Those that fit, which are next to each other, as many as an answer holds; and the one behind them."""
    taken: list[Item] = []
    weight = 0
    for item in items:
        if not fits(item):
            if taken:
                return [*taken, item]
            continue
        weight += item.size()
        taken.append(item)
        if weight > RESULT_SIZE_LIMIT or len(taken) - 1 == limit:
            break
    return taken


def _fitting(name: str, comparison: str | None, values: list[DynamoType]) -> Callable[[Item], bool]:
    if not comparison:
        return lambda _: True
    return lambda item: bool(item.attrs[name].compare(comparison, values))


def _sort_names(table: Table, index_name: str | None, conditions: Conditions) -> list[str]:
    """The attributes that Moto sorts by within a partition; none where it is left to look at the whole table."""
    keys = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    if not index_name:
        return [table.range_key_attr] if table.range_key_attr else [table.hash_key_attr]
    schemas = [index.schema for index in table.all_indexes() if index.name == index_name]
    ranges = [key["AttributeName"] for schema in schemas for key in schema if key["KeyType"] == "RANGE"]
    return [*ranges, *keys] if len(ranges) == 1 and conditions else []


def _has(item: Item, names: list[str]) -> bool:
    return all(name in item.attrs for name in names)


def _place(attributes: Mapping[str, DynamoType], names: list[str]) -> tuple[Any, ...]:
    values = [attributes[name] for name in names]
    return tuple(each.value if each.type == "S" else each.cast_value for each in values)


def _in_partition(table: Table, hash_key: DynamoType | None) -> list[Item]:
    here: Any = table.items.get(hash_key, {}) if hash_key is not None else {}
    return list(here.values()) if table.range_key_attr else [here] if here else []


def _in_index_partition(table: Table, conditions: Conditions) -> list[Item]:
    stored: Any = table.items.values()
    found = [item for part in stored for item in part.values()] if table.range_key_attr else list(stored)
    for name, value in conditions:
        kind, wanted = value.type, value.value
        found = [
            item
            for item in found
            if (has := item.attrs.get(name)) is not None and has.value == wanted and has.type == kind
        ]
    return found
