"""Moto, patched, pages and keeps values as DynamoDB does, at less cost; and to patch twice is to patch once."""

import sys
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from local.aws import moto_patches
from tests.integration.local_stack.moto.moto_tables import client, records

pytestmark = pytest.mark.usefixtures("moto")


def query_milliseconds(dynamodb: Any) -> float:
    from moto.dynamodb.models import dynamodb_backends

    table = dynamodb_backends["123456789012"]["us-east-1"].tables["counters"]
    for number in range(5_000):
        table.put_item({"pk": {"S": f"item-{number}"}, "kind": {"S": f"k{number % 500}"}, "at": {"S": f"{number:06}"}})
    taken, found = [], {}
    for _ in range(5):
        begun = time.process_time()
        found = dynamodb.query(
            TableName="counters",
            IndexName="by_kind",
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": "k7"}},
        )
        taken.append((time.process_time() - begun) * 1000)
    assert [item["pk"]["S"] for item in found["Items"]] == [f"item-{number}" for number in range(7, 5_000, 500)]
    return min(taken)


def test_a_query_of_a_large_table_need_not_sort_it(dynamodb: Any) -> None:
    moto_patches.remove()
    of_moto = query_milliseconds(dynamodb)
    moto_patches.apply()

    assert query_milliseconds(dynamodb) < of_moto / 2, "Moto no longer needs looking_at_one_page"


CONDITIONS: dict[str, tuple[str, dict[str, str]]] = {
    "all": ("", {}),
    "from": ("{name} >= :low", {":low": "03"}),
    "until": ("{name} < :high", {":high": "05"}),
    "between": ("{name} BETWEEN :low AND :high", {":low": "02", ":high": "06"}),
    "beginning": ("begins_with({name}, :low)", {":low": "0"}),
    "one": ("{name} = :low", {":low": "04"}),
    "none": ("{name} > :high", {":high": "99"}),
}


def table_of_two_orders(dynamodb: Any) -> None:
    """Items by `sk` in the table, and in an index by an attribute that several have alike and some have not."""
    keys = {"pk": "HASH", "sk": "RANGE"}, {"kind": "HASH", "moment": "RANGE"}
    schemas: Any = [[{"AttributeName": name, "KeyType": kind} for name, kind in key.items()] for key in keys]
    dynamodb.create_table(
        TableName="ordered",
        KeySchema=schemas[0],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (*keys[0], *keys[1])],
        GlobalSecondaryIndexes=[
            {"IndexName": "by_moment", "KeySchema": schemas[1], "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in (8, 3, 0, 7, 1, 9, 2, 6, 4, 5):
        for partition in ("a", "b"):
            item = {
                "pk": partition,
                "sk": f"{number:02}",
                "kind": "k",
                "moment": f"{number // 2:02}",
                "ballast": "xy"[number % 2] * 120_000,
            }
            if number == 4:
                del item["moment"]
            dynamodb.put_item(TableName="ordered", Item={name: {"S": value} for name, value in item.items()})


def answers(dynamodb: Any) -> list[Any]:
    """What is answered to every kind of query, page by page: 120 KB items, so a page may also end at 1 MB."""
    told = []
    for index, hash_key, range_key in ((None, ("pk", "a"), "sk"), ("by_moment", ("kind", "k"), "moment")):
        for text, values in CONDITIONS.values():
            for forward, limit, is_filtered in product((True, False), (None, 1, 3), (False, True)):
                asked: dict[str, Any] = {"ScanIndexForward": forward, "ProjectionExpression": "pk, sk, kind"}
                asked |= {"Limit": limit} if limit else {}
                asked |= {"IndexName": index} if index else {}
                condition = f"{hash_key[0]} = :hash" + (f" AND {text.format(name=range_key)}" if text else "")
                known = {":hash": hash_key[1], **values, **({":ballast": "y"} if is_filtered else {})}
                asked |= {"FilterExpression": "begins_with(ballast, :ballast)"} if is_filtered else {}
                asked["ExpressionAttributeValues"] = {name: {"S": value} for name, value in known.items()}
                start: dict[str, Any] = {}
                while True:
                    answer = dynamodb.query(TableName="ordered", KeyConditionExpression=condition, **asked, **start)
                    del answer["ResponseMetadata"]
                    told.append(answer)
                    if "LastEvaluatedKey" not in answer:
                        break
                    start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    return told


def test_a_query_is_answered_as_moto_answers_it(dynamodb: Any) -> None:
    moto_patches.remove()
    table_of_two_orders(dynamodb)
    of_moto = answers(dynamodb)
    moto_patches.apply()

    assert any("LastEvaluatedKey" in answer and answer["Count"] > 3 for answer in of_moto)  # ended by its size
    assert answers(dynamodb) == of_moto


@pytest.mark.usefixtures("patched")
@pytest.mark.parametrize("forward", [True, False])
def test_queries_page_through_a_partition_in_order(forward: bool) -> None:
    made = client("dynamodb")
    made.create_table(
        TableName="sorted",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in (3, 1, 2, 0, 4):
        for partition in ("a", "b"):
            made.put_item(TableName="sorted", Item={"pk": {"S": partition}, "sk": {"S": str(number)}})

    pages = made.get_paginator("query").paginate(
        TableName="sorted",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "a"}},
        ScanIndexForward=forward,
        PaginationConfig={"PageSize": 2},
    )
    found = [item["sk"]["S"] for page in pages for item in page["Items"]]
    assert found == (["0", "1", "2", "3", "4"] if forward else ["4", "3", "2", "1", "0"])


def test_patching_twice_is_patching_once() -> None:
    moto_patches.apply()
    moto_patches.apply()
    moto_patches.remove()
    from moto.dynamodb.responses import DynamoHandler

    unwrapped: Callable[..., Any] = DynamoHandler.call_action
    assert "moto_patches" not in unwrapped.__code__.co_filename


EVERY_KIND = {
    "pk": {"S": "all"},
    "n": {"N": "1.50"},
    "b": {"B": b"\x00\xff"},
    "empty": {"S": ""},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "bytes": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"S": "x"}, {"L": []}, {"M": {"deep": {"B": b"\x03"}}}]},
    "map": {"M": {"none": {"M": {}}, "b": {"B": b"\x04"}, "S": {"S": "called as its kind"}}},
}


