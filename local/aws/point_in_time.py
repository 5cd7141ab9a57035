"""Point-in-time recovery: Moto restores a table to what it holds now, whatever moment is asked for.

What each write replaced is kept beside its table for as long as the table has recovery, and undone in the copy that a
restore makes. As in AWS, the copy has the schema, the indexes, the billing mode and the encryption of its source, and
neither recovery, stream, time to live nor protection (Amazon DynamoDB Developer Guide, restoring a table to a point in
time).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.table_digests import written

if TYPE_CHECKING:
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.dynamo_type import Item
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

_Replaced = tuple[float, DynamoType, "DynamoType | None", "Item | None"]

_replaced: WeakKeyDictionary[Table, list[_Replaced]] = WeakKeyDictionary()
"""What each write of a table replaced, in order: when, its key, and the item, None where there was none."""


def remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, an action of Moto's, before which the items that it may write are kept as they are."""

    def call_action(self: DynamoHandler) -> Any:
        tables = self.dynamodb_backend.tables
        operation, asked = self._get_action(), self.params
        if operation == "TransactWriteItems":  # what is only looked at is not replaced
            asked = {"TransactItems": [each for each in asked["TransactItems"] if "ConditionCheck" not in each]}
        kept = [
            (table, _kept(table, key))
            for name, key in written(operation, asked)
            if (table := tables.get(name)) is not None and _recovers(table)
        ]
        answer = original(self)
        for table, what in kept:
            if what is not None:
                _replaced.setdefault(table, []).append(what)
        return answer

    return call_action


def restoring(original: Callable[..., Any]) -> Callable[..., Any]:
    """`restore_table_to_point_in_time`, to the moment that is asked for."""

    def restore_table_to_point_in_time(self: DynamoHandler) -> Any:
        source = self.dynamodb_backend.get_table(self.body["SourceTableName"])
        moment = _seconds(self.body.get("RestoreDateTime"))
        recovery = source.continuous_backups["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
            raise JsonRESTError(
                "PointInTimeRecoveryUnavailableException",
                f"Point in time recovery is not enabled for table '{source.name}'",
            )
        if not int(recovery["EarliestRestorableDateTime"]) <= moment <= time.time():
            raise JsonRESTError(
                "InvalidRestoreTimeException",
                "RestoreDateTime has to be between EarliestRestorableDateTime and LatestRestorableDateTime",
            )
        answer = original(self)
        target = self.dynamodb_backend.tables[self.body["TargetTableName"]]
        target.billing_mode, target.sse_specification = source.billing_mode, source.sse_specification
        _undo(target, [each for each in _replaced.get(source, []) if each[0] > moment])
        return answer

    return restore_table_to_point_in_time


def describing(original: Callable[..., Any]) -> Callable[..., Any]:
    """`describe_continuous_backups`: in Moto the latest moment stays the one at which recovery was switched on."""

    def describe_continuous_backups(self: DynamoDBBackend, table_name: str) -> Any:
        told = original(self, table_name)
        recovery = told["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            recovery["LatestRestorableDateTime"] = time.time()
        return told

    return describe_continuous_backups


def _seconds(moment: Any) -> float:
    """A moment as Moto has read it, in Unix seconds; now where none was named."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment or time.time())


def _recovers(table: Table) -> bool:
    status: str = table.continuous_backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return status == "ENABLED"


def _kept(table: Table, key: Mapping[str, Any]) -> _Replaced | None:
    if not set(table.table_key_attrs) <= set(key):
        return None  # Moto refuses it
    hash_key = DynamoType(key[table.hash_key_attr])
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    return time.time(), hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _undo(table: Table, replaced: list[_Replaced]) -> None:
    stored: Any = table.items
    for _, hash_key, range_key, before in reversed(replaced):
        within = stored if range_key is None else stored.setdefault(hash_key, {})
        key = hash_key if range_key is None else range_key
        if before is None:
            within.pop(key, None)
        else:
            within[key] = copy.deepcopy(before)
