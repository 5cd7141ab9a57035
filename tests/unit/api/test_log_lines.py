"""A log line is one JSON object with the request, whatever a caller sends; nobody breaks a line or makes one."""

import io
import json
import threading
from contextvars import copy_context
from typing import Any

import pytest

from functions.calendar.authorize_calendar_link import app as calendar_authorizer
from signet.api.answering.identity import identity_answer
from signet.api.http_function import Request, http_function
from signet.domain.errors import InvalidTokenError
from signet.observability import logger, logs_its_run

FORGED = json.dumps({"level": "INFO", "message": "answered", "user": "corp/root", "request_id": "forged"})
HOSTILE = {
    "quote": 'sign" 1.0", "user": "corp/root',
    "line feed": f"sign\n{FORGED}\n",
    "carriage return": f"sign\r\n{FORGED}\r\n",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85",
    "line separators": f"sign\u2028{FORGED}\u2029",
    "backslashes": 'sign\\" \\n \\u000a \\',
    "braces": "%s {message} %(message)s $context.requestId ${jndi:x}",
    "lone surrogate": "sign \ud800 \udfff",
    "another writing direction": "sign \u202e\u2066",
    "10 KB": 'x"\n' * 3413,
}
NAMES = {"request_id", "user", "certificate", "milliseconds", "route", "user_agent"}


@http_function("GET /v1/certificates/{certificate}", answers={200: None})
def function(_request: Request[None, None]) -> None:
    """Log a line of its own, then break."""
    logger.warning("under way")
    raise ValueError("odd")


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    """The lines, as a reader of the log splits them."""
    return [json.loads(line) for line in lines.getvalue().encode("utf-8", "surrogatepass").split(b"\n") if line]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    return log


def event(text: str, **headers: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "requestId": "r-1",
            "http": {"userAgent": text, "sourceIp": "203.0.113.7"},
            "authorizer": {"lambda": {"user": "corp/eve", "user_groups": "[]", "expires_at": "99999999999"}},
        },
        "headers": {"user-agent": text, "accept": text, **headers},
        "pathParameters": {"certificate": "release"},
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_line_of_a_request_has_the_request_and_no_header_breaks_or_makes_one(
    text: str, lines: io.StringIO
) -> None:
    assert function(event(text), None)["statusCode"] == 500

    found = told(lines)
    assert [line["message"] for line in found] == ["under way", "broken", "answered"]
    for line in found:
        assert set(line) >= NAMES
        assert (line["request_id"], line["user"], line["certificate"]) == ("r-1", "corp/eve", "release")
        assert line["milliseconds"] >= 0
        assert len(line["user_agent"]) <= 512
    assert not any("\r" in line or "\u2028" in line for line in lines.getvalue().splitlines(keepends=False))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_certificate_that_is_named_like_a_log_line_is_a_value_in_one(text: str, lines: io.StringIO) -> None:
    asked = event("tests")
    asked["pathParameters"]["certificate"] = text
    function(asked, None)

    assert told(lines)[-1]["message"] == "answered"
    assert {line["request_id"] for line in told(lines)} == {"r-1"}


def test_a_token_or_pin_in_the_user_agent_is_not_logged(lines: io.StringIO) -> None:
    token = f"eyJhbGciOiJub25lIn0.{'Az09' * 20}.{'q' * 30}"
    function(event(f"sign {token}", authorization=f"Bearer {token}"), None)

    assert told(lines)[-1]["user_agent"] == "sign ***"
    assert "Az09" not in lines.getvalue()


def test_the_lines_of_one_request_end_with_it(lines: io.StringIO) -> None:
    function(event("tests"), None)
    logger.info("afterwards")

    assert "request_id" not in told(lines)[-1]


def test_an_authorizer_tells_the_request_and_the_milliseconds(lines: io.StringIO) -> None:
    def judge(_: str | None) -> Any:
        raise InvalidTokenError("The token has expired.")

    identity_answer({"requestContext": {"requestId": "r-2"}}, lambda _: None, judge)

    (line,) = told(lines)
    assert (line["message"], line["request_id"]) == ("not authenticated", "r-2")
    assert "milliseconds" in line


def test_the_authorizer_of_calendars_counts_what_it_could_not_judge(
    lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = calendar_authorizer.lambda_handler({"requestContext": {"requestId": "r-3"}}, None)

    assert "unjudged" in answer["context"]
    assert told(lines)[-1]["request_id"] == "r-3"
    assert "TokensUnjudged" in capsys.readouterr().out


def test_a_run_without_a_caller_is_told_by_the_id_of_lambda_also_in_its_threads(lines: io.StringIO) -> None:
    class Context:
        aws_request_id = "run-1"

    @logs_its_run
    def handler(_event: Any, _context: Any) -> None:
        thread = threading.Thread(target=copy_context().run, args=[logger.info, "in a thread"])
        thread.start()
        thread.join()
        logger.info("done", request_id="of its own")

    handler({}, Context())

    assert [line["request_id"] for line in told(lines)] == ["run-1", "of its own"]
