"""The gateway hands a request to a function as API Gateway's HTTP API does: event, route, authorizer."""

import base64
import json
import time

import pytest

from local.stack import Stack
from tests.integration.local_stack.gateway.calling import call, event_of, talk


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
