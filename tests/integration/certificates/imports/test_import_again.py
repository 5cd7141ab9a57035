"""What is here already comes again: it gains its key and its path, and nothing else without the right to change it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import PIN, Issued, a_key, in_base64, issue, unused_name
from tests.support.services.actions import EVERY_PERMISSION, a_group, a_policy, a_role, answer, ask, below, renew, sign
from tests.support.services.over_http import Client, Service, assert_refused, at


def a_caller(signet: Service) -> Client:
    return signet.caller(unused_name("caller").replace(" ", "-"))


def all_but(*permissions: str) -> list[str]:
    return [each for each in EVERY_PERMISSION if each not in permissions]


def public(issued: Issued, **fields: Any) -> dict[str, Any]:
    """What imports a certificate alone: without its key, and without its path."""
    return {"content": in_base64(issued.pem), "alias": unused_name(), **fields}


def bring(by: Client, issued: Issued, **fields: Any) -> dict[str, Any]:
    """A certificate without its key."""
    made: dict[str, Any] = by.good("POST", "/certificates", public(issued, **fields))
    return made


def chain_of(by: Client, certificate: dict[str, Any]) -> bytes:
    """The path above it, PEM."""
    whole = by.get(at(certificate["id"], "download"), format="pem_chain").body
    return whole.removeprefix(by.get(at(certificate["id"], "download"), format="pem").body)


def newest_event(admin: Client, certificate: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = admin.items(at(certificate["id"], "events"), type="Certificate Imported")[0]
    return event


def below_two() -> Issued:
    """A certificate below a CA below the root of this run."""
    return issue(issuer=issue(unused_name("CA"), ca=True))


# --- what it gains -------------------------------------------------------------------------------------------------


def test_a_certificate_gains_key_and_path_and_the_event_says_so(admin: Client, alice: Client) -> None:
    issued = below_two()
    made = bring(admin, issued, owner=alice.user)

    again = admin.post("/certificates", issued.body())

    assert again.status == 200, again
    assert (again.json["id"], again.json["has_private_key"]) == (made["id"], True)
    assert chain_of(admin, made).split() == issued.chain_pem.split()
    assert sign(alice, made["id"]).status == 200
    changes = newest_event(admin, made)["detail"]["changes"]
    assert changes["has_private_key"] == {"from": False, "to": True}
    assert (changes["chain"]["from"], len(changes["chain"]["to"])) == ([], 2)
    assert set(changes) == {"has_private_key", "chain"}


def test_the_path_comes_after_the_certificate_piece_by_piece(signet: Service, admin: Client) -> None:
    issued = below_two()
    made = admin.good("POST", "/certificates", {"content": in_base64(issued.pem + issued.key_pem())})
    pems = [Issued(one, None).pem for one in issued.chain]

    for known in (pems[:1], pems):
        again = admin.post("/certificates", {"content": in_base64(issued.pem + b"".join(known))})
        assert again.status == 200, again
        assert chain_of(admin, made).split() == b"".join(known).split()
        assert len(newest_event(admin, made)["detail"]["changes"]["chain"]["to"]) == len(known)
    for nothing_more in (pems, pems[:1], []):
        with signet.nothing_stored():
            refused = admin.post("/certificates", {"content": in_base64(issued.pem + b"".join(nothing_more))})
        assert_refused(refused, 409, "certificate_exists")
        assert refused.json["certificate_id"] == made["id"]


def test_a_key_without_the_path_takes_no_path_away(admin: Client) -> None:
    issued = below_two()
    made = admin.good("POST", "/certificates", {"content": in_base64(issued.pem + issued.chain_pem)})
    again = admin.post("/certificates", {"content": in_base64(issued.pem + issued.key_pem())})
    assert again.status == 200, again
    assert chain_of(admin, made).split() == issued.chain_pem.split()


# --- what is held --------------------------------------------------------------------------------------------------


def held_authority(admin: Client, **fields: Any) -> tuple[Issued, dict[str, Any]]:
    """A CA below the root of this run, under management with its path."""
    above = issue(unused_name("Held CA"), ca=True)
    content = in_base64(above.pem + above.chain_pem)
    return above, admin.good("POST", "/certificates", {"content": content, "alias": unused_name(), **fields})


def test_the_path_is_completed_from_what_is_under_management(admin: Client) -> None:
    above, _ = held_authority(admin)
    made = bring(admin, issue(issuer=above))
    assert chain_of(admin, made).split() == (above.pem + above.chain_pem).split()


def test_the_path_goes_up_step_by_step_through_what_is_under_management(admin: Client) -> None:
    top = issue(unused_name("Top"), ca=True)
    middle = issue(unused_name("Middle"), ca=True, issuer=top)
    # Each alone: when it is imported, what is above it is not known.
    bring(admin, middle)
    bring(admin, top)
    made = bring(admin, issue(issuer=middle))
    assert chain_of(admin, made).split()[: len((middle.pem + top.pem).split())] == (middle.pem + top.pem).split()


def test_a_certificate_that_is_here_gains_the_path_that_came_in_after_it(admin: Client) -> None:
    above = issue(unused_name("Late CA"), ca=True)
    issued = issue(issuer=above)
    made = bring(admin, issued)
    assert chain_of(admin, made) == b""
    bring(admin, above)
    again = admin.post("/certificates", {"content": in_base64(issued.pem)})
    assert again.status == 200, again
    assert chain_of(admin, made).split()[: len(above.pem.split())] == above.pem.split()


def test_two_keys_of_one_authority_are_told_apart(admin: Client) -> None:
    name = unused_name("Rolled over")
    for above in (first := issue(name, ca=True, key=a_key()), second := issue(name, ca=True, key=a_key())):
        bring(admin, above)
    # The newest of a name is found; an older one only by its key identifier, which these do not tell.
    assert chain_of(admin, bring(admin, issue(issuer=second))).startswith(second.pem)
    assert chain_of(admin, bring(admin, issue(issuer=first))) == b""


def test_what_the_caller_cannot_see_completes_no_path(signet: Service, admin: Client) -> None:
    mine, theirs = a_group(admin), a_group(admin)
    importer = a_caller(signet)
    a_role(admin, importer, groups=[mine])
    above, _ = held_authority(admin, groups=[theirs])

    made = bring(importer, issue(issuer=above), groups=[mine])

    assert chain_of(importer, made) == b""
    assert importer.get(at(made["id"], "details")).json["chain"] == []


def test_a_deleted_authority_completes_no_path(admin: Client) -> None:
    above, held = held_authority(admin)
    admin.good("DELETE", at(held["id"]))
    assert chain_of(admin, bring(admin, issue(issuer=above))) == b""


def test_an_answer_of_an_authority_under_management_has_its_path(admin: Client, ca: CertificationAuthority) -> None:
    held = admin.post("/certificates", {"content": in_base64(ca.chain), "alias": unused_name("the CA")})
    request = ask(admin)
    made = answer(admin, request, ca.issue(request["csr"])).json
    assert made["warnings"] == []
    assert chain_of(admin, made).split() == ca.chain.split()
    admin.good("DELETE", at(held.json["id"]))


# --- rights --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", ["certificates:edit", "certificates:import"])
def test_who_may_not_import_and_edit_it_adds_nothing_to_it(signet: Service, admin: Client, lacking: str) -> None:
    caller = a_caller(signet)
    a_role(admin, caller, permissions=all_but(lacking))
    issued = below_two()
    made = bring(admin, issued)
    refusals = ["not_allowed"] if lacking == "certificates:import" else []
    for body in (issued.body(), issued.body(pin="1357"), {"content": in_base64(issued.pem + issued.chain_pem)}):
        with signet.nothing_stored(*refusals):
            refused = caller.post("/certificates", body)
        if refusals:
            assert_refused(refused, 403, "not_allowed")
        else:
            assert_refused(refused, 409, "certificate_exists")
            assert refused.json["certificate_id"] == made["id"]


@pytest.mark.parametrize("how", ["owns it", "a policy allows it"])
def test_seeing_it_without_a_role_over_it_adds_nothing_to_it(signet: Service, admin: Client, how: str) -> None:
    """The caller may import and edit elsewhere, and sees this one, which the role does not cover."""
    mine, theirs = a_group(admin), a_group(admin)
    caller = a_caller(signet)
    a_role(admin, caller, groups=[mine])
    issued = issue()
    made = bring(admin, issued, groups=[theirs], **({"owner": caller.user} if how == "owns it" else {}))
    if how != "owns it":
        a_policy(admin, caller, certificates=[made["id"]])

    with signet.nothing_stored():
        refused = caller.post("/certificates", issued.body(groups=[mine]))

    assert_refused(refused, 409, "certificate_exists")
    assert refused.json["certificate_id"] == made["id"]


def test_settings_in_the_body_are_as_in_an_update(admin: Client, alice: Client) -> None:
    issued = issue()
    here, there = a_group(admin), a_group(admin)
    made = bring(admin, issued, groups=[here], ask_for_reason=True, description="before")
    alias = unused_name("after")

    again = admin.good(
        "POST",
        "/certificates",
        issued.body(
            alias=alias, description="", owner=alice.user, groups=[there], ask_for_reason=False, pin=PIN,
            renew_at_stage=30,
        ),
    )  # fmt: skip

    assert (again["alias"], again["description"], again["owner"]) == (alias, "", alice.user)
    assert [group["id"] for group in again["groups"]] == [here, there]
    assert again["status_info"] == {"enabled": True, "has_owner": True, "pin_required": True, "reason_required": False}
    event = newest_event(admin, made)
    assert event["detail"]["changes"] == {
        "alias": {"from": made["alias"], "to": alias},
        "description": {"from": "before", "to": ""},
        "owner": {"from": None, "to": alice.user},
        "groups": {"from": [here], "to": [here, there]},
        "ask_for_reason": {"from": True, "to": False},
        "renew_at_stage": {"from": None, "to": 30},
        "pin": {"from": "none", "to": "set"},
        "has_private_key": {"from": False, "to": True},
        "chain": event["detail"]["changes"]["chain"],
    }
    assert PIN not in str(event)
    assert sign(alice, alias, pin=PIN).status == 200


def test_what_is_not_in_the_body_stays(admin: Client) -> None:
    issued = issue()
    group = a_group(admin)
    made = bring(
        admin, issued, owner="local/alice", groups=[group], ask_for_reason=True, pin="2468", description="d",
        renew_at_stage=30,
    )  # fmt: skip
    again = admin.good("POST", "/certificates", issued.body())
    changed = {"has_private_key", "updated_at", "version"}
    assert {name: again[name] for name in again if name not in changed} == {
        name: made[name] for name in made if name not in changed
    }


@pytest.mark.parametrize(
    ("fields", "lacking"),
    [
        ({"owner": "local/mallory"}, "certificates:set_owner"),
        ({"renew_at_stage": 30}, "signing_requests:create"),
    ],
)
def test_each_setting_asks_for_its_own_right(
    signet: Service, admin: Client, fields: dict[str, Any], lacking: str
) -> None:
    caller = a_caller(signet)
    a_role(admin, caller, permissions=all_but(lacking))
    issued = issue()
    bring(admin, issued)
    with signet.nothing_stored("not_allowed"):
        assert_refused(caller.post("/certificates", issued.body(**fields)), 403, "not_allowed")
    assert caller.post("/certificates", issued.body()).status == 200


def test_an_alias_in_the_body_is_taken_as_anywhere(signet: Service, admin: Client) -> None:
    issued, other = issue(), admin.import_certificate()
    bring(admin, issued)
    with signet.nothing_stored():
        assert_refused(admin.post("/certificates", issued.body(alias=other["alias"])), 409, "alias_taken")


# --- a request's settings ------------------------------------------------------------------------------------------


@pytest.mark.one_in(4)
@pytest.mark.parametrize("renewal", [False, True])
@pytest.mark.parametrize("fields", [{"pin": "1357"}, {"ask_for_reason": True}])
def test_who_may_not_edit_changes_no_settings_of_what_waits(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority, fields: dict[str, Any], renewal: bool
) -> None:
    importer = a_caller(signet)
    a_role(admin, importer, permissions=all_but("certificates:edit"))
    settings: dict[str, Any] = {"owner": alice.user, "pin": "2468"}
    request = renew(admin, admin.import_certificate(**settings)["id"]) if renewal else ask(admin, **settings)
    pem = ca.issue(request["csr"])

    with signet.nothing_stored("not_allowed"):
        refused = importer.post("/certificates", {"content": in_base64(pem), **fields})
    assert_refused(refused, 403, "not_allowed")
    assert admin.good("GET", below(request))["status"] == "pending"

    made = importer.good("POST", "/certificates", {"content": in_base64(pem)})
    assert sign(alice, made["id"], pin="1357").code == "pin_wrong"
    assert sign(alice, made["id"], pin="2468").status == 200


def test_who_may_edit_sets_another_pin_and_the_event_says_so(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, owner=alice.user, pin="2468")
    made = admin.good("POST", "/certificates", {"content": in_base64(ca.issue(request["csr"])), "pin": "1357"})
    assert sign(alice, made["id"], pin="1357").status == 200
    event = admin.items(at(made["id"], "events"), type="Certificate Imported")[0]
    assert event["detail"]["changes"] == {"pin": {"from": "set", "to": "set"}}


@pytest.mark.parametrize("way", ["issued", "import"])
def test_a_group_that_a_request_was_to_go_into_is_left_with_the_right_to_remove(
    signet: Service, admin: Client, ca: CertificationAuthority, way: str
) -> None:
    here, there = a_group(admin), a_group(admin)
    keeper, mover = a_caller(signet), a_caller(signet)
    for caller, rights in ((keeper, ["add"]), (mover, ["add", "remove"])):
        body = {
            "name": unused_name("role"),
            "permissions": list(EVERY_PERMISSION),
            "certificate_groups": [{"group": here, "rights": rights}, {"group": there, "rights": ["add"]}],
            "users": [caller.user],
        }
        admin.good("POST", "/roles", body)
    request = ask(admin, groups=[here])
    pem = ca.issue(request["csr"])

    def moved_by(caller: Client) -> Any:
        if way == "issued":
            return answer(caller, request, pem, groups=[there])
        return caller.post("/certificates", {"content": in_base64(pem), "groups": [there]})

    with signet.nothing_stored("not_allowed"):
        assert_refused(moved_by(keeper), 403, "not_allowed")
    made = moved_by(mover)
    assert made.status == 201, made
    assert [group["id"] for group in made.json["groups"]] == [there]
    event = admin.items(at(made.json["id"], "events"), type="Certificate Imported")[0]
    assert event["detail"]["changes"] == {"groups": {"from": [here], "to": [there]}}
