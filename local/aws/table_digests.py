"""What all tables hold, in a form that is quick to compare: the digest of each item, in one answer.

For tests that show that nothing was stored: to scan every table takes longer than what they do between two scans. An
item's digest is made when it is first asked for, and again after each action that may have written the item.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

if TYPE_CHECKING:
    from moto.dynamodb.models.dynamo_type import Item
    from moto.dynamodb.models.table import Table

PATH = "/table-digests"
"""Where the process that plays AWS answers with them."""

_READING = {
    *("GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"),
    *("DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups", "ListTables", "ListTagsOfResource"),
}

_known: WeakKeyDictionary[Table, dict[str, str]] = WeakKeyDictionary()
"""Of the tables whose digests were asked for."""


def table_digests() -> dict[str, dict[str, str]]:
    """By table and key, the SHA-256 of each item; a key is the JSON of what GetItem takes.

    Two items have one digest only where they hold the same attributes, in whatever order these were written. Whoever
    asks holds the lock of the database.
    """
    return {name: dict(_digests_of(table)) for name, table in _tables()}


def following_writes(original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, an action of Moto's, after which the digests are those of what is there then."""

    def call_action(self: Any) -> Any:
        try:
            return original(self)
        finally:
            if _known and (operation := self._get_action()) not in _READING:
                _look_again(dict(self.dynamodb_backend.tables), operation, self.params)

    return call_action


def _tables() -> Iterator[tuple[str, Table]]:
    for backends in dynamodb_backends.values():
        for backend in backends.values():
            yield from backend.tables.items()


def _digests_of(table: Table) -> dict[str, str]:
    if table not in _known:
        names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
        _known[table] = {
            _text_of({name: item.attrs[name].to_json() for name in names}): _digest_of(item)
            for item in table.all_items()
        }
    return _known[table]


def _look_again(tables: Mapping[str, Table], operation: str, asked: Mapping[str, Any]) -> None:
    for name, key in written(operation, asked):
        table = tables.get(name)
        names = [table.hash_key_attr, *([table.range_key_attr] if table.range_key_attr else [])] if table else []
        # A number can be written in several ways, and a table be named by its ARN.
        if table is None or not all(set(key.get(part, ())) == {"S"} for part in names):
            _known.clear()
        elif table in _known:
            parts = [DynamoType(key[part]) for part in names]
            item = table.get_item(parts[0], parts[1] if len(parts) > 1 else None)
            text = _text_of({part: key[part] for part in names})
            _known[table].pop(text, None)
            if item is not None:
                _known[table][text] = _digest_of(item)


def written(operation: str, asked: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables and keys, or the items with them, that an action names; a nameless one where it is not known."""
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        yield asked.get("TableName", ""), asked.get("Item") or asked.get("Key") or {}
    elif operation == "BatchWriteItem":
        for table, requests in asked.get("RequestItems", {}).items():
            for each in requests:
                put, delete = each.get("PutRequest") or {}, each.get("DeleteRequest") or {}
                yield table, put.get("Item") or delete.get("Key") or {}
    elif operation == "TransactWriteItems":
        for entry in asked.get("TransactItems", []):
            for part in entry.values():
                yield part.get("TableName", ""), part.get("Item") or part.get("Key") or {}
    else:
        yield "", {}


def _text_of(key: Mapping[str, Any]) -> str:
    return json.dumps(key)


def _digest_of(item: Item) -> str:
    return hashlib.sha256(json.dumps(item.to_json(), sort_keys=True, default=bytes.hex).encode()).hexdigest()
