"""Moto, patched, keeps the promises of DynamoDB that Signet builds on; and each patch is still needed."""

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import moto_patches

pytestmark = pytest.mark.usefixtures("moto")


@pytest.fixture
def patched() -> None:
    moto_patches.apply()


@pytest.fixture
def unpatched() -> None:
    moto_patches.remove()


def client(service: str) -> Any:
    config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1}, max_pool_connections=64)
    return boto3.client(service, config=config)  # type: ignore[call-overload]


@pytest.fixture
def dynamodb() -> Any:
    made = client("dynamodb")
    for name in ("counters", "events"):
        made.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_kind",
                    "KeySchema": [
                        {"AttributeName": "kind", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
    return made


def count_up(expected: int) -> list[dict[str, Any]]:
    """One more on the counter, if it still is as it was read, and an event of it."""
    return [
        {
            "Update": {
                "TableName": "counters",
                "Key": {"pk": {"S": "one"}},
                "UpdateExpression": "SET n = :next",
                "ConditionExpression": "n = :now",
                "ExpressionAttributeValues": {":next": {"N": str(expected + 1)}, ":now": {"N": str(expected)}},
            }
        },
        {"Put": {"TableName": "events", "Item": {"pk": {"S": f"event-{expected}"}}}},
    ]


def race(dynamodb: Any, threads: int = 8, rounds: int = 12) -> tuple[int, int, int]:
    """Many threads count one counter up: how many were told they did, what it says, and how many events there are."""
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "0"}})
    # Other items keep Moto's copying of whole tables busy.
    for number in range(200):
        dynamodb.put_item(TableName="counters", Item={"pk": {"S": f"other-{number}"}, "n": {"N": "0"}})
    barrier = threading.Barrier(threads)

    def work(_: int) -> int:
        done = 0
        barrier.wait()
        for _ in range(rounds):
            now = int(dynamodb.get_item(TableName="counters", Key={"pk": {"S": "one"}})["Item"]["n"]["N"])
            with contextlib.suppress(ClientError):  # another one was quicker
                dynamodb.transact_write_items(TransactItems=count_up(now))
                done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        reported = sum(pool.map(work, range(threads)))
    said = int(dynamodb.get_item(TableName="counters", Key={"pk": {"S": "one"}})["Item"]["n"]["N"])
    return reported, said, dynamodb.scan(TableName="events", Select="COUNT")["Count"]


@pytest.mark.usefixtures("patched")
def test_a_counter_that_threads_count_up_in_transactions_is_exact(dynamodb: Any) -> None:
    reported, said, events = race(dynamodb)

    assert reported > 0
    assert reported == said == events


@pytest.mark.soak
@pytest.mark.usefixtures("unpatched")
def test_moto_itself_still_loses_transactions_under_threads(dynamodb: Any) -> None:
    with ThreadPoolExecutor(1) as pool:  # a failure inside Moto, too, is what the patch is for
        try:
            reported, said, events = pool.submit(race, dynamodb).result()
        except (RuntimeError, KeyError, AssertionError):
            return
    assert not reported == said == events, "Moto no longer needs _locked"


@pytest.mark.usefixtures("patched")
def test_a_failed_transaction_leaves_everything_as_it_was(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "kept"}, "n": {"N": "1"}})
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "gone"}})
    before = records("counters"), records("events")

    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "counters", "Item": {"pk": {"S": "new"}}}},
                {"Put": {"TableName": "events", "Item": {"pk": {"S": "new"}}}},
                {
                    "Update": {
                        "TableName": "counters",
                        "Key": {"pk": {"S": "kept"}},
                        "UpdateExpression": "SET n = :n",
                        "ExpressionAttributeValues": {":n": {"N": "2"}},
                    }
                },
                {"Delete": {"TableName": "counters", "Key": {"pk": {"S": "gone"}}}},
                {
                    "ConditionCheck": {
                        "TableName": "counters",
                        "Key": {"pk": {"S": "absent"}},
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )

    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "None",
        "None",
        "None",
        "None",
        "ConditionalCheckFailed",
    ]
    items = {item["pk"]["S"]: item for item in dynamodb.scan(TableName="counters")["Items"]}
    assert items == {"kept": {"pk": {"S": "kept"}, "n": {"N": "1"}}, "gone": {"pk": {"S": "gone"}}}
    assert dynamodb.scan(TableName="events")["Items"] == []
    assert (records("counters"), records("events")) == before


def transaction_milliseconds(dynamodb: Any) -> float:
    from moto.dynamodb.models import dynamodb_backends

    table = dynamodb_backends["123456789012"]["us-east-1"].tables["counters"]
    for number in range(5_000):
        table.put_item({"pk": {"S": f"item-{number}"}, "kind": {"S": "a"}, "at": {"S": f"{number:06}"}})
    begun = time.process_time()
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "counters", "Item": {"pk": {"S": "x"}}}}])
    return (time.process_time() - begun) * 1000


def test_a_transaction_on_a_large_table_need_not_copy_it(dynamodb: Any) -> None:
    moto_patches.remove()
    of_moto = transaction_milliseconds(dynamodb)
    moto_patches.apply()

    assert transaction_milliseconds(dynamodb) < of_moto / 3, "Moto no longer needs _CopyOfAllButTables"


