"""One action on as many certificates as it may name, within its budget."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.integration.certificates.bulk.bulk_actions import ACTIONS, NOWHERE, act, outcomes
from tests.support.certificates.issued import issue
from tests.support.checks.invariants import violations
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import Calls, Fault, InProcess, Send, answered, running
from tests.support.services.over_http import at

MOST = 500


def plain(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what each answer has of its own."""
    text = json.dumps(report)
    for one in report["results"]:
        if "problem" in one:
            text = text.replace(one["problem"]["request_id"], "")
    told: dict[str, Any] = json.loads(text)
    return told


@pytest.fixture(scope="module")
def how_many(request: pytest.FixtureRequest) -> int:
    """As many certificates as one call may name; as a test that is not marked `soak` needs where none of those runs."""
    of_hundreds = (item for item in request.session.items if item.path == request.path)
    return MOST if any(item.get_closest_marker("soak") for item in of_hundreds) else 60


@pytest.fixture(scope="module")
def busy(how_many: int) -> Iterator[InProcess]:
    """A service in this process with certificates, every tenth disabled, every hundredth waiting for a renewal."""
    with running() as signet:
        signet.admin.get("/me")
        group = stored_group("Everything")
        key = issue().key
        for number in range(how_many):
            body = issue(key=key).body(alias=f"many {number:03}", owner="local/alice")
            signet.admin.good("POST", "/certificates", {**body, **({"groups": [group]} if number % 2 else {})})
            if number % 10 == 3:
                signet.admin.good("POST", at(f"many {number:03}", "disable"))
            if number % 100 == 7:
                signet.admin.good("POST", at(f"many {number:03}", "renew"), {})
        assert not violations(signet.items())
        yield signet


@pytest.fixture
def many(busy: InProcess, how_many: int) -> Iterator[list[str]]:
    """Their aliases; all is put back afterwards."""
    kept = busy.kept()
    yield [f"many {number:03}" for number in range(how_many)]
    wrong = violations(busy.items())
    busy.put_back(kept)
    busy.forget()
    assert not wrong


def stored(signet: InProcess) -> dict[str, list[Any]]:
    """Every item of every table but what a service keeps for itself."""
    return {name: sorted(map(json.dumps, items)) for name, items in _readable(signet).items()}


def _readable(signet: InProcess) -> dict[str, list[Any]]:
    return {name: json.loads(json.dumps(items, default=str)) for name, items in signet.items().items()}


def both_ways(
    signet: InProcess, action: str, named: Sequence[str], *, at_once: int = 8, **fields: Any
) -> dict[str, Any]:
    """The report of a real call, which the dry run before it told exactly, storing nothing."""
    before = stored(signet)
    predicted = act(signet.admin, action, named, dry_run=True, **fields)
    assert stored(signet) == before
    with signet.counting() as calls:
        report = act(signet.admin, action, named, **fields)
    assert plain(report) == plain(predicted)
    within_budget(calls, len(named), at_once)
    assert report["summary"] == {
        outcome: sum(one["outcome"] == outcome for one in report["results"])
        for outcome in ("done", "unchanged", "failed")
    }
    assert [one["certificate"] for one in report["results"]] == list(named)
    return report


def within_budget(calls: Calls, count: int, at_once: int = 8) -> None:
    """As the budget of a bulk action has it (architecture, what each may cost)."""
    assert len(calls.made) <= 2 * count + 2, len(calls.made)
    assert calls.round_trips <= count / at_once + 2, calls.round_trips


def test_many_are_disabled_and_deleted_in_one_call(busy: InProcess, many: list[str]) -> None:
    assert both_ways(busy, "disable", many[:40])["summary"] == {"done": 36, "unchanged": 4, "failed": 0}
    named = [*many[:20], NOWHERE, *many[20:40]]
    report = both_ways(busy, "delete", named, at_once=4)  # one has a renewal, and fewer of those fit
    assert [one for one in outcomes(report) if one[1] != "done"] == [(NOWHERE, "failed", "not_found")]
    assert len(busy.admin.items("/signing-requests", status="cancelled")) == 1


@pytest.mark.soak
def test_500_are_disabled_in_one_call_and_those_that_are_so_are_unchanged(busy: InProcess, many: list[str]) -> None:
    report = both_ways(busy, "disable", many)
    assert outcomes(report) == [(alias, "unchanged" if int(alias[-3:]) % 10 == 3 else "done", None) for alias in many]
    assert report["summary"] == {"done": 450, "unchanged": 50, "failed": 0}
    assert len(busy.admin.items("/certificates", status="disabled", limit=200)) == MOST
    assert both_ways(busy, "disable", many[:40])["summary"]["unchanged"] == 40
    assert both_ways(busy, "enable", many[:40])["summary"]["done"] == 40


@pytest.mark.soak
def test_500_are_deleted_in_one_call_with_what_waits_for_them(busy: InProcess, many: list[str]) -> None:
    named = [*many[:300], NOWHERE, "nobody's", *many[300:498]]
    report = both_ways(busy, "delete", named)
    assert report["summary"] == {"done": 498, "unchanged": 0, "failed": 2}
    assert outcomes(report)[300:302] == [(NOWHERE, "failed", "not_found"), ("nobody's", "failed", "not_found")]
    assert [one["alias"] for one in busy.admin.items("/certificates")] == many[498:]
    assert {one["status"] for one in busy.admin.items("/signing-requests")} == {"cancelled"}


