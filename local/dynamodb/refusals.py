"""What DynamoDB refuses and Moto takes: each request is looked at before Moto sees it.

The rules are those of the Amazon DynamoDB API Reference for the calls that Signet makes or could make. What Moto
refuses itself is left to Moto; `test_dynamodb_refusals.py` fails once Moto refuses one of these, too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.dynamodb.expression_rules import check_filter, check_key_condition, check_projection, check_update
from local.dynamodb.expressions import Expression, Placeholders
from local.dynamodb.values import (
    KeySchema,
    RefusedByDynamoDbError,
    Value,
    check_item,
    check_key,
    check_value,
    is_before,
    key_of,
)

MAX_CLIENT_TOKEN = 36
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
MAX_BATCH_WRITES = 25
MAX_BATCH_BYTES = 16 * 1024 * 1024
_EXPRESSIONS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "ConditionExpression",
    "UpdateExpression",
)
_WRITES = ("Put", "Update", "Delete", "ConditionCheck")

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The keys of a table and of its indexes."""

    table: KeySchema
    indexes: Mapping[str, KeySchema]
    """By name."""


Schemas = Callable[[str], TableSchema | None]
"""Tells the keys of the table of that name; None where there is none, which is Moto's to tell."""


def check_request(operation: str, request: Request, schemas: Schemas, size_of: Callable[[Value], int]) -> None:
    """Refuse what DynamoDB would refuse; `size_of` tells the bytes of an item.

    Raises:
        RefusedByDynamoDbError: with DynamoDB's words, or nearly.
    """
    checks: dict[str, Callable[[], None]] = {
        "GetItem": lambda: _check_get(request, schemas),
        "PutItem": lambda: _check_write("Put", request, schemas),
        "UpdateItem": lambda: _check_write("Update", request, schemas),
        "DeleteItem": lambda: _check_write("Delete", request, schemas),
        "Query": lambda: _check_query(request, schemas),
        "Scan": lambda: _check_scan(request, schemas),
        "BatchGetItem": lambda: _check_batch_get(request, schemas),
        "BatchWriteItem": lambda: _check_batch_write(request, schemas, size_of),
        "TransactGetItems": lambda: _check_transact_get(request, schemas),
        "TransactWriteItems": lambda: _check_transact_write(request, schemas, size_of),
    }
    checks.get(operation, lambda: None)()


def _expressions(request: Request) -> dict[str, Expression]:
    """The expressions of one request, each looked at, and all names and values used."""
    names, values = request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    given = [kind for kind in _EXPRESSIONS if request.get(kind) is not None]
    for kind, placeholders in (("Names", names), ("Values", values)):
        if placeholders is not None and not placeholders:
            raise RefusedByDynamoDbError(f"ExpressionAttribute{kind} must not be empty")
        if placeholders and not given:
            raise RefusedByDynamoDbError(f"ExpressionAttribute{kind} can only be specified when using expressions")
    for value in (values or {}).values():
        check_value(value)
    placeholders = Placeholders(names or {}, values or {})
    found = {kind: Expression(kind, request[kind], placeholders) for kind in given}
    placeholders.check_all_used()
    if (projection := found.get("ProjectionExpression")) is not None:
        check_projection(projection)
    return found


def _check_get(request: Request, schemas: Schemas) -> None:
    _expressions(request)
    if (schema := schemas(request["TableName"])) is not None:
        check_key(request["Key"], schema.table)


def _check_write(kind: str, request: Request, schemas: Schemas) -> None:
    expressions = _expressions(request)
    schema = schemas(request["TableName"])
    if schema is None:
        return
    indexes = list(schema.indexes.values())
    if kind == "Put":
        check_item(request["Item"], schema.table, indexes)
    else:
        check_key(request["Key"], schema.table)
    if (update := expressions.get("UpdateExpression")) is not None:
        check_update(update, indexes)


def _check_query(request: Request, schemas: Schemas) -> None:
    expressions = _expressions(request)
    _check_reading(request)
    schema = schemas(request["TableName"])
    if schema is None or (queried := _queried(request, schema)) is None:
        return
    if (condition := expressions.get("KeyConditionExpression")) is None:
        return
    bounds = check_key_condition(condition, queried)
    if (filtered := expressions.get("FilterExpression")) is not None:
        check_filter(filtered, queried)
    start = request.get("ExclusiveStartKey")
    if start is not None:
        _check_start(start, schema.table, queried)
        for attribute, (operator, values) in bounds.items():
            if not _is_within(start[attribute], operator, values):
                raise RefusedByDynamoDbError(
                    "The provided starting key is outside query boundaries based on provided conditions"
                )


