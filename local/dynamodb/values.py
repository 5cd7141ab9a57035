"""What DynamoDB refuses of a value, a key and an item (Amazon DynamoDB Developer Guide, "Quotas" and "Data types").

Values are as the API has them, one type and its content: `{"S": "text"}`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_NESTING = 32
MAX_DIGITS = 38
MAX_MAGNITUDE = Decimal("9.9999999999999999999999999999999999999E+125")
MIN_MAGNITUDE = Decimal("1E-130")
MAX_HASH_KEY_BYTES = 2048
MAX_RANGE_KEY_BYTES = 1024
_SETS = {"SS": "string", "NS": "number", "BS": "binary"}

Value = Mapping[str, Any]


class RefusedByDynamoDbError(Exception):
    """DynamoDB would answer ValidationException, with this message."""


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key attributes of a table or of an index, with their types: the partition key, then the sort key."""

    attributes: tuple[tuple[str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of the attributes."""
        return frozenset(name for name, _ in self.attributes)

    @property
    def partition(self) -> str:
        """The name of the partition key."""
        return self.attributes[0][0]


def check_value(value: Value, depth: int = 0) -> None:
    """Refuse a number, a set or a nesting that DynamoDB does not take.

    Raises:
        RefusedByDynamoDbError: with DynamoDB's words, or nearly.
    """
    if depth > MAX_NESTING:
        raise RefusedByDynamoDbError("Nesting Levels have exceeded supported limits")
    if len(value) != 1:
        raise RefusedByDynamoDbError(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
        )
    ((kind, content),) = value.items()
    match kind:
        case "N":
            _check_number(content)
        case "SS" | "NS" | "BS":
            _check_set(kind, content)
        case "NULL" if not content:
            raise RefusedByDynamoDbError(
                "One or more parameter values were invalid: Null attribute value types must have the value of true"
            )
        case "L" | "M":
            for part in content if kind == "L" else content.values():
                check_value(part, depth + 1)


def _check_number(text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RefusedByDynamoDbError(f"The parameter cannot be converted to a numeric value: {text}") from None
    if not number.is_finite():
        raise RefusedByDynamoDbError(f"The parameter cannot be converted to a numeric value: {text}")
    if abs(number) > MAX_MAGNITUDE:
        raise RefusedByDynamoDbError(
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    if number and abs(number) < MIN_MAGNITUDE:
        raise RefusedByDynamoDbError(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > MAX_DIGITS:
        raise RefusedByDynamoDbError("Attempting to store more than 38 significant digits in a Number")


def _check_set(kind: str, members: Collection[Any]) -> None:
    if not members:
        raise RefusedByDynamoDbError(
            f"One or more parameter values were invalid: An {_SETS[kind]} set  may not be empty"
        )
    if kind == "NS":
        for member in members:
            _check_number(member)
    # Numbers are the same however they are written.
    known = {Decimal(member) for member in members} if kind == "NS" else set(members)
    if len(known) < len(members):
        raise RefusedByDynamoDbError("One or more parameter values were invalid: Input collection contains duplicates.")


def check_key(key: Mapping[str, Value], schema: KeySchema) -> None:
    """Refuse what is not exactly a key by `schema`."""
    types = {name: next(iter(value), "") for name, value in key.items()}
    if types != dict(schema.attributes):
        raise RefusedByDynamoDbError("The provided key element does not match the schema")
    check_key_values(key, schema)


def check_key_values(attributes: Mapping[str, Value], schema: KeySchema) -> None:
    """Refuse those of `attributes` that are keys by `schema` and of another type, empty, or too long."""
    for place, (name, expected) in enumerate(schema.attributes):
        if name not in attributes:
            continue
        ((kind, content),) = attributes[name].items()
        if kind != expected:
            raise RefusedByDynamoDbError(
                f"One or more parameter values were invalid: Type mismatch for key {name} expected: {expected} "
                f"actual: {kind}"
            )
        if kind == "N":
            continue
        size = len(content.encode() if isinstance(content, str) else content)
        if size == 0:
            raise RefusedByDynamoDbError(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty {'string' if kind == 'S' else 'binary'} value. Key: {name}"
            )
        if place == 0 and size > MAX_HASH_KEY_BYTES:
            raise RefusedByDynamoDbError(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 "
                "bytes"
            )
        if place == 1 and size > MAX_RANGE_KEY_BYTES:
            raise RefusedByDynamoDbError(
                "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
                "limit of 1024 bytes"
            )


def check_item(item: Mapping[str, Value], table: KeySchema, indexes: Iterable[KeySchema]) -> None:
    """Refuse an item that DynamoDB would not store: its key, what indexes would take of it, its values."""
    for name, _ in table.attributes:
        if name not in item:
            raise RefusedByDynamoDbError(
                f"One or more parameter values were invalid: Missing the key {name} in the item"
            )
    for schema in (table, *indexes):
        check_key_values(item, schema)
    for value in item.values():
        check_value(value)


def key_of(item: Mapping[str, Value], schema: KeySchema) -> str:
    """What tells whether two keys, or items, are of one item."""
    return repr([(name, item.get(name)) for name, _ in schema.attributes])


def is_before(one: Value, other: Value) -> bool:
    """Whether `one` sorts before `other`, of the same type, as DynamoDB sorts them."""
    ((kind, first),), ((_, second),) = one.items(), other.items()
    if kind == "N":
        return Decimal(first) < Decimal(second)
    return bytes(_octets(first)) < bytes(_octets(second))


def _octets(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
