"""Somebody is told when it breaks, and finds what to look at: alarms, the dashboard, saved queries, the runbook."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signet.observability import count
from tests.architecture.source_tree import ALIAS, PACKAGE, ROOT, functions, of_type, routes

ALARMS = of_type("AWS::CloudWatch::Alarm")
QUERIES = of_type("AWS::Logs::QueryDefinition")
RUNBOOK = (ROOT / "docs/operations.md").read_text()

OF_FUNCTIONS = frozenset({"FunctionName"})
OF_APIS = frozenset({"ApiId"})
OF_TABLES = frozenset({"TableName"})
OF_INDEXES = frozenset({"TableName", "GlobalSecondaryIndexName"})
OF_QUEUES = frozenset({"QueueName"})
DOCUMENTED = {
    # AWS Lambda Developer Guide, "Types of metrics for Lambda functions": by function, or of the whole account.
    "AWS/Lambda": {
        name: {OF_FUNCTIONS, frozenset[str]()}
        for name in ("Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge")
    },
    # Amazon API Gateway Developer Guide, "Monitor CloudWatch metrics for HTTP APIs": without detailed metrics, by API.
    "AWS/ApiGateway": {
        name: {OF_APIS} for name in ("4xx", "5xx", "Count", "IntegrationLatency", "Latency", "DataProcessed")
    },
    # Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions".
    "AWS/DynamoDB": {
        "ConsumedReadCapacityUnits": {OF_TABLES, OF_INDEXES},
        "ConsumedWriteCapacityUnits": {OF_TABLES, OF_INDEXES},
        "ReadThrottleEvents": {OF_TABLES, OF_INDEXES},
        "WriteThrottleEvents": {OF_TABLES, OF_INDEXES},
        "TransactionConflict": {OF_TABLES},
    },
    # Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
    "AWS/SQS": {name: {OF_QUEUES} for name in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage")},
    # Amazon SNS Developer Guide, "Monitoring Amazon SNS topics using CloudWatch".
    "AWS/SNS": {"NumberOfNotificationsFailed": {frozenset({"TopicName"})}},
    # Amazon CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics".
    "AWS/Logs": {"IncomingBytes": {frozenset({"LogGroupName"}), frozenset[str]()}},
}
MADE_OF = {
    "FunctionName": "AWS::Lambda::Function",
    "ApiId": "AWS::ApiGatewayV2::Api",
    "TableName": "AWS::DynamoDB::Table",
    "QueueName": "AWS::SQS::Queue",
    "TopicName": "AWS::SNS::Topic",
    "LogGroupName": "AWS::Logs::LogGroup",
}
"""The type of the resource that a dimension names."""
MOST_METRICS_OF_AN_ALARM = 10
"""Amazon CloudWatch API Reference, PutMetricAlarm."""

Metric = tuple[str, str, tuple[tuple[str, str], ...]]


def metrics_of(alarm: dict[str, Any]) -> Iterator[Metric]:
    """Namespace, name and dimensions of each metric that `alarm` looks at."""
    looked_at = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each] or [alarm]
    for metric in looked_at:
        dimensions = tuple((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
        yield metric["Namespace"], metric["MetricName"], dimensions


def widgets() -> list[dict[str, Any]]:
    (board,) = of_type("AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = json.loads(board["DashboardBody"])["widgets"]
    return found


def metrics_on_the_dashboard() -> Iterator[Metric]:
    for widget in widgets():
        for namespace, name, *rest in widget["properties"].get("metrics", []):
            words = [word for word in rest if isinstance(word, str)]
            yield namespace, name, tuple(zip(words[::2], words[1::2], strict=True))


def sources() -> list[Path]:
    return [*PACKAGE.rglob("*.py"), *(ROOT / "functions").glob("*/*/app.py")]


def calls_in(paths: list[Path]) -> Iterator[ast.Call]:
    for path in paths:
        yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def emitted() -> dict[str, frozenset[str]]:
    """What the code counts, by name, with the dimensions that it gives beside its service."""
    return {
        str(call.args[0].value): frozenset(str(word.arg) for word in call.keywords)
        for call in calls_in(sources())
        if isinstance(call.func, ast.Name) and call.func.id == "count" and isinstance(call.args[0], ast.Constant)
    }


def logged() -> tuple[set[str], set[str]]:
    """The messages that the code logs, and the names of what it logs with them."""
    messages, fields = set(), {"message", "level", "location", "timestamp", "service", "milliseconds"}
    for call in calls_in(sources()):
        name = ast.unparse(call.func)
        if name in {"logger.info", "logger.warning", "logger.error", "logger.critical"}:
            messages |= {str(node.value) for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)}
        if name.startswith("logger.") or name == "run_told":
            fields |= {word.arg for word in call.keywords if word.arg}
    told = ast.parse((PACKAGE / "api/request_log.py").read_text())
    fields |= {
        str(key.value)
        for node in ast.walk(told)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    summary = ast.parse((PACKAGE / "domain/expiry/expiry.py").read_text())
    fields |= {
        str(node.value)
        for node in ast.walk(summary)
        if isinstance(node, ast.Constant) and node.value == "stopped_early"
    }
    redriven = ast.parse((ROOT / "functions/automation/redrive_events/app.py").read_text())
    fields |= {
        str(key.value)
        for node in ast.walk(redriven)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    return messages, fields


WATCHED = sorted({*(metric for alarm in ALARMS.values() for metric in metrics_of(alarm)), *metrics_on_the_dashboard()})


@pytest.mark.parametrize(("namespace", "name", "dimensions"), WATCHED)
def test_what_is_watched_is_a_metric_that_the_code_or_aws_documents_to_emit(
    namespace: str, name: str, dimensions: tuple[tuple[str, str], ...]
) -> None:
    if namespace == "Signet":
        assert dimensions == (("service", "signet"),)
        assert emitted()[name] == frozenset()
        return
    assert frozenset(each for each, _ in dimensions) in DOCUMENTED[namespace][name]
    for dimension, value in dimensions:
        if dimension == "GlobalSecondaryIndexName":
            table = of_type("AWS::DynamoDB::Table")[dict(dimensions)["TableName"].strip("<>")]
            assert value in {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
        else:
            assert value.strip("<>").partition(".")[0] in of_type(MADE_OF[dimension])


def test_what_the_code_counts_is_watched() -> None:
    plain = {name for name, dimensions in emitted().items() if not dimensions}

    assert plain == {name for namespace, name, _ in WATCHED if namespace == "Signet"}


def test_a_metric_has_the_namespace_and_the_service_that_alarms_look_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = functions()["CheckExpiryFunction"]["Environment"]["Variables"]
    for name in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"):
        monkeypatch.setenv(name, told[name])
    count("ExpiryChecks", 0)
    line = json.loads(capsys.readouterr().out)

    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert (metric["Namespace"], metric["Dimensions"], line["service"]) == ("Signet", [["service"]], "signet")
    assert line["ExpiryChecks"] == [0.0]


def test_every_alarm_tells_somebody_when_it_rings_and_when_it_is_over() -> None:
    assert [name for name, alarm in ALARMS.items() if alarm["AlarmActions"] != ["<AlarmTopic>"]] == []
    assert [name for name, alarm in ALARMS.items() if alarm["OKActions"] != ["<AlarmTopic>"]] == []


def test_no_data_rings_no_alarm_from_the_first_minute_of_a_deployment_on() -> None:
    assert {alarm["TreatMissingData"] for alarm in ALARMS.values()} == {"notBreaching"}


def test_an_alarm_has_no_more_metrics_than_cloudwatch_takes_and_one_result() -> None:
    for alarm in ALARMS.values():
        assert len(list(metrics_of(alarm))) <= MOST_METRICS_OF_AN_ALARM
        assert [each["ReturnData"] for each in alarm.get("Metrics", [])].count(True) in (0, 1)


def test_an_expression_names_each_of_its_metrics() -> None:
    for alarm in ALARMS.values():
        ids = {each["Id"] for each in alarm.get("Metrics", []) if "MetricStat" in each}
        for expression in (each["Expression"] for each in alarm.get("Metrics", []) if "Expression" in each):
            assert expression == "SUM(METRICS())" or set(re.findall(r"[a-z_]+", expression)) == ids


def test_a_check_that_has_not_run_for_26_hours_is_told_of_and_none_of_the_first_day() -> None:
    (alarm,) = (alarm for alarm in ALARMS.values() if alarm.get("MetricName") == "ExpiryChecks")
    (clock,) = (
        rule["ScheduleExpression"]
        for rule in of_type("AWS::Events::Rule").values()
        if any(target["Arn"] == f"<WatchIssuersFunctionAlias{ALIAS}>" for target in rule["Targets"])
    )

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 26 * 60 * 60
    assert "DatapointsToAlarm" not in alarm
    assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) == ("Sum", 1, "LessThanThreshold")
    # Each hour has data, though no check ran in it: several zeros.
    assert int(re.fullmatch(r"rate\((\d+) minutes\)", clock)[1]) * 60 * 2 <= alarm["Period"]  # type: ignore[index]
    assert 'count("ExpiryChecks", 0)' in (ROOT / "functions/automation/watch_issuers/app.py").read_text()


@pytest.mark.parametrize("function", sorted(set(functions()) - set(routes().values())))
def test_a_function_that_no_caller_waits_for_has_an_alarm_about_its_errors(function: str) -> None:
    assert ("AWS/Lambda", "Errors", (("FunctionName", f"<{function}>"),)) in WATCHED
    assert any(
        ("AWS/Lambda", "Errors", (("FunctionName", f"<{function}>"),)) in metrics_of(alarm) for alarm in ALARMS.values()
    )


@pytest.mark.parametrize("table", sorted(of_type("AWS::DynamoDB::Table")))
@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_a_throttled_table_is_told_of(table: str, metric: str) -> None:
    assert ("AWS/DynamoDB", metric, (("TableName", f"<{table}>"),)) in {
        each for alarm in ALARMS.values() for each in metrics_of(alarm)
    }


def test_the_dashboard_shows_every_alarm() -> None:
    (shown,) = (each["properties"]["alarms"] for each in widgets() if each["type"] == "alarm")

    assert sorted(shown) == sorted(f"<{name}.Arn>" for name in ALARMS)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_saved_query_asks_for_what_is_logged(name: str) -> None:
    query = QUERIES[name]["QueryString"]
    (group,) = QUERIES[name]["LogGroupNames"]
    messages, fields = logged()
    if group == "<ApiLogs>":
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        fields = set(json.loads(stage["AccessLogSettings"]["Format"]))
    else:
        assert group == "<FunctionLogs>"
    named = set(re.findall(r'"([^"]*)"', query)) - {"-"}
    named = {each for each in named if not each.startswith("put the ")}
    words = set(re.findall(r"(?<![\w@])[a-z_]+(?![\w(])", re.sub(r'"[^"]*"|\bas \w+', "", query)))
    keywords = {"fields", "filter", "sort", "stats", "limit", "by", "desc", "asc", "and", "or", "in", "h"}
    made = set(re.findall(r"\bas (\w+)", query))

    assert named <= messages
    assert words - keywords - made <= fields


def test_the_runbook_has_for_every_alarm_what_it_means_what_to_look_at_and_what_to_do() -> None:
    rows = dict(re.findall(r"^\| `(\w+Alarm)` \| (.+) \|$", RUNBOOK, re.MULTILINE))

    assert sorted(rows) == sorted(ALARMS)
    for cells in rows.values():
        assert len([cell for cell in cells.split(" | ") if len(cell) > 20]) == 3


def test_the_runbook_names_the_saved_queries_that_there_are() -> None:
    titles = {query["Name"].partition("/")[2] for query in QUERIES.values()}

    assert set(re.findall(r"(?<!\*)\*([a-z][a-z, ]+)\*(?!\*)", RUNBOOK)) == titles
