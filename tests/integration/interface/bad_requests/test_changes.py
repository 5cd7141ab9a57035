"""Values that a change may not have, the version that it states, and who may make it."""

from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.operations import ABSENT, SIGN
from tests.support.services.over_http import Client, Service, assert_refused, at

SAYS_WHAT_WOULD_DO: list[tuple[str, str, Any, str]] = [
    ("POST", "/certificates", {"content": "-----BEGIN CERTIFICATE-----\n"}, "encode it once more"),
    ("POST", "/certificates", {"content": "AA-_"}, "the bytes of the certificate file in standard base64"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "message": "x"}, "the bytes of the message in standard base64"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "message_type": "raw"}, "one of DIGEST, EXTERNAL_MU, RAW"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "signing_algorithm": "RSA"}, "RSASSA_PSS_SHA_256"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "reason": "x" * 1025}, "a text of at most 1024 characters"),
    ("POST", "/certificates/actions", {"action": "stop", "certificates": ["x"]}, "one of add_to_groups, delete"),
    ("POST", "/certificates/actions", {"action": "delete", "certificates": []}, "a list of 1 to 500 entries"),
    ("POST", "/signing-requests", {"subject": {"common_name": 7}}, "a text of at most 1024 characters or null"),
    ("POST", "/signing-requests", {"key_algorithm": "RSA", "subject": {"common_name": "x"}}, "RSA_2048"),
    ("POST", "/roles", {"name": "x", "permissions": ["everything"]}, "certificates:view"),
    ("POST", "/roles", {"name": 5}, "must be a text, got a whole number"),
    ("GET", "/certificates?status=on", None, "one of disabled, enabled"),
    ("GET", "/certificates?limit=500", None, "a whole number from 1 to 200"),
    ("GET", "/certificates?surprise=1", None, "the parameters are status, "),
    ("GET", "/events?type=Certificate+Stolen", None, "Certificate Imported"),
    ("GET", "/certificates?expires_before=soon", None, "RFC 3339"),
    ("GET", f"/certificates/{ABSENT}/download?format=jks", None, "one of der, pem, pem_chain, pkcs7"),
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("method", "path", "body", "says"), SAYS_WHAT_WOULD_DO, ids=lambda value: str(value)[:40])
def test_a_refused_value_says_what_would_do(method: str, path: str, body: Any, says: str, admin: Client) -> None:
    response = admin.call(method, path, body)

    assert_refused(response, 422, "invalid_input")
    assert says in response.json["errors"][0]["message"]
    assert "`" not in response.json["errors"][0]["message"]


BAD_CHANGES: list[tuple[str, Any]] = [
    ("alias", None),
    ("alias", 7),
    ("description", None),
    ("description", "x" * 1025),
    ("description", "a\0b"),
    ("owner", "alice"),
    ("owner", ""),
    ("owner", 7),
    ("owner", {"user": "local/alice"}),
    ("ask_for_reason", None),
    ("ask_for_reason", "true"),
    ("pin", "123"),
    ("pin", "x" * 65),
    ("pin", 1234),
    ("pin", "12\n45"),
    ("status", "disabled"),
    ("version", 1),
    ("groups", []),
    ("id", ABSENT),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("name", "value"), BAD_CHANGES, ids=[f"{n}={str(v)[:20]}" for n, v in BAD_CHANGES])
def test_a_change_to_what_cannot_be_is_refused(
    name: str, value: Any, signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    with signet.nothing_stored():
        response = admin.patch(at(mine["id"]), {"description": "new", name: value})

    assert_refused(response, 422, "invalid_input", name)
    message = response.json["errors"][0]["message"].removeprefix("must be true or false")
    assert not isinstance(value, str) or len(value) < 4 or value not in message


@pytest.mark.one_in(5)
@pytest.mark.parametrize("change", [("PATCH", ""), ("DELETE", "")], ids=["update", "delete"])
@pytest.mark.parametrize("if_match", ['"2"', '"0"', '"99999999999999"', "1", '"x"', 'W/"1"', '"2", "3"', "", "''"])
def test_a_stale_version_changes_nothing(
    if_match: str, change: tuple[str, str], signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    with signet.nothing_stored():
        response = admin.call(
            change[0],
            at(mine["id"]),
            {"description": "new"} if change[0] == "PATCH" else None,
            headers={"If-Match": if_match},
        )

    assert_refused(response, 412, "stale")
    is_an_etag = if_match.startswith('"') and if_match.strip('"')[:1].isdigit() and len(if_match) < 14
    assert ("in its quotation marks" in response.json["detail"]) is not is_an_etag


def test_the_present_version_is_changed_and_deleted(admin: Client, mine: dict[str, Any]) -> None:
    seen = admin.get(at(mine["id"]))
    changed = admin.patch(at(mine["id"]), {"description": "new"}, if_match=seen.headers["etag"])

    assert (seen.headers["etag"], changed.headers["etag"], changed.json["version"]) == ('"1"', '"2"', 2)
    assert_refused(admin.delete(at(mine["id"]), if_match=seen.headers["etag"]), 412, "stale")
    assert admin.patch(at(mine["id"]), {"description": "any"}, if_match="*").status == 200
    assert admin.delete(at(mine["id"]), if_match='"7", "3"').status == 204
    assert_refused(admin.delete(at(mine["id"]), if_match='"3"'), 404, "not_found")


def test_nothing_changed_is_no_new_version_and_no_event(signet: Service, admin: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        same = admin.good("PATCH", at(mine["id"]), {"alias": mine["alias"], "description": ""})
        empty = admin.good("PATCH", at(mine["id"]), {})
        enabled = admin.good("POST", at(mine["id"], "enable"))

    assert same == empty == enabled == mine


def test_an_owner_without_a_role_may_not_manage(signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    attempts = [
        ("PATCH", at(mine["id"]), {"alias": unused_name()}),
        ("PATCH", at(mine["id"]), {"owner": "local/mallory"}),
        ("PATCH", at(mine["id"]), {"pin": None}),
        ("POST", at(mine["id"], "disable"), None),
        ("POST", at(mine["id"], "enable"), None),
        ("DELETE", at(mine["id"]), None),
    ]
    for method, path, body in attempts:
        with signet.nothing_stored("not_allowed"):
            assert_refused(alice.call(method, path, body), 403, "not_allowed")


def test_an_administrator_is_told_of_the_refusals(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    alice.delete(at(mine["id"]))

    refused = admin.items(at(mine["id"], "events"), outcome="refused")[0]

    assert (refused["type"], refused["code"], refused["user"]) == ("Certificate Deleted", "not_allowed", "local/alice")
