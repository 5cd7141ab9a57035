"""What comes as text is UTF-8 to the letter, or it is refused."""

import json
from typing import Any

import pytest

from signet.api.http_function import Request, http_function
from signet.api.reading.requested_action import RequestedAction
from signet.api.reading.text_input import check_path_text, check_query_text, json_octets
from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError, MalformedJsonError, NotFoundError
from signet.ports.idempotency import IdempotencyKey
from signet.ports.session import Session


@pytest.mark.parametrize("text", ["{}", '{"pin": "jürg"}', '{"a": "😀"}', '"\\\\ufffd"', '"\\\\\\\\ufffd"', ""])
def test_what_is_utf_8_stays_as_it_is(text: str) -> None:
    assert json_octets(text.encode()) == text.encode()


def test_a_byte_order_mark_is_passed_over_once() -> None:
    assert json_octets(b"\xef\xbb\xbf{}") == b"{}"
    assert json_octets(b"\xef\xbb\xbf\xef\xbb\xbf{}") == b"\xef\xbb\xbf{}"


@pytest.mark.parametrize(
    "raw",
    [
        '{"pin": "jürg"}'.encode("latin-1"),
        '{"pin": "jürg"}'.encode("utf-16"),
        '{"pin": "jürg"}'.encode("utf-16-le"),
        b'{"a": "\xc0\xaf"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xf4\x90\x80\x80"}',
        b'{"a": "\xc3"}',
        b"\xff\xfe{}",
        '{"pin": "j\ufffdrg"}'.encode(),
        '{"j\ufffdrg": 1}'.encode(),
        b'{"pin": "j\\ufffdrg"}',
        b'{"pin": "j\\uFFFDrg"}',
        b'{"pin": "j\\\\\\ufFfDrg"}',
    ],
)
def test_what_is_not_or_was_not_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="UTF-8"):
        json_octets(raw)


@pytest.mark.parametrize("query", ["", "q=j%C3%BCrg", "q=a+b&limit=5", "q=%F0%9F%98%80", "q=%", "q=%zz"])
def test_a_query_of_utf_8_is_taken(query: str) -> None:
    check_query_text(query)


@pytest.mark.parametrize(
    "query", ["q=j%FCrg", "limit=5&q=%ff", "q=%EF%BF%BD", "q=j\ufffdrg", "q=%C3", "%FC=1", "q=%ED%A0%80"]
)
def test_a_query_of_other_octets_is_refused_at_its_parameter(query: str) -> None:
    with pytest.raises(InvalidInputError, match="must be UTF-8"):
        check_query_text(query)


def test_a_path_that_could_not_be_decoded_names_nothing() -> None:
    check_path_text({"certificate": "jürg"})
    with pytest.raises(NotFoundError):
        check_path_text({"certificate": "j\ufffdrg"})


def test_an_event_of_the_bus_is_held_to_it_too() -> None:
    detail = {"action": "disable", "certificates": ["j\ufffdrg"], "requested_by": "inventory"}

    for escaped in (True, False):
        with pytest.raises(MalformedJsonError):
            RequestedAction.parse(json.dumps({"id": "1", "source": "x", "detail": detail}, ensure_ascii=escaped))


class NoStore:
    """Makes sessions for what neither reads nor writes."""

    def session(self, caller: Principal, idempotency: IdempotencyKey | None = None) -> Session:
        nothing: Any = None
        return Session(caller, records=nothing, clock=nothing, idempotency=idempotency)


@http_function("POST /v1/certificates/{certificate}/enable", answers={201: None})
def function(request: Request[None, None]) -> None:
    """Answer, once."""
    request.session(NoStore())


@pytest.mark.parametrize(("key", "status"), [("j\u00fcrg", 201), ("j\ufffdrg", 422)])
def test_an_idempotency_key_with_a_letter_replaced_is_nobody_elses(key: str, status: int) -> None:
    told = {"user": "local/alice", "expires_at": "99999999999"}
    event = {
        "headers": {"Idempotency-Key": key},
        "requestContext": {"authorizer": {"lambda": told}, "http": {"method": "POST"}, "requestId": "r"},
    }

    assert function(event, None)["statusCode"] == status
