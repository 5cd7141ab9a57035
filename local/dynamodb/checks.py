"""Moto's methods, each asked only what DynamoDB takes: what only DynamoDB refuses breaks in AWS alone."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local.dynamodb.refusals import TableSchema, check_request
from local.dynamodb.values import KeySchema, RefusedByDynamoDbError

CHECKED_OPERATIONS = {
    "get_item": "GetItem",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "query": "Query",
    "scan": "Scan",
    "batch_get_item": "BatchGetItem",
    "batch_write_item": "BatchWriteItem",
    "transact_get_items": "TransactGetItems",
    "transact_write_items": "TransactWriteItems",
}
"""The operations that are looked at, by the name of Moto's method."""


def checked(operation: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, Moto's method for `operation`, asked only what DynamoDB would take."""

    def action(self: DynamoHandler) -> Any:
        def schema_of(name: str) -> TableSchema | None:
            table = self.dynamodb_backend.tables.get(name.rpartition("/")[2])
            return None if table is None else _schema(table)

        try:
            check_request(operation, self.body, schema_of, _size_of)
        except RefusedByDynamoDbError as error:
            raise MockValidationException(str(error)) from None
        return original(self)

    return action


def _size_of(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + DynamoType(value).size() for name, value in item.items())


def _schema(table: Table) -> TableSchema:
    types = {each["AttributeName"]: each["AttributeType"] for each in table.attr}

    def key(schema: list[dict[str, str]]) -> KeySchema:
        names = sorted(schema, key=lambda each: each["KeyType"] != "HASH")
        return KeySchema(tuple((each["AttributeName"], types[each["AttributeName"]]) for each in names))

    return TableSchema(
        key(table.schema),
        {index.name: key(index.schema) for index in [*table.indexes, *table.global_indexes]},
    )
