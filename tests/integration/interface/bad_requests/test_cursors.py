"""A cursor that is forged, or of another list, query or caller; and what cursors are good for."""

import base64
import string
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.operations import LISTS, Operation, filled, named
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.fixture(scope="module")
def cursors(admin: Client) -> dict[Operation, str]:
    """A cursor of each list that has more than a page."""
    made = admin.import_certificate()
    for _ in range(2):
        admin.good("POST", at(made["id"], "disable"))
        admin.good("POST", at(made["id"], "enable"))
    admin.import_certificate()
    found = {
        operation: admin.good("GET", filled(operation[1], made["id"]), limit=1)["next_cursor"] for operation in LISTS
    }
    return {operation: cursor for operation, cursor in found.items() if cursor is not None}


def forgeries(cursor: str) -> Iterator[str]:
    yield ""
    yield "x"
    yield "null"
    yield "\u00e9"
    yield "A" * 4096
    yield "A" * 5000
    yield cursor + "A"
    yield cursor + "="
    yield cursor[:-1]
    yield cursor[: len(cursor) // 2]
    yield ("B" if cursor[0] == "A" else "A") + cursor[1:]
    yield cursor.swapcase()
    decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    yield base64.urlsafe_b64encode(decoded[16:]).decode().rstrip("=")
    yield base64.urlsafe_b64encode(bytes(16) + decoded[16:]).decode().rstrip("=")
    for letter in string.whitespace[:1]:
        yield letter + cursor


def test_a_forged_cursor_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    assert {named(operation) for operation in cursors} >= {"ListCertificates", "ListEvents"}
    for operation, cursor in cursors.items():
        if "{" in operation[1]:
            continue
        for forged in forgeries(cursor):
            assert_refused(admin.get(operation[1], cursor=forged), 422, "bad_cursor")


def test_a_cursor_of_another_list_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    for operation in cursors:
        for other, cursor in cursors.items():
            if other != operation and "{" not in operation[1] + other[1]:
                assert_refused(admin.get(operation[1], cursor=cursor), 422, "bad_cursor")


def test_a_cursor_of_another_query_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    of_certificates, of_events = (cursors["GET", f"/v1/{noun}"] for noun in ("certificates", "events"))
    others: list[tuple[str, str, dict[str, Any]]] = [
        ("/certificates", of_certificates, {"order": "desc"}),
        ("/certificates", of_certificates, {"sort": "valid_to"}),
        ("/certificates", of_certificates, {"status": "enabled"}),
        ("/certificates", of_certificates, {"owner": "none"}),
        ("/certificates", of_certificates, {"usable": "true"}),
        ("/certificates", of_certificates, {"q": "a"}),
        ("/events", of_events, {"outcome": "done"}),
        ("/events", of_events, {"user": "local/admin"}),
        ("/events", of_events, {"type": "Certificate Used"}),
        ("/events", of_events, {"from": "2020-01-01T00:00:00Z"}),
    ]
    for path, cursor, filters in others:
        assert_refused(admin.call("GET", path, cursor=cursor, **filters), 422, "bad_cursor")


def test_a_cursor_of_another_caller_is_refused(cursors: dict[Operation, str], signet: Service) -> None:
    another = signet.caller("another-admin", "administrators")
    for operation, cursor in cursors.items():
        if "{" not in operation[1]:
            assert_refused(another.get(operation[1], cursor=cursor), 422, "bad_cursor")


def test_a_cursor_may_be_used_twice_and_with_another_limit(cursors: dict[Operation, str], admin: Client) -> None:
    cursor = cursors["GET", "/v1/certificates"]

    first, again = (admin.good("GET", "/certificates", cursor=cursor, limit=limit) for limit in (1, 2))

    assert again["items"][0] == first["items"][0]


def test_following_the_cursor_gives_everything_once(admin: Client, signet: Service) -> None:
    owner = f"local/{unused_name('owner')}"
    made = [admin.import_certificate(owner=owner)["id"] for _ in range(5)]

    for limit in (1, 2, 5):
        got = [one["id"] for one in admin.items("/certificates", owner=owner, limit=limit, sort="created_at")]
        assert got == made


def test_a_list_without_a_right_to_it_is_empty_or_refused(mallory: Client) -> None:
    assert mallory.get("/certificates").json == {"items": [], "next_cursor": None}
    assert_refused(mallory.get("/events"), 403, "not_allowed")
