"""The digests of the tables: whatever is written shows in them, and nothing else does."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import moto_patches
from local.aws.table_digests import table_digests

pytestmark = pytest.mark.usefixtures("moto")

KEY: dict[str, Any] = {"pk": {"S": "a"}, "at": {"S": "1"}}
ITEM: dict[str, Any] = {
    **KEY,
    "count": {"N": "1"},
    "bytes": {"B": b"\x00\xff"},
    "names": {"SS": ["x", "y"]},
    "deep": {"M": {"list": {"L": [{"S": "in it"}, {"BOOL": True}, {"B": b"\x01"}]}}},
}


@pytest.fixture
def dynamodb() -> Any:
    moto_patches.apply()
    made = boto3.client("dynamodb", config=Config(account_id_endpoint_mode="disabled"))
    made.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "at")],
        BillingMode="PAY_PER_REQUEST",
    )
    made.put_item(TableName="things", Item=ITEM)
    return made


def changed(**fields: Any) -> Callable[[Any], object]:
    return lambda dynamodb: dynamodb.put_item(TableName="things", Item={**ITEM, **fields})


def deeply_updated(dynamodb: Any) -> None:
    dynamodb.update_item(
        TableName="things",
        Key=KEY,
        UpdateExpression="SET deep.#list[1] = :no",
        ExpressionAttributeNames={"#list": "list"},
        ExpressionAttributeValues={":no": {"BOOL": False}},
    )


def added_to(dynamodb: Any) -> None:
    dynamodb.update_item(
        TableName="things",
        Key=KEY,
        UpdateExpression="ADD #names :more",
        ExpressionAttributeNames={"#names": "names"},
        ExpressionAttributeValues={":more": {"SS": ["z"]}},
    )


def in_a_batch(*requests: dict[str, Any]) -> Callable[[Any], object]:
    return lambda dynamodb: dynamodb.batch_write_item(RequestItems={"things": list(requests)})


def in_a_transaction(*items: dict[str, Any]) -> Callable[[Any], object]:
    return lambda dynamodb: dynamodb.transact_write_items(
        TransactItems=[{kind: {"TableName": "things", **fields} for kind, fields in item.items()} for item in items]
    )


OTHER: dict[str, Any] = {"pk": {"S": "b"}, "at": {"S": "1"}}
COUNTED = {
    "Key": KEY,
    "UpdateExpression": "SET #count = :many",
    "ExpressionAttributeNames": {"#count": "count"},
    "ExpressionAttributeValues": {":many": {"N": "7"}},
}


def updated(dynamodb: Any) -> None:
    dynamodb.update_item(
        TableName="things",
        Key=KEY,
        UpdateExpression="SET #count = #count + :one",
        ExpressionAttributeNames={"#count": "count"},
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


@pytest.mark.parametrize(
    "write",
    [
        changed(at={"S": "2"}),
        changed(pk={"S": "b"}),
        changed(count={"S": "1"}),
        changed(bytes={"B": b"\x00\xfe"}),
        changed(names={"SS": ["x", "z"]}),
        changed(deep={"M": {"list": {"L": [{"S": "in it"}, {"BOOL": False}, {"B": b"\x01"}]}}}),
        changed(deep={"M": {"list": {"L": [{"S": "in it"}, {"BOOL": True}, {"B": b"\x02"}]}}}),
        changed(more={"NULL": True}),
        updated,
        deeply_updated,
        added_to,
        lambda dynamodb: dynamodb.delete_item(TableName="things", Key=KEY),
        in_a_batch({"PutRequest": {"Item": OTHER}}),
        in_a_batch({"DeleteRequest": {"Key": KEY}}),
        in_a_transaction({"Put": {"Item": OTHER}}),
        in_a_transaction({"Update": COUNTED}),
        in_a_transaction({"Delete": {"Key": KEY}}),
        lambda dynamodb: dynamodb.execute_statement(Statement="DELETE FROM things WHERE pk = 'a' AND at = '1'"),
    ],
)
def test_what_is_written_shows(write: Callable[[Any], object], dynamodb: Any) -> None:
    before = table_digests()

    write(dynamodb)

    assert table_digests() != before


def test_a_write_shows_as_it_would_if_nobody_had_asked_before(dynamodb: Any) -> None:
    table_digests()
    in_a_batch({"PutRequest": {"Item": OTHER}})(dynamodb)
    in_a_transaction({"Update": COUNTED})(dynamodb)

    followed = table_digests()

    # It writes no item that it names, so that each is looked at.
    dynamodb.update_time_to_live(TableName="things", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    assert followed == table_digests()
    assert len(followed["things"]) == 2


def test_a_transaction_that_fails_does_not_show(dynamodb: Any) -> None:
    before = table_digests()

    absent = {"Key": OTHER, "ConditionExpression": "attribute_exists(pk)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        in_a_transaction({"Put": {"Item": {**OTHER, "at": {"S": "2"}}}}, {"Update": COUNTED}, {"Delete": absent})(
            dynamodb
        )

    assert table_digests() == before


def test_the_same_written_again_in_another_order_does_not_show(dynamodb: Any) -> None:
    before = table_digests()

    dynamodb.put_item(TableName="things", Item=dict(reversed(ITEM.items())))

    assert table_digests() == before


def test_an_item_is_found_by_its_key(dynamodb: Any) -> None:
    (key,) = table_digests()["things"]

    assert dynamodb.get_item(TableName="things", Key=json.loads(key))["Item"] == ITEM
