"""Streams, queues, the bus and schedules reach their functions as in AWS."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.stack import Stack, start

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with start(template=TEMPLATE, log=lambda text: None) as running:
        yield running


class Queue:
    """What arrives in one of the stack's queues."""

    def __init__(self, stack: Stack, logical_id: str) -> None:
        self._sqs = stack.client("sqs")
        self._url = stack.resources.attribute(logical_id)

    def wait_for(self, wanted: Callable[[Any], bool], seconds: float = 300) -> Any:
        """The first message, parsed where it is JSON, that is `wanted`; the others are dropped."""
        return self.gather(wanted, 1, seconds)[0]

    def gather(self, wanted: Callable[[Any], bool], count: int, seconds: float = 300) -> list[Any]:
        found: list[Any] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                try:
                    content = json.loads(message["Body"])
                except ValueError:
                    content = message["Body"]
                if wanted(content):
                    found.append(content)
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{len(found)} of {count} messages came")


@pytest.fixture
def seen(stack: Stack) -> Queue:
    return Queue(stack, "Seen")


@pytest.fixture
def failed(stack: Stack) -> Queue:
    return Queue(stack, "Failed")


def keys_of(event: Any) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in event.get("Records", []) if "dynamodb" in record]


def put(stack: Stack, *kinds: tuple[str, str]) -> None:
    """Put items in one transaction, so that they are one batch."""
    table = stack.resources.attribute("Table")
    stack.client("dynamodb").transact_write_items(
        TransactItems=[
            {"Put": {"TableName": table, "Item": {"pk": {"S": key}, "kind": {"S": kind}, "data": {"B": b"\x00\xff"}}}}
            for key, kind in kinds
        ]
    )


@pytest.mark.clock
def test_a_schedule_fires_with_its_input(seen: Queue) -> None:
    # One with a rate fires when it is made, which is a moment ago for the first test of this module.
    assert seen.wait_for(lambda content: content == {"schedule": "often"})


@pytest.mark.clock
def test_a_change_in_a_table_reaches_the_function_as_a_stream_record(stack: Stack, seen: Queue) -> None:
    put(stack, ("record-1", "plain"))

    (record,) = seen.wait_for(lambda event: "record-1" in keys_of(event))["Records"]
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:us-east-1:123456789012:table/signet-Table/stream/")
    change = record["dynamodb"]
    assert change["StreamViewType"] == "NEW_IMAGE"
    assert change["NewImage"] == {"pk": {"S": "record-1"}, "kind": {"S": "plain"}, "data": {"B": "AP8="}}
    assert abs(change["ApproximateCreationDateTime"] - time.time()) < 10
    assert change["SequenceNumber"].isdigit()


def test_a_record_that_the_filter_leaves_out_does_not_come(stack: Stack, seen: Queue) -> None:
    put(stack, ("left-out", "ignored"), ("let-in", "plain"))

    assert keys_of(seen.wait_for(lambda event: "let-in" in keys_of(event))) == ["let-in"]


def test_after_a_partial_failure_only_the_rest_comes_again_and_at_last_it_is_given_up(
    stack: Stack, seen: Queue, failed: Queue
) -> None:
    put(stack, ("partial-1", "plain"), ("partial-2", "poison"), ("partial-3", "plain"))

    batches = [keys_of(e) for e in seen.gather(lambda e: any(k.startswith("partial") for k in keys_of(e)), 6)]
    assert batches == [
        ["partial-1", "partial-2", "partial-3"],
        ["partial-2", "partial-3"],
        ["partial-2"],
        ["partial-2"],
        ["partial-2"],
        ["partial-3"],
    ]
    record = failed.wait_for(lambda content: "DDBStreamBatchInfo" in content)
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3


def test_a_batch_that_fails_whole_is_halved_until_the_bad_record_is_alone(
    stack: Stack, seen: Queue, failed: Queue
) -> None:
    put(stack, ("half-1", "plain"), ("half-2", "plain"), ("half-3", "explosive"), ("half-4", "plain"))

    batches = [keys_of(e) for e in seen.gather(lambda e: any(k.startswith("half") for k in keys_of(e)), 7)]
    assert batches[:4] == [
        ["half-1", "half-2", "half-3", "half-4"],
        ["half-1", "half-2"],
        ["half-3", "half-4"],
        ["half-3"],
    ]
    assert batches[-1] == ["half-4"]
    assert failed.wait_for(lambda content: "DDBStreamBatchInfo" in content)["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_message_in_a_queue_reaches_the_function_and_one_that_fails_ends_with_the_dead_letters(
    stack: Stack, seen: Queue, failed: Queue
) -> None:
    sqs = stack.client("sqs")
    work = stack.resources.attribute("Work")
    sqs.send_message(QueueUrl=work, MessageBody="poison")
    sqs.send_message(
        QueueUrl=work, MessageBody="good", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}}
    )

    records = seen.wait_for(lambda event: any(r.get("body") == "good" for r in event.get("Records", [])))["Records"]
    good = next(record for record in records if record["body"] == "good")
    assert good["eventSource"] == "aws:sqs"
    assert good["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:signet-Work"
    assert good["messageAttributes"]["a"]["stringValue"] == "b"
    assert good["attributes"]["ApproximateReceiveCount"] == "1"
    assert failed.wait_for(lambda content: content == "poison") == "poison"


def put_event(stack: Stack, detail_type: str, detail: dict[str, Any], source: str = "signet") -> None:
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": "test-bus"}
    assert stack.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_an_event_on_the_bus_reaches_the_functions_whose_rule_it_matches(stack: Stack, seen: Queue) -> None:
    put_event(stack, "Certificate Used", {"number": 1}, source="another")
    put_event(stack, "Role Created", {"number": 2})
    put_event(stack, "Certificate Used", {"number": 3})

    event = seen.wait_for(lambda content: "detail" in content and content.get("source") != "aws.scheduler")
    assert event["detail"] == {"number": 3}
    assert event["detail-type"] == "Certificate Used"
    assert event["source"] == "signet"
    assert event["version"] == "0"
    assert event["account"] == "123456789012"
    assert abs(datetime.fromisoformat(event["time"]) - datetime.now(UTC)).total_seconds() < 10


def test_a_topic_and_a_queue_get_what_their_target_says(stack: Stack) -> None:
    put_event(stack, "Certificate Expiring", {"days": 30})
    put_event(stack, "Certificate Expiring", {"days": 7})

    heard = Queue(stack, "Heard").gather(lambda content: True, 2)
    assert sorted(map(str, heard)) == ["7 days left", "{'days': 7}"]


def test_a_function_that_fails_on_an_event_is_tried_three_times_and_the_event_set_aside(
    stack: Stack, seen: Queue, failed: Queue
) -> None:
    put_event(stack, "Certificate Failing", {"fail": True})

    events = seen.gather(lambda content: content.get("detail-type") == "Certificate Failing", 3)
    assert len({event["id"] for event in events}) == 1
    assert failed.wait_for(lambda content: content == events[0])


def test_a_rule_made_while_the_stack_runs_is_carried_too(stack: Stack, seen: Queue) -> None:
    events = stack.client("events")
    events.put_rule(Name="later", EventBusName="test-bus", EventPattern=json.dumps({"source": ["later"]}))
    arn = stack.functions["Collect"].arn
    events.put_targets(
        Rule="later", EventBusName="test-bus", Targets=[{"Id": "1", "Arn": arn, "Input": '{"constant": true}'}]
    )
    put_event(stack, "Anything", {}, source="later")

    assert seen.wait_for(lambda content: content == {"constant": True})
