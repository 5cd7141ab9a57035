"""What an import refuses over HTTP: the status, the code, and that nothing was kept, in any table."""

import base64
from typing import Any

import pytest

from tests.integration.certificates.imports.refused_files import REFUSED, leaf
from tests.support.certificates.issued import PASSWORD, in_base64, unused_name
from tests.support.services.over_http import Client, Service, assert_refused


@pytest.mark.one_in(6)
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_and_leaves_nothing(case: str, signet: Service, admin: Client) -> None:
    code, make = REFUSED[case]
    body = {"alias": unused_name(), "owner": "local/alice", "pin": "1234", **make()}

    with signet.nothing_stored():
        response = admin.post("/certificates", body, key=unused_name())

    assert_refused(response, 422, code)


def test_no_refusal_repeats_the_password_or_the_key(admin: Client) -> None:
    for code, make in REFUSED.values():
        body = make()
        text = admin.post("/certificates", {"alias": unused_name(), **body}).body.decode()

        assert PASSWORD not in text, code
        assert not body.get("password") or body["password"] not in text, code
        assert "PRIVATE KEY-----" not in text, code


FIELDS: dict[str, Any] = {
    "content": [None, 5, [], {}, True],
    "password": [5, [], "x" * 1025],
    "private_key": [5, "x" * 65537],
    "private_key_password": [5, "x" * 1025],
    "alias": [5, [], "", " a", "a ", "a/b", "a?b", "a#b", "a%b", "a\\b", ".", "..", "crt_x", "CRT_x", "x" * 129],
    "description": [5, "x" * 1025, "a\0b"],
    "owner": [5, "", "alice", "/alice", "local/", "LOCAL/alice", "local/ alice", "local/a\nb", "local/" + "x" * 257],
    "groups": ["grp_x", [5], {}, None, ["x" * 513]],
    "ask_for_reason": ["yes", 1, None],
    "pin": [1234, "123", "x" * 65, "12\n34", ""],
}
BAD_FIELDS = [(name, value) for name, values in FIELDS.items() for value in values]


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("name", "value"), BAD_FIELDS, ids=[f"{name}={str(value)[:20]!r}" for name, value in BAD_FIELDS]
)
def test_a_field_that_is_not_as_it_must_be_is_named(name: str, value: Any, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", leaf().body(**{name: value}))

    assert_refused(response, 422, "invalid_input")
    (wrong,) = response.json["errors"]
    assert wrong["field"].partition("[")[0] == name
    assert wrong["message"]
    assert name not in {"pin", "password", "private_key_password"} or str(value) not in wrong["message"] or not value


FOREIGN = {
    "URL-safe alphabet": base64.urlsafe_b64encode(b"\xfb\xff\xbf" * 30).decode(),
    "no padding": in_base64(leaf().der + b"x").rstrip("=") + ("" if len(leaf().der) % 3 != 2 else "A"),
    "a line break": in_base64(leaf().der)[:76] + "\n" + in_base64(leaf().der)[76:],
    "a space": " " + in_base64(leaf().der),
    "a line break at the end": in_base64(leaf().der) + "\n",
    "a stray character": in_base64(leaf().der)[:40] + "*" + in_base64(leaf().der)[40:],
    "padding within": "QQ==" + in_base64(leaf().der),
    "too much padding": in_base64(leaf().der + bytes(-len(leaf().der) % 3)) + "====",
    "one character": "A",
    "other digits": "\uff14" * 4,
    "stray bits": "QR==",
    "a data URL": "data:application/x-pkcs12;base64," + in_base64(leaf().der),
    "hex": leaf().der.hex() + "0",
    "PEM": leaf().pem.decode(),
}


@pytest.mark.one_in(5)
@pytest.mark.parametrize("case", FOREIGN)
def test_base64_is_decoded_strictly(case: str, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", {"content": FOREIGN[case], "alias": unused_name()})

    assert_refused(response, 422, "invalid_input", "content")
