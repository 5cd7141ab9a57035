"""Moto, patched, keeps what DynamoDB says of transactions; and each patch is still needed."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import moto_patches
from tests.integration.local_stack.moto.moto_tables import count_up, records

pytestmark = pytest.mark.usefixtures("moto")


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
