"""Tokens for nothing and the Invoke API are for programs of this machine, and for no web page but their own."""

import pytest

from local.api_gateway.exchanges import Exchange
from local.api_gateway.http_server import Answer, Request
from local.api_gateway.own_routes import refused

TARGETS = ("/local/tokens", "/local/issuer/jwks", "/local?x", "/2015-03-31/functions/", "/2015-03-31/functions/F")


def request(target: str, *headers: tuple[str, str]) -> Request:
    return Request("POST", target, "HTTP/1.1", list(headers), b"", "127.0.0.1")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000", "127.0.0.1", "[::1]:3000", "LOCALHOST:3000"])
def test_a_loopback_host_is_answered(target: str, host: str) -> None:
    assert refused(request(target, ("Host", host))) is None
    assert refused(request(target, ("host", host), ("Origin", f"http://{host}"))) is None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example:3000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:3000",
        "evil.example@127.0.0.1",
        "127.0.0.1:3000@evil.example",
        "127.0.0.1:port",
        "0.0.0.0:3000",
        "10.0.0.1:3000",
        "[::]:3000",
        "[::1",
        "127.0.0.1/",
        "",
    ],
)
def test_any_other_host_is_refused(target: str, host: str) -> None:
    answer = refused(request(target, ("Host", host)))

    assert answer
    assert answer.status == 403
    assert b"Host" in answer.body


@pytest.mark.parametrize("headers", [[], [("Host", "127.0.0.1:3000"), ("Host", "evil.example")]])
def test_no_host_and_two_hosts_are_refused(headers: list[tuple[str, str]]) -> None:
    answer = refused(request("/local/tokens", *headers))

    assert answer
    assert answer.status == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "https://127.0.0.1:3000", "http://127.0.0.1:8080", "http://localhost:3000"],
)
def test_another_origin_is_refused(origin: str) -> None:
    answer = refused(request("/local/tokens", ("Host", "127.0.0.1:3000"), ("Origin", origin)))

    assert answer
    assert answer.status == 403


@pytest.mark.parametrize("target", ["/v1/health", "/localhost", "/v1/local/tokens", "/"])
def test_the_api_itself_is_as_deployed_for_whoever_asks(target: str) -> None:
    assert refused(request(target, ("Host", "evil.example"), ("Origin", "http://evil.example"))) is None


def test_what_the_terminal_shows_of_a_request_is_one_line_without_its_query() -> None:
    asked = request("/v1/calendar?token=secret", ("Authorization", "Bearer secret"))
    line = str(Exchange(asked, Answer(200, [], b"secret", user="local/alice"), 0.0124))

    assert line.split(" ", 1)[1] == "POST /v1/calendar 200 12 ms local/alice"
    assert len(line.split(" ", 1)[0]) == len("12:00:00")


def test_what_the_terminal_shows_cannot_steer_it() -> None:
    line = str(Exchange(request("/\x1b[2J\x9b" + "a" * 5000), Answer(404, [], user="a\nb"), 0))

    assert line.isprintable()
    assert len(line) < 200
