"""Calendars and their links where others act at the same moment, and where there is much to show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from moto.dynamodb.models import dynamodb_backends

from local.template import ACCOUNT, REGION
from signet.adapters.certificate_rows import listing_rows, settings_row, usage_row
from signet.domain.certificate import Usage
from signet.operations.get_expiry_calendar import MOST
from tests.domain_examples import a_certificate
from tests.in_process import Fault, InProcess, InProcessClient, running
from tests.service import Response

pytestmark = pytest.mark.clock

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def whole() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    kept = whole.kept()
    yield whole
    whole.put_back(kept)


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


def meanwhile(deed: Any) -> Any:
    """Before the first transaction, somebody else does `deed`."""
    done: list[bool] = []

    def fault(index: int, name: str) -> Fault | None:
        if name != "dynamodb:TransactWriteItems" or done:
            return None
        done.append(True)

        def first(send: Any, asked: Any) -> Any:
            deed()
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


def test_a_secret_of_any_length_is_refused(signet: InProcess) -> None:
    alice = signet.caller("alice")

    assert alice.get("/calendar", secret="x" * 65).status == 401
    assert alice.get("/calendar", secret="x").status == 401


def test_a_calendar_has_pages_of_certificates_and_a_thousand_at_most(signet: InProcess) -> None:
    fill(signet, MOST + 250, owner="local/alice")
    fill(signet, 1, owner="local/alice", not_after=NOW, renewed_by="crt_0000000000000000000000aa")

    calendar = icalendar.Calendar.from_ical(signet.caller("alice").get("/expiry.ics").body)

    events: list[Any] = calendar.walk("VEVENT")
    ends = [event["dtstart"].dt for event in events]
    assert ends == sorted(ends)
    assert ends[0] == NOW + timedelta(days=1)
    assert len(ends) == MOST
