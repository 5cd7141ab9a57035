"""The expiry calendar: what the caller may see, as a calendar program reads it; by token, and by a secret link."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from cryptography import x509

from local.stack import Stack
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Response, Service, at

pytestmark = pytest.mark.clock


@pytest.fixture
def alice(signet: Service) -> Client:
    """Somebody new, who owns nothing yet."""
    return signet.caller(unused_name("alice").replace(" ", "-"))


def opened(response: Response) -> dict[str, Any]:
    """The events of a calendar, as a program sees them, by UID."""
    assert response.status == 200, response
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.body)
    assert isinstance(calendar, icalendar.Calendar)
    assert calendar["version"] == "2.0"
    assert max(len(line) for line in response.body.split(b"\r\n")) <= 75  # RFC 5545, 3.1
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def secret_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["secret"][0]


def by_link(signet: Service, url: str) -> Response:
    return signet.nobody.get("/calendar", secret=secret_of(url))


@pytest.fixture
def link(alice: Client) -> Iterator[str]:
    url = alice.good("POST", "/me/calendar-link")["url"]
    yield url
    alice.delete("/me/calendar-link")


def test_what_ends_in_the_year_4500_or_later_is_no_date_for_a_calendar(admin: Client, alice: Client) -> None:
    for end in (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(4500, 1, 2, tzinfo=UTC)):
        admin.import_certificate(issue(days=(end - datetime.now(UTC)) / timedelta(days=1)), owner=alice.user)
    last = datetime(4499, 12, 31, tzinfo=UTC) - datetime.now(UTC)
    shown = admin.import_certificate(issue(days=last / timedelta(days=1)), owner=alice.user)

    assert set(opened(alice.get("/expiry.ics"))) == {f"{shown['id']}@signet"}


def test_each_certificate_is_an_event_at_its_end_with_an_alarm_at_each_stage(admin: Client, alice: Client) -> None:
    alias = unused_name('naïve; name, with "odd" letters')
    certificate = admin.import_certificate(issue(days=100), owner=alice.user, alias=alias)

    (event,) = opened(alice.get("/expiry.ics")).values()

    assert event["uid"] == f"{certificate['id']}@signet"
    assert event["dtstart"].dt == datetime.fromisoformat(certificate["valid_to"])
    assert event["summary"] == f"Certificate {alias} expires"
    assert certificate["subject"] in event["description"]
    alarms = event.walk("VALARM")
    assert sorted(alarm["trigger"].dt for alarm in alarms) == [timedelta(days=-days) for days in (90, 30, 7, 1)]
    assert {str(alarm["action"]) for alarm in alarms} == {"DISPLAY"}


def test_it_shows_what_the_caller_may_see_and_nothing_else(admin: Client, alice: Client, mallory: Client) -> None:
    hers = admin.import_certificate(owner=alice.user)
    admin.import_certificate()

    assert set(opened(alice.get("/expiry.ics"))) == {f"{hers['id']}@signet"}
    assert opened(mallory.get("/expiry.ics")) == {}
    assert f"{hers['id']}@signet" in opened(admin.get("/expiry.ics"))


def test_what_ended_long_ago_is_left_out(admin: Client, alice: Client) -> None:
    recently = admin.import_certificate(issue(days=-80, begins_in_days=-300), owner=alice.user)
    admin.import_certificate(issue(days=-100, begins_in_days=-300), owner=alice.user)

    assert set(opened(alice.get("/expiry.ics"))) == {f"{recently['id']}@signet"}


def test_a_renewal_moves_the_event_and_keeps_its_uid(admin: Client, alice: Client) -> None:
    old = admin.import_certificate(issue(days=20), owner=alice.user)
    (before,) = opened(alice.get("/expiry.ics")).values()
    request = admin.good("POST", at(old["id"], "renew"), {})
    csr = x509.load_pem_x509_csr(request["csr"].encode())
    answer = {"content": in_base64(issue(public_key=csr.public_key(), days=300).pem)}
    new = admin.good("POST", f"/signing-requests/{request['id']}/certificate", answer)

    (after,) = opened(alice.get("/expiry.ics")).values()

    assert after["uid"] == before["uid"]
    assert after["dtstart"].dt == datetime.fromisoformat(new["valid_to"]) > before["dtstart"].dt
    assert after["sequence"] >= before["sequence"]
    assert after["last-modified"].dt >= before["last-modified"].dt


# --- the link ------------------------------------------------------------------------------------------------------


def test_a_link_shows_its_makers_calendar_without_a_token(
    signet: Service, admin: Client, alice: Client, link: str
) -> None:
    certificate = admin.import_certificate(owner=alice.user)

    response = by_link(signet, link)

    assert set(opened(response)) == {f"{certificate['id']}@signet"}
    assert response.headers["cache-control"] == "no-store"
    assert link.startswith(f"{signet.stack.url}/v1/calendar?secret=")


def test_a_link_opens_nothing_but_the_calendar(signet: Service, link: str) -> None:
    secret = secret_of(link)

    assert signet.nobody.get("/certificates", secret=secret).status == 401
    assert signet.nobody.get("/expiry.ics", secret=secret).status == 401
    assert signet.with_token(secret).get("/certificates").status == 401


def test_a_token_does_not_open_the_link(signet: Service, alice: Client) -> None:
    assert alice.get("/calendar").status == 401
    assert alice.get("/calendar", secret="").status == 401


@pytest.mark.parametrize("secret", ["x", "x" * 43, "x" * 5000, "%00", "é", "calendar-of#local/alice"])
def test_a_secret_that_is_none_is_refused(signet: Service, secret: str) -> None:
    response = signet.nobody.get("/calendar", secret=secret)

    assert (response.status, response.code) == (401, "unauthenticated")


def test_a_revoked_link_is_refused_at_once(signet: Service, alice: Client) -> None:
    url = alice.good("POST", "/me/calendar-link")["url"]
    assert by_link(signet, url).status == 200

    assert alice.delete("/me/calendar-link").status == 204

    assert by_link(signet, url).status == 401
    assert alice.delete("/me/calendar-link").status == 404


def test_a_new_link_replaces_the_one_before(signet: Service, alice: Client) -> None:
    first, second = (alice.good("POST", "/me/calendar-link")["url"] for _ in range(2))

    assert first != second
    assert by_link(signet, first).status == 401
    assert by_link(signet, second).status == 200
    alice.delete("/me/calendar-link")


def test_the_same_idempotency_key_gives_the_same_link(signet: Service, alice: Client, mallory: Client) -> None:
    key = unused_name("key")
    first, again = (alice.post("/me/calendar-link", key=key).json["url"] for _ in range(2))

    assert first == again
    assert by_link(signet, first).status == 200
    assert mallory.post("/me/calendar-link", key=key).json["url"] != first
    mallory.delete("/me/calendar-link")
    alice.delete("/me/calendar-link")
    assert alice.post("/me/calendar-link", key=key).code == "not_found"
    assert by_link(signet, first).status == 401  # a repeat brings nothing back


def test_a_link_sees_with_the_groups_its_maker_had_and_what_is_allowed_now(signet: Service, admin: Client) -> None:
    name = unused_name("dora").replace(" ", "-")
    team = unused_name("team").replace(" ", "-")
    dora = signet.caller(name, team)
    certificate = admin.import_certificate()
    policy = admin.good(
        "POST",
        "/policies",
        {
            "name": unused_name("policy"),
            "action": "allow",
            "priority": 10,
            "what": {"certificates": [certificate["id"]]},
            "who": {"user_groups": [f"local/{team}"]},
        },
    )
    url = dora.good("POST", "/me/calendar-link")["url"]

    assert set(opened(by_link(signet, url))) == {f"{certificate['id']}@signet"}
    admin.good("DELETE", f"/policies/{policy['id']}")
    assert opened(by_link(signet, url)) == {}
    dora.delete("/me/calendar-link")


def test_the_secret_is_in_no_table_and_in_no_log(signet: Service, alice: Client) -> None:
    url = alice.post("/me/calendar-link", key=unused_name("key")).json["url"]
    by_link(signet, url)
    signet.nobody.get("/calendar", secret=secret_of(url)[:-1])

    secret = secret_of(url)
    stored = json.dumps(signet.stored())
    assert alice.user in stored
    assert secret not in stored
    assert in_base64(secret.encode()).rstrip("=")[:-2] not in stored
    assert not [line for line in signet.printed if secret[:-1] in line]
    alice.delete("/me/calendar-link")
    assert alice.user not in [json.loads(row)["pk"]["S"] for row in signet.stored()["AccessTable"]]


def test_the_access_log_has_no_query_string(signet: Service) -> None:
    stack: Stack = signet.stack
    (stage,) = stack.template.of_type("AWS::ApiGatewayV2::Stage").values()
    words = set(re.findall(r"\$context\.([\w.]+)", str(stage["AccessLogSettings"]["Format"])))

    assert not [word for word in words if "query" in word.lower() or word in {"authorizer.secret", "identity.apiKey"}]


def test_a_full_calendar_is_made_in_time(signet: Service) -> None:
    from signet.api.answering.expiry_calendar import calendar_of
    from tests.support.certificates.domain_examples import a_certificate

    certificates = [a_certificate(not_after=datetime(2027, 1, 1, tzinfo=UTC)) for _ in range(1000)]
    made = calendar_of(certificates, (90, 30, 7, 1), datetime.now(UTC))

    assert len(made) * 4 / 3 < 5_000_000  # a Lambda answers 6 MB at most, base64 included
    assert len(icalendar.Calendar.from_ical(made).walk("VEVENT")) == 1000
