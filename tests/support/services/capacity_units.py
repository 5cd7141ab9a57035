"""Capacity units of requests to DynamoDB (Amazon DynamoDB Developer Guide, read and write requests)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def units_of_answer(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    if operation == "BatchGetItem":
        # Strongly consistent: one for each 4 KB of each item, and one for one that is not there.
        found = [_blocks(size_of(item), 4096) for items in answer.get("Responses", {}).values() for item in items]
        wanted = sum(len(table["Keys"]) for table in asked["RequestItems"].values())
        return sum(found) + (wanted - len(found))
    if operation == "Query":
        units = _blocks(sum(size_of(item) for item in answer.get("Items", [])), 4096)
        return units if asked.get("ConsistentRead") else units / 2
    return 0


def units_of_request(operation: str, asked: Mapping[str, Any], tables: Mapping[str, Any]) -> float:
    """Of a transaction: two for each kilobyte of each item, the larger of before and after."""
    if operation != "TransactWriteItems":
        return 0
    units = 0
    for entry in asked["TransactItems"]:
        ((_, write),) = entry.items()
        table = tables[write["TableName"]]
        key = write.get("Item") or write["Key"]
        from moto.dynamodb.models.dynamo_type import DynamoType

        range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
        before = table.get_item(DynamoType(key[table.hash_key_attr]), range_key)
        sizes = [size_of(before.to_json()["Attributes"])] if before else [1]
        sizes += [size_of(write["Item"])] if "Item" in write else []
        units += 2 * _blocks(max(sizes), 1024)
    return units


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes of an item, as DynamoDB counts them (Developer Guide, item sizes and formats)."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 1
        case "B":
            return len(value) * 3 // 4  # in base64 here
        case "L":
            return 3 + sum(1 + _size(each) for each in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in value.items())
        case "SS":
            return sum(len(each.encode()) for each in value)
    return 1


def _blocks(size: int, block: int) -> int:
    return max(1, -(-size // block))
