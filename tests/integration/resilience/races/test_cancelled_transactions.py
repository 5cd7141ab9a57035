"""Transactions that meet cancel each other, as DynamoDB has it; and what was overtaken is made again."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.integration.resilience.races.at_once import ORDER, at_once, codes
from tests.support.certificates.issued import issue
from tests.support.checks.invariants import violations
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, Send, running
from tests.support.services.meetings import meetings_cancel
from tests.support.services.over_http import at


@pytest.fixture
def meeting() -> Iterator[InProcess]:
    """The service on a database where a transaction takes 5 ms, and one on an item of another's is cancelled."""
    with running(hurried=False) as signet:
        with signet.counting(meetings_cancel(0.005)):
            yield signet
        assert not violations(signet.items())


@pytest.mark.soak
def test_64_callers_succeed_though_their_transactions_cancel_each_other(meeting: InProcess) -> None:
    made = meeting.admin.import_certificate(owner="local/alice")
    alice = meeting.caller("alice").patient()
    alice.good("POST", at(made["id"], "sign"), ORDER)

    responses = at_once(64, lambda _: alice.post(at(made["id"], "sign"), ORDER))

    assert codes(responses) == {(200, None): 64}
    assert meeting.admin.good("GET", at(made["id"]))["usage_count"] == 65
    assert meeting.calls.names.count("dynamodb:TransactWriteItems") > 70, "no transaction met another"


def test_a_full_group_stays_full_whoever_comes_at_once(meeting: InProcess) -> None:
    meeting.admin.get("/me")
    group = stored_group("Small", 5)
    files = [issue() for _ in range(16)]
    admin = meeting.admin.patient()

    responses = at_once(16, lambda number: admin.post("/certificates", files[number].body(groups=[group])))

    assert codes(responses) == {(201, None): 5, (409, "group_full"): 11}


def test_a_use_that_is_written_late_does_not_become_the_newest(meeting: InProcess) -> None:
    """Two sign at once; the one whose event sorts first is written last. What follows sorts behind both."""
    meeting.admin.import_certificate(alias="mine", owner="local/alice")
    alice = meeting.caller("alice").patient()
    alice.good("POST", at("mine", "sign"), ORDER)

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            overtaking.append(alice.good("POST", at("mine", "sign"), ORDER))
        return send()

    overtaking: list[Any] = []
    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not overtaking else None):
        overtaken = alice.good("POST", at("mine", "sign"), ORDER)
    assert overtaken["event_id"] < overtaking[0]["event_id"]
    seen = meeting.admin.good("GET", at("mine"))
    assert seen["usage_count"] == 3
    assert seen["last_used_at"] == overtaking[0]["used_at"]


@pytest.mark.parametrize("with_key", [True, False])
def test_the_same_file_that_came_in_meanwhile_is_answered_as_if_it_was_there(
    meeting: InProcess, with_key: bool
) -> None:
    issued = issue()
    first = issued.body() if with_key else {"content": base64.b64encode(issued.pem).decode()}
    come: list[Any] = []

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            come.append(meeting.admin.good("POST", "/certificates", first))
        return send()

    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not come else None):
        response = meeting.admin.post("/certificates", issued.body())

    assert response.json.get("certificate_id" if with_key else "id") == come[0]["id"], response
    assert response.code == ("certificate_exists" if with_key else None)


def test_a_change_that_was_overtaken_is_made_again_on_what_is_there(meeting: InProcess) -> None:
    made = meeting.admin.import_certificate()
    overtaking: list[Any] = []

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            overtaking.append(meeting.admin.good("POST", at(made["id"], "disable")))
        return send()

    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not overtaking else None):
        changed = meeting.admin.good("PATCH", at(made["id"]), {"description": "overtaken"})

    assert overtaking[0]["status"] == "disabled"
    assert (changed["status"], changed["description"]) == ("disabled", "overtaken")
    assert changed["version"] == overtaking[0]["version"] + 1
