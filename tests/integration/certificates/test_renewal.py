"""Renewal: the new certificate takes the old one's place in one step, and who signs by alias never notices."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority, told_of_csr
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import (
    a_group,
    a_policy,
    a_role,
    answer,
    ask,
    below,
    complete,
    is_signed,
    keeps_key,
    renew,
    sign,
    sign_order,
)
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

pytestmark = pytest.mark.clock


def retired(certificate: dict[str, Any]) -> str:
    """The alias that a renewed certificate has."""
    return f"{certificate['alias']} (until {certificate['valid_to'][:10]})"


def renewed(by: Client, ca: CertificationAuthority, certificate: str, **fields: Any) -> dict[str, Any]:
    """The certificate that takes the place of another."""
    return complete(by, ca, renew(by, certificate), **fields)


# --- the request ---------------------------------------------------------------------------------------------------


def test_a_renewal_is_filled_in_from_the_old_certificate(admin: Client, ca: CertificationAuthority) -> None:
    first = complete(
        admin,
        ca,
        ask(
            admin,
            key_algorithm="ECC_NIST_P384",
            subject_alternative_names={"dns": ["example.com"], "ip": ["192.0.2.7"]},
            extended_key_usage=["code_signing"],
            owner="local/alice",
            description="d",
        ),
    )

    request = renew(admin, first["alias"])

    assert request["renews"] == first["id"]
    assert request["subject"] == first["subject"]
    assert request["key_algorithm"] == "ECC_NIST_P384"
    assert (request["alias"], request["owner"], request["description"]) == (first["alias"], "local/alice", "d")
    told = told_of_csr(request["csr"])
    for part in ("DNS:example.com", "IP Address:192.0.2.7", "Code Signing", "NIST CURVE: P-384"):
        assert part in told, told
    seen = admin.good("GET", at(first["id"]))
    assert seen["pending_request"] == request["id"]
    assert {**seen, "pending_request": None} == {name: first[name] for name in seen}
    assert first["id"] in {one["id"] for one in admin.items("/certificates", renewal="pending", limit=200)}


def test_the_body_of_a_renewal_says_otherwise(admin: Client, ca: CertificationAuthority) -> None:
    first = complete(admin, ca, ask(admin, subject_alternative_names={"dns": ["old.example"]}))
    request = renew(
        admin,
        first["id"],
        key_algorithm="RSA_2048",
        subject={"common_name": "Otherwise"},
        subject_alternative_names={"dns": ["new.example"]},
        extended_key_usage=["time_stamping"],
        hash="SHA_384",
    )
    told = told_of_csr(request["csr"])
    assert (request["subject"], request["key_algorithm"]) == ("CN=Otherwise", "RSA_2048")
    assert "DNS:new.example" in told
    assert "old.example" not in told
    assert "Time Stamping" in told
    assert "sha384WithRSAEncryption" in told


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key_algorithm": "RSA_1024"}, "key_algorithm"),
        ({"subject": {"country": "USA"}}, "subject.country"),
        ({"subject_alternative_names": {"ip": ["nowhere"]}}, "subject_alternative_names.ip[0]"),
        ({"alias": "another"}, "alias"),
        ({"owner": "local/bob"}, "owner"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused_at_the_field(
    signet: Service, admin: Client, fields: dict[str, Any], field: str
) -> None:
    made = admin.import_certificate()
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), fields), 422, "invalid_input", field)


def test_one_renewal_waits_at_a_time_and_only_the_newest_is_renewed(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    made = admin.import_certificate()
    request = renew(admin, made["id"])
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), {}), 409, "renewal_pending")

    admin.good("DELETE", below(request))
    assert not keeps_key(signet, request["id"])
    assert admin.good("GET", at(made["id"]))["pending_request"] is None

    new = complete(admin, ca, renew(admin, made["id"]))
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), {}), 409, "already_renewed")
    assert renew(admin, new["id"])["renews"] == new["id"]


def test_a_certificate_without_key_or_out_of_date_is_renewed_all_the_same(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    public = issue(days=-1, begins_in_days=-100)
    made = admin.good(
        "POST", "/certificates", {"content": in_base64(public.pem), "alias": unused_name("public"), "owner": alice.user}
    )
    assert made["has_private_key"] is False
    new = renewed(admin, ca, made["id"])
    assert new["has_private_key"] is True
    assert sign(alice, made["alias"]).json["certificate_id"] == new["id"]


# --- the step ------------------------------------------------------------------------------------------------------


def test_the_new_one_takes_alias_and_settings_and_the_old_one_keeps_all_else(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    groups = [a_group(admin) for _ in range(2)]
    old = admin.import_certificate(owner=alice.user, description="d", groups=groups, ask_for_reason=True, pin="2468")
    assert sign(alice, old["id"], reason="r", pin="2468").status == 200
    before = admin.good("GET", at(old["id"]))

    new = renewed(admin, ca, old["id"])

    copied = ("alias", "description", "owner", "groups", "policies", "status_info")
    assert {name: new[name] for name in copied} == {name: old[name] for name in copied}
    assert (new["renews"], new["renewed_by"], new["pending_request"]) == (old["id"], None, None)
    assert (new["usage_count"], new["last_used_at"], new["version"]) == (0, None, 1)
    after = admin.good("GET", at(old["id"]))
    changed = {"alias": retired(old), "renewed_by": new["id"]}
    moved = ("updated_at", "version")
    assert {name: after[name] for name in after if name not in moved} == {
        **{name: before[name] for name in before if name not in moved},
        **changed,
    }
    assert after["version"] == before["version"] + 1
    assert admin.good("GET", at(old["alias"]))["id"] == new["id"]
    assert admin.good("GET", at(retired(old)))["id"] == old["id"]
    assert sign(alice, new["id"]).code == "reason_required"
    assert sign(alice, new["id"], reason="r", pin="1357").code == "pin_wrong"
    assert sign(alice, new["id"], reason="r", pin="2468").status == 200
    # The old one works as before.
    assert sign(alice, old["id"], reason="r", pin="2468").status == 200


def test_the_old_one_is_disabled_if_the_import_says_so(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = admin.import_certificate(owner=alice.user)
    new = renewed(admin, ca, old["id"], disable_renewed=True)
    assert admin.good("GET", at(old["id"]))["status"] == "disabled"
    assert new["status"] == "enabled"
    assert sign(alice, old["id"]).code == "certificate_disabled"
    assert sign(alice, old["alias"]).json["certificate_id"] == new["id"]
    event = admin.items(at(old["id"], "events"), type="Certificate Renewed")[0]
    assert event["detail"]["changes"]["status"] == {"from": "enabled", "to": "disabled"}


def test_the_renewal_of_a_disabled_one_is_enabled(admin: Client, ca: CertificationAuthority) -> None:
    old = admin.import_certificate()
    admin.good("POST", at(old["id"], "disable"))
    assert renewed(admin, ca, old["id"])["status"] == "enabled"
    assert admin.good("GET", at(old["id"]))["status"] == "disabled"


def test_what_is_changed_while_the_renewal_waits_goes_over_as_well(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old, group = admin.import_certificate(), a_group(admin)
    request = renew(admin, old["id"])
    admin.good("PATCH", at(old["id"]), {"alias": (alias := unused_name("later")), "owner": alice.user, "pin": "2468"})
    admin.good(
        "POST", "/certificates/actions", {"action": "add_to_groups", "certificates": [old["id"]], "groups": [group]}
    )
    new = complete(admin, ca, request)
    assert (new["alias"], new["owner"]) == (alias, alice.user)
    assert [one["id"] for one in new["groups"]] == [group]
    assert new["status_info"]["pin_required"] is True


def test_three_generations_follow_each_other(admin: Client, alice: Client, ca: CertificationAuthority) -> None:
    first = admin.import_certificate(owner=alice.user)
    second = renewed(admin, ca, first["id"])
    third = renewed(admin, ca, first["alias"])

    alias = first["alias"]
    links = [
        (one["id"], one["renews"], one["renewed_by"])
        for one in (admin.good("GET", at(each["id"])) for each in (first, second, third))
    ]
    assert links == [
        (first["id"], None, second["id"]),
        (second["id"], first["id"], third["id"]),
        (third["id"], second["id"], None),
    ]
    assert admin.good("GET", at(alias))["id"] == third["id"]
    aliases = {admin.good("GET", at(each["id"]))["alias"] for each in (first, second, third)}
    assert aliases == {alias, retired(first), f"{retired(second)} 2"}
    assert {sign(alice, each["id"]).status for each in (first, second, third)} == {200}


def test_the_retired_alias_is_cut_to_fit_and_made_unique(admin: Client, ca: CertificationAuthority) -> None:
    start = unused_name("long")
    alias = start + "x" * (128 - len(start))
    old = admin.import_certificate(alias=alias)
    suffix = f" (until {old['valid_to'][:10]})"
    # Somebody has the name that it would get, and the next one.
    admin.import_certificate(alias=alias[: 128 - len(suffix)] + suffix)
    admin.import_certificate(alias=alias[: 128 - len(suffix) - 2] + suffix + " 2")

    new = renewed(admin, ca, old["id"])

    assert new["alias"] == alias
    got = admin.good("GET", at(old["id"]))["alias"]
    assert got == alias[: 128 - len(suffix) - 2] + suffix + " 3"
    assert len(got) == 128


def test_who_takes_all_the_names_keeps_no_renewal_from_its_import(admin: Client, ca: CertificationAuthority) -> None:
    old = admin.import_certificate()
    for number in range(1, 12):
        admin.import_certificate(alias=retired(old) if number == 1 else f"{retired(old)} {number}")
    new = renewed(admin, ca, old["id"])
    assert new["alias"] == old["alias"]
    assert admin.good("GET", at(old["id"]))["alias"].startswith(retired(old))


def test_several_generations_that_end_on_one_day_have_names_of_their_own(
    admin: Client, ca: CertificationAuthority
) -> None:
    first = admin.import_certificate()
    found = {first["alias"]}
    for _ in range(3):
        new = renewed(admin, ca, first["alias"])
        found.add(admin.good("GET", at(new["renews"]))["alias"])
    assert len(found) == 4


# --- groups and policies -------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_25_groups_and_many_policies_go_over_in_one_step(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    groups = [a_group(admin) for _ in range(25)]
    old = admin.import_certificate(groups=groups)
    policies = [a_policy(admin, alice, certificates=[old["id"]]) for _ in range(12)]
    policies += [a_policy(admin, alice, groups=[group]) for group in groups[:3]]

    new = renewed(admin, ca, old["id"])

    assert [group["id"] for group in new["groups"]] == [group["id"] for group in old["groups"]]
    assert {policy["id"] for policy in new["policies"]} == {policy["id"] for policy in policies}
    assert {policy["id"] for policy in admin.good("GET", at(old["id"]))["policies"]} == {
        policy["id"] for policy in policies
    }
    assert sign(alice, old["alias"]).json["certificate_id"] == new["id"]


def test_the_import_of_a_renewal_names_other_groups(admin: Client, ca: CertificationAuthority) -> None:
    groups = [a_group(admin) for _ in range(35)]
    old = admin.import_certificate(groups=groups[:25])
    new = renewed(admin, ca, old["id"], groups=groups[10:])
    assert {group["id"] for group in new["groups"]} == set(groups[10:])
    held = [admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] for group in groups]
    assert held == [0] * 10 + [1] * 25
    assert len(admin.good("GET", at(old["id"]))["groups"]) == 25
    # More at once is more than one step can do, and then nothing is done.
    request = renew(admin, new["id"])
    response = answer(admin, request, ca.issue(request["csr"]), groups=groups[:10])
    assert_refused(response, 422, "too_many_groups")
    assert admin.good("GET", below(request))["status"] == "pending"


def test_a_renewed_certificate_no_longer_counts_in_its_groups(admin: Client, ca: CertificationAuthority) -> None:
    group = a_group(admin, certificate_limit=1)
    path = f"/certificate-groups/{group}"
    first = admin.import_certificate(groups=[group])
    second = renewed(admin, ca, first["id"])
    assert admin.good("GET", path)["certificate_count"] == 1
    third = renewed(admin, ca, second["id"])
    assert admin.good("GET", path)["certificate_count"] == 1
    assert len(admin.items("/certificates", group=group)) == 3
    assert_refused(admin.post("/certificates", issue().body(groups=[group])), 409, "group_full")

    admin.good("DELETE", at(first["id"]))
    assert admin.good("GET", path)["certificate_count"] == 1
    admin.good("DELETE", at(third["id"]))
    assert admin.good("GET", path)["certificate_count"] == 0
    assert admin.good("GET", at(second["id"]))["renewed_by"] == third["id"]


def test_a_policy_that_names_the_old_covers_the_new_and_not_the_other_way_round(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    first = admin.import_certificate()
    a_policy(admin, alice, certificates=[first["id"]])
    second = renewed(admin, ca, first["id"])
    third = renewed(admin, ca, second["id"])
    assert {sign(alice, one["id"]).status for one in (first, second, third)} == {200}

    bob = signet.caller("bob-of-the-renewals")
    a_policy(admin, bob, certificates=[second["id"]])
    assert sign(bob, third["id"]).status == 200
    assert sign(bob, second["id"]).status == 200
    assert_refused(sign(bob, first["id"]), 404, "not_found")
    assert {one["id"] for one in bob.items("/certificates")} == {third["id"], second["id"]}


def test_a_policy_covers_renewals_of_what_it_named_after_that_is_deleted(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    first = admin.import_certificate()
    policy = a_policy(admin, alice, certificates=[first["id"]])
    second = renewed(admin, ca, first["id"])
    admin.good("DELETE", at(first["id"]))

    assert sign(alice, second["id"]).status == 200
    third = renewed(admin, ca, second["id"])
    assert sign(alice, third["alias"]).json["certificate_id"] == third["id"]
    assert {one["id"] for one in alice.items("/certificates")} >= {second["id"], third["id"]}
    assert [one["id"] for one in third["policies"]] == [policy["id"]]
    related = admin.good("GET", at(third["id"], "related"))
    assert [one["name"] for one in related["users"]] == [alice.user]
    # Changing the policy otherwise does not lose what it named.
    admin.good("PATCH", f"/policies/{policy['id']}", {"description": "still"})
    assert sign(alice, third["id"]).status == 200


def test_a_deny_that_names_the_old_holds_for_the_new(admin: Client, alice: Client, ca: CertificationAuthority) -> None:
    first = admin.import_certificate()
    a_policy(admin, alice, certificates=[first["id"]], priority=5)
    a_policy(admin, alice, certificates=[first["id"]], priority=5, action="deny")
    new = renewed(admin, ca, first["id"])
    assert sign(alice, new["id"]).code == "not_allowed_by_policy"


# --- deleted while it waits ----------------------------------------------------------------------------------------


def test_deleting_a_certificate_cancels_its_pending_renewal_with_the_key(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    made = admin.import_certificate()
    request = renew(admin, made["id"])

    admin.good("DELETE", at(made["id"]))

    assert not keeps_key(signet, request["id"])
    assert not keeps_key(signet, made["id"])
    assert admin.good("GET", below(request))["status"] == "cancelled"
    assert_refused(answer(admin, request, ca.issue(request["csr"])), 409, "request_not_pending")
    events = admin.items("/events", certificate=made["id"])
    assert [event["type"] for event in events][:2] == ["Certificate Deleted", "Signing Request Cancelled"]
    # The alias is free again.
    assert admin.import_certificate(alias=made["alias"])["alias"] == made["alias"]


def test_deleting_the_new_one_leaves_the_old_one_as_it_was_renamed(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = admin.import_certificate(owner=alice.user)
    new = renewed(admin, ca, old["id"])
    admin.good("DELETE", at(new["id"]))
    assert sign(alice, old["id"]).status == 200
    assert_refused(sign(alice, old["alias"]), 404, "not_found")


# --- scope ---------------------------------------------------------------------------------------------------------


def test_a_pending_renewal_goes_with_its_certificate_from_scope_to_scope(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    here, there = a_group(admin), a_group(admin)
    first, second = (signet.caller(unused_name("manager").replace(" ", "-")) for _ in range(2))
    a_role(admin, first, groups=[here])
    a_role(admin, second, groups=[there])
    made = admin.import_certificate(groups=[here])
    request = renew(admin, made["id"])

    def seen_by(caller: Client) -> list[str]:
        listed = [one["id"] for one in caller.items("/signing-requests")]
        assert caller.get(below(request)).status == (200 if listed else 404)
        assert listed == [one["id"] for one in caller.items("/signing-requests", status="pending")]
        return listed

    assert (seen_by(first), seen_by(second)) == ([request["id"]], [])

    for action, group in (("add_to_groups", there), ("remove_from_groups", here)):
        body = {"action": action, "certificates": [made["id"]], "groups": [group]}
        assert admin.good("POST", "/certificates/actions", body)["summary"]["done"] == 1

    assert (seen_by(first), seen_by(second)) == ([], [request["id"]])
    assert [group["id"] for group in second.good("GET", below(request))["groups"]] == [there]
    admin.good("PATCH", at(made["id"]), {"alias": (alias := unused_name("moved"))})
    assert second.good("GET", below(request))["alias"] == alias
    assert second.items("/signing-requests")[0]["alias"] == alias
    new = complete(second, ca, request)
    assert [one["id"] for one in second.items("/signing-requests", status="completed")] == [request["id"]]
    assert first.items("/signing-requests") == []
    assert_refused(first.get(at(new["id"])), 404, "not_found")


# --- by another way, and by others ---------------------------------------------------------------------------------


def test_an_ordinary_import_of_the_answer_completes_the_renewal(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = admin.import_certificate(owner=alice.user)
    request = renew(admin, old["id"])
    pem = ca.issue(request["csr"])
    new = admin.good("POST", "/certificates", {"content": in_base64(pem)})
    assert (new["renews"], new["alias"]) == (old["id"], old["alias"])
    assert is_signed(sign(alice, old["alias"]), pem)


def test_who_may_import_but_not_edit_cannot_disable_the_old_one(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    importer = signet.caller(unused_name("importer").replace(" ", "-"))
    a_role(admin, importer, permissions=["certificates:view", "certificates:import", "signing_requests:view"])
    old = admin.import_certificate()
    request = renew(admin, old["id"])
    content = ca.issue(request["csr"])
    assert_refused(answer(importer, request, content, disable_renewed=True), 403, "not_allowed")
    assert admin.good("GET", below(request))["status"] == "pending"
    assert answer(importer, request, content).status == 201


# --- the signer's view ---------------------------------------------------------------------------------------------


def test_a_program_that_signs_by_alias_before_during_and_after_never_notices(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = complete(admin, ca, ask(admin, owner=alice.user))
    alias = old["alias"]
    signed: list[Response] = []
    over = threading.Event()

    def program() -> None:
        while not over.is_set():
            signed.append(alice.post(at(alias, "sign"), sign_order()))

    threads = [threading.Thread(target=program) for _ in range(2)]
    for thread in threads:
        thread.start()
    pems = {old["id"]: admin.get(at(old["id"], "download"), format="pem").body}
    try:
        for _ in range(2):
            many = len(signed) + 6
            while len(signed) < many:
                over.wait(0.01)
            new = renewed(admin, ca, alias)
            pems[new["id"]] = admin.get(at(new["id"], "download"), format="pem").body
        many = len(signed) + 6
        while len(signed) < many:
            over.wait(0.01)
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert {response.status for response in signed} == {200}
    by = [response.json["certificate_id"] for response in signed]
    assert set(by) == set(pems)
    thumbprints = {(response.json["certificate_id"], response.json["thumbprint_sha256"]) for response in signed}
    assert len(thumbprints) == 3
    told = {identifier: next(one for one in signed if one.json["certificate_id"] == identifier) for identifier in by}
    assert all(is_signed(response, pems[identifier]) for identifier, response in told.items())


def test_the_events_are_three_and_in_order(admin: Client, ca: CertificationAuthority) -> None:
    old = admin.import_certificate()
    request = renew(admin, old["id"])
    new = complete(admin, ca, request)

    of_new = admin.items(at(new["id"], "events"))[::-1]
    of_old = admin.items(at(old["id"], "events"))[::-1]
    assert [event["type"] for event in of_new] == ["Certificate Imported", "Signing Request Completed"]
    assert [event["type"] for event in of_old] == [
        "Certificate Imported",
        "Signing Request Created",
        "Certificate Renewed",
    ]
    three = [*of_new, of_old[-1]]
    assert [event["id"] for event in three] == sorted(event["id"] for event in three)
    assert all(event["outcome"] == "done" and event["user"] == admin.user for event in three)
    assert of_new[0]["detail"]["renews"] == old["id"]
    assert of_new[1]["detail"]["request_id"] == request["id"]
    assert of_old[-1]["detail"]["renewed_by"] == new["id"]
    assert of_old[-1]["detail"]["changes"]["alias"] == {"from": old["alias"], "to": retired(old)}
