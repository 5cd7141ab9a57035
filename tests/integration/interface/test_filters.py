"""Every filter finds what it is for, in every order, to the last moment there is."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at
from tests.support.services.somebody import SIGN


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("sort", ["alias", "valid_to", "created_at"])
def test_everything_expires_before_the_last_moment_there_is(sort: str, admin: Client) -> None:
    made = admin.import_certificate()

    found = admin.items("/certificates", expires_before="9999-12-31T23:59:59.999999Z", sort=sort, q=made["alias"])

    assert [one["id"] for one in found] == [made["id"]]


@pytest.mark.parametrize("moment", ["3200-01-01T00:00:00Z", "5000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_events_are_before_any_moment_to_come_and_not_behind_it(moment: str, admin: Client) -> None:
    path = at(admin.import_certificate()["id"], "events")

    assert len(admin.items(path, to=moment)) == 1
    assert admin.items(path, from_=moment) == []


STATES = {"expired": (-9, -1), "expiring": (-9, 20), "valid": (-9, 300), "not_yet_valid": (20, 300)}
"""Begin and end of a certificate in each, in days from now."""


@pytest.fixture(scope="module")
def several(signet: Service, admin: Client) -> dict[str, Any]:
    """Two certificates in each state, one of them disabled, all of one owner and in one group."""
    owner = signet.caller(unused_name("owner"))
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    made = []
    for begins, ends in STATES.values():
        for enabled in (True, False):
            issued = issue(begins_in_days=begins, days=ends)
            one = admin.import_certificate(issued, owner=owner.user, groups=[group])
            made.append(one if enabled else admin.good("POST", at(one["id"], "disable")))
    admin.good("POST", at(made[0]["id"], "renew"), {})
    return {"owner": owner, "group": group, "made": [admin.good("GET", at(one["id"])) for one in made]}


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Any], bool]]] = {
    "nothing": ({}, lambda one: True),
    "expired": ({"expiry": "expired"}, lambda one: one["expiry"]["state"] == "expired"),
    "expiring": ({"expiry": "expiring"}, lambda one: one["expiry"]["state"] == "expiring"),
    "valid": ({"expiry": "valid"}, lambda one: one["expiry"]["state"] == "valid"),
    "not yet valid": ({"expiry": "not_yet_valid"}, lambda one: one["expiry"]["state"] == "not_yet_valid"),
    "disabled": ({"status": "disabled"}, lambda one: one["status"] == "disabled"),
    "disabled and expiring": (
        {"status": "disabled", "expiry": "expiring"},
        lambda one: (one["status"], one["expiry"]["state"]) == ("disabled", "expiring"),
    ),
    "usable": (
        {"usable": "true"},
        lambda one: one["status"] == "enabled" and one["expiry"]["state"] in {"valid", "expiring"},
    ),
    "renewal pending": ({"renewal": "pending"}, lambda one: one["pending_request"] is not None),
    "expires before": (
        {"expires_before": (datetime.now(UTC) + timedelta(days=30)).isoformat()},
        lambda one: one["expiry"]["days_left"] < 30,
    ),
    "without an owner": ({"owner": "none"}, lambda one: False),
}


@pytest.mark.one_in(7)
@pytest.mark.parametrize("place", ["everywhere", "owner", "group"])
@pytest.mark.parametrize("sort", ["alias", "valid_to", "created_at"])
@pytest.mark.parametrize("wanted", FILTERS)
def test_every_filter_finds_what_it_is_for_in_every_order(
    wanted: str, sort: str, place: str, several: dict[str, Any], admin: Client
) -> None:
    query, matches = FILTERS[wanted]
    if wanted == "usable" and place != "owner":
        pytest.skip("only the owner may use them")
    caller = several["owner"] if place == "owner" else admin
    narrowed = {"group": several["group"]} if place == "group" else {"q": "test "}
    known = {one["id"]: one for one in several["made"]}
    key = {"alias": "alias", "valid_to": "valid_to", "created_at": "id"}[sort]

    for order in ("asc", "desc"):
        found = caller.items("/certificates", sort=sort, order=order, limit=3, **narrowed, **query)
        mine = [one["id"] for one in found if one["id"] in known]
        expected = sorted(
            (one for one in known.values() if matches(one)),
            key=lambda one: (one[key], one["id"]),
            reverse=order == "desc",
        )
        assert mine == [one["id"] for one in expected]


def test_the_start_of_an_alias_is_found_in_every_order(admin: Client) -> None:
    start = unused_name("Beginning")
    made = {admin.import_certificate(alias=f"{start} {number}")["id"] for number in range(3)}

    for sort in ("alias", "valid_to", "created_at"):
        found = admin.items("/certificates", q=start.upper(), sort=sort, limit=1)
        assert [one["id"] for one in found] == sorted(made, key=[one["id"] for one in found].index)
        assert len(found) == len(made)


def test_a_long_alias_is_found_however_its_accents_are_composed(admin: Client) -> None:
    alias = unused_name("é" * 100)
    made = admin.import_certificate(alias=alias)

    assert admin.good("GET", at(decomposed(alias)))["id"] == made["id"]
    assert [one["id"] for one in admin.items("/certificates", q=decomposed(alias))] == [made["id"]]
    assert len(admin.items("/events", certificate=decomposed(alias))) == 1
    done = admin.good("POST", "/certificates/actions", {"action": "disable", "certificates": [decomposed(alias)]})
    assert done["summary"] == {"done": 1, "unchanged": 0, "failed": 0}


def test_a_pin_of_64_characters_is_right_however_its_accents_are_composed(admin: Client, alice: Client) -> None:
    pin = "é" * 64
    made = admin.import_certificate(owner=alice.user, pin=pin)

    for sent in (pin, decomposed(pin)):
        assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": sent}).status == 200


def test_an_event_lies_within_the_second_that_it_shows(admin: Client) -> None:
    path = at(admin.import_certificate()["id"], "events")
    (event,) = admin.items(path)
    shown = event["occurred_at"]
    second = datetime.fromisoformat(shown)

    assert admin.items(path, from_=shown, to=shown) == [event]
    assert admin.items(path, from_=(second + timedelta(seconds=1)).isoformat()) == []
    assert admin.items(path, to=(second - timedelta(seconds=1)).isoformat()) == []


def test_an_endless_cursor_is_a_bad_one(admin: Client) -> None:
    assert_refused(admin.get("/certificates?cursor=" + "A" * 5000), 422, "bad_cursor")


@pytest.mark.parametrize("name", ["certificate", "user"])
def test_events_of_nobody_and_nothing_are_no_question(name: str, admin: Client) -> None:
    assert_refused(admin.get(f"/events?{name}="), 422, "invalid_input", name)
