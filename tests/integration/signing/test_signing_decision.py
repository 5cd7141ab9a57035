"""The decision is taken in its order, obeys each change at once, and is counted and told; dry runs store nothing."""

from typing import Any

import pytest

from tests.integration.signing.signing_orders import OWNER, Attempts, digest, order
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at


def test_the_decision_is_taken_in_its_order(signet: Service, admin: Client, alice: Client, mallory: Client) -> None:
    issued = issue(begins_in_days=-30, days=-2)
    body = {
        "content": in_base64(issued.der),
        "alias": unused_name(),
        "owner": OWNER,
        "ask_for_reason": True,
        "pin": "1234",
    }
    made = admin.good("POST", "/certificates", body)
    attempts = Attempts(signet, admin, made["id"])
    admin.good("POST", at(made["id"], "disable"))

    # All that can be wrong is; one after the other is put right.
    attempts.refused(409, "no_private_key", alice)
    attempts.refused(409, "no_private_key", admin)
    assert admin.post("/certificates", issued.body()).status == 200
    attempts.refused(403, "certificate_disabled", alice)
    attempts.refused(403, "certificate_disabled", admin)
    admin.good("POST", at(made["id"], "enable"))
    attempts.refused(403, "certificate_expired", alice, reason="r", pin="1234")
    attempts.refused(403, "certificate_expired", admin)

    # What has expired stays so; another goes on from there.
    valid = admin.import_certificate(owner=OWNER, ask_for_reason=True, pin="1234")
    attempts = Attempts(signet, admin, valid["id"])
    attempts.refused(403, "not_allowed_by_policy", admin)
    attempts.refused(403, "not_allowed_by_policy", admin, reason="r", pin="1234")
    attempts.refused(403, "reason_required", alice)
    attempts.refused(403, "reason_required", alice, pin="1234")
    attempts.refused(403, "reason_required", alice, reason=" \n ", pin="1234")
    attempts.refused(403, "pin_required", alice, reason="r")
    attempts.refused(403, "pin_wrong", alice, reason="r", pin="0000")
    signed = alice.good("POST", at(valid["id"], "sign"), order(reason="r", pin="1234"))

    assert signed["signature"]
    with signet.nothing_stored():
        assert_refused(mallory.post(at(valid["id"], "sign"), order(reason="r", pin="1234")), 404, "not_found")


def test_a_certificate_that_is_not_yet_valid_signs_nothing(signet: Service, admin: Client, alice: Client) -> None:
    early = admin.import_certificate(issue(begins_in_days=1, days=9), owner=OWNER, ask_for_reason=True)

    Attempts(signet, admin, early["id"]).refused(403, "certificate_not_yet_valid", alice)


def test_disabled_comes_before_expired_and_a_missing_key_before_both(
    signet: Service, admin: Client, alice: Client
) -> None:
    expired = admin.import_certificate(issue(begins_in_days=-9, days=-1), owner=OWNER)
    attempts = Attempts(signet, admin, expired["id"])

    attempts.refused(403, "certificate_expired", alice)
    admin.good("POST", at(expired["id"], "disable"))
    attempts.refused(403, "certificate_disabled", alice)


def test_an_administrator_does_not_sign_with_what_others_own(
    signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    Attempts(signet, admin, mine["id"]).refused(403, "not_allowed_by_policy", admin)


def test_only_the_present_owner_signs(signet: Service, admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    bob = signet.caller("bob")
    path = at(mine["id"], "sign")

    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [200, 404]
    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [404, 200]
    admin.good("PATCH", at(mine["id"]), {"owner": None})
    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [404, 404]


@pytest.mark.parametrize("user", ["ALICE", "alice ", "Alice", "alic\u0435", "local/alice", "alice\u200b"])
def test_a_name_that_looks_like_the_owners_is_not_the_owners(user: str, signet: Service, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        response = signet.caller(user).post(at(mine["id"], "sign"), order())

    assert response.code in {"not_found", "unauthenticated"}


def test_a_deleted_certificate_signs_nothing(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    assert alice.post(at(mine["id"], "sign"), order()).status == 200
    assert admin.delete(at(mine["id"])).status == 204

    assert_refused(alice.post(at(mine["id"], "sign"), order()), 404, "not_found")
    assert_refused(alice.post(at(mine["alias"], "sign"), order()), 404, "not_found")


def test_a_disable_is_obeyed_at_once_and_so_is_an_enable(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    for _ in range(3):
        admin.good("POST", at(mine["id"], "disable"))
        assert_refused(alice.post(at(mine["alias"], "sign"), order()), 403, "certificate_disabled")
        admin.good("POST", at(mine["id"], "enable"))
        assert alice.post(at(mine["alias"], "sign"), order()).status == 200


def test_a_use_is_counted_and_told(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    application = {"process": "signtool", "command_line": 'signtool sign /v "a b.exe"'}

    answers = [
        alice.good("POST", at(mine["id"], "sign"), order(reason=f"release {n}", application=application))
        for n in range(3)
    ]

    seen = alice.good("GET", at(mine["id"]))
    events = admin.items(at(mine["id"], "events"), type="Certificate Used")
    assert seen["usage_count"] == len(events) == 3
    assert seen["last_used_at"] == answers[-1]["used_at"] == events[0]["occurred_at"]
    assert (seen["version"], seen["updated_at"]) == (mine["version"], mine["updated_at"])
    assert [event["id"] for event in events] == [answer["event_id"] for answer in reversed(answers)]
    assert events[0]["detail"] == {
        "signing_algorithm": "ECDSA_SHA_256",
        "message_type": "RAW",
        "digest": digest("SHA_256").hex(),
        "reason": "release 2",
        "application": application,
        "decided_by": "owner",
    }


def test_a_dry_run_decides_and_stores_nothing(signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        tried = alice.good(
            "POST", at(mine["id"], "sign"), order(dry_run=True), headers={"Idempotency-Key": unused_name()}
        )

    assert tried["dry_run"] is True
    assert not {"signature", "event_id", "used_at"} & set(tried)
    assert (tried["certificate_id"], tried["signing_algorithm"]) == (mine["id"], "ECDSA_SHA_256")
