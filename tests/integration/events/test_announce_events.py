"""The outbox: what was recorded goes on the bus, whatever fails on the way."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from local.aws.template import ACCOUNT, REGION
from local.lambda_service.lambda_runtime import Context, load_handler
from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError
from signet.domain.events.event import Event, EventType, Outcome, certificate_event
from signet.domain.identifiers import new_id
from signet.wiring import wiring
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.in_process import Fault, InProcess, Send, answered

ALICE = Principal("local/alice", source_ip="203.0.113.7", user_agent="tests", request_id="r")


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    """Empty tables, an empty stream, an empty queue."""
    with whole.as_it_was():
        yield whole
    sqs_backends[ACCOUNT][REGION].queues["signet-UnsentQueue"]._messages.clear()


def record(number: int, kind: EventType = EventType.CERTIFICATE_ENABLED, **more: Any) -> list[Event]:
    """So many events, one transaction each."""
    events = []
    for _ in range(number):
        event = certificate_event(kind, a_certificate(), ALICE, new_id("evt", datetime.now(UTC)), **more)
        wiring().records.commit(events=[event])
        events.append(event)
    return events


def stream(signet: InProcess) -> list[dict[str, Any]]:
    """What the stream would deliver."""
    shard = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["EventTable"]].stream_shard
    assert shard
    records = [record.to_json() for record in shard.items]
    for each in records:
        each["dynamodb"].pop("ApproximateCreationDateTime")
    return records


def deliver(signet: InProcess, records: list[dict[str, Any]]) -> list[str]:
    """Run the announcer; the sequence numbers to deliver again."""
    function = signet.functions["AnnounceEventsFunction"]
    answer = load_handler(function)({"Records": json.loads(json.dumps(records))}, Context(function, "request"))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def put_ids(signet: InProcess) -> Counter[str]:
    """What the bus took, by event id."""
    found: Counter[str] = Counter()
    for call in signet.calls.made:
        if call.operation == "PutEvents":
            entries = zip(call.request["Entries"], call.answer.get("Entries", []), strict=False)
            found.update(json.loads(sent["Detail"])["event_id"] for sent, told in entries if "EventId" in told)
    return found


def set_aside(signet: InProcess) -> list[str]:
    sqs, url, found = signet.client("sqs"), signet.environment["ANNOUNCEMENT_DLQ"], []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"])["event_id"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(found)


def redrive(signet: InProcess, event: dict[str, Any], seconds: float = 900) -> dict[str, Any]:
    function = signet.functions["RedriveEventsFunction"]
    context = Context(function, "request", signet.clock.monotonic() + seconds)
    answer: dict[str, Any] = load_handler(function)(event, context)
    return answer


def test_every_event_goes_on_the_bus(signet: InProcess) -> None:
    events = record(25)

    with signet.counting() as calls:
        assert deliver(signet, stream(signet)) == []

    assert put_ids(signet) == Counter(event.id for event in events)
    assert Counter(calls.names) == {"eventbridge:PutEvents": 3}
    entry = calls.made[0].request["Entries"][0]
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("signet", "signet", "Certificate Enabled")


def test_of_refusals_only_a_refused_use_is_announced(signet: InProcess) -> None:
    record(1, outcome=Outcome.REFUSED, code="not_allowed")
    (use,) = record(1, EventType.CERTIFICATE_USE_REFUSED, outcome=Outcome.REFUSED, code="certificate_disabled")

    with signet.counting() as calls:
        assert deliver(signet, stream(signet)) == []

    assert put_ids(signet) == {use.id: 1}
    assert json.loads(calls.made[0].request["Entries"][0]["Detail"])["code"] == "certificate_disabled"


def test_what_the_audit_record_alone_may_know_is_not_announced(signet: InProcess) -> None:
    detail = {
        "signing_algorithm": "ECDSA_SHA_256",
        "digest": "d1g35t",
        "reason": "s3cr3t",
        "application": {"process": "signtool", "command_line": "--password s3cr3t"},
    }
    record(1, EventType.CERTIFICATE_USED, detail=detail)

    with signet.counting() as calls:
        deliver(signet, stream(signet))

    sent = calls.made[0].request["Entries"][0]["Detail"]
    assert json.loads(sent)["signing_algorithm"] == "ECDSA_SHA_256"
    assert not [word for word in ("s3cr3t", "d1g35t", "203.0.113.7") if word in sent]


def spoilt(records: list[dict[str, Any]], place: int, how: str) -> list[dict[str, Any]]:
    image = records[place]["dynamodb"]["NewImage"]
    match how:
        case "older schema version":
            image["schema_version"] = {"N": "0"}
        case "newer schema version":
            image["schema_version"] = {"N": "2"}
        case "no schema version":
            del image["schema_version"]
        case "unknown type":
            image["type"] = {"S": "Certificate Eaten"}
        case "no JSON":
            image["announcement"] = {"S": "{"}
        case "no image":
            records[place]["dynamodb"]["NewImage"] = {}
    return records


@pytest.mark.parametrize(
    "how",
    ["older schema version", "newer schema version", "no schema version", "unknown type", "no JSON", "no image"],
)
def test_a_record_that_makes_no_sense_is_set_aside_and_holds_nothing_up(signet: InProcess, how: str) -> None:
    events = record(3)

    with signet.counting():
        assert deliver(signet, spoilt(stream(signet), 1, how)) == []

    assert put_ids(signet) == {events[0].id: 1, events[2].id: 1}
    assert set_aside(signet) == [events[1].id]


def test_one_that_the_bus_refuses_for_good_is_set_aside_and_sent_again_by_hand(signet: InProcess) -> None:
    events = record(3)

    def refuse(index: int, name: str) -> Fault | None:
        if name != "eventbridge:PutEvents":
            return None
        return lambda send, asked: answered(
            200,
            {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "MalformedDetail"}, {"EventId": "2"}]},
        )

    with signet.counting(refuse):
        assert deliver(signet, stream(signet)) == []
    with signet.counting():
        assert redrive(signet, {}) == {"looked_at": 1, "left": 0, "stopped_early": False}
        assert put_ids(signet) == {events[1].id: 1}
        assert redrive(signet, {}) == {"looked_at": 0, "left": 0, "stopped_early": False}


@pytest.mark.parametrize("how", ["MODIFY", "REMOVE"])
def test_an_event_that_is_altered_once_it_is_written_rings_an_alarm(
    signet: InProcess, how: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    event, other = record(2)
    table = signet.tables["EventTable"]
    if how == "MODIFY":
        signet.client("dynamodb").update_item(
            TableName=table,
            Key={"pk": {"S": event.id}},
            UpdateExpression="SET outcome = :outcome",
            ExpressionAttributeValues={":outcome": {"S": "refused"}},
        )
    else:
        signet.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": event.id}})
    capsys.readouterr()

    with signet.counting():
        assert deliver(signet, stream(signet)) == []

    (told,) = (line for line in caplog.records if line.getMessage() == "events altered")
    assert (told.levelname, vars(told)["events"]) == ("ERROR", {event.id: how})
    (counted,) = (line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert json.loads(counted)["EventsAltered"] == [1.0]
    assert put_ids(signet) == {event.id: 1, other.id: 1}


def test_events_that_are_left_alone_ring_no_alarm(signet: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    record(2)

    deliver(signet, stream(signet))

    assert "EventsAltered" not in capsys.readouterr().out


def test_where_the_bus_does_not_answer_the_stream_delivers_again(signet: InProcess) -> None:
    events = record(12)
    records = stream(signet)

    def away(index: int, name: str) -> Fault:
        return lambda send, asked: answered(500, {"__type": "InternalException", "message": "no"})

    with signet.counting(away):
        again = deliver(signet, records)
    assert again == [each["dynamodb"]["SequenceNumber"] for each in records]
    with signet.counting():
        assert deliver(signet, records) == []
        assert put_ids(signet) == Counter(event.id for event in events)


def test_where_nothing_can_be_set_aside_the_record_comes_again(signet: InProcess) -> None:
    record(2)
    records = spoilt(stream(signet), 1, "unknown type")

    def away(index: int, name: str) -> Fault | None:
        failed = {"__type": "ServiceUnavailable", "message": "no"}
        return (lambda send, asked: answered(503, failed)) if name.startswith("sqs:") else None

    with signet.counting(away):
        assert deliver(signet, records) == [records[1]["dynamodb"]["SequenceNumber"]]


@pytest.mark.soak
def test_ten_thousand_at_once_arrive_over_a_bus_that_throttles(signet: InProcess) -> None:
    """Delivered as the stream does it: a hundred at a time, and again from the first that was not taken."""
    (event,) = record(1)
    (template,) = stream(signet)
    text = json.dumps(template)
    ids = [new_id("evt", event.occurred_at + timedelta(microseconds=place)) for place in range(10_000)]
    waiting = [
        json.loads(text.replace(event.id, each).replace(template["dynamodb"]["SequenceNumber"], str(place)))
        for place, each in enumerate(ids)
    ]
    taken: Counter[str] = Counter()
    calls = 0

    def bus(index: int, name: str) -> Fault | None:
        def take(send: Send, asked: Any) -> Any:
            nonlocal calls
            calls += 1
            entries = asked["Entries"]
            if calls % 7 == 0:
                return answered(400, {"__type": "ThrottlingException", "message": "slower"})
            refused = {place for place in range(len(entries)) if (calls + place) % 11 == 0}
            told = [
                {"ErrorCode": "ThrottlingException"} if place in refused else {"EventId": "1"}
                for place in range(len(entries))
            ]
            taken.update(
                json.loads(each["Detail"])["event_id"] for place, each in enumerate(entries) if place not in refused
            )
            return answered(200, {"FailedEntryCount": len(refused), "Entries": told})

        return take if name == "eventbridge:PutEvents" else None

    with signet.counting(bus):
        while waiting:
            again = deliver(signet, waiting[:100])
            first = min((int(each) for each in again), default=None)
            done = 100 if first is None else [each["dynamodb"]["SequenceNumber"] for each in waiting].index(str(first))
            waiting = waiting[done:]

    assert set(taken) == set(ids)
    assert set_aside(signet) == []


class KilledError(BaseException):
    """The process is no more."""


def test_killed_after_each_of_its_calls_in_turn_everything_is_announced_in_the_end(signet: InProcess) -> None:
    events = record(35)
    records = spoilt(stream(signet), 7, "unknown type")
    wanted = {event.id for event in events} - {events[7].id}
    for killed_at in range(5):

        def kill(index: int, name: str, at: int = killed_at) -> Fault | None:
            def last(send: Send, asked: Any) -> Any:
                send()
                raise KilledError

            return last if index == at else None

        with signet.counting(kill) as calls:
            with contextlib.suppress(KilledError):
                deliver(signet, records)
            assert len(calls.made) == killed_at + 1  # four calls to the bus, one to the queue
        with signet.counting():
            assert deliver(signet, records) == []
            assert set(put_ids(signet)) == wanted
        assert set(set_aside(signet)) == {events[7].id}


def test_a_span_of_time_is_announced_again_with_the_same_event_ids(signet: InProcess) -> None:
    events = record(30)
    begun, ended = events[0].occurred_at, events[-1].occurred_at

    with signet.counting():
        summary = redrive(signet, {"from": begun.isoformat(), "to": ended.isoformat()})
    assert summary == {"looked_at": 30, "left": 0, "stopped_early": False}
    assert put_ids(signet) == Counter(event.id for event in events)

    with signet.counting():
        later = ended + timedelta(microseconds=1)
        assert redrive(signet, {"from": later.isoformat(), "to": "2100-01-01T00:00:00Z"})["looked_at"] == 0


def test_what_the_stream_itself_gave_up_is_found_by_its_time(signet: InProcess) -> None:
    events = record(3)
    moment = events[0].occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    note = {
        "requestContext": {"condition": "RetryAttemptsExhausted"},
        "DDBStreamBatchInfo": {
            "approximateArrivalOfFirstRecord": moment,
            "approximateArrivalOfLastRecord": moment,
            "batchSize": 3,
        },
    }
    queue = signet.environment["ANNOUNCEMENT_DLQ"]
    signet.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(note))
    signet.client("sqs").send_message(QueueUrl=queue, MessageBody="nobody's")

    with signet.counting():
        assert redrive(signet, {})["looked_at"] == 3
        assert put_ids(signet) == Counter(event.id for event in events)


def test_an_event_that_is_not_there_stays_in_the_queue(signet: InProcess) -> None:
    lost = new_id("evt", datetime.now(UTC))
    queue = signet.environment["ANNOUNCEMENT_DLQ"]
    signet.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"event_id": lost}))

    assert redrive(signet, {}) == {"looked_at": 1, "left": 1, "stopped_early": False}
    attributes = signet.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_redrive_whose_time_runs_short_says_so(signet: InProcess) -> None:
    record(1)

    assert redrive(signet, {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}, seconds=30) == {
        "looked_at": 0,
        "left": 0,
        "stopped_early": True,
    }


def test_what_waits_in_the_queue_stays_there_where_time_runs_short(signet: InProcess) -> None:
    (event,) = record(1)
    queue = signet.environment["ANNOUNCEMENT_DLQ"]
    signet.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"event_id": event.id}))

    assert redrive(signet, {}, seconds=30) == {"looked_at": 0, "left": 0, "stopped_early": True}
    attributes = signet.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


@pytest.mark.parametrize("event", [{"from": "2026-01-01T00:00:00Z"}, {"from": "x", "to": "y"}, {"since": "now"}])
def test_a_span_that_is_none_is_refused(signet: InProcess, event: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=r"^(from|to|since): "):
        redrive(signet, event)
