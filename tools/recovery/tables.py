"""What the tables of a deployment hold, page by page: never more at a time than a page, and no private key ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tools.recovery.deployment import CannotLookError, Deployment

Item = Mapping[str, Any]
"""As DynamoDB types it."""

BATCH = 100  # BatchGetItem and TransactGetItems take no more (Amazon DynamoDB API Reference).
TRIES = 10

UNREAD: Mapping[str, frozenset[str]] = {
    "CertificateTable": frozenset({"x509", "pin_hash"}),
    "PrivateKeyTable": frozenset({"sealed"}),
    "AccessTable": frozenset({"secret"}),
}
"""What is not asked for: what is large, and what is secret."""


class Key(NamedTuple):
    """One item of a table, which is named by its logical id."""

    table: str
    pk: str
    sk: str | None = None

    def typed(self) -> dict[str, Any]:
        """As GetItem takes it."""
        return {"pk": {"S": self.pk}} if self.sk is None else {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


def key_of(table: str, item: Item) -> Key:
    """The key of `item`."""
    return Key(table, item["pk"]["S"], item["sk"]["S"] if "sk" in item else None)


class Tables:
    """Reads one deployment's tables, and writes nothing."""

    def __init__(self, deployment: Deployment, sleep: Callable[[float], None] = time.sleep) -> None:
        self.deployment = deployment
        self.sleep = sleep
        self.page_items: int | None = None
        """How many items a page may have; where nothing is said, 1 MB of them."""
        self._client = deployment.client("dynamodb")

    def name(self, table: str) -> str:
        """How the table is called in AWS."""
        return self.deployment.tables[table]

    def pages(self, table: str) -> Iterator[list[Item]]:
        """Every item, without what is not asked for."""
        asked: dict[str, Any] = {"TableName": self.name(table), **_projection(table)}
        if self.page_items is not None:
            asked["Limit"] = self.page_items
        while True:
            answer = self._client.scan(**asked)
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items with these keys, as they are now."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), BATCH):
            self._get_batch(wanted[start : start + BATCH], found)
        return found

    def _get_batch(self, keys: Sequence[Key], found: dict[Key, Item]) -> None:
        logical = {self.name(key.table): key.table for key in keys}
        pending: Mapping[str, Any] = {
            name: {
                "Keys": [key.typed() for key in keys if key.table == table],
                "ConsistentRead": True,
                **_projection(table),
            }
            for name, table in logical.items()
        }
        for attempt in range(TRIES):
            answer = self._client.batch_get_item(RequestItems=pending)
            for name, items in answer["Responses"].items():
                found.update({key_of(logical[name], item): item for item in items})
            pending = answer.get("UnprocessedKeys") or {}
            if not pending:
                return
            self.sleep(0.1 * 2**attempt)
        raise CannotLookError("DynamoDB throttles; try again when the deployment has less to do")

    def at_once(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items with these keys, all as they were at one moment: no change is seen half done."""
        wanted = list(dict.fromkeys(keys))
        asked = [
            {"Get": {"TableName": self.name(key.table), "Key": key.typed(), **_projection(key.table)}} for key in wanted
        ]
        answer = self._client.transact_get_items(TransactItems=asked)
        return {key: entry["Item"] for key, entry in zip(wanted, answer["Responses"], strict=True) if entry.get("Item")}

    def query(self, table: str, index: str, partition: tuple[str, str], **more: Any) -> Iterator[Mapping[str, Any]]:
        """The answers of a query of an index, page by page; `partition` is the name and value of its key."""
        name, value = partition
        asked: dict[str, Any] = {
            "TableName": self.name(table),
            "IndexName": index,
            "KeyConditionExpression": "#partition = :partition",
            **more,
            "ExpressionAttributeNames": {"#partition": name, **more.get("ExpressionAttributeNames", {})},
            "ExpressionAttributeValues": {":partition": {"S": value}, **more.get("ExpressionAttributeValues", {})},
        }
        while True:
            answer = self._client.query(**asked)
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def ciphertext(self, key: Key) -> bytes | None:
        """A wrapped key, for whoever was asked to open it; None where it is gone by now."""
        item = self._client.get_item(TableName=self.name(key.table), Key=key.typed(), ConsistentRead=True).get("Item")
        return None if item is None else bytes(item["sealed"]["B"])


def _projection(table: str) -> dict[str, Any]:
    """All attributes of the table's items but those that are not asked for."""
    from signet.adapters.dynamodb.tables import AccessRow, CertificateRow, EventRow, PrivateKeyRow

    if table not in UNREAD:
        return {}
    rows: Mapping[str, Any] = {
        "CertificateTable": CertificateRow,
        "PrivateKeyTable": PrivateKeyRow,
        "EventTable": EventRow,
        "AccessTable": AccessRow,
    }
    stored = {attribute.attr_name for attribute in rows[table].get_attributes().values()} - UNREAD[table]
    names = {f"#a{place}": name for place, name in enumerate(sorted(stored))}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
