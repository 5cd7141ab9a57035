"""The gateway makes answers of what functions return, and reads HTTP as strictly as API Gateway does."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stack import Stack
from tests.integration.local_stack.gateway.calling import call, event_of, talk


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
