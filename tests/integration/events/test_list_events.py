"""The audit record over HTTP: newest first, by every filter, of one certificate and of all."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at

pytestmark = pytest.mark.clock

SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
STORY = [
    ("Certificate Imported", "done"),
    ("Certificate Use Refused", "refused"),
    ("Certificate Used", "done"),
    ("Certificate Disabled", "done"),
    ("Certificate Use Refused", "refused"),
    ("Certificate Deleted", "refused"),
    ("Certificate Enabled", "done"),
    ("Certificate Used", "done"),
    ("Certificate Updated", "done"),
]

Event = Mapping[str, Any]


@pytest.fixture(scope="module")
def writer(signet: Service) -> Client:
    """An Administrator of whom nothing else is told."""
    return signet.caller("writer", "administrators")


@pytest.fixture(scope="module")
def reader(signet: Service) -> Client:
    """An owner of whom nothing else is told."""
    return signet.caller("reader")


@pytest.fixture(scope="module")
def certificate(writer: Client, reader: Client) -> str:
    """One to which all that is in the story has happened."""
    made = str(writer.import_certificate(owner="local/reader")["id"])
    writer.post(at(made, "sign"), SIGN)
    reader.good("POST", at(made, "sign"), SIGN)
    writer.good("POST", at(made, "disable"))
    reader.post(at(made, "sign"), SIGN)
    reader.delete(at(made))
    writer.good("POST", at(made, "enable"))
    reader.good("POST", at(made, "sign"), SIGN)
    writer.good("PATCH", at(made), {"alias": unused_name(), "pin": "2468"})
    return made


@pytest.fixture(scope="module")
def events(certificate: str, admin: Client) -> list[Event]:
    """All of them, newest first."""
    return admin.items(at(certificate, "events"))


def test_everything_that_happened_is_told_newest_first(events: list[Event], certificate: str) -> None:
    assert [(one["type"], one["outcome"]) for one in events] == STORY[::-1]
    assert [one["id"] for one in events] == sorted((one["id"] for one in events), reverse=True)
    assert {one["certificate"]["id"] for one in events} == {certificate}
    assert {one["source_ip"] for one in events} == {"127.0.0.1"}
    assert [one["occurred_at"] for one in events] == sorted((one["occurred_at"] for one in events), reverse=True)


def test_an_event_tells_the_alias_of_its_time(events: list[Event]) -> None:
    old, new = events[-1]["certificate"]["alias"], events[0]["certificate"]["alias"]

    assert {one["certificate"]["alias"] for one in events[1:]} == {old}
    assert events[0]["detail"]["changes"] == {
        "alias": {"from": old, "to": new},
        "pin": {"from": "none", "to": "set"},
    }


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_pages_of_every_size_are_the_record(limit: int, events: list[Event], certificate: str, admin: Client) -> None:
    assert admin.items(at(certificate, "events"), limit=limit) == events
    assert admin.items("/events", certificate=certificate, limit=limit) == events


FILTERS: list[tuple[dict[str, str], Callable[[Event], bool]]] = [
    *(({"type": kind}, lambda one, kind=kind: one["type"] == kind) for kind in sorted({kind for kind, _ in STORY})),
    ({"type": "Policy Created"}, lambda one: False),
    ({"user": "local/reader"}, lambda one: one["user"] == "local/reader"),
    ({"user": "local/nobody"}, lambda one: False),
    ({"outcome": "done"}, lambda one: one["outcome"] == "done"),
    ({"outcome": "refused"}, lambda one: one["outcome"] == "refused"),
    (
        {"type": "Certificate Used", "user": "local/reader", "outcome": "done"},
        lambda one: (one["type"], one["user"]) == ("Certificate Used", "local/reader"),
    ),
    ({"type": "Certificate Used", "outcome": "refused"}, lambda one: False),
]


@pytest.mark.parametrize(("query", "holds"), FILTERS, ids=[" ".join(query.values()) for query, _ in FILTERS])
def test_a_filter_takes_what_it_says(
    query: dict[str, str], holds: Callable[[Event], bool], events: list[Event], certificate: str, admin: Client
) -> None:
    wanted = [one for one in events if holds(one)]

    assert admin.items(at(certificate, "events"), **query) == wanted
    assert admin.items("/events", certificate=certificate, limit=2, **query) == wanted


@pytest.mark.parametrize("path", ["of one", "of all"])
def test_from_and_to_are_inclusive(path: str, events: list[Event], certificate: str, admin: Client) -> None:
    told = [datetime.fromisoformat(one["occurred_at"]) for one in events]

    def asked(**query: str) -> list[Event]:
        if path == "of one":
            return admin.items(at(certificate, "events"), **query)
        return admin.items("/events", certificate=certificate, **query)

    def text(moment: datetime) -> str:
        return moment.isoformat().replace("+00:00", "Z")

    second = timedelta(seconds=1)
    assert asked(**{"from": text(told[-1])}) == events
    assert asked(**{"from": text(told[0] + second)}) == []
    assert asked(to=text(told[-1] - second)) == []
    assert asked(to=text(told[0])) == events  # of the whole second, as times are shown
    assert asked(**{"from": text(told[-1]), "to": text(told[0])}) == events
    abroad = (told[-1].replace(tzinfo=None) + timedelta(hours=2)).isoformat() + "+02:00"
    assert asked(**{"from": abroad}) == events


def test_a_users_own_actions_are_found_by_the_user(writer: Client, admin: Client, certificate: str) -> None:
    found = admin.items("/events", user="local/writer", limit=3)

    assert [one["type"] for one in found if one.get("certificate", {}).get("id") == certificate] == [
        "Certificate Updated",
        "Certificate Enabled",
        "Certificate Disabled",
        "Certificate Use Refused",
        "Certificate Imported",
    ]
    assert {one["user"] for one in found} == {"local/writer"}


def test_an_event_alone_is_the_one_of_the_list(events: list[Event], admin: Client) -> None:
    for one in events:
        assert admin.get(f"/events/{one['id']}").json == one


def test_events_outlive_their_certificate(admin: Client) -> None:
    made = admin.import_certificate()
    before = admin.items(at(made["id"], "events"))
    assert admin.delete(at(made["id"])).status == 204

    after = admin.items("/events", certificate=made["id"])

    assert [one["type"] for one in after] == ["Certificate Deleted", "Certificate Imported"]
    assert after[1:] == before
    assert_refused(admin.get(at(made["id"], "events")), 404, "not_found")


def test_who_has_no_role_reads_no_events_of_others(
    mallory: Client, reader: Client, events: list[Event], certificate: str
) -> None:
    assert_refused(mallory.get("/events"), 403, "not_allowed")
    assert_refused(mallory.get(f"/events/{events[0]['id']}"), 404, "not_found")
    assert_refused(mallory.get(at(certificate, "events")), 404, "not_found")
    assert reader.get(at(certificate, "events")).status in {200, 403}
