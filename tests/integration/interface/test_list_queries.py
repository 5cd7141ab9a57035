"""What a query string may say: what can match nothing is 422, in every list, and never an empty list."""

from typing import Any

import pytest

from tests.support.services.over_http import Client, Service, assert_refused

LISTS = ("/certificates", "/signing-requests", "/certificate-groups", "/policies", "/roles", "/events")
NO_NUMBERS = (
    "1e1",
    "+5",
    " 5",
    "5 ",
    "\uff15",
    "\uff11\uff10",
    "true",
    "null",
    "",
    "0x10",
    "1.0",
    "05",
    "5_0",
    "-1",
    "0",
    "201",
)
CERTIFICATES = {
    "status": ("null", "", "Enabled", "enabled,disabled", "true"),
    "expiry": ("null", "", "soon"),
    "owner": ("null", "", "alice", "local/", "None"),
    "group": ("null", "", "no such group"),
    "q": ("", "a/b", "?", "\n", " a"),
    "expires_before": ("null", "", "2030", "2030-01-01", "2030-01-01T00:00:00", "\uff12030-01-01T00:00:00Z", "0"),
    "renewal": ("null", "", "true"),
    "usable": ("null", "", "false", "1", "True"),
    "include": ("null", "", "chain"),
    "count": ("null", "", "false"),
    "thumbprint": ("null", "", "5E" * 16, "5G" * 20),
    "serial_number": ("null", "", "0x01", "1" * 82),
    "subject": ("", "\n"),
    "issuer": ("", "a\x00"),
    "contains": ("", "\t"),
    "sort": ("null", "", "id"),
    "order": ("null", "", "up"),
}
EVENTS = {
    "type": ("null", "", "certificate used", "Used"),
    "outcome": ("null", "", "failed"),
    "user": ("null", "", "alice", "local/"),
    "from": ("null", "", "2030", "20300101T000000Z", "2030-W01-1T00:00:00Z"),
    "to": ("null", "", "yesterday"),
}
OF_ALL_EVENTS = {**EVENTS, "certificate": ("null", "", "no such certificate", "crt_1")}


def asked(name: str, value: str) -> dict[str, Any]:
    return {name: value}


CASES = [
    *((path, "limit", value) for path in LISTS for value in NO_NUMBERS),
    *(("/certificates", name, value) for name, values in CERTIFICATES.items() for value in values),
    *(("/events", name, value) for name, values in OF_ALL_EVENTS.items() for value in values),
    *(("/signing-requests", "status", value) for value in ("null", "", "done")),
]


@pytest.mark.one_in(13)
@pytest.mark.parametrize(("path", "name", "value"), CASES)
def test_what_can_match_nothing_is_refused_at_its_name(admin: Client, path: str, name: str, value: str) -> None:
    answer = admin.get(path, **asked(name, value))

    assert answer.status == 422, answer
    assert [error["field"] for error in answer.json["errors"]] == [name]


@pytest.mark.one_in(7)
@pytest.mark.parametrize("value", ["", "null", "AAAA", "!", "a" * 5000])
@pytest.mark.parametrize("path", LISTS)
def test_what_is_no_cursor_is_refused_by_its_own_code(admin: Client, path: str, value: str) -> None:
    assert_refused(admin.get(path, cursor=value), 422, "bad_cursor")


def test_the_events_of_one_certificate_take_the_same_filters(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]

    for name, values in EVENTS.items():
        for value in (*values, *(NO_NUMBERS if name == "type" else ())):
            assert admin.get(f"/certificates/{certificate}/events", **asked(name, value)).status == 422, (name, value)


def test_a_span_that_ends_before_it_begins_is_refused(admin: Client) -> None:
    answer = admin.get("/events", from_="2026-01-02T00:00:00Z", to="2026-01-01T23:59:59Z")

    assert_refused(answer, 422, "invalid_input")
    assert [error["field"] for error in answer.json["errors"]] == ["from"]


def test_a_span_of_one_second_is_none_too_short(admin: Client) -> None:
    answer = admin.get("/events", from_="2026-01-02T00:00:00.5Z", to="2026-01-02T00:00:00Z")

    assert answer.status == 200, answer


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/certificates", "group", "grp_" + "0" * 24),
        ("/events", "certificate", "crt_" + "0" * 24),
        ("/certificates", "owner", "local/nobody"),
        ("/events", "user", "local/nobody"),
        ("/certificates", "q", "nothing begins like this"),
        ("/certificates", "thumbprint", "5E" * 20),
        ("/certificates", "serial_number", "0123456789ABCDEF"),
        ("/certificates", "contains", "null and nothing else"),
    ],
)
def test_what_could_be_and_is_not_finds_nothing(admin: Client, path: str, name: str, value: str) -> None:
    answer = admin.get(path, **asked(name, value))

    assert answer.status == 200, answer
    assert answer.json["items"] == []


# --- cursors -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cursor(admin: Client) -> str:
    for _ in range(2):
        admin.import_certificate()
    return str(admin.good("GET", "/certificates", limit=1)["next_cursor"])


def test_a_cursor_of_another_query_is_refused(admin: Client, cursor: str) -> None:
    others = (("status", "enabled"), ("sort", "created_at"), ("order", "desc"), ("group", "grp_" + "0" * 24))
    for name, value in others:
        assert_refused(admin.get("/certificates", cursor=cursor, **asked(name, value)), 422, "bad_cursor")


@pytest.mark.parametrize("path", [path for path in LISTS if path != "/certificates"])
def test_a_cursor_of_another_list_is_refused(admin: Client, cursor: str, path: str) -> None:
    assert_refused(admin.get(path, cursor=cursor), 422, "bad_cursor")


def test_a_cursor_of_another_caller_is_refused(signet: Service, cursor: str) -> None:
    other = signet.caller("another", "administrators")

    assert_refused(other.get("/certificates", cursor=cursor), 422, "bad_cursor")


def test_a_cursor_that_was_changed_is_refused(admin: Client, cursor: str) -> None:
    for place in (0, len(cursor) // 2, len(cursor) - 1):
        other = "A" if cursor[place] != "A" else "B"
        forged = cursor[:place] + other + cursor[place + 1 :]
        assert_refused(admin.get("/certificates", cursor=forged), 422, "bad_cursor")
    for forged in (cursor + "A", cursor + "=", cursor + "\n", cursor[:-1], cursor * 2):
        assert_refused(admin.get("/certificates", cursor=forged), 422, "bad_cursor")


def test_a_cursor_serves_whatever_the_size_of_the_next_page(admin: Client, cursor: str) -> None:
    assert admin.get("/certificates", cursor=cursor, limit=7).status == 200
