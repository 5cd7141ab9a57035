"""Calendars and their links where others act at the same moment, and where there is much to show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from moto.dynamodb.models import dynamodb_backends

from local.aws.template import ACCOUNT, REGION
from signet.adapters.dynamodb.rows.certificate_rows import listing_rows, settings_row, usage_row
from signet.domain.certificates.certificate import Usage
from signet.operations.calendar.get_expiry_calendar import MOST
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.in_process import Fault, InProcess, InProcessClient
from tests.support.services.over_http import Response

pytestmark = pytest.mark.clock

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    with whole.as_it_was():
        yield whole


def path_of(response: Response) -> str:
    return "/v1/calendar" + str(response.json["url"]).partition("/v1/calendar")[2]


def opens(client: InProcessClient, path: str) -> bool:
    return client.get(path).status == 200


def fill(signet: InProcess, number: int, **fields: Any) -> None:
    table = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["CertificateTable"]]
    for place in range(number):
        certificate = a_certificate(**{"not_after": NOW + timedelta(days=place + 1), **fields})
        for row in (settings_row(certificate), usage_row(certificate.id, Usage()), *listing_rows(certificate)):
            table.put_item(row.serialize())


def meanwhile(change: Any) -> Any:
    """Before the first transaction, somebody else does `change`."""
    done: list[bool] = []

    def fault(index: int, name: str) -> Fault | None:
        if name != "dynamodb:TransactWriteItems" or done:
            return None
        done.append(True)

        def first(send: Any, asked: Any) -> Any:
            change()
            return send()

        return first

    return fault


def test_of_two_links_made_at_once_one_works(signet: InProcess) -> None:
    alice = signet.caller("alice")
    other: list[Response] = []

    with signet.counting(meanwhile(lambda: other.append(alice.post("/me/calendar-link")))):
        mine = alice.post("/me/calendar-link")

    assert mine.status == other[0].status == 201
    assert [opens(alice, path_of(each)) for each in (other[0], mine)] == [False, True]
    assert alice.delete("/me/calendar-link").status == 204
    assert not opens(alice, path_of(mine))


def test_a_link_replaced_while_it_is_revoked_is_revoked_as_well(signet: InProcess) -> None:
    alice = signet.caller("alice")
    made = [alice.post("/me/calendar-link")]

    with signet.counting(meanwhile(lambda: made.append(alice.post("/me/calendar-link")))):
        assert alice.delete("/me/calendar-link").status == 204

    assert not any(opens(alice, path_of(each)) for each in made)
    assert alice.delete("/me/calendar-link").status == 404


def test_a_repeat_answers_the_same_link_and_keeps_nothing_of_its_secret(signet: InProcess) -> None:
    alice = signet.caller("alice")
    first, again = (alice.post("/me/calendar-link", key="again") for _ in range(2))

    assert first.json == again.json
    assert opens(alice, path_of(first))
    (kept,) = signet.items()["IdempotencyTable"]
    assert path_of(first).partition("=")[2] not in str(kept)


def test_a_link_that_was_revoked_or_replaced_never_comes_back(signet: InProcess) -> None:
    alice = signet.caller("alice")
    revoked = alice.post("/me/calendar-link", key="one")
    alice.delete("/me/calendar-link")
    assert alice.post("/me/calendar-link", key="one").code == "not_found"

    replaced = alice.post("/me/calendar-link", key="two")
    in_force = alice.post("/me/calendar-link", key="three")
    assert alice.post("/me/calendar-link", key="two").code == "not_found"

    assert alice.post("/me/calendar-link", key="three").json == in_force.json
    assert [opens(alice, path_of(each)) for each in (revoked, replaced, in_force)] == [False, False, True]


def test_a_key_that_is_no_longer_remembered_makes_another_link(signet: InProcess) -> None:
    alice = signet.caller("alice")
    first = alice.post("/me/calendar-link", key="again")
    alice.delete("/me/calendar-link")
    dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["IdempotencyTable"]].items.clear()

    second = alice.post("/me/calendar-link", key="again")

    assert second.status == 201
    assert [opens(alice, path_of(each)) for each in (first, second)] == [False, True]


def test_who_has_a_link_is_listed_in_pages_the_oldest_first(signet: InProcess) -> None:
    users = [signet.caller(f"user-{number}") for number in range(5)]
    made = [user.post("/me/calendar-link").json for user in users]

    pages = signet.admin.pages("/calendar-links", limit=2)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [(one["id"], one["user"], one["created_at"]) for page in pages for one in page] == [
        (link["id"], user.user, link["created_at"]) for link, user in zip(made, users, strict=True)
    ]
    assert not any(link["url"].partition("=")[2] in str(pages) for link in made)


def test_an_administrator_ends_anybodys_link_at_once(signet: InProcess) -> None:
    alice, bob = signet.caller("alice"), signet.caller("bob")
    first, second = (by.post("/me/calendar-link") for by in (alice, bob))
    path = f"/calendar-links/{first.json['id']}"

    assert alice.delete(path).code == "not_allowed"
    assert signet.admin.delete(path, if_match='"2"').code == "stale"
    assert signet.admin.delete(path, if_match='"1"').status == 204

    assert [opens(alice, path_of(each)) for each in (first, second)] == [False, True]
    assert [one["id"] for one in signet.admin.items("/calendar-links")] == [second.json["id"]]
    assert signet.admin.delete(path).code == "not_found"
    assert alice.delete("/me/calendar-link").status == 404
    assert signet.admin.delete("/calendar-links/cal_x").code == "not_found"


def test_making_replacing_and_revoking_are_events(signet: InProcess) -> None:
    alice = signet.caller("alice")
    first, second = (alice.post("/me/calendar-link").json for _ in range(2))
    alice.delete(f"/calendar-links/{second['id']}")
    signet.admin.delete(f"/calendar-links/{second['id']}")

    told = [
        (event["type"], event["user"], event["outcome"], event["detail"].get("calendar_link_id"))
        for event in reversed(signet.admin.items("/events"))
    ]

    assert told == [
        ("Calendar Link Created", alice.user, "done", first["id"]),
        ("Calendar Link Revoked", alice.user, "done", first["id"]),
        ("Calendar Link Created", alice.user, "done", second["id"]),
        ("Calendar Link Revoked", alice.user, "refused", second["id"]),
        ("Calendar Link Revoked", signet.admin.user, "done", second["id"]),
    ]
    assert not any(link["url"].partition("=")[2] in str(signet.items()) for link in (first, second))


def test_a_link_ended_by_two_at_once_is_ended_once(signet: InProcess) -> None:
    alice = signet.caller("alice")
    path = f"/calendar-links/{alice.post('/me/calendar-link').json['id']}"

    with signet.counting(meanwhile(lambda: alice.delete("/me/calendar-link"))):
        assert signet.admin.delete(path).code == "not_found"

    revoked = signet.admin.items("/events", type="Calendar Link Revoked")
    assert [event["user"] for event in revoked] == [alice.user]


def test_a_secret_of_any_length_is_refused(signet: InProcess) -> None:
    alice = signet.caller("alice")

    assert alice.get("/calendar", secret="x" * 65).status == 401
    assert alice.get("/calendar", secret="x").status == 401


@pytest.mark.soak
def test_a_calendar_has_pages_of_certificates_and_a_thousand_at_most(signet: InProcess) -> None:
    fill(signet, MOST + 250, owner="local/alice")
    fill(signet, 1, owner="local/alice", not_after=NOW, renewed_by="crt_0000000000000000000000aa")

    calendar = icalendar.Calendar.from_ical(signet.caller("alice").get("/expiry.ics").body)

    events: list[Any] = calendar.walk("VEVENT")
    ends = [event["dtstart"].dt for event in events]
    assert ends == sorted(ends)
    assert ends[0] == NOW + timedelta(days=1)
    assert len(ends) == MOST
