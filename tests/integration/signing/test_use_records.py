"""What the audit record keeps of orders to sign: no secret of theirs, and those for what the caller cannot see."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from signet.domain.access.principal import Principal
from signet.domain.events.announcement import announcement_of
from signet.domain.events.event import EventType, unseen_refusal
from tests.support.certificates.domain_examples import a_certificate
from tests.support.certificates.issued import unused_name
from tests.support.services.actions import a_group, a_policy, a_role, sign_order
from tests.support.services.over_http import Client, Service, assert_refused, at

USE_REFUSED = "Certificate Use Refused"
PIN = "7193"
JWT = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ"
    ".eyJzdWIiOiJidWlsZCIsImF1ZCI6InNvbWV3aGVyZSBlbHNlIn0"
    ".c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2UgYW5kIGZvciBzb21lYm9keSBlbHNl"
)


def newest(admin: Client, user: str, **filters: Any) -> dict[str, Any]:
    event: dict[str, Any] = admin.good("GET", "/events", user=user, limit=1, **filters)["items"][0]
    return event


@pytest.fixture
def named(signet: Service, admin: Client) -> Client:
    """Somebody whom a policy names, for another certificate than those asked for here."""
    caller = signet.caller(unused_name("named").replace(" ", "-"), "ci", "release")
    a_policy(admin, caller, certificates=[admin.import_certificate()["id"]])
    return caller


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.one_in(2)
@pytest.mark.parametrize("pin", [PIN, "5820"], ids=["right", "wrong"])
def test_neither_its_pin_nor_a_token_is_kept_of_an_order_and_the_decision_is_on_the_original(
    signet: Service, admin: Client, pin: str
) -> None:
    token = signet.stack.issuer.token("secretive", [])
    secretive = signet.with_token(token)
    made = admin.import_certificate(pin=PIN)
    where = {"command_lines": [rf"/p {pin} .*/token eyJ"], "processes": [f"sign-{pin}"]}
    a_policy(admin, certificates=[made["id"]], who={"users": ["local/secretive"]}, where=where)
    application = {
        "process": f"sign-{pin}.exe",
        "command_line": f'sign /p {pin} /q "{pin}" /token {token} --jwt={JWT} a.exe',
    }
    order = sign_order(pin=pin, reason=f"pin {pin}, {JWT}", application=application)

    answer = secretive.post(at(made["id"], "sign"), order, headers={"User-Agent": f"sign/1.0 ({pin}; {token})"})

    assert (answer.status, answer.code) == ((200, None) if pin == PIN else (403, "pin_wrong"))
    event = newest(admin, "local/secretive")
    assert event["detail"]["application"] == {
        "process": "sign-***.exe",
        "command_line": 'sign /p *** /q "***" /token *** --jwt=*** a.exe',
    }
    assert event["detail"]["reason"] == "pin ***, ***"
    assert event["user_agent"] == "sign/1.0 (***; ***)"
    stored = "".join(item for item in signet.stored()["EventTable"] if event["id"] in item)
    for secret in (f"p {pin}", f"n {pin}", f"-{pin}", token, token.rpartition(".")[2], JWT):
        assert secret not in stored


def test_what_is_asked_for_is_told_without_the_token_in_it(signet: Service, admin: Client, named: Client) -> None:
    for asked in (f"release {JWT}", "x" * 2000):
        assert_refused(named.post(at(asked, "sign"), sign_order()), 404, "not_found")
        told = newest(admin, named.user)["detail"]["certificate"]
        assert told == (f"release {'***'}" if JWT in asked else "x" * 256)
    assert not [line for line in signet.printed if JWT in line]


# --- what is not seen ------------------------------------------------------------------------------------------------


def test_an_order_for_the_unseen_is_recorded_as_one_for_nothing_is(
    signet: Service, admin: Client, named: Client
) -> None:
    hidden = admin.import_certificate(owner="local/alice")
    for asked in (hidden["id"], hidden["alias"], hidden["alias"].upper(), "crt_0000000000000000000000zz", "nobody's"):
        assert_refused(named.post(at(asked, "sign"), sign_order(reason="r")), 404, "not_found")
        event = newest(admin, named.user)
        assert (event["type"], event["outcome"], event["code"]) == (USE_REFUSED, "refused", "not_found")
        assert event["detail"] == {
            "certificate": asked,
            "signing_algorithm": "ECDSA_SHA_256",
            "message_type": "RAW",
            "reason": "r",
            "user_groups": ["local/ci", "local/release"],
        }
        exists = hidden["alias"].lower() == asked.lower() or hidden["id"] == asked
        mention = {name: hidden[name] for name in ("id", "alias", "thumbprint_sha256")}
        assert event.get("certificate") == (mention if exists else None)
        assert admin.good("GET", f"/events/{event['id']}") == event


def test_which_certificate_it_was_is_for_administrators_alone(signet: Service, admin: Client, named: Client) -> None:
    hidden = admin.import_certificate(groups=[a_group(admin)])
    viewer, auditor = (signet.caller(unused_name(name).replace(" ", "-")) for name in ("viewer", "auditor"))
    admin.good("PATCH", "/roles/rol_000000000000000000000002", {"users": [viewer.user]})
    a_role(admin, auditor, permissions=["certificates:view", "events:view_certificates"])
    named.post(at(hidden["alias"], "sign"), sign_order())
    event = newest(admin, named.user)
    assert event["certificate"]["id"] == hidden["id"]

    told = viewer.good("GET", f"/events/{event['id']}")
    assert "certificate" not in told
    assert told["detail"]["certificate"] == hidden["alias"]
    assert hidden["id"] not in json.dumps(viewer.good("GET", "/events", user=named.user))
    assert hidden["id"] not in viewer.get("/events", user=named.user, headers={"Accept": "text/csv"}).body.decode()
    # Nor is it found by the certificate, by anybody.
    assert auditor.get(f"/events/{event['id']}").status == 404
    for who in (admin, viewer, auditor):
        assert event["id"] not in {one["id"] for one in who.items(at(hidden["id"], "events"))}
    admin.good("PATCH", "/roles/rol_000000000000000000000002", {"users": []})


def test_it_is_not_announced() -> None:
    for certificate in (a_certificate(), None):
        event = unseen_refusal(
            EventType.CERTIFICATE_USE_REFUSED, Principal("corp/eve"), datetime.now(UTC), "asked", certificate
        )
        assert announcement_of(event) is None


@pytest.mark.soak
def test_of_whom_no_role_and_no_policy_names_only_the_log_tells(signet: Service, admin: Client) -> None:
    hidden = admin.import_certificate()
    # Of a group or of none; and no user of other tests, which may give anybody a role.
    for groups in ((), (unused_name("group"),)):
        who = signet.caller(unused_name("stranger").replace(" ", "-"), *groups)
        with signet.nothing_stored():
            for asked in (hidden["alias"], "nobody's"):
                assert_refused(who.post(at(asked, "sign"), sign_order()), 404, "not_found")
                line = json.loads([one for one in signet.printed if '"answered"' in one and who.user in one][-1])
                assert (line["user"], line["certificate"], line["status"]) == (who.user, asked, 404)
                assert line["milliseconds"] > 0


@pytest.mark.soak
def test_a_disabled_policy_and_a_deny_name_somebody_too(signet: Service, admin: Client) -> None:
    other = admin.import_certificate()["id"]
    for fields in ({"enabled": False}, {"action": "deny"}):
        caller = signet.caller(unused_name("known").replace(" ", "-"))
        a_policy(admin, caller, certificates=[other], **fields)
        with signet.nothing_stored("not_found"):
            assert_refused(caller.post(at(other, "sign"), sign_order()), 404, "not_found")


def test_a_dry_run_leaves_nothing(signet: Service, admin: Client, named: Client) -> None:
    hidden = admin.import_certificate()
    with signet.nothing_stored():
        assert_refused(named.post(at(hidden["id"], "sign"), sign_order(dry_run=True)), 404, "not_found")


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("action", "kind"), [("disable", "Certificate Disabled"), ("delete", "Certificate Deleted")])
def test_in_bulk_each_that_is_not_seen_is_recorded(
    signet: Service, admin: Client, named: Client, action: str, kind: str
) -> None:
    hidden = admin.import_certificate()
    names = [hidden["id"], "nobody's", hidden["alias"], "nobody's"]

    with signet.nothing_stored("not_found", "not_found", "not_found"):
        named.good("POST", "/certificates/actions", {"action": action, "certificates": names})

    events = admin.items("/events", user=named.user, outcome="refused")
    assert {(one["type"], one["code"]) for one in events} == {(kind, "not_found")}
    told = {one["detail"]["certificate"]: one.get("certificate", {}).get("id") for one in events}
    assert told == {hidden["id"]: hidden["id"], hidden["alias"]: hidden["id"], "nobody's": None}
    with signet.nothing_stored():
        named.good("POST", "/certificates/actions", {"action": action, "certificates": names, "dry_run": True})


def test_explain_can_be_asked_again_from_what_is_recorded(signet: Service, admin: Client) -> None:
    caller = signet.caller(unused_name("asker").replace(" ", "-"), "blocked")
    made = admin.import_certificate()["id"]
    a_policy(admin, caller, certificates=[made], priority=9)
    who = {"user_groups": ["local/blocked"]}
    deny = a_policy(admin, certificates=[made], who=who, action="deny", priority=1)["id"]
    assert_refused(caller.post(at(made, "sign"), sign_order()), 403, "not_allowed_by_policy")
    event = newest(admin, caller.user)

    question = {
        "certificate": made,
        "user": event["user"],
        "user_groups": event["detail"]["user_groups"],
        "source_ip": event["source_ip"],
        "at": event["occurred_at"],
    }
    told = admin.good("POST", "/policies/explain", question)

    assert (
        (told["because"], told["decided_by"])
        == (event["code"], event["detail"]["decided_by"])
        == (told["because"], deny)
    )


# --- what does not fit the key ---------------------------------------------------------------------------------------


@pytest.mark.soak
def test_a_wrong_algorithm_confirms_no_pin_and_leaves_no_trace(signet: Service, admin: Client, alice: Client) -> None:
    guarded = admin.import_certificate(owner=alice.user, pin=PIN, ask_for_reason=True)["id"]
    wrong = [sign_order("RSA_2048"), sign_order(message_type="DIGEST")]

    with signet.nothing_stored():
        for order, code in zip(wrong, ("algorithm_mismatch", "digest_length"), strict=True):
            for more in ({}, {"pin": PIN}, {"pin": "0000"}, {"dry_run": True}, {"pin": PIN, "reason": "r"}):
                for _ in range(2):
                    assert_refused(alice.post(at(guarded, "sign"), {**order, **more}), 422, code)
        admin.post(at(guarded, "sign"), wrong[0])
    admin.good("POST", at(guarded, "disable"))
    with signet.nothing_stored():
        assert_refused(alice.post(at(guarded, "sign"), wrong[0]), 422, "algorithm_mismatch")


# --- regular expressions ---------------------------------------------------------------------------------------------


def test_an_order_whose_command_line_costs_too_much_is_refused_and_recorded(signet: Service, admin: Client) -> None:
    caller = signet.caller(unused_name("costly").replace(" ", "-"))
    made = admin.import_certificate()["id"]
    for number in range(6):
        where = {"command_lines": [f"[ab]*a[ab]{{150}}c{number}"]}
        a_policy(admin, caller, certificates=[made], where=where, priority=number)
    a_policy(admin, caller, certificates=[made], priority=90)
    long = {"process": "signtool", "command_line": "ab" * 16383}

    for application, status in ((long, 403), ({"command_line": "ab"}, 200)):
        answer = caller.post(at(made, "sign"), sign_order(application=application))
        assert answer.status == status, answer
    told = admin.items("/events", user=caller.user, outcome="refused")
    assert [one["code"] for one in told] == ["not_allowed_by_policy"]
    question = {"certificate": made, "user": caller.user, "application": long}
    explained = admin.good("POST", "/policies/explain", question)
    assert (explained["allowed"], explained["because"], explained["decided_by"]) == (
        False,
        "not_allowed_by_policy",
        None,
    )


@pytest.mark.one_in(2)
@pytest.mark.parametrize("count", [1, 20])
def test_a_policy_that_could_cost_too_much_alone_is_refused(signet: Service, admin: Client, count: int) -> None:
    costly = [f"(?:(?:a|b)?(?:a|b)?){{240}}c{number}" for number in range(count)]
    together = [f"(?:(?:a|b)?(?:a|b)?){{12}}c{number}" for number in range(5)]
    made = admin.import_certificate()["id"]
    body = {"name": unused_name("costly"), "action": "allow", "what": {"certificates": [made]}}
    body["who"] = {"users": ["local/bob"]}

    with signet.nothing_stored():
        refused = admin.post("/policies", {**body, "where": {"command_lines": costly}})
        assert_refused(refused, 422, "invalid_input", *[f"where.command_lines[{n}]" for n in range(count)])
        refused = admin.post("/policies", {**body, "where": {"command_lines": together}})
        assert_refused(refused, 422, "invalid_input", "where.command_lines")
