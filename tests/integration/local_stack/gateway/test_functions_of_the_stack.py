"""Functions run in an environment of their own, and Lambda's Invoke API reaches them."""

import base64
import http.client
import json
import time
from typing import Any

import pytest

from local.stack import Stack
from tests.integration.local_stack.gateway.calling import call


def test_a_function_runs_in_the_environment_of_the_template_and_in_no_other(stack: Stack) -> None:
    surroundings = call(stack, "GET", "/open").json

    environment = surroundings["environment"]
    assert surroundings["greeting"] == "<hello us-east-1>"
    assert environment["TABLE"] == "signet-Table"
    assert environment["AWS_ENDPOINT_URL"] == stack.aws_url
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "signet-Echo"
    assert environment["TZ"] == ":UTC"
    assert "HOME" not in environment
    assert json.loads(environment["TRUSTED_ISSUERS"])[0]["alias"] == "local"
    context = surroundings["context"]
    assert context["function"] == "signet-Echo"
    assert context["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:signet-Echo"
    assert context["memory"] == "128"
    assert 4000 < context["milliseconds"] <= 5000


def test_what_a_function_prints_is_heard(stack: Stack, printed: list[str]) -> None:
    request_id = call(stack, "GET", "/open").json["context"]["request"]

    assert any(f"echo was here {request_id}" in text for text in printed)


def test_a_worker_that_died_or_hung_is_replaced(stack: Stack) -> None:
    for _ in range(10):
        assert call(stack, "POST", "/misbehave/die").status == 500
    assert call(stack, "POST", "/misbehave/hang").status == 503
    assert call(stack, "GET", "/open").status == 200


def test_lambdas_invoke_api_answers_boto3(stack: Stack) -> None:
    client = stack.lambda_client()

    listed = {function["FunctionName"] for function in client.list_functions()["Functions"]}
    assert {"signet-Echo", "signet-Ask"} <= listed
    arn = "arn:aws:lambda:us-east-1:123456789012:function:signet-Echo"
    for name in ("Echo", "signet-Echo", arn, "signet-Echo:current", f"{arn}:current"):
        answer = client.invoke(FunctionName=name, Payload=json.dumps({"a": 1}), LogType="Tail")
        assert answer["StatusCode"] == 200
        assert answer["ExecutedVersion"] == "$LATEST"
        assert "FunctionError" not in answer
        assert json.loads(json.loads(answer["Payload"].read())["body"])["event"] == {"a": 1}
        assert b"echo was here" in base64.b64decode(answer["LogResult"])


def test_an_invocation_that_fails_says_how(stack: Stack) -> None:
    client = stack.lambda_client()

    def fail(how: str) -> dict[str, Any]:
        event = json.dumps({"pathParameters": {"how": how}})
        answer = client.invoke(FunctionName="Misbehave", Payload=event)
        assert answer["FunctionError"] == "Unhandled"
        error: dict[str, Any] = json.loads(answer["Payload"].read())
        return error

    raised = fail("raise")
    assert (raised["errorType"], raised["errorMessage"]) == ("ValueError", "no")
    assert "app.py" in raised["stackTrace"][-1]
    assert "timed out after 1.00 seconds" in fail("hang")["errorMessage"]
    assert fail("die")["errorType"] == "Runtime.ExitError"
    assert fail("unserialisable")["errorType"] == "Runtime.MarshalError"


def test_a_function_that_cannot_be_imported_breaks_no_other(stack: Stack, printed: list[str]) -> None:
    answer = stack.lambda_client().invoke(FunctionName="Broken")

    assert answer["FunctionError"] == "Unhandled"
    assert "Unable to import module" in json.loads(answer["Payload"].read())["errorMessage"]
    assert any("Broken cannot be imported" in text for text in printed)


def test_the_invoke_api_refuses_as_lambda_does(stack: Stack) -> None:
    client = stack.lambda_client()

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="Nobody")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="signet-Echo:former")
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName="Echo", Payload=b"{")
    with pytest.raises(client.exceptions.RequestTooLargeException):
        client.invoke(FunctionName="Echo", Payload=json.dumps("x" * 6_300_000))
    assert client.invoke(FunctionName="Echo", InvocationType="DryRun")["StatusCode"] == 204


def test_an_invocation_for_later_is_retried_and_its_failure_sent_on(stack: Stack) -> None:
    answer = stack.lambda_client().invoke(
        FunctionName="Misbehave", InvocationType="Event", Payload=json.dumps({"pathParameters": {"how": "raise"}})
    )

    assert answer["StatusCode"] == 202
    sqs = stack.client("sqs")
    received = sqs.receive_message(QueueUrl=stack.resources.attribute("Failed"), WaitTimeSeconds=10)["Messages"]
    record = json.loads(received[0]["Body"])
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"] == {"pathParameters": {"how": "raise"}}
    assert record["responsePayload"]["errorMessage"] == "no"
    sqs.delete_message(QueueUrl=stack.resources.attribute("Failed"), ReceiptHandle=received[0]["ReceiptHandle"])


def test_fifty_requests_over_one_connection(stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    taken = []
    for _ in range(50):
        begun = time.perf_counter()
        connection.request("GET", "/open")
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        taken.append(time.perf_counter() - begun)
    connection.close()

    # About 1 ms. It is told and not asserted, since others run here, too.
    print(f"\nthe quickest of {len(taken)} requests: {min(taken) * 1000:.1f} ms")