@pytest.mark.soak
def test_many_join_groups_in_the_order_asked_until_one_is_full(busy: InProcess, many: list[str]) -> None:
    groups = [stored_group("Small", 73), stored_group("Large")]
    act(busy.admin, "add_to_groups", many[5:8], groups=groups[:1])
    report = both_ways(busy, "add_to_groups", many[:150], groups=groups)
    done = [alias for alias, outcome, _ in outcomes(report) if outcome == "done"]
    assert done == many[:73]
    assert {(outcome, code) for _, outcome, code in outcomes(report)[73:]} == {("failed", "group_full")}
    held = [busy.admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] for group in groups]
    assert held == [73, 73]


def test_a_place_that_becomes_free_meanwhile_is_taken(busy: InProcess, many: list[str]) -> None:
    group = stored_group("Small", 1)
    act(busy.admin, "add_to_groups", many[:1], groups=[group])
    freed: list[Any] = []

    def late(send: Send, asked: Mapping[str, Any]) -> Any:
        answer = send()
        with busy.counting():
            freed.append(act(busy.admin, "remove_from_groups", many[:1], groups=[group]))
        return answer

    with busy.counting(lambda index, name: late if name.endswith("WriteItems") and not freed else None):
        report = act(busy.admin, "add_to_groups", many[1:2], groups=[group])

    assert freed[0]["summary"]["done"] == 1
    assert report["summary"]["done"] == 1
    assert busy.admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] == 1


@pytest.mark.soak
def test_500_leave_a_group_in_one_call(busy: InProcess, many: list[str]) -> None:
    (group,) = {group["id"] for group in busy.admin.good("GET", at(many[1]))["groups"]}
    report = both_ways(busy, "remove_from_groups", many, groups=[group])
    assert report["summary"] == {"done": 250, "unchanged": 250, "failed": 0}
    assert busy.admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] == 0


@pytest.mark.soak
def test_renewals_that_wait_are_cancelled_and_moved_many_at_a_time(busy: InProcess, many: list[str]) -> None:
    for alias in many[20:60]:
        if alias[-2:] != "07":
            busy.admin.good("POST", at(alias, "renew"), {})
    group = stored_group("Later")
    assert both_ways(busy, "add_to_groups", many[20:60], groups=[group])["summary"]["done"] == 40
    # A certificate and its renewal, both in lists of groups, are so much that fewer fit one transaction.
    assert both_ways(busy, "delete", many[20:60], at_once=3)["summary"]["done"] == 40


@pytest.mark.one_in(5)
@pytest.mark.parametrize("action", ["disable", "enable", "delete", "add_to_groups", "remove_from_groups"])
def test_the_events_are_those_of_one_by_one(busy: InProcess, many: list[str], action: str) -> None:
    fields: dict[str, Any] = {}
    if action == "add_to_groups":
        fields["groups"] = [stored_group("Joined")]
    elif action == "remove_from_groups":
        fields["groups"] = [busy.admin.good("GET", at(many[1]))["groups"][0]["id"]]
    single, together = busy.kept(), many[1:21:2]
    before = events_told(busy)
    for alias in together:
        act(busy.admin, action, [alias], **fields)
    one_by_one = events_told(busy)[len(before) :]
    busy.put_back(single)
    busy.forget()
    act(busy.admin, action, together, **fields)
    assert sorted(events_told(busy)[len(before) :], key=json.dumps) == sorted(one_by_one, key=json.dumps)
    if action in {"disable", "enable", "delete"}:
        busy.put_back(single)
        busy.forget()
        for alias in together:
            path = at(alias) if action == "delete" else at(alias, action)
            busy.admin.good("DELETE" if action == "delete" else "POST", path)
        assert sorted(events_told(busy)[len(before) :], key=json.dumps) == sorted(one_by_one, key=json.dumps)


def events_told(signet: InProcess) -> list[Any]:
    """All events as announcements would tell them, without ids and times."""
    own = {"pk", "occurred_at", "request_id", "user_agent", "shard"}
    events = sorted(_readable(signet)["EventTable"], key=lambda item: str(item["pk"]))
    return [{name: value for name, value in event.items() if name not in own} for event in events]


@pytest.mark.soak
def test_what_fails_at_aws_is_told_of_its_certificates_and_a_repeat_does_the_rest(
    busy: InProcess, many: list[str]
) -> None:
    body = {"action": "disable", "certificates": many[:120]}
    refused = {"__type": "AccessDeniedException", "message": ""}
    for passing in (0, 2):
        kept = busy.kept()
        passed: list[str] = []

        def sometimes(send: Send, asked: Mapping[str, Any], passed: list[str] = passed, most: int = passing) -> Any:
            (table, *_) = (next(iter(entry.values()))["TableName"] for entry in asked["TransactItems"])
            if table != busy.tables["IdempotencyTable"]:
                passed.append(table)
                if len(passed) > most:
                    return answered(400, refused)
            return send()

        def fault(index: int, name: str, instead: Fault = sometimes) -> Fault | None:
            return instead if name == "dynamodb:TransactWriteItems" else None

        with busy.counting(fault):
            report = busy.admin.good("POST", ACTIONS, body, headers={"Idempotency-Key": "some fail"})
        assert not violations(busy.items())
        told = {outcome: code for _, outcome, code in outcomes(report)}
        assert told["failed"] == "unavailable"
        done = [alias for alias, outcome, _ in outcomes(report) if outcome != "failed"]
        assert bool(passing) == (len(done) > 12)
        assert {busy.admin.good("GET", at(alias))["status"] for alias in done} == {"disabled"}
        again = busy.admin.post(ACTIONS, body, key="some fail").json
        assert again["summary"]["failed"] == 0
        assert again["summary"]["done"] == report["summary"]["failed"]
        assert {busy.admin.good("GET", at(alias))["status"] for alias in many[:120]} == {"disabled"}
        busy.put_back(kept)
        busy.forget()
