"""Groups, policies, scopes and deletions, of a certificate that was renewed or is about to be."""

from __future__ import annotations

import pytest

from tests.integration.certificates.renewals.renewing import renewed
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.actions import a_group, a_policy, a_role, answer, below, complete, keeps_key, renew, sign
from tests.support.services.over_http import Client, Service, assert_refused, at

pytestmark = pytest.mark.clock


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
