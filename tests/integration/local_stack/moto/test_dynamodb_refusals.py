"""The local stack refuses what DynamoDB refuses, and each check is one that Moto lacks."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import moto_patches
from tests.integration.local_stack.moto.refused_calls import (
    KEY,
    MOTOS_OWN,
    NOT_MOTOS,
    Call,
    Case,
    any_of,
    get,
    nested,
    of_kind,
    put,
    put_part,
    query,
    transaction,
    update,
)

pytestmark = pytest.mark.usefixtures("moto")


@pytest.fixture
def dynamodb() -> Any:
    """Tables with a key alone, and with a sort key; each with an item or two."""
    config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1}, parameter_validation=False)
    made: Any = boto3.client("dynamodb", config=config)
    index = {
        "IndexName": "by_kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "since", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    for name, keys in (("events", {"pk": "S"}), ("things", {"pk": "S", "sk": "S"}), ("counts", {"pk": "S", "n": "N"})):
        types = {**keys, "kind": "S", "since": "S"}
        made.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": each, "KeyType": kind} for each, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": kind} for each, kind in types.items()],
            GlobalSecondaryIndexes=[index],
            BillingMode="PAY_PER_REQUEST",
        )
    made.put_item(TableName="events", Item={"pk": {"S": "a"}, "kind": {"S": "k"}, "since": {"S": "1"}, "n": {"N": "1"}})
    made.put_item(TableName="things", Item={"pk": {"S": "a"}, "sk": {"S": "b"}, "m": {"M": {"x": {"N": "1"}}}})
    return made


@pytest.mark.one_in(4)
@pytest.mark.parametrize("case", [*NOT_MOTOS, *MOTOS_OWN], ids=str)
def test_what_dynamodb_refuses_is_refused(dynamodb: Any, case: Case) -> None:
    moto_patches.apply()

    with pytest.raises(ClientError) as caught:
        case.call(dynamodb)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.one_in(8)
@pytest.mark.parametrize("case", NOT_MOTOS, ids=str)
def test_moto_itself_still_takes_it(dynamodb: Any, case: Case) -> None:
    moto_patches.remove()

    assert code_of(case.call, dynamodb) != "ValidationException", "Moto refuses this itself by now"


def code_of(call: Call, dynamodb: Any) -> str:
    """What Moto calls the error that it answers; breaking over a request is no refusal of it."""
    try:
        call(dynamodb)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        return type(error).__name__
    return ""


TAKEN = (
    Case("an IN over 100 values", query(FilterExpression=f"n IN ({any_of(100)[0]})", values=any_of(100)[1])),
    Case("300 operators", query(FilterExpression=" OR ".join(["n = :pk"] * 150))),
    Case("a filter by the key of the table in an index", of_kind(FilterExpression="pk = :kind")),
    Case("equal bounds", of_kind(KeyConditionExpression="(kind = :kind) AND since BETWEEN :kind AND :kind")),
    Case("numbers of 38 digits", put(n={"N": "-" + "9" * 38 + "E87"}, m={"N": "1" + "0" * 60})),
    Case("a small number", put(n={"N": "1E-130"})),
    Case("an empty text that is no key", put(text={"S": ""}, texts={"SS": ["", "a"]})),
    Case("32 levels", put(deep=nested(32))),
    Case("a key of 2,048 bytes", get({"pk": {"S": "\u00e9" * 1024}})),
    Case("paths side by side", get(KEY, ProjectionExpression="m.x, m.y, l[0], l[1]")),
    Case("a token of 36 characters", transaction(put_part(), ClientRequestToken="x" * 36)),
    Case("an update of several paths", update("SET o = :o REMOVE p ADD n :n", {":o": {"S": "a"}, ":n": {"N": "1"}})),
    Case(
        "the next page of an index",
        of_kind(
            KeyConditionExpression="begins_with(since, :b) AND kind = :kind",
            values={":b": {"S": "1"}},
            ExclusiveStartKey={"pk": {"S": "a"}, "kind": {"S": "k"}, "since": {"S": "1"}},
        ),
    ),
)


@pytest.mark.parametrize("case", TAKEN, ids=str)
def test_what_dynamodb_takes_is_taken(dynamodb: Any, case: Case) -> None:
    moto_patches.apply()

    case.call(dynamodb)