def calls_of(act: Callable[[], Any]) -> tuple[Any, int]:
    """What `act` gives, and how many calls it took in Python."""
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        given = act()
    finally:
        sys.setprofile(before)
    return given, calls


def get(dynamodb: Any) -> tuple[Any, int]:
    """An item with values of every kind, and how many calls it took in Python to get it."""
    dynamodb.get_item(TableName="counters", Key={"pk": {"S": "all"}})
    return calls_of(lambda: dynamodb.get_item(TableName="counters", Key={"pk": {"S": "all"}})["Item"])


def put(dynamodb: Any) -> int:
    """How many calls it took in Python to store an item of forty attributes."""
    item = {"pk": {"S": "wide"}, **{f"attribute {number}": {"S": "x"} for number in range(40)}}
    dynamodb.put_item(TableName="counters", Item=item)
    _, calls = calls_of(lambda: dynamodb.put_item(TableName="counters", Item=item))
    assert dynamodb.get_item(TableName="counters", Key={"pk": {"S": "wide"}})["Item"] == item
    return calls


def test_an_item_is_weighed_once_and_refused_where_it_is_too_large(dynamodb: Any) -> None:
    moto_patches.remove()
    of_moto = put(dynamodb)
    moto_patches.apply()

    assert put(dynamodb) < of_moto / 2, "Moto no longer needs weighed_whole"
    halves = {name: {"S": "x" * 205_000} for name in ("one", "other")}
    with pytest.raises(dynamodb.exceptions.ClientError, match="Item size has exceeded the maximum allowed size"):
        dynamodb.put_item(TableName="counters", Item={"pk": {"S": "heavy"}, **halves})


def test_values_of_every_kind_come_back_as_they_were_and_with_a_fraction_of_the_work(dynamodb: Any) -> None:
    moto_patches.remove()
    dynamodb.put_item(TableName="counters", Item=EVERY_KIND)
    as_moto_gives_it, calls_of_moto = get(dynamodb)
    moto_patches.apply()
    given, calls = get(dynamodb)

    assert given == as_moto_gives_it == EVERY_KIND
    assert calls < calls_of_moto / 2, "Moto no longer needs _knowing_values, nor to remember its methods"
    with moto_patches.listening():
        dynamodb.put_item(TableName="counters", Item={**EVERY_KIND, "pk": {"S": "again"}})
    assert records("counters")[-1][1] == {**EVERY_KIND, "pk": {"S": "again"}}
