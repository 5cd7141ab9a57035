"""Deletions of many whose answers got lost: a repeat with the Idempotency-Key tells of them, and does the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.checks.invariants import violations
from tests.support.services.in_process import Fault, InProcess, Send, answered, running
from tests.support.services.over_http import Client, Response, at

BROKEN = {"__type": "InternalServerError", "message": "no"}
WRITE, READ = "dynamodb:TransactWriteItems", "dynamodb:BatchGetItem"


@pytest.fixture(scope="module")
def whole() -> Iterator[InProcess]:
    with running() as signet:
        signet.admin.get("/me")
        yield signet


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    whole.forget()
    with whole.as_it_was():
        yield whole


@pytest.fixture
def three(signet: InProcess) -> list[dict[str, Any]]:
    return [signet.admin.import_certificate(alias=unused_name("gone")) for _ in range(3)]


def about_certificates(signet: InProcess, asked: Mapping[str, Any]) -> bool:
    """Whether a transaction is about more than the idempotency key."""
    tables = {next(iter(entry.values()))["TableName"] for entry in asked["TransactItems"]}
    return tables != {signet.tables["IdempotencyTable"]}


def broken(signet: InProcess, *, sent: bool, then_no_reads: bool) -> Any:
    """Each deletion answers 500, having taken effect or not; and behind the first of them no read answers either."""
    begun: list[bool] = []

    def write(send: Send, asked: Mapping[str, Any]) -> Any:
        if not about_certificates(signet, asked):
            return send()
        if sent and not begun:
            send()
        begun.append(True)
        return answered(500, BROKEN)

    def read(send: Send, asked: Mapping[str, Any]) -> Any:
        return answered(500, BROKEN) if begun and then_no_reads else send()

    def fault(index: int, name: str) -> Fault | None:
        return {WRITE: write, READ: read}.get(name)

    return fault


def delete(by: Client, certificates: list[str], key: str | None = "the same") -> Response:
    return by.post("/certificates/actions", {"action": "delete", "certificates": certificates}, key=key)


def told(response: Response) -> list[tuple[str, str | None]]:
    assert response.status == 200, response
    return [(one["outcome"], one.get("problem", {}).get("code")) for one in response.json["results"]]


def deletions(signet: InProcess) -> int:
    return len(signet.admin.items("/events", type="Certificate Deleted", outcome="done"))


DONE = ("done", None)
UNAVAILABLE = ("failed", "unavailable")


@pytest.mark.parametrize("by", ["id", "alias"])
def test_what_was_deleted_without_an_answer_is_done(signet: InProcess, three: list[dict[str, Any]], by: str) -> None:
    with signet.counting(broken(signet, sent=True, then_no_reads=False)):
        first = delete(signet.admin, [one[by] for one in three])

    assert told(first) == [DONE] * 3
    assert delete(signet.admin, [one[by] for one in three]).json == first.json
    assert deletions(signet) == 3
    assert not violations(signet.items())


@pytest.mark.parametrize("by", ["id", "alias"])
def test_a_repeat_answers_as_deleted_what_could_not_be_looked_for(
    signet: InProcess, three: list[dict[str, Any]], by: str
) -> None:
    names = [one[by] for one in three]
    with signet.counting(broken(signet, sent=True, then_no_reads=True)):
        assert told(delete(signet.admin, names)) == [UNAVAILABLE] * 3
    with signet.counting(lambda index, name: (lambda send, asked: answered(500, BROKEN)) if name == READ else None):
        assert delete(signet.admin, names).status == 503

    again = delete(signet.admin, names)

    assert told(again) == [DONE] * 3
    assert again.json["summary"] == {"done": 3, "unchanged": 0, "failed": 0}
    assert delete(signet.admin, names).json == again.json
    # Whoever does not say that it is the same order is told how it is.
    assert told(delete(signet.admin, names, key=None)) == [("failed", "not_found")] * 3
    assert deletions(signet) == 3
    assert not violations(signet.items())


def test_a_repeat_does_the_rest(signet: InProcess, three: list[dict[str, Any]]) -> None:
    names = [one["id"] for one in three]
    with signet.counting(broken(signet, sent=False, then_no_reads=True)):
        assert told(delete(signet.admin, names)) == [UNAVAILABLE] * 3
    signet.admin.good("DELETE", at(names[0]))

    assert told(delete(signet.admin, [*names])) == [DONE] * 3

    assert deletions(signet) == 3
    other = delete(signet.admin, names[:1])
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_second_mention_stays_one(signet: InProcess, three: list[dict[str, Any]]) -> None:
    names = [three[0]["id"], three[0]["id"], three[0]["alias"], three[1]["alias"]]
    with signet.counting(broken(signet, sent=True, then_no_reads=True)):
        assert told(delete(signet.admin, names)) == [UNAVAILABLE, ("unchanged", None), ("unchanged", None), UNAVAILABLE]

    assert told(delete(signet.admin, names)) == [DONE, ("unchanged", None), ("unchanged", None), DONE]


def test_what_has_the_alias_by_now_is_not_deleted_by_a_repeat(signet: InProcess, three: list[dict[str, Any]]) -> None:
    names = [one["alias"] for one in three]
    with signet.counting(broken(signet, sent=True, then_no_reads=True)):
        delete(signet.admin, names)
    other = signet.admin.import_certificate(alias=names[1])

    assert told(delete(signet.admin, names)) == [DONE] * 3

    assert signet.admin.get(at(other["id"])).status == 200
    assert deletions(signet) == 3


def test_who_may_not_delete_any_more_is_told_nothing_of_before(signet: InProcess, three: list[dict[str, Any]]) -> None:
    role = {"name": "Deleters", "permissions": ["certificates:view", "certificates:delete"], "users": ["local/bob"]}
    made = signet.admin.good("POST", "/roles", role)
    bob, names = signet.caller("bob"), [one["id"] for one in three]
    with signet.counting(broken(signet, sent=True, then_no_reads=True)):
        assert told(delete(bob, names)) == [UNAVAILABLE] * 3
    signet.admin.good("PATCH", f"/roles/{made['id']}", {"permissions": ["certificates:view"]})

    assert told(delete(bob, names)) == [("failed", "not_found")] * 3
