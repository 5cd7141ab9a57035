"""What is rare about streams and schedules, on event sources in the test's own process."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from local.aws import moto_patches
from local.aws.template import TemplateError
from local.event_sources import carrying
from local.event_sources.schedules import ScheduleSource
from local.lambda_service.lambda_runtime import aws_environment

pytestmark = pytest.mark.clock

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:any"


class Lambda:
    """Keeps what it is given, and answers as the test says."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.answer: Callable[[Any], tuple[Any, bool]] = lambda event: (None, False)

    def invoke(self, arn: str, event: Any) -> tuple[Any, bool]:
        assert arn == FUNCTION
        self.given.append(event)
        return self.answer(event)

    def invoke_later(self, arn: str, event: Any) -> None:
        self.invoke(arn, event)

    @property
    def batches(self) -> list[list[str]]:
        return [[record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]] for event in self.given]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in aws_environment("").items():
        if name != "AWS_ENDPOINT_URL":
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    moto_patches.apply()
    with mock_aws():
        yield


def client(service: str) -> Any:
    import boto3

    return boto3.client(service)  # type: ignore[call-overload]


@pytest.fixture
def stream_arn() -> str:
    made = client("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    arn: str = made["TableDescription"]["LatestStreamArn"]
    return arn


def put(*keys: str) -> None:
    client("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"TableName": "table", "Item": {"pk": {"S": key}}}} for key in keys]
    )


@contextmanager
def stream(arn: str, functions: Lambda, **settings: Any) -> Iterator[Callable[[float], bool]]:
    mapping = {"EventSourceArn": arn, "FunctionName": FUNCTION, "StartingPosition": "TRIM_HORIZON", **settings}
    with carrying([mapping], functions, client, log=lambda text: None, retry_seconds=0.01) as all_carried:
        yield all_carried


def test_trim_horizon_begins_with_what_is_there_and_latest_does_not(stream_arn: str) -> None:
    put("before")
    trim_horizon, latest = Lambda(), Lambda()
    with stream(stream_arn, trim_horizon) as done:
        assert done(5)
    with stream(stream_arn, latest, StartingPosition="LATEST") as done:
        put("after")
        assert done(5)

    assert trim_horizon.batches == [["before"]]
    assert latest.batches == [["after"]]


def test_batches_hold_no_more_than_the_mapping_says(stream_arn: str) -> None:
    put("a", "b", "c", "d", "e")
    functions = Lambda()
    with stream(stream_arn, functions, BatchSize=2) as done:
        assert done(5)

    assert functions.batches == [["a", "b"], ["c", "d"], ["e"]]


def test_a_transaction_that_failed_is_never_carried(stream_arn: str) -> None:
    functions = Lambda()
    with stream(stream_arn, functions) as done:
        put("good")
        check = {"TableName": "table", "Key": {"pk": {"S": "none"}}, "ConditionExpression": "attribute_exists(pk)"}
        dynamodb = client("dynamodb")
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": "table", "Item": {"pk": {"S": "bad"}}}},
                    {"ConditionCheck": check},
                ]
            )
        put("better")
        assert done(5)

    assert [key for batch in functions.batches for key in batch] == ["good", "better"]


def test_without_a_limit_a_batch_is_tried_until_it_goes_well_and_holds_up_the_rest(stream_arn: str) -> None:
    functions = Lambda()
    functions.answer = lambda event: (None, len(functions.given) < 4)
    with stream(stream_arn, functions, BatchSize=1) as done:
        put("first", "second")
        assert done(5)

    assert functions.batches == [["first"], ["first"], ["first"], ["first"], ["second"]]


def test_records_that_grew_too_old_are_set_aside(stream_arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="aside")["QueueUrl"]
    destination = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:aside"}}
    put("old")
    now = time.time()
    monkeypatch.setattr("local.event_sources.stream.time.time", lambda: now + 3600)
    functions = Lambda()
    with stream(stream_arn, functions, MaximumRecordAgeInSeconds=60, DestinationConfig=destination) as done:
        assert done(5)

    assert functions.given == []
    record = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"


def test_a_failure_that_names_no_record_of_the_batch_is_a_failure_of_all(stream_arn: str) -> None:
    functions = Lambda()
    functions.answer = lambda event: ({"batchItemFailures": [{"itemIdentifier": "?"}]}, False)
    settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    with stream(stream_arn, functions, **settings) as done:
        put("a", "b")
        assert done(5)

    assert functions.batches == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("setting", [{"TumblingWindowInSeconds": 5}, {"SelfManagedEventSource": {}}])
def test_a_setting_that_is_not_known_is_an_error(stream_arn: str, setting: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match=next(iter(setting))), stream(stream_arn, Lambda(), **setting):
        pass


def test_schedules_are_due_with_what_their_target_gets() -> None:
    target = {"Arn": FUNCTION, "RoleArn": "arn:aws:iam::123456789012:role/any"}
    scheduler = client("scheduler")
    common = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "cron(0 8 * * ? *)"}
    text = '{"at": "<aws.scheduler.scheduled-time>"}'
    madrid = "Europe/Madrid"
    scheduler.create_schedule(
        Name="told", Target={**target, "Input": text}, ScheduleExpressionTimezone=madrid, **common
    )
    scheduler.create_schedule(Name="untold", Target=target, **common)
    scheduler.create_schedule(Name="off", Target=target, State="DISABLED", **common)
    events = client("events")
    events.put_rule(Name="rule", ScheduleExpression="cron(0 9 * * ? *)")
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": FUNCTION}])
    source = ScheduleSource(lambda target, content: None)

    # Tomorrow, since a rule cannot have been due before it was there.
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = [content for _, content in source.due(after=midnight, until=midnight + timedelta(hours=12))]

    day = midnight.strftime("%Y-%m-%d")
    told, untold, by_rule = due
    assert told["at"] in {f"{day}T06:00:00Z", f"{day}T07:00:00Z"}  # daylight saving or not
    assert (untold["source"], untold["time"]) == ("aws.scheduler", f"{day}T08:00:00Z")
    assert untold["resources"] == ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/untold"]
    assert (by_rule["source"], by_rule["time"]) == ("aws.events", f"{day}T09:00:00Z")
    assert by_rule["detail-type"] == "Scheduled Event"
