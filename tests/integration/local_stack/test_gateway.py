"""The gateway does what API Gateway's HTTP API does, on a small stack with a function for each thing to get right."""

import base64
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.stack import Stack, start
from tests.support.services.over_http import Client, Response

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"


@pytest.fixture(scope="module")
def printed() -> list[str]:
    return []


@pytest.fixture(scope="module")
def stack(printed: list[str]) -> Iterator[Stack]:
    with start(template=TEMPLATE, log=printed.append) as running:
        yield running


def call(stack: Stack, method: str, path: str, body: bytes | None = None, **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(stack.url, None).send(method, path, body, sent)


def talk(stack: Stack, sent: bytes) -> bytes:
    """Send bytes as they are, and give all that comes back."""
    host, port = stack.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=300) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def event_of(response: Response) -> dict[str, Any]:
    assert response.status == 200, response
    event: dict[str, Any] = response.json["event"]
    return event


def test_a_function_gets_the_event_of_payload_format_2(stack: Stack) -> None:
    query = "limit=5&group=a&group=b&q=%C3%A4+b&empty="
    event = event_of(call(stack, "GET", f"/things/caf%C3%A9%20%2B1?{query}", User_Agent="tester", Cookie="a=1; b=2"))

    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /things/{thing}"
    assert event["rawPath"] == "/things/café +1"
    assert event["rawQueryString"] == query
    assert event["pathParameters"] == {"thing": "café +1"}
    assert event["queryStringParameters"] == {"limit": "5", "group": "a,b", "q": "ä b", "empty": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["user-agent"] == "tester"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["isBase64Encoded"] is False
    assert "body" not in event
    context = event["requestContext"]
    assert context["http"] == {
        "method": "GET",
        "path": "/things/café +1",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "tester",
    }
    assert context["stage"] == "$default"
    assert context["routeKey"] == "GET /things/{thing}"
    assert context["accountId"] == "123456789012"
    assert abs(context["timeEpoch"] / 1000 - time.time()) < 10
    assert {"apiId", "domainName", "domainPrefix", "requestId", "time"} <= set(context)
    assert "authorizer" not in context


def test_repeated_headers_are_joined_with_commas_and_all_names_are_lower_case(stack: Stack) -> None:
    answer = talk(
        stack,
        b"GET /open HTTP/1.1\r\nHost: x\r\nX-Many: one\r\nx-many:two\r\nX-MANY:  three \r\nConnection: close\r\n\r\n",
    )

    headers = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]["headers"]
    assert headers["x-many"] == "one,two,three"
    assert all(name == name.lower() for name in headers)
    assert "connection" not in headers


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/csv", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/problem+json", False),
        ("application/octet-stream", False),
        ("application/x-www-form-urlencoded", False),
        (None, False),
    ],
)
def test_a_body_comes_as_text_only_for_the_types_that_api_gateway_takes_for_text(
    stack: Stack, content_type: str | None, is_text: bool
) -> None:
    headers = {"Content_Type": content_type} if content_type else {}
    event = event_of(call(stack, "POST", "/open", '{"ü": 1}'.encode(), **headers))

    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == ('{"ü": 1}' if is_text else base64.b64encode('{"ü": 1}'.encode()).decode())


def test_a_literal_segment_wins_over_a_parameter(stack: Stack) -> None:
    assert event_of(call(stack, "GET", "/things/special"))["routeKey"] == "GET /things/special"
    assert event_of(call(stack, "GET", "/things/other"))["routeKey"] == "GET /things/{thing}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/things/special"),
        ("HEAD", "/things/special"),
        ("OPTIONS", "/things/special"),
        ("GET", "/things/"),
        ("GET", "/things"),
        ("GET", "/things/special/"),
        ("GET", "/things/a%2Fb"),
        ("GET", "/THINGS/special"),
        ("GET", "//things/special"),
        ("BREW", "/things/special"),
    ],
)
def test_what_has_no_route_is_404_in_api_gateways_words(stack: Stack, method: str, path: str) -> None:
    response = call(stack, method, path)

    assert response.status == 404
    assert method == "HEAD" or response.json == {"message": "Not Found"}


def test_a_path_is_decoded_once_and_ends_at_a_decoded_question_mark(stack: Stack) -> None:
    assert event_of(call(stack, "GET", "/things/a%2541"))["pathParameters"] == {"thing": "a%41"}
    event = event_of(call(stack, "GET", "/things/what%3Fever?a=1"))
    assert event["pathParameters"] == {"thing": "what"}
    assert event["rawPath"] == "/things/what"


