"""What nobody waits for: it is bounded, it sets aside what fails, and somebody hears of it."""

import pytest

from tests.architecture.source_tree import called_in, functions, of_type, routes

AUTHORIZERS = {name for name in functions() if name.startswith("Authorize")}
BY_HAND = {"RedriveEventsFunction"}
ALARMS = of_type("AWS::CloudWatch::Alarm").values()
FED = {called_in(mapping["FunctionName"]) for mapping in of_type("AWS::Lambda::EventSourceMapping").values()}
BY_EVENTS = sorted(set(functions()) - set(routes().values()) - AUTHORIZERS - BY_HAND - FED)


def watched_queues() -> set[str]:
    return {
        dimension["Value"].strip("<>").removesuffix(".QueueName")
        for alarm in ALARMS
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }


def test_every_queue_of_what_failed_has_an_alarm() -> None:
    worked_off = {
        mapping["EventSourceArn"].strip("<>").removesuffix(".Arn")
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values()
    }

    assert watched_queues() == set(of_type("AWS::SQS::Queue")) - worked_off


def test_the_stream_is_read_from_its_beginning_and_gives_up_within_bounds() -> None:
    (mapping,) = (each for each in of_type("AWS::Lambda::EventSourceMapping").values() if "StartingPosition" in each)

    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 0 < mapping["MaximumRetryAttempts"] < 10_000
    assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 60 * 60
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == "<UnsentQueue.Arn>"


@pytest.mark.parametrize("function", BY_EVENTS)
def test_a_function_that_events_start_tells_of_its_failures(function: str) -> None:
    (config,) = (
        each
        for each in of_type("AWS::Lambda::EventInvokeConfig").values()
        if each["FunctionName"].strip("<>") == function
    )

    assert config["DestinationConfig"]["OnFailure"]["Destination"] == "<FailedRunsQueue.Arn>"
    assert config["MaximumRetryAttempts"] > 0


def test_a_rule_tells_of_what_it_cannot_deliver() -> None:
    targets = [target for rule in of_type("AWS::Events::Rule").values() for target in rule["Targets"]]

    assert len(targets) == 4
    assert all(target["DeadLetterConfig"]["Arn"] == "<FailedRunsQueue.Arn>" for target in targets)


def test_a_queues_message_is_hidden_for_longer_than_its_function_runs() -> None:
    for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
        queue = of_type("AWS::SQS::Queue").get(mapping["EventSourceArn"].strip("<>").removesuffix(".Arn"))
        if queue is not None:
            assert queue["VisibilityTimeout"] >= 6 * functions()[called_in(mapping["FunctionName"])]["Timeout"]
            assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
