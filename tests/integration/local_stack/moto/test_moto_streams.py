"""Moto, patched, writes the stream records and events that AWS writes; and each patch is still needed."""

import json
from typing import Any

import pytest

from local.aws import moto_patches
from tests.integration.local_stack.moto.moto_tables import client, count_up, records

pytestmark = pytest.mark.usefixtures("moto")


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
