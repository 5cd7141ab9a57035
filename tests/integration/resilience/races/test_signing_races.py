"""Who signs while others sign, try PINs or change what is asked for: all are counted, and each change is obeyed."""

from __future__ import annotations

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.resilience.races.at_once import MANY, MESSAGE, ORDER, at_once, codes
from tests.support.certificates.issued import issue
from tests.support.services.actions import a_policy, sign
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, Response, Service, at


@pytest.mark.soak
def test_64_callers_on_one_certificate_all_succeed_and_are_all_counted(admin: Client, alice: Client) -> None:
    issued = issue()
    made = admin.import_certificate(issued, owner="local/alice")

    responses = at_once(64, lambda _: alice.post(at(made["alias"], "sign"), ORDER))

    assert codes(responses) == {(200, None): 64}
    key = issued.key.public_key()
    for response in responses:
        key.verify(base64.b64decode(response.json["signature"]), MESSAGE, ec.ECDSA(hashes.SHA256()))
    seen = admin.good("GET", at(made["id"]))
    assert seen["usage_count"] == 64
    events = admin.items(at(made["id"], "events"), type="Certificate Used", limit=200)
    assert len(events) == 64
    assert {event["id"] for event in events} == {response.json["event_id"] for response in responses}
    newest = max(datetime.fromisoformat(event["occurred_at"]) for event in events)
    assert abs(datetime.fromisoformat(seen["last_used_at"]) - newest) <= timedelta(seconds=1)


@MANY
def test_of_many_wrong_pins_at_once_five_are_tried(admin: Client, alice: Client, many: int) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    responses = at_once(many, lambda number: alice.post(sign, {**ORDER, "pin": f"wrong {number}"}))

    assert codes(responses) == {(403, "pin_wrong"): 5, (429, "pin_locked"): many - 5}
    assert all(0 < int(one.headers["retry-after"]) <= 15 * 60 for one in responses if one.status == 429)
    assert alice.post(sign, {**ORDER, "pin": "2468"}).code == "pin_locked"
    refused = Counter(event["code"] for event in admin.items(at(made["id"], "events"), outcome="refused"))
    assert refused == {"pin_wrong": 5, "pin_locked": many - 4}


def test_right_pins_among_four_wrong_ones_are_all_taken_and_start_the_count_again(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    told = codes(at_once(8, lambda number: alice.post(sign, {**ORDER, "pin": ("2468", "1357")[number % 2]})))

    assert told == {(200, None): 4, (403, "pin_wrong"): 4}
    assert alice.post(sign, {**ORDER, "pin": "2468"}).status == 200
    # Whatever was left of the count, the right one has ended it: four more do not lock, the fifth does.
    codes_after = [alice.post(sign, {**ORDER, "pin": "1357"}).code for _ in range(6)]
    assert codes_after == ["pin_wrong"] * 5 + ["pin_locked"]
    assert admin.good("GET", at(made["id"]))["usage_count"] == 5


def test_a_right_pin_among_too_many_wrong_ones_is_taken_or_waits_for_the_end_of_the_lock(
    admin: Client, alice: Client
) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    responses = at_once(16, lambda number: alice.post(sign, {**ORDER, "pin": "2468" if number % 8 == 0 else "1357"}))

    told = codes(responses)
    taken, wrong, locked = told[200, None], told[403, "pin_wrong"], told[429, "pin_locked"]
    # Of 14 wrong ones four can stand before each right one, so with two the count comes to five, which locks.
    assert taken + wrong + locked == 16
    assert 5 <= wrong <= 4 * taken + 5
    assert all(0 < int(one.headers["retry-after"]) <= 15 * 60 for one in responses if one.status == 429)
    seen = admin.good("GET", at(made["id"]))
    assert (seen["usage_count"], seen["pin_locked_until"] is not None) == (taken, True)
    assert codes(at_once(4, lambda number: alice.post(sign, {**ORDER, "pin": "2468"}))) == {(429, "pin_locked"): 4}


class Sent(NamedTuple):
    begun: float
    response: Response


def until(come: Callable[[], bool]) -> None:
    end = time.monotonic() + ANSWER_TIMEOUT_SECONDS
    while not come():
        assert time.monotonic() < end
        time.sleep(0.02)


def signing_meanwhile(sign: Callable[[], Response], change: Callable[[], Any]) -> tuple[float, list[Sent]]:
    """When `change` was answered, and all that six callers sent who signed before, during and after it."""
    over, sent = threading.Event(), list[Sent]()

    def go_on() -> None:
        while not over.is_set():
            begun = time.monotonic()
            sent.append(Sent(begun, sign()))

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(go_on)
        until(lambda: any(one.response.status == 200 for one in sent))
        change()
        answered_at = time.monotonic()
        until(lambda: sum(one.begun > answered_at for one in sent) >= 6)
        over.set()
    return answered_at, sent


def obeyed(answered_at: float, sent: list[Sent], *codes_after: str) -> None:
    later = [one.response for one in sent if one.begun > answered_at]
    assert {response.code for response in later} <= set(codes_after), later
    assert {one.response.code for one in sent} <= {None, *codes_after}


@pytest.mark.soak
def test_a_disable_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    for _ in range(3):
        answered_at, sent = signing_meanwhile(
            lambda: alice.post(at(made["alias"], "sign"), ORDER),
            lambda: admin.good("POST", at(made["id"], "disable")),
        )
        obeyed(answered_at, sent, "certificate_disabled")
        admin.good("POST", at(made["id"], "enable"))


def test_a_delete_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), ORDER), lambda: admin.good("DELETE", at(made["id"]))
    )
    obeyed(answered_at, sent, "not_found")


@pytest.mark.soak
def test_a_new_pin_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), {**ORDER, "pin": "2468"}),
        lambda: admin.good("PATCH", at(made["id"]), {"pin": "another"}),
    )
    obeyed(answered_at, sent, "pin_wrong", "pin_locked")


def test_a_new_owner_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), ORDER),
        lambda: admin.good("PATCH", at(made["id"]), {"owner": "local/bob"}),
    )
    obeyed(answered_at, sent, "not_found")


def test_a_policys_deletion_is_obeyed_by_all_that_begins_after_its_answer(
    signet: Service, admin: Client, alice: Client
) -> None:
    made = admin.import_certificate()
    policies = [a_policy(admin, alice, certificates=[made["id"]], priority=priority) for priority in (1, 2)]
    answered_at, sent = signing_meanwhile(
        lambda: sign(alice, made["alias"]), lambda: [admin.good("DELETE", f"/policies/{one['id']}") for one in policies]
    )
    obeyed(answered_at, sent, "not_found")


def test_a_new_denial_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate()
    a_policy(admin, alice, certificates=[made["id"]], priority=5)
    answered_at, sent = signing_meanwhile(
        lambda: sign(alice, made["alias"]),
        lambda: a_policy(admin, alice, certificates=[made["id"]], priority=5, action="deny"),
    )
    obeyed(answered_at, sent, "not_allowed_by_policy")
