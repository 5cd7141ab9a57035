"""Calls that DynamoDB refuses: those that Moto takes, and those that it refuses itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Call = Callable[[Any], object]


@dataclass(frozen=True)
class Case:
    """A call that DynamoDB answers with ValidationException, told as a sentence."""

    told: str
    call: Call

    def __str__(self) -> str:
        return self.told


def query(table: str = "events", **parameters: Any) -> Call:
    asked = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "a"}, **parameters.pop("values", {})},
        **parameters,
    }
    return lambda dynamodb: dynamodb.query(TableName=table, **asked)


def of_kind(**parameters: Any) -> Call:
    values = {":kind": {"S": "k"}, **parameters.pop("values", {})}
    condition = parameters.pop("KeyConditionExpression", "kind = :kind")
    return lambda dynamodb: dynamodb.query(
        TableName="events",
        IndexName="by_kind",
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        **parameters,
    )


def put(table: str = "events", **attributes: Any) -> Call:
    return lambda dynamodb: dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, **attributes})


def update(expression: str, values: dict[str, Any] | None = None, **parameters: Any) -> Call:
    asked = {"ExpressionAttributeValues": values} if values is not None else {}
    return lambda dynamodb: dynamodb.update_item(
        TableName="events", Key={"pk": {"S": "a"}}, UpdateExpression=expression, **asked, **parameters
    )


def transaction(*parts: dict[str, Any], **parameters: Any) -> Call:
    return lambda dynamodb: dynamodb.transact_write_items(TransactItems=list(parts), **parameters)


def put_part(pk: str = "a", **attributes: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "events", "Item": {"pk": {"S": pk}, **attributes}}}


def check_part(condition: str, **parameters: Any) -> dict[str, Any]:
    asked = {"TableName": "events", "Key": {"pk": {"S": "a"}}, "ConditionExpression": condition, **parameters}
    return {"ConditionCheck": asked}


def update_part(expression: str, values: dict[str, Any]) -> dict[str, Any]:
    asked = {"TableName": "events", "Key": KEY, "UpdateExpression": expression, "ExpressionAttributeValues": values}
    return {"Update": asked}


def get(key: dict[str, Any], table: str = "events", **parameters: Any) -> Call:
    return lambda dynamodb: dynamodb.get_item(TableName=table, Key=key, **parameters)


def batch_get(*keys: dict[str, Any], table: str = "events") -> Call:
    return lambda dynamodb: dynamodb.batch_get_item(RequestItems={table: {"Keys": list(keys)}})


def batch_write(*writes: dict[str, Any]) -> Call:
    return lambda dynamodb: dynamodb.batch_write_item(RequestItems={"events": list(writes)})


def any_of(count: int) -> tuple[str, dict[str, Any]]:
    names = [f":v{number}" for number in range(count)]
    return ", ".join(names), {name: {"S": name} for name in names}


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


KEY = {"pk": {"S": "a"}}
MANY, MANY_VALUES = any_of(101)
LONG = "n = :pk OR " * 400 + "n = :pk"
OPERATORS = " OR ".join(["n = :pk"] * 151)

NOT_MOTOS = (
    Case("a filter on the partition key of the table", query(FilterExpression="pk = :pk")),
    Case("a filter on the sort key of the table", query("things", FilterExpression="begins_with(sk, :pk)")),
    Case("a filter on the partition key of the index", of_kind(FilterExpression="kind = :kind")),
    Case("a filter on the sort key of the index", of_kind(FilterExpression="attribute_exists(since)")),
    Case(
        "a filter on a key by another name",
        of_kind(FilterExpression="#a = :kind", ExpressionAttributeNames={"#a": "kind"}),
    ),
    Case("a filter over 4 KB", query(FilterExpression=LONG)),
    Case(
        "a condition over 4 KB",
        transaction(check_part(LONG, ExpressionAttributeValues={":pk": {"S": "a"}})),
    ),
    Case("a filter of more than 300 operators", query(FilterExpression=OPERATORS)),
    Case("an IN over 101 values", query(FilterExpression=f"n IN ({MANY})", values=MANY_VALUES)),
    Case("a value that a query does not use", query(values={":other": {"S": "b"}})),
    Case(
        "a value that a transaction does not use",
        transaction(check_part("attribute_exists(pk)", ExpressionAttributeValues={":other": {"S": "b"}})),
    ),
    Case(
        "a value that a put does not use",
        lambda dynamodb: dynamodb.put_item(TableName="events", Item=KEY, ExpressionAttributeValues={":x": {"S": "b"}}),
    ),
    Case("a value that is not defined", query(FilterExpression="n = :other")),
    Case("a name that is not defined", query(FilterExpression="#n = :pk")),
    Case("empty names", query(ExpressionAttributeNames={})),
    Case("an empty condition", transaction(check_part(""))),
    Case(
        "bounds the wrong way round",
        of_kind(
            KeyConditionExpression="kind = :kind AND since BETWEEN :b AND :a",
            values={":a": {"S": "a"}, ":b": {"S": "b"}},
        ),
    ),
    Case(
        "bounds of a filter the wrong way round",
        query(FilterExpression="n BETWEEN :b AND :a", values={":a": {"N": "9"}, ":b": {"N": "10"}}),
    ),
    Case(
        "bounds of two types",
        query(FilterExpression="n BETWEEN :b AND :a", values={":a": {"S": "9"}, ":b": {"N": "10"}}),
    ),
    Case(
        "the beginning of a number",
        lambda dynamodb: dynamodb.query(
            TableName="counts",
            KeyConditionExpression="pk = :pk AND begins_with(n, :n)",
            ExpressionAttributeValues={":pk": {"S": "a"}, ":n": {"N": "1"}},
        ),
    ),
    Case(
        "a filter by the beginning of a number", query(FilterExpression="begins_with(n, :n)", values={":n": {"N": "1"}})
    ),
    Case("a comparison with true", query(FilterExpression="n < :n", values={":n": {"BOOL": True}})),
    Case(
        "a key condition of another type",
        lambda dynamodb: dynamodb.query(
            TableName="events", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"N": "1"}}
        ),
    ),
    Case(
        "a key condition that is too long",
        lambda dynamodb: dynamodb.query(
            TableName="events", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "a" * 2049}}
        ),
    ),
    Case("a limit of nothing", query(Limit=0)),
    Case("a start that is no key", query(ExclusiveStartKey={"other": {"S": "a"}})),
    Case("a start without the key of the table", of_kind(ExclusiveStartKey={"kind": {"S": "k"}, "since": {"S": "1"}})),
    Case(
        "a start in another partition",
        of_kind(ExclusiveStartKey={"pk": {"S": "a"}, "kind": {"S": "other"}, "since": {"S": "1"}}),
    ),
    Case(
        "a start out of the bounds",
        of_kind(
            KeyConditionExpression="kind = :kind AND since > :a",
            values={":a": {"S": "5"}},
            ExclusiveStartKey={"pk": {"S": "a"}, "kind": {"S": "k"}, "since": {"S": "1"}},
        ),
    ),
    Case("an empty key of a batch", batch_get({"pk": {"S": ""}})),
    Case("a key of a batch that is too long", batch_get({"pk": {"S": "a" * 2049}})),
    Case("a key of a batch of another type", batch_get({"pk": {"N": "1"}})),
    Case("a key that is too long", get({"pk": {"S": "a" * 2049}})),
    Case("a sort key that is too long", get({"pk": {"S": "a"}, "sk": {"S": "a" * 1025}}, "things")),
    Case(
        "paths of a projection that overlap",
        get({"pk": {"S": "a"}, "sk": {"S": "b"}}, "things", ProjectionExpression="m, m.x"),
    ),
    Case("26 writes of a batch", batch_write(*({"DeleteRequest": {"Key": {"pk": {"S": str(n)}}}} for n in range(26)))),
    Case(
        "a write and a delete of one item in a batch",
        batch_write({"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": KEY}}),
    ),
    Case(
        "two writes of one item in a batch",
        batch_write(
            {"PutRequest": {"Item": {**KEY, "n": {"N": "1"}}}}, {"PutRequest": {"Item": {**KEY, "n": {"N": "2"}}}}
        ),
    ),
    Case(
        "a transaction of more than 4 MB",
        transaction(*(put_part(str(n), text={"S": "x" * 390_000}) for n in range(11))),
    ),
    Case("a token of 37 characters", transaction(put_part(), ClientRequestToken="x" * 37)),
    Case("a set with a text twice", put(texts={"SS": ["a", "a"]})),
    Case("a set with a number twice", put(numbers={"NS": ["1", "1.0"]})),
    Case("an empty set of bytes", put(octets={"BS": []})),
    Case("a set of a value with a text twice", update("SET t = :t", {":t": {"SS": ["a", "a"]}})),
    Case("a number of 39 digits", put(n={"N": "1" * 39})),
    Case("a number of 1E126", put(n={"N": "1E126"})),
    Case("33 levels", put(deep=nested(33))),
    Case("a value of two types", put(both={"S": "a", "N": "1"})),
    Case("an index key of another type", put(kind={"S": "k"}, since={"N": "1"})),
    Case("a reserved word in a projection", get({"pk": {"S": "a"}}, ProjectionExpression="m.name")),
    Case("redundant brackets in a key condition", of_kind(KeyConditionExpression="((kind = :kind))")),
    Case("a tiny number in an update", update("SET n = :n", {":n": {"N": "1E-131"}})),
    Case("a text for a number in an update", update("SET n = :n", {":n": {"N": "one"}})),
    Case("a null that is false in an update", update("SET n = :n", {":n": {"NULL": False}})),
    Case("an update of an index key to what is too long", update("SET kind = :k", {":k": {"S": "k" * 2049}})),
    Case("an update of nothing in a transaction", transaction(update_part(" ", {":m": {"S": "a"}}))),
    Case(
        "a check by an empty key",
        transaction(
            {
                "ConditionCheck": {
                    "TableName": "events",
                    "Key": {"pk": {"S": ""}},
                    "ConditionExpression": "attribute_exists(pk)",
                }
            }
        ),
    ),
    Case(
        "two conditions on one key", of_kind(KeyConditionExpression="kind = :kind AND since > :kind AND since < :kind")
    ),
    Case("OR between keys", of_kind(KeyConditionExpression="kind = :kind OR since > :kind")),
    Case("empty names in a transaction", transaction(check_part("attribute_exists(pk)", ExpressionAttributeNames={}))),
    Case("an empty set within an update", update("SET t = :t", {":t": {"SS": []}})),
    Case("nothing to batch", batch_get()),
)

MOTOS_OWN = (
    Case("redundant brackets in a transaction", transaction(check_part("((attribute_exists(pk)))"))),
    Case(
        "a consistent scan of an index",
        lambda dynamodb: dynamodb.scan(TableName="events", IndexName="by_kind", ConsistentRead=True),
    ),
    Case(
        "an empty value in the sort key condition",
        of_kind(KeyConditionExpression="kind = :kind AND since > :s", values={":s": {"S": ""}}),
    ),
    Case(
        "an update of paths that overlap in a transaction",
        transaction(update_part("SET m = :m, m.x = :m", {":m": {"S": "a"}})),
    ),
    Case(
        "an update of an index key to another type in a transaction",
        transaction(update_part("SET since = :m", {":m": {"N": "1"}})),
    ),
    Case(
        "an update of a map that is a list in a transaction",
        transaction(update_part("SET m.x = :m, m[0] = :m", {":m": {"S": "a"}})),
    ),
    Case("an update of a key", update("SET pk = :m", {":m": {"S": "b"}})),
    Case("an update of a key in a transaction", transaction(update_part("SET pk = :m", {":m": {"S": "b"}}))),
    Case("an addition to a text", update("ADD text :m", {":m": {"S": "b"}})),
    Case("a clause that comes twice", update("SET m = :m SET x = :m", {":m": {"S": "b"}})),
    Case("a put without its sort key", put("things")),
    Case("a put with a key of another type", put("things", sk={"N": "1"})),
    Case("a put with an empty key", put("things", sk={"S": ""})),
    Case("a put with an empty key of an index", put(kind={"S": ""}, since={"S": "1"})),
    Case(
        "a put with an empty key of an index in a transaction", transaction(put_part(kind={"S": ""}, since={"S": "1"}))
    ),
    Case("a put with a key that is too long in a transaction", transaction(put_part("a" * 2049))),
    Case("a delete by a part of the key", lambda dynamodb: dynamodb.delete_item(TableName="things", Key=KEY)),
    Case("a get by more than the key", get({**KEY, "n": {"N": "1"}})),
    Case("a get by an empty key", get({"pk": {"S": ""}})),
    Case(
        "an update by an empty key",
        transaction({"Update": {"TableName": "events", "Key": {"pk": {"S": ""}}, "UpdateExpression": "REMOVE x"}}),
    ),
    Case("an item of more than 400 KB", put(text={"S": "x" * 410_000})),
    Case("an item of more than 400 KB in a transaction", transaction(put_part(text={"S": "x" * 410_000}))),
    Case("an update to more than 400 KB", update("SET m = :m", {":m": {"S": "x" * 410_000}})),
    Case("101 items of a transaction", transaction(*(put_part(str(n)) for n in range(101)))),
    Case("two actions on one item", transaction(put_part(), check_part("attribute_exists(pk)"))),
    Case("101 keys of a batch", batch_get(*({"pk": {"S": str(n)}} for n in range(101)))),
    Case("a key twice in a batch", batch_get(KEY, KEY)),
    Case("an inequality on the partition key", of_kind(KeyConditionExpression="kind > :kind")),
    Case("a condition on no partition key", of_kind(KeyConditionExpression="since = :kind")),
    Case("a condition on another attribute", of_kind(KeyConditionExpression="kind = :kind AND n = :kind")),
    Case("a name that is not used", query(ExpressionAttributeNames={"#n": "n"})),
    Case(
        "a name that is not used in a transaction",
        transaction(check_part("attribute_exists(pk)", ExpressionAttributeNames={"#n": "n"})),
    ),
    Case("names without an expression", get(KEY, ExpressionAttributeNames={"#n": "n"})),
    Case(
        "empty values",
        lambda dynamodb: dynamodb.put_item(
            TableName="events", Item=KEY, ConditionExpression="attribute_exists(pk)", ExpressionAttributeValues={}
        ),
    ),
    Case("an empty filter", query(FilterExpression="")),
    Case("two actions in one part of a transaction", transaction({**put_part(), **check_part("attribute_exists(pk)")})),
    Case("an index key that is too long", put(kind={"S": "k" * 2049}, since={"S": "1"})),
    Case("a consistent read of an index", of_kind(ConsistentRead=True)),
    Case("an empty set of numbers", put(numbers={"NS": []})),
    Case("a projection with one path twice", get(KEY, ProjectionExpression="n, n")),
)
