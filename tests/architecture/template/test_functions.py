"""What a function costs and how long it may take is decided, and all share one runtime and one environment."""

import json
import re

import pytest

from local.aws.template import Template
from tests.architecture.source_tree import PARAMETERS, ROOT, functions, of_type, routes, written

# API Gateway gives up after 30 s (quotas of HTTP APIs), so a function behind it ends before.
LONGEST_ANSWER = 29


def test_memory_and_time_have_a_default_and_whatever_is_set_says_why() -> None:
    text = (ROOT / "template.yaml").read_text()
    default, resources = text.split("\nResources:\n")
    settings = re.findall(r"^ +(?:MemorySize|Timeout): .*", text, re.MULTILINE)

    assert re.search(r"^    MemorySize: ", default, re.MULTILINE)
    assert re.search(r"^    Timeout: ", default, re.MULTILINE)
    assert re.search(r"^      MemorySize: ", resources, re.MULTILINE)
    assert [line for line in settings if not re.fullmatch(r" +\w+: \d+ # \w+.*", line)] == []


def test_a_function_sets_nothing_that_is_the_default_anyway() -> None:
    defaults = written()["Globals"]["Function"]

    assert [
        f"{name}: {key}"
        for name, part in written()["Resources"].items()
        if part["Type"] == "AWS::Serverless::Function"
        for key, value in part["Properties"].items()
        if defaults.get(key) == value
    ] == []


@pytest.mark.parametrize("function", sorted(set(routes().values())))
def test_a_function_behind_the_interface_ends_before_api_gateway_gives_up(function: str) -> None:
    assert functions()[function]["Timeout"] <= LONGEST_ANSWER


def test_all_functions_have_the_same_environment_but_the_one_that_writes_mails() -> None:
    environments = {name: dict(function["Environment"]["Variables"]) for name, function in functions().items()}
    mails = environments.pop("NotifyPeopleFunction")
    (shared, *others) = environments.values()

    assert all(environment == shared for environment in others)
    assert {name: value for name, value in mails.items() if name not in {"DEPLOYMENT", "ADDRESS"}} == shared


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_function_runs_on_the_deployed_python_and_processor_with_both_layers(function: str) -> None:
    properties = functions()[function]

    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Handler"] == "app.lambda_handler"
    assert [layer[1 : layer.index("Layer")] for layer in properties["Layers"]] == ["ThirdParty", "Signet"]
    assert "ReservedConcurrentExecutions" not in properties  # a new account has ten in all


def test_all_functions_write_to_one_log_group() -> None:
    assert {function["LoggingConfig"]["LogGroup"] for function in functions().values()} == {"<FunctionLogs>"}
    assert {function["LoggingConfig"]["LogFormat"] for function in functions().values()} == {"JSON"}
    assert {function["LoggingConfig"]["SystemLogLevel"] for function in functions().values()} == {"WARN"}


def test_logs_are_kept_for_as_long_as_the_parameter_says() -> None:
    groups = of_type("AWS::Logs::LogGroup")

    assert set(groups) == {"FunctionLogs", "ApiLogs"}
    assert {str(group["RetentionInDays"]) for group in groups.values()} == {"90"}


# Written by AWS alone. API Gateway escapes nothing: a quotation mark in what callers send would end a value.
MADE_BY_AWS = {
    "requestId",
    "requestTime",
    "identity.sourceIp",
    "routeKey",
    "status",
    "responseLength",
    "responseLatency",
    "integrationErrorMessage",
}


def test_the_access_log_is_json_and_has_nothing_that_a_caller_writes() -> None:
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    written_values = json.loads(stage["AccessLogSettings"]["Format"]).values()

    assert {value.removeprefix("$context.") for value in written_values} == MADE_BY_AWS


def test_tracing_and_metrics_of_each_route_are_off_until_asked_for() -> None:
    parameters = written()["Parameters"]
    plain = Template.load(ROOT / "template.yaml", {**PARAMETERS, "Tracing": "off"})

    assert (parameters["Tracing"]["Default"], parameters["DetailedMetrics"]["Default"]) == ("off", "false")
    assert {function["TracingConfig"]["Mode"] for function in functions().values()} == {"Active"}
    assert "LeaveTraces" not in str(plain.resolve(plain.of_type("AWS::IAM::ManagedPolicy"), lambda name, _: name))
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    routes_set = [stage["DefaultRouteSettings"], *stage["RouteSettings"].values()]
    assert {str(each["DetailedMetricsEnabled"]) for each in routes_set} == {"false"}
