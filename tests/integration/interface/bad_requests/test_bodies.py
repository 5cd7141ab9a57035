"""A body that is no JSON, no object, too large, or has a field that nobody asked for."""

import json

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.operations import OPERATIONS, SIGN, WITH_BODY, WITHOUT_BODY, Operation, filled, named
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

NOT_JSON = {
    "nothing": b"",
    "a form": b"content=AAAA&alias=x",
    "XML": b"<?xml version='1.0'?><certificate/>",
    "half of an object": b'{"content": "AAAA"',
    "an object and more": b'{} {"a": 1}',
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "NaN": b'{"dry_run": NaN}',
    "UTF-16": '{"alias": "x"}'.encode("utf-16"),
    "a lone surrogate": b'{"alias": "\\ud800"}',
    "a hundred thousand arrays": b"[" * 100_000,
    "a hundred thousand objects": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "a hundred thousand arrays in a field": b'{"groups": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
NOT_OBJECTS = [b"null", b"[]", b"[{}]", b'"text"', b"17", b"true", b"1e999", b"1" * 5000]


@pytest.mark.one_in(23)
@pytest.mark.parametrize("case", NOT_JSON)
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_body_that_is_not_json_is_refused(operation: Operation, case: str, signet: Service, admin: Client) -> None:
    method, path = operation

    response = admin.call(method, filled(path), NOT_JSON[case], headers={"Idempotency-Key": unused_name()})

    if case == "nothing" and not OPERATIONS[operation]["requestBody"]["required"]:
        assert response.code in {"not_found", "invalid_input"}, response
    else:
        assert_refused(response, 400, "malformed_json")


@pytest.mark.one_in(19)
@pytest.mark.parametrize("body", NOT_OBJECTS, ids=lambda body: body[:10].decode())
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_json_that_is_no_object_is_refused(operation: Operation, body: bytes, admin: Client) -> None:
    method, path = operation

    response = admin.call(method, filled(path), body)

    assert response.status in {400, 422}, response
    assert_refused(response, response.status, "malformed_json" if response.status == 400 else "invalid_input")


@pytest.mark.one_in(5)
@pytest.mark.parametrize("operation", [*WITH_BODY, *WITHOUT_BODY], ids=named)
def test_an_unknown_field_is_refused_and_not_passed_over(operation: Operation, signet: Service, admin: Client) -> None:
    method, path = operation

    with signet.nothing_stored():
        response = admin.call(method, filled(path), {"surprise": 1})
        many = admin.call(method, filled(path), {f"surprise {n}": n for n in range(5000)})
        odd = admin.call(method, filled(path), {"\n`\"'<script>" * 30: 1})

    assert_refused(response, 422, "invalid_input", "surprise")
    assert_refused(many, 422, "invalid_input")
    assert_refused(odd, 422, "invalid_input")
    assert len(odd.body) < 1000


@pytest.mark.one_in(5)
@pytest.mark.parametrize("operation", [*WITH_BODY, *WITHOUT_BODY], ids=named)
def test_a_huge_body_is_refused(operation: Operation, admin: Client) -> None:
    method, path = operation
    huge = b'{"surprise": "' + b"x" * (6 * 1024 * 1024 - 9000) + b'"}'

    response = admin.call(method, filled(path), huge)

    assert (response.status, response.code) in {(413, "too_large"), (422, "invalid_input")}, response


@pytest.mark.parametrize("operation", [key for key in WITHOUT_BODY if "{" in key[1]], ids=named)
def test_an_operation_without_a_body_takes_none_or_an_empty_object(operation: Operation, admin: Client) -> None:
    method, path = operation

    def send(body: bytes) -> Response:
        return admin.call(method, filled(path), body)

    assert send(b"").status == send(b"{}").status == send(b" {} ").status == 404
    assert_refused(send(b"x"), 400, "malformed_json")
    assert_refused(send(b"[]"), 422, "invalid_input", "")


def test_a_body_that_is_not_utf_8_is_refused(admin: Client) -> None:
    raw = {"Content-Type": "application/octet-stream"}  # else API Gateway makes text of it, whatever it is

    assert_refused(admin.call("POST", "/certificates", b'{"alias": "\xff\xfe"}', headers=raw), 400, "malformed_json")


def test_a_body_with_a_get_means_nothing(admin: Client) -> None:
    assert admin.call("GET", "/me", b"not JSON at all").status == 200


def test_the_content_type_does_not_matter(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    body = json.dumps(SIGN).encode()

    for kind in ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded", "x", "", "a" * 300):
        assert alice.call("POST", at(made["id"], "sign"), body, headers={"Content-Type": kind}).status == 200
