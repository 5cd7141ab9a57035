"""Text that is not UTF-8: in bodies, queries and paths."""

import json

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.operations import SIGN, WITH_BODY, Operation, filled, named
from tests.support.services.over_http import Client, assert_refused, at

AS_TEXT = {"Content-Type": "application/json"}
AS_BASE64 = {"Content-Type": "application/octet-stream"}
NOT_UTF_8 = {
    "Latin-1": '{"alias": "jürg"}'.encode("latin-1"),
    "UTF-16": '{"alias": "jürg"}'.encode("utf-16"),
    "what another program made of it": '{"alias": "j\ufffdrg"}'.encode(),
    "the same, escaped": b'{"alias": "j\\ufffdrg"}',
    "half a surrogate pair": b'{"alias": "j\\ud800rg"}',
    "half a surrogate pair in octets": b'{"alias": "j\xed\xa0\x80rg"}',
}


@pytest.mark.one_in(23)
@pytest.mark.parametrize("headers", [AS_TEXT, AS_BASE64], ids=["as text", "as base64"])
@pytest.mark.parametrize("case", NOT_UTF_8)
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_no_body_with_a_letter_replaced_is_read(
    operation: Operation, case: str, headers: dict[str, str], admin: Client
) -> None:
    method, path = operation

    assert_refused(admin.call(method, filled(path), NOT_UTF_8[case], headers=headers), 400, "malformed_json")


@pytest.mark.parametrize("headers", [AS_TEXT, AS_BASE64], ids=["as text", "as base64"])
def test_a_byte_order_mark_is_passed_over(headers: dict[str, str], admin: Client) -> None:
    made = admin.import_certificate()
    alias = unused_name("jürg")
    body = b"\xef\xbb\xbf" + json.dumps({"alias": alias}, ensure_ascii=False).encode()

    changed = admin.call("PATCH", at(made["id"]), body, headers=headers)

    assert (changed.status, changed.json["alias"]) == (200, alias)


def test_a_pin_with_a_letter_replaced_opens_nothing(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="schlüssel")
    for wrong in ("schlüssel", "schlössel"):
        body = json.dumps({**SIGN, "pin": wrong}, ensure_ascii=False).encode("latin-1")
        assert_refused(alice.call("POST", at(made["id"], "sign"), body), 400, "malformed_json")

    assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": "schlüssel"}).status == 200


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("q=j%FCrg", "q"),
        ("q=%EF%BF%BD", "q"),
        ("q=%C3", "q"),
        ("owner=local/j%FCrg", "owner"),
        ("status=enabled&q=%ff", "q"),
    ],
)
def test_a_query_that_is_not_utf_8_is_refused_at_its_parameter(query: str, parameter: str, admin: Client) -> None:
    response = admin.call("GET", f"/certificates?{query}")

    assert_refused(response, 422, "invalid_input", parameter)


def test_a_path_that_is_not_utf_8_names_nobody_elses_certificate(admin: Client) -> None:
    suffix = unused_name().replace(" ", "-")
    admin.import_certificate(alias=f"jürg{suffix}")

    for path in (f"j%FCrg{suffix}", f"j%EF%BF%BDrg{suffix}", f"j%C3rg{suffix}"):
        assert admin.call("GET", f"/certificates/{path}").status in {400, 404}
    assert admin.call("GET", f"/certificates/j%C3%BCrg{suffix}").status == 200
