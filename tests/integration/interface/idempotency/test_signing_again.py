"""The same order under the same key signs once, and never for who may not sign any more."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signet.wiring import wiring
from tests.integration.interface.idempotency.repeats import OWNER, SIGN, USER, count, sign
from tests.support.certificates.issued import unused_name
from tests.support.services.in_process import running
from tests.support.services.over_http import Client, Service, assert_refused, at


def test_a_repeat_answers_the_same_signature_and_counts_once(
    signet: Service, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)
    with signet.nothing_stored():
        again = [sign(alice, mine["id"], key) for _ in range(3)]

    assert {one.body for one in again} == {first.body}
    assert {one.status for one in again} == {200}
    assert count(alice, mine["id"]) == 1


def test_without_a_key_each_is_a_use_of_its_own(alice: Client, mine: dict[str, Any]) -> None:
    assert len({sign(alice, mine["id"], None).json["event_id"] for _ in range(3)}) == 3
    assert count(alice, mine["id"]) == 3


def test_the_same_body_written_in_another_way_is_the_same(alice: Client, mine: dict[str, Any], key: str) -> None:
    first = sign(alice, mine["id"], key)
    reordered = json.dumps(dict(reversed(SIGN.items())), indent=3).encode()

    again = alice.post(at(mine["id"], "sign"), reordered, key=key)

    assert again.body == first.body


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "other",
    [
        {"message": "AAAB"},
        {"signing_algorithm": "ECDSA_SHA_384"},
        {"reason": "other"},
        {"application": {"process": "other"}},
        {"dry_run": True},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_body_with_the_key_is_refused(
    other: dict[str, Any], signet: Service, alice: Client, mine: dict[str, Any], key: str
) -> None:
    sign(alice, mine["id"], key)

    with signet.nothing_stored():
        refused = sign(alice, mine["id"], key, **other)

    assert_refused(refused, 422, "idempotency_key_reused")


def test_another_certificate_or_action_with_the_key_is_refused(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    another = admin.import_certificate(owner=OWNER)
    sign(alice, mine["id"], key)
    admin.good("POST", at(mine["id"], "disable"), headers={"Idempotency-Key": key})

    with signet.nothing_stored():
        assert_refused(sign(alice, another["id"], key), 422, "idempotency_key_reused")
        assert_refused(admin.post(at(mine["id"], "enable"), key=key), 422, "idempotency_key_reused")
        assert_refused(admin.post(at(another["id"], "disable"), key=key), 422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)
    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    bob = signet.caller("bob")

    second = sign(bob, mine["id"], key)
    other_body = sign(signet.caller("bob"), mine["id"], key, message="AAAB")

    assert second.status == 200
    assert second.json["event_id"] != first.json["event_id"]
    assert_refused(other_body, 422, "idempotency_key_reused")


def test_a_refusal_is_not_kept(admin: Client, alice: Client, mine: dict[str, Any], key: str) -> None:
    admin.good("POST", at(mine["id"], "disable"))
    assert_refused(sign(alice, mine["id"], key), 403, "certificate_disabled")
    assert_refused(sign(alice, mine["id"], key, signing_algorithm="ED25519_SHA_512"), 422, "algorithm_mismatch")
    admin.good("POST", at(mine["id"], "enable"))
    assert_refused(sign(alice, mine["id"], key, signing_algorithm="ED25519_SHA_512"), 422, "algorithm_mismatch")

    assert sign(alice, mine["id"], key).status == 200


def test_a_signature_is_not_given_again_after_a_disable(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)

    admin.good("POST", at(mine["id"], "disable"))
    with signet.nothing_stored("certificate_disabled"):
        assert_refused(sign(alice, mine["id"], key), 403, "certificate_disabled")
    admin.good("POST", at(mine["id"], "enable"))
    assert sign(alice, mine["id"], key).body == first.body
    assert count(alice, mine["id"]) == 1


def test_a_signature_is_not_given_again_to_who_lost_it(
    admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    sign(alice, mine["id"], key)

    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    assert_refused(sign(alice, mine["id"], key), 404, "not_found")
    admin.delete(at(mine["id"]))
    assert_refused(sign(alice, mine["id"], key), 404, "not_found")


def test_a_repeat_is_about_the_certificate_that_signed_wherever_its_alias_went(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    alias = mine["alias"]
    first = sign(alice, alias, key)

    admin.good("PATCH", at(mine["id"]), {"alias": unused_name()})
    with signet.nothing_stored():
        assert sign(alice, alias, key).body == first.body
    successor = admin.import_certificate(owner=OWNER, alias=alias)
    with signet.nothing_stored():
        assert sign(alice, alias, key).body == first.body
    admin.good("POST", at(mine["id"], "disable"))
    with signet.nothing_stored("certificate_disabled"):
        assert_refused(sign(alice, alias, key), 403, "certificate_disabled")
    admin.delete(at(mine["id"]))
    with signet.nothing_stored():
        assert_refused(sign(alice, alias, key), 404, "not_found")
    assert sign(alice, alias, None).json["certificate_id"] == successor["id"]


def test_a_repeat_needs_the_pin_and_the_reason_too(admin: Client, alice: Client, key: str) -> None:
    guarded = admin.import_certificate(owner=OWNER, pin="2468")["id"]
    first = sign(alice, guarded, key, pin="2468")

    assert_refused(sign(alice, guarded, key, pin="0000"), 403, "pin_wrong")
    assert_refused(sign(alice, guarded, key), 403, "pin_required")
    assert sign(alice, guarded, key, pin="2468").body == first.body
    admin.good("PATCH", at(guarded), {"pin": "1357"})
    assert_refused(sign(alice, guarded, key, pin="2468"), 403, "pin_wrong")
    assert sign(alice, guarded, key, pin="1357").body == first.body


def test_of_eight_at_once_one_signs_and_all_get_its_answer(alice: Client, mine: dict[str, Any], key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sign(alice, mine["id"], key), range(8)))

    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    assert count(alice, mine["id"]) == 1


class LaterClock:
    """Tells a time so much later."""

    def __init__(self, later: timedelta) -> None:
        self.later = later

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


@pytest.mark.clock
@pytest.mark.parametrize(("later", "kept"), [(timedelta(hours=23, minutes=59), True), (timedelta(days=1), False)])
def test_an_answer_is_kept_for_24_hours_and_read_no_later(later: timedelta, kept: bool) -> None:
    with running() as signet:
        certificate = signet.admin.import_certificate(owner=OWNER)["id"]
        alice = signet.caller(USER)
        first = sign(alice, certificate, "a key")

        signet.forget()
        wiring().__dict__["clock"] = LaterClock(later)
        second = sign(alice, certificate, "a key")

        assert second.status == 200
        assert (second.body == first.body) is kept
        assert count(alice, certificate) == (1 if kept else 2)


def test_a_dry_run_keeps_nothing(signet: Service, alice: Client, mine: dict[str, Any], key: str) -> None:
    with signet.nothing_stored():
        assert sign(alice, mine["id"], key, dry_run=True).status == 200

    assert "signature" in sign(alice, mine["id"], key).json
