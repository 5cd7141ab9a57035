"""What a function makes of a request before its operation sees it."""

import time
from typing import Any

import pytest

from signet.api.reading.fingerprint import fingerprint_of
from signet.api.reading.incoming import caller_of, parsed_body, parsed_query
from signet.api.reading.queries import CertificatesQuery
from signet.domain.errors import InvalidInputError, UnauthenticatedError


def told(seconds: float) -> dict[str, Any]:
    """An event of a caller whose token ends in so many seconds."""
    context = {"user": "corp/alice", "user_groups": "[]", "expires_at": str(time.time() + seconds)}
    return {"requestContext": {"authorizer": {"lambda": context}}}


def test_a_caller_is_nobody_once_the_token_has_ended_though_the_authorizers_answer_is_kept() -> None:
    assert caller_of(told(3600), "r").user == "corp/alice"
    with pytest.raises(UnauthenticatedError):
        caller_of(told(-1), "r")


@pytest.mark.parametrize("event", [{}, {"requestContext": {"authorizer": {"lambda": {"user": "corp/alice"}}}}])
def test_whoever_the_authorizer_did_not_name_is_nobody(event: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        caller_of(event, "r")


def test_where_no_body_is_taken_an_empty_object_is_taken_and_no_field() -> None:
    parsed_body(b"{}", None)
    with pytest.raises(InvalidInputError):
        parsed_body(b'{"dry_run": true}', None)


@pytest.mark.parametrize(("limit", "is_taken"), [("0", False), ("1", True), ("200", True), ("201", False)])
def test_a_page_has_one_to_two_hundred_items(limit: str, is_taken: bool) -> None:
    if is_taken:
        assert parsed_query({"limit": limit}, CertificatesQuery).limit == int(limit)
        return
    with pytest.raises(InvalidInputError):
        parsed_query({"limit": limit}, CertificatesQuery)


def fingerprint(body: bytes, method: str = "POST") -> tuple[str, str]:
    event = {"requestContext": {"http": {"method": method}}, "rawPath": "/v1/certificates/a/sign"}
    return fingerprint_of(event, body)


def test_no_secret_is_part_of_a_fingerprint_and_each_is_told_beside_it() -> None:
    with_one, with_another = fingerprint(b'{"a": 1, "pin": "2468"}'), fingerprint(b'{"pin": "1357", "a": 1}')

    assert with_one[0] == with_another[0] == fingerprint(b'{"a": 1}')[0]
    assert with_one[1] != with_another[1]
    assert fingerprint(b'{"a": 1}')[1] == ""


@pytest.mark.parametrize("other", [fingerprint(b'{"a": 2}'), fingerprint(b'{"a": 1}', "PUT")])
def test_another_request_has_another_fingerprint(other: tuple[str, str]) -> None:
    assert other[0] != fingerprint(b'{"a": 1}')[0]