def transact_twice(dynamodb: Any, token: str) -> int:
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "0"}})
    for _ in range(2):
        dynamodb.transact_write_items(
            ClientRequestToken=token,
            TransactItems=[
                {
                    "Update": {
                        "TableName": "counters",
                        "Key": {"pk": {"S": "one"}},
                        "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                }
            ],
        )
    return int(dynamodb.get_item(TableName="counters", Key={"pk": {"S": "one"}})["Item"]["n"]["N"])


@pytest.mark.usefixtures("patched")
def test_a_transaction_with_the_same_token_counts_once(dynamodb: Any) -> None:
    assert transact_twice(dynamodb, "token") == 1

    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(
            ClientRequestToken="token",
            TransactItems=[{"Put": {"TableName": "events", "Item": {"pk": {"S": "another"}}}}],
        )
    assert caught.value.response["Error"]["Code"] == "IdempotentParameterMismatchException"


@pytest.mark.usefixtures("patched")
def test_a_token_of_a_failed_transaction_may_be_used_again(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "1"}})
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(ClientRequestToken="again", TransactItems=count_up(0))
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "0"}})

    dynamodb.transact_write_items(ClientRequestToken="again", TransactItems=count_up(0))


@pytest.mark.usefixtures("patched")
def test_a_token_is_forgotten_after_ten_minutes(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transact_twice(dynamodb, "token") == 1
    later = time.monotonic() + 601
    monkeypatch.setattr("local.aws.moto_patches.time.monotonic", lambda: later)

    assert transact_twice(dynamodb, "token") == 1


@pytest.mark.usefixtures("unpatched")
def test_moto_itself_still_ignores_tokens(dynamodb: Any) -> None:
    assert transact_twice(dynamodb, "token") == 2, "Moto no longer needs _once_per_token"


def records(table: str) -> list[tuple[str, Any]]:
    streams = client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    shard = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator)["Records"]
    return [(record["eventName"], record["dynamodb"].get("NewImage")) for record in found]


def upsert(dynamodb: Any) -> None:
    dynamodb.update_item(
        TableName="counters",
        Key={"pk": {"S": "one"}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


@pytest.mark.usefixtures("patched")
def test_an_update_that_makes_an_item_is_one_stream_record(dynamodb: Any) -> None:
    upsert(dynamodb)
    upsert(dynamodb)

    assert records("counters") == [
        ("INSERT", {"pk": {"S": "one"}, "n": {"N": "1"}}),
        ("MODIFY", {"pk": {"S": "one"}, "n": {"N": "2"}}),
    ]


@pytest.mark.usefixtures("unpatched")
def test_moto_itself_still_writes_two_records_for_it(dynamodb: Any) -> None:
    upsert(dynamodb)

    assert len(records("counters")) == 2, "Moto no longer needs _with_one_record"


@pytest.mark.usefixtures("patched")
def test_a_transaction_writes_its_stream_records_and_the_listener_is_woken(dynamodb: Any) -> None:
    woken = []
    with moto_patches.listening(streams=lambda table: woken.append(table.name)):
        dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "0"}})
        dynamodb.transact_write_items(TransactItems=count_up(0))
    dynamodb.put_item(TableName="counters", Item={"pk": {"S": "two"}})

    assert [name for name, _ in records("counters")] == ["INSERT", "MODIFY", "INSERT"]
    assert [name for name, _ in records("events")] == ["INSERT"]
    assert woken == ["counters", "counters", "events"]


def put_twice(dynamodb: Any) -> list[str]:
    for _ in range(2):
        dynamodb.put_item(TableName="counters", Item={"pk": {"S": "one"}, "n": {"N": "0"}})
    return [name for name, _ in records("counters")]


@pytest.mark.usefixtures("patched")
def test_a_write_that_changes_nothing_is_no_stream_record(dynamodb: Any) -> None:
    assert put_twice(dynamodb) == ["INSERT"]


@pytest.mark.usefixtures("unpatched")
def test_moto_itself_still_writes_a_record_for_it(dynamodb: Any) -> None:
    assert put_twice(dynamodb) == ["INSERT", "MODIFY"], "Moto no longer needs this of _add_record"


def put_event_to_function() -> list[tuple[str, dict[str, Any]]]:
    events = client("events")
    events.put_rule(Name="to-function", EventPattern=json.dumps({"source": ["signet"]}))
    target = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:any"}
    events.put_targets(Rule="to-function", Targets=[target])
    heard: list[tuple[str, dict[str, Any]]] = []
    with moto_patches.listening(rules=lambda rule, event: heard.append((rule.name, event))):
        events.put_events(Entries=[{"Source": "signet", "DetailType": "Any", "Detail": '{"a": 1}'}])
    return heard


@pytest.mark.usefixtures("patched")
def test_an_event_on_the_bus_is_told_as_aws_writes_it() -> None:
    ((rule, event),) = put_event_to_function()

    assert rule == "to-function"
    assert set(event) == {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert event["detail"] == {"a": 1}
    assert event["time"].endswith("Z")


@pytest.mark.usefixtures("unpatched")
def test_moto_itself_still_knows_no_function_as_a_target() -> None:
    with pytest.raises(NotImplementedError):
        put_event_to_function()


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

    assert query_milliseconds(dynamodb) < of_moto / 2, "Moto no longer needs _looking_at_one_partition"


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


def get(dynamodb: Any) -> tuple[Any, int]:
    """An item with values of every kind, and how many calls it took in Python to get it."""
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    dynamodb.get_item(TableName="counters", Key={"pk": {"S": "all"}})
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        item = dynamodb.get_item(TableName="counters", Key={"pk": {"S": "all"}})["Item"]
    finally:
        sys.setprofile(before)
    return item, calls


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