@pytest.mark.parametrize("path", ["/things/%", "/things/%zz", "/things/%ff"])
def test_a_path_that_cannot_be_decoded_is_400(stack: Stack, path: str) -> None:
    assert call(stack, "GET", path).status == 400


def test_any_is_any_method(stack: Stack) -> None:
    assert event_of(call(stack, "DELETE", "/open"))["routeKey"] == "ANY /open"


def test_a_request_without_the_identity_source_is_401_and_the_authorizer_is_not_asked(stack: Stack) -> None:
    for response in (call(stack, "GET", "/closed/a/part"), call(stack, "GET", "/closed/a/part", Authorization="")):
        assert response.status == 401
        assert response.json == {"message": "Unauthorized"}


def test_the_authorizer_is_asked_with_its_own_event_and_its_context_reaches_the_function(stack: Stack) -> None:
    event = event_of(call(stack, "GET", "/closed/x%20y/part?a=1", Authorization="Bearer alice"))

    handed_on = event["requestContext"]["authorizer"]["lambda"]
    assert handed_on["user"] == "alice"
    asked = json.loads(handed_on["event"])
    assert asked["version"] == "2.0"
    assert asked["type"] == "REQUEST"
    assert asked["routeArn"].endswith(":local/$default/GET/closed/x y/part")
    assert asked["identitySource"] == ["Bearer alice"]
    assert asked["routeKey"] == "GET /closed/{thing}/part"
    assert asked["rawPath"] == "/closed/x y/part"
    assert asked["queryStringParameters"] == {"a": "1"}
    assert asked["pathParameters"] == {"thing": "x y"}
    assert asked["headers"]["authorization"] == "Bearer alice"
    assert asked["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


def test_an_authorizers_answer_is_kept_for_its_identity_source_alone(stack: Stack) -> None:
    def calls(who: str) -> str:
        event = event_of(call(stack, "GET", "/closed/a/part", Authorization=f"Bearer {who}"))
        count: str = event["requestContext"]["authorizer"]["lambda"]["calls"]
        return count

    assert calls("bob") == calls("bob")
    assert calls("carol") != calls("bob")
    before = calls("bob")
    stack.gateway.forget_authorizations()
    assert calls("bob") != before


def test_an_empty_context_is_null(stack: Stack) -> None:
    event = event_of(call(stack, "GET", "/closed/a/part", Authorization="Bearer nobody"))

    assert event["requestContext"]["authorizer"] == {"lambda": None}


def test_an_authorizer_that_refuses_is_403_and_one_that_raises_is_500(stack: Stack) -> None:
    refused = call(stack, "GET", "/closed/a/part", Authorization="Bearer refused")
    assert (refused.status, refused.json) == (403, {"message": "Forbidden"})
    failed = call(stack, "GET", "/closed/a/part", Authorization="Bearer fault")
    assert (failed.status, failed.json) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(
    ("how", "status", "body"),
    [
        ("raise", 500, b'{"message": "Internal Server Error"}'),
        ("hang", 503, b'{"message": "Service Unavailable"}'),
        ("die", 500, b'{"message": "Internal Server Error"}'),
        ("unserialisable", 500, b'{"message": "Internal Server Error"}'),
        ("object-body", 500, b'{"message": "Internal Server Error"}'),
        ("bad-status", 500, b'{"message": "Internal Server Error"}'),
        ("bad-base64", 500, b'{"message": "Internal Server Error"}'),
        ("huge", 500, b'{"message": "Internal Server Error"}'),
        ("binary", 200, bytes(range(256))),
        ("text", 200, b"just text"),
        ("object", 200, '{"a": [1, "ü"]}'.encode()),
        ("no-type", 200, b"plain"),
        ("nothing", 200, b"null"),
    ],
)
def test_an_answer_is_read_as_payload_format_2_says(stack: Stack, how: str, status: int, body: bytes) -> None:
    response = call(stack, "POST", f"/misbehave/{how}")

    assert response.status == status
    assert response.body == body
    inferred = "text/plain;charset=utf-8" if how == "no-type" else "application/json"
    assert response.headers["content-type"] == ("application/octet-stream" if how == "binary" else inferred)
    assert response.headers["apigw-requestid"]


def test_cookies_and_odd_headers_come_out_as_headers(stack: Stack) -> None:
    answer = talk(stack, b"POST /misbehave/cookies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode()

    assert answer.startswith("HTTP/1.1 204 ")
    assert "\r\nSet-Cookie: a=1; Secure\r\nSet-Cookie: b=2\r\n" in answer
    assert "\r\nX-Number: 5\r\nX-Flag: true\r\n" in answer
    assert "Content-Length" not in answer


def test_a_line_break_in_a_header_begins_no_other_header(stack: Stack) -> None:
    headers = call(stack, "POST", "/misbehave/split").headers

    assert headers["x-a"] == "1  x-b: 2"
    assert "x-b" not in headers


def test_request_line_and_header_values_may_have_10240_bytes_together(stack: Stack) -> None:
    def status(padding: int) -> int:
        head = b"GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + b"x" * padding
        return int(talk(stack, head + b"\r\n\r\n").split(b" ")[1])

    fits = 10_240 - len("GET /open HTTP/1.1") - len("x") - len("close")
    assert status(fits) == 200
    assert status(fits + 1) == 431
    assert status(100_000) == 431


def test_a_body_of_more_than_10_megabytes_is_413_and_more_than_a_function_takes_as_well(stack: Stack) -> None:
    assert call(stack, "POST", "/open", b"x" * 4_000_000).status == 200
    for size in (5_000_000, 7_000_000, 10 * 1024 * 1024 + 1):  # base64 makes 5 MB more than a function's 6 MB
        response = call(stack, "POST", "/open", b"x" * size)
        assert response.status == 413
        assert response.json == {"message": "Request Entity Too Large"}


def test_a_body_in_chunks_is_put_together(stack: Stack) -> None:
    head = b"POST /open HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    answer = talk(stack, head + b"3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")

    event = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]
    assert event["body"] == "abcde"
    assert event["headers"]["content-length"] == "5"
    assert "transfer-encoding" not in event["headers"]


def test_a_client_that_waits_for_100_continue_gets_it(stack: Stack) -> None:
    host, port = stack.url.removeprefix("http://").split(":")
    head = b"POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=300) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_connection_serves_many_requests_and_pipelined_ones(stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    for _ in range(3):
        connection.request("GET", "/open")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    connection.close()
    request = b"GET /open HTTP/1.1\r\nHost: x\r\n\r\n"
    assert talk(stack, request * 3).count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /open\r\n\r\n",
        b"GET /open HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET open HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /open HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /open HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_a_malformed_request_is_400_and_harms_nobody(stack: Stack, sent: bytes) -> None:
    answer = talk(stack, sent)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert call(stack, "GET", "/open").status == 200


def test_a_folded_header_is_one_value(stack: Stack) -> None:
    # RFC 9112, 5.2: whoever does not refuse it reads the fold as a space.
    answer = talk(stack, b"GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Folded: 1\r\n  2: 3\r\n\r\n")

    assert json.loads(answer.partition(b"\r\n\r\n")[2])["event"]["headers"]["x-folded"] == "1 2: 3"


def test_a_client_that_leaves_early_harms_nobody(stack: Stack) -> None:
    host, port = stack.url.removeprefix("http://").split(":")
    for sent in (b"", b"GET /op", b"GET /open HTTP/1.1\r\nX-Wait: 0.2\r\n\r\n"):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(sent)
    assert call(stack, "GET", "/open").status == 200


def test_requests_at_once_are_served_at_once(stack: Stack) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: call(stack, "GET", "/open", X_Wait="2"), range(8)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["process"] for answer in answers}) == 8


def test_64_requests_at_once_are_all_answered_each_with_its_own(stack: Stack) -> None:
    barrier = threading.Barrier(64)

    def ask(number: int) -> bool:
        barrier.wait()
        event = event_of(call(stack, "GET", f"/things/{number}", X_Wait="0.02"))
        return bool(event["pathParameters"] == {"thing": str(number)})

    with ThreadPoolExecutor(64) as threads:
        assert all(threads.map(ask, range(64)))


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
    for name in ("Echo", "signet-Echo", "arn:aws:lambda:us-east-1:123456789012:function:signet-Echo"):
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


def test_one_request_takes_milliseconds(stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    taken = []
    for _ in range(50):
        begun = time.perf_counter()
        connection.request("GET", "/open")
        connection.getresponse().read()
        taken.append(time.perf_counter() - begun)
    connection.close()

    assert min(taken) < 0.05  # about 1 ms; the quickest of fifty, since others run here, too
