"""One action on many certificates: each stands for itself, in the order asked, as it would have been one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.integration.certificates.bulk.bulk_actions import ACTIONS, NOWHERE, act, outcomes
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.actions import EVERY_PERMISSION, a_group, a_role, complete, renew, sign
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"certificates": []}, "certificates"),
        ({"certificates": ["a"] * 501}, "certificates"),
        ({"certificates": ["a", ""]}, "certificates[1]"),
        ({"certificates": ["a", 3]}, "certificates[1]"),
        ({"action": "explode"}, "action"),
        ({"action": "add_to_groups"}, "groups"),
        ({"action": "add_to_groups", "groups": []}, "groups"),
        ({"action": "disable", "groups": ["grp_000000000000000000000000"]}, "groups"),
        ({"odd": 1}, "odd"),
    ],
)
def test_an_order_that_cannot_be_is_refused(signet: Service, admin: Client, fields: dict[str, Any], field: str) -> None:
    with signet.nothing_stored():
        body = {"action": "disable", "certificates": ["a"], **fields}
        assert_refused(admin.post(ACTIONS, body), 422, "invalid_input", field)


def test_groups_that_are_not_there_are_refused_before_anything_is_done(signet: Service, admin: Client) -> None:
    made = admin.import_certificate()
    with signet.nothing_stored():
        body = {
            "action": "add_to_groups",
            "certificates": [made["id"]],
            "groups": ["grp_000000000000000000000000"],
        }
        assert_refused(admin.post(ACTIONS, body), 422, "unknown_reference", "groups[0]")


def test_a_second_mention_is_unchanged_by_whatever_name(admin: Client) -> None:
    made = admin.import_certificate()
    named = [made["alias"], made["id"], made["alias"].upper(), made["alias"]]
    assert [outcome for _, outcome, _ in outcomes(act(admin, "disable", named))] == ["done", *["unchanged"] * 3]
    assert [outcome for _, outcome, _ in outcomes(act(admin, "delete", named))] == ["done", *["unchanged"] * 3]
    assert outcomes(act(admin, "delete", named[:2])) == [(name, "failed", "not_found") for name in named[:2]]


def test_each_stands_for_itself(signet: Service, admin: Client, alice: Client, mallory: Client) -> None:
    here, there = a_group(admin), a_group(admin)
    manager = signet.caller(unused_name("bulk-manager").replace(" ", "-"))
    a_role(admin, manager, groups=[here])
    mine, theirs = admin.import_certificate(groups=[here]), admin.import_certificate(groups=[there])
    owned = admin.import_certificate(groups=[there], owner=manager.user)

    report = act(manager, "disable", [mine["id"], theirs["id"], owned["id"], NOWHERE, theirs["alias"]])

    assert [one[1:] for one in outcomes(report)] == [
        ("done", None),
        ("failed", "not_found"),
        ("failed", "not_allowed"),
        ("failed", "not_found"),
        ("failed", "not_found"),
    ]
    unseen, nowhere = (report["results"][place]["problem"] for place in (1, 3))
    assert unseen == nowhere
    refused = admin.items(at(owned["id"], "events"), outcome="refused")
    assert [(event["type"], event["code"], event["user"]) for event in refused] == [
        ("Certificate Disabled", "not_allowed", manager.user)
    ]
    assert admin.items(at(theirs["id"], "events"), outcome="refused") == []


def test_a_dry_run_records_no_refusal(signet: Service, admin: Client) -> None:
    owner = signet.caller(unused_name("bulk-owner").replace(" ", "-"))
    made = admin.import_certificate(owner=owner.user)
    with signet.nothing_stored():
        assert outcomes(act(owner, "delete", [made["id"]], dry_run=True)) == [(made["id"], "failed", "not_allowed")]


def test_rights_on_groups_say_what_joins_and_leaves(signet: Service, admin: Client) -> None:
    adding, removing, seen = (a_group(admin) for _ in range(3))
    manager = signet.caller(unused_name("bulk-rights").replace(" ", "-"))
    admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": list(EVERY_PERMISSION),
            "certificate_groups": [
                {"group": adding, "rights": ["add"]},
                {"group": removing, "rights": ["remove"]},
                {"group": seen, "rights": []},
            ],
            "users": [manager.user],
        },
    )
    made = admin.import_certificate(groups=[seen])["id"]

    def tried(action: str, group: str) -> tuple[str, str | None]:
        (one,) = outcomes(act(manager, action, [made], groups=[group]))
        return one[1:]

    assert tried("add_to_groups", removing) == ("failed", "not_allowed")
    assert tried("add_to_groups", adding) == ("done", None)
    assert tried("remove_from_groups", adding) == ("failed", "not_allowed")
    act(admin, "add_to_groups", [made], groups=[removing])
    assert tried("remove_from_groups", removing) == ("done", None)
    # Only an Administrator takes a certificate out of its last group.
    alone = admin.import_certificate(groups=[removing])["id"]
    assert outcomes(act(manager, "remove_from_groups", [alone], groups=[removing]))[0][1:] == ("failed", "not_allowed")
    assert outcomes(act(admin, "remove_from_groups", [alone], groups=[removing]))[0][1:] == ("done", None)


def with_role(signet: Service, admin: Client, permissions: Sequence[str], groups: Any = "all") -> Client:
    """A new caller; `groups` as a role has them."""
    caller = signet.caller(unused_name("bulk-role").replace(" ", "-"))
    body = {"name": caller.user, "permissions": list(permissions), "certificate_groups": groups, "users": [caller.user]}
    admin.good("POST", "/roles", body)
    return caller


def test_who_may_add_to_a_group_pulls_nothing_into_it_that_the_role_may_not_edit(
    signet: Service, admin: Client
) -> None:
    looked_at, own = a_group(admin), a_group(admin)
    scope = [{"group": looked_at, "rights": []}, {"group": own, "rights": ["add"]}]
    placing = ("certificates:view", "certificates:import", "certificates:set_owner", "signing_requests:create")
    made = admin.import_certificate(groups=[looked_at])["id"]

    for importer in (with_role(signet, admin, placing, scope), with_role(signet, admin, placing)):
        refused = outcomes(act(importer, "add_to_groups", [made], groups=[own]))
        assert refused == [(made, "failed", "not_allowed")]
        assert importer.import_certificate(groups=[own])["groups"][0]["id"] == own

    editor = with_role(signet, admin, ("certificates:edit",), scope)
    assert outcomes(act(editor, "add_to_groups", [made], groups=[own])) == [(made, "done", None)]


def test_who_owns_a_certificate_that_the_role_does_not_cover_moves_it_nowhere(signet: Service, admin: Client) -> None:
    other, own = a_group(admin), a_group(admin)
    manager = signet.caller(unused_name("bulk-owner").replace(" ", "-"))
    a_role(admin, manager, groups=[own])
    made = [admin.import_certificate(owner=manager.user, groups=groups)["id"] for groups in ([], [other])]

    for action in ("add_to_groups", "remove_from_groups"):
        report = outcomes(act(manager, action, made, groups=[own]))
        assert report == [(each, "failed", "not_allowed") for each in made]


def test_a_certificate_leaves_a_group_that_a_deny_is_about_only_by_who_may_assign_it(
    signet: Service, admin: Client
) -> None:
    denied, kept = a_group(admin), a_group(admin)
    bob = signet.caller(unused_name("bob").replace(" ", "-"))
    made = admin.import_certificate(groups=[denied, kept])["id"]
    admin.good("POST", "/policies", policy("allow", bob, priority=9, what={"groups": [kept]}))
    deny = admin.good("POST", "/policies", policy("deny", bob, priority=1, what={"groups": [denied]}))

    editor = with_role(signet, admin, ("certificates:edit",))
    scoped = [{"group": denied, "rights": ["remove"]}, {"group": kept, "rights": ["add"]}]
    for by in (editor, with_role(signet, admin, ("certificates:edit",), scoped)):
        assert outcomes(act(by, "remove_from_groups", [made], groups=[denied])) == [(made, "failed", "not_allowed")]
    assert_refused(sign(bob, made), 403, "not_allowed_by_policy")

    assigning = [scoped[0], {"group": kept, "rights": ["assign"]}]
    manager = with_role(signet, admin, ("certificates:edit",), assigning)
    assert outcomes(act(manager, "remove_from_groups", [made], groups=[denied], dry_run=True))[0][1] == "done"
    admin.good("PATCH", f"/policies/{deny['id']}", {"enabled": False})
    assert outcomes(act(editor, "remove_from_groups", [made], groups=[denied])) == [(made, "done", None)]


def policy(action: str, by: Client, **fields: Any) -> dict[str, Any]:
    return {"name": unused_name("bulk policy"), "action": action, "who": {"users": [by.user]}, **fields}


def test_a_26th_group_is_one_too_many(admin: Client) -> None:
    groups = [a_group(admin) for _ in range(26)]
    made, other = admin.import_certificate(groups=groups[:25]), admin.import_certificate()
    report = act(admin, "add_to_groups", [made["id"], other["id"]], groups=groups[25:])
    assert [one[1:] for one in outcomes(report)] == [("failed", "too_many_groups"), ("done", None)]
    body = {"action": "add_to_groups", "certificates": [other["id"]], "groups": groups}
    assert admin.post(ACTIONS, body).status == 422
    assert_refused(admin.post("/certificates", issue().body(groups=groups)), 422, "too_many_groups")


def test_a_renewed_certificate_joins_a_full_group_without_counting(admin: Client, ca: CertificationAuthority) -> None:
    group = a_group(admin, certificate_limit=1)
    admin.import_certificate(groups=[group])
    old = admin.import_certificate()
    complete(admin, ca, renew(admin, old["id"]))
    assert outcomes(act(admin, "add_to_groups", [old["id"]], groups=[group])) == [(old["id"], "done", None)]
    assert admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] == 1


def test_a_repeat_with_the_same_key_answers_the_same_and_acts_once(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner=alice.user)
    body = {"action": "disable", "certificates": [made["id"]]}
    key = unused_name("bulk")
    first = admin.post(ACTIONS, body, key=key)
    admin.good("POST", at(made["id"], "enable"))
    again = admin.post(ACTIONS, body, key=key)
    assert first.json == again.json
    assert sign(alice, made["id"]).status == 200
    assert_refused(admin.post(ACTIONS, {**body, "action": "delete"}, key=key), 422, "idempotency_key_reused")


def test_a_repeat_is_not_answered_to_whom_the_role_was_taken_from(signet: Service, admin: Client) -> None:
    erin = signet.caller(unused_name("erin"))
    role = a_role(admin, erin)
    made = admin.import_certificate()
    body = {"action": "disable", "certificates": [made["id"]]}
    key = unused_name("bulk")
    assert outcomes(erin.post(ACTIONS, body, key=key).json) == [(made["id"], "done", None)]
    admin.good("DELETE", f"/roles/{role['id']}")
    assert outcomes(erin.post(ACTIONS, body, key=key).json) == [(made["id"], "failed", "not_found")]


def test_what_is_done_in_bulk_is_obeyed_at_once(admin: Client, alice: Client) -> None:
    many = [admin.import_certificate(owner=alice.user)["id"] for _ in range(8)]
    act(admin, "disable", many)
    assert {sign(alice, one).code for one in many} == {"certificate_disabled"}