def _check_scan(request: Request, schemas: Schemas) -> None:
    _expressions(request)
    _check_reading(request)
    schema = schemas(request["TableName"])
    if schema is None or (queried := _queried(request, schema)) is None:
        return
    if (start := request.get("ExclusiveStartKey")) is not None:
        _check_start(start, schema.table, queried)


def _check_reading(request: Request) -> None:
    limit = request.get("Limit")
    if limit is not None and limit < 1:
        raise RefusedByDynamoDbError(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have "
            "value greater than or equal to 1"
        )


def _queried(request: Request, schema: TableSchema) -> KeySchema | None:
    """The key of what is read; None for an index that is not there, which is Moto's to tell."""
    index = request.get("IndexName")
    return schema.table if index is None else schema.indexes.get(index)


def _check_start(start: Mapping[str, Value], table: KeySchema, queried: KeySchema) -> None:
    expected = dict(table.attributes) | dict(queried.attributes)
    if {name: next(iter(value), "") for name, value in start.items()} != expected:
        raise RefusedByDynamoDbError("The provided starting key is invalid: the key does not match the schema")
    for schema in (table, queried):
        check_key({name: start[name] for name in schema.names}, schema)


def _is_within(value: Value, operator: str, bounds: Sequence[Value]) -> bool:
    before, behind = is_before(value, bounds[0]), is_before(bounds[0], value)
    match operator:
        case "=":
            return not before and not behind
        case "<" | "<=":
            return before or (operator == "<=" and not behind)
        case ">" | ">=":
            return behind or (operator == ">=" and not before)
        case "BETWEEN":
            return not before and not is_before(bounds[1], value)
    ((_, content),), ((_, start),) = value.items(), bounds[0].items()
    return bool(content.startswith(start))


def _check_batch_get(request: Request, schemas: Schemas) -> None:
    for name, asked in request["RequestItems"].items():
        _expressions(asked)
        if not asked["Keys"]:
            raise RefusedByDynamoDbError(
                f"1 validation error detected: Value '[]' at 'requestItems.{name}.member.keys' failed to satisfy "
                "constraint: Member must have length greater than or equal to 1"
            )
        if (schema := schemas(name)) is not None:
            for key in asked["Keys"]:
                check_key(key, schema.table)


def _check_batch_write(request: Request, schemas: Schemas, size_of: Callable[[Value], int]) -> None:
    if sum(len(writes) for writes in request["RequestItems"].values()) > MAX_BATCH_WRITES:
        raise RefusedByDynamoDbError("Too many items requested for the BatchWriteItem call")
    weight = 0
    for name, writes in request["RequestItems"].items():
        schema = schemas(name)
        known: set[str] = set()
        for write in writes:
            ((kind, asked),) = write.items()
            item = asked["Item"] if kind == "PutRequest" else asked["Key"]
            weight += size_of(item)
            if schema is None:
                continue
            if kind == "PutRequest":
                check_item(item, schema.table, schema.indexes.values())
            else:
                check_key(item, schema.table)
            if (key := key_of(item, schema.table)) in known:
                raise RefusedByDynamoDbError("Provided list of item keys contains duplicates")
            known.add(key)
    if weight > MAX_BATCH_BYTES:
        raise RefusedByDynamoDbError("The items of the BatchWriteItem call are more than 16 MB together")


def _check_transact_get(request: Request, schemas: Schemas) -> None:
    for part in request["TransactItems"]:
        _check_get(part["Get"], schemas)


def _check_transact_write(request: Request, schemas: Schemas, size_of: Callable[[Value], int]) -> None:
    token = request.get("ClientRequestToken")
    if token is not None and not 1 <= len(token) <= MAX_CLIENT_TOKEN:
        raise RefusedByDynamoDbError(
            f"1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_CLIENT_TOKEN}"
        )
    for kind, asked in _actions(request):
        _check_write(kind, asked, schemas)
    weight = sum(
        size_of(asked.get("Item") or asked["Key"]) + size_of(asked.get("ExpressionAttributeValues") or {})
        for _, asked in _actions(request)
    )
    if weight > MAX_TRANSACTION_BYTES:
        raise RefusedByDynamoDbError(
            "Collection size has exceeded: the items of a transaction are more than 4 MB together"
        )


def _actions(request: Request) -> Iterator[tuple[str, Request]]:
    """Kind and parameters of each part; a part of several kinds is Moto's to refuse."""
    for part in request["TransactItems"]:
        yield from ((kind, part[kind]) for kind in _WRITES if part.get(kind) is not None)
