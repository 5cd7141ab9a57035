"""Signing obeys policies, and shows what they allow."""

from concurrent.futures import ThreadPoolExecutor

from tests.integration.policies.policy_requests import group, make, path, sign
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, at


def test_a_policy_lets_sign_until_it_is_disabled_or_deleted(signet: Service, admin: Client) -> None:
    bob = signet.caller(unused_name("bob"))
    certificate = admin.import_certificate()["id"]
    assert sign(bob, certificate).status == 404

    policy = make(admin, what={"certificates": [certificate]}, who={"users": [bob.user]})
    assert sign(bob, certificate).status == 200
    assert bob.good("GET", at(certificate))["policies"] == [{"id": policy["id"], "name": policy["name"]}]
    assert [one["id"] for one in bob.items("/certificates")] == [certificate]
    assert [one["id"] for one in bob.items("/certificates", usable="true")] == [certificate]

    # Another policy keeps it visible, and does not let sign.
    deny = make(admin, what={"certificates": [certificate]}, who={"users": [bob.user]}, where={"processes": ["no"]})
    admin.good("PATCH", path(policy), {"enabled": False})
    refused = sign(bob, certificate)
    assert (refused.status, refused.code) == (403, "not_allowed_by_policy")
    admin.good("PATCH", path(policy), {"enabled": True})
    assert sign(bob, certificate).status == 200

    admin.good("DELETE", path(policy))
    assert sign(bob, certificate).status == 403
    admin.good("DELETE", path(deny))
    assert sign(bob, certificate).status == 404
    assert bob.items("/certificates") == []


def test_a_disabled_policy_alone_hides_the_certificate(signet: Service, admin: Client) -> None:
    bob = signet.caller(unused_name("bob"))
    certificate = admin.import_certificate()["id"]
    policy = make(admin, what={"certificates": [certificate]}, who={"users": [bob.user]})
    assert sign(bob, certificate).status == 200

    admin.good("PATCH", path(policy), {"enabled": False})

    assert sign(bob, certificate).status == 404


def test_a_policy_about_a_group_covers_what_is_in_it_and_shows_the_group(signet: Service, admin: Client) -> None:
    covered = group(admin)
    carol = signet.caller(unused_name("carol"), "ci")
    certificate = admin.import_certificate(groups=[covered])["id"]
    policy = make(admin, what={"groups": [covered]}, who={"user_groups": ["local/ci"]})

    assert sign(carol, certificate).status == 200
    assert [one["id"] for one in carol.items("/certificates", group=covered)] == [certificate]
    assert [one["id"] for one in carol.items("/certificate-groups")] == [covered]
    admin.good("DELETE", path(policy))
    assert carol.items("/certificates", group=covered) == []
    assert carol.get(f"/certificate-groups/{covered}").status == 404


def test_deny_beats_allow_of_the_same_priority_and_the_owner_beats_both(signet: Service, admin: Client) -> None:
    bob, owner = signet.caller(unused_name("bob")), signet.caller(unused_name("owner"))
    certificate = admin.import_certificate(owner=owner.user)["id"]
    who, what = {"users": [bob.user, owner.user]}, {"certificates": [certificate]}
    make(admin, what=what, who=who, priority=5)
    deny = make(admin, what=what, who=who, priority=5, action="deny")

    assert sign(bob, certificate).code == "not_allowed_by_policy"
    assert sign(owner, certificate).status == 200
    admin.good("PATCH", path(deny), {"priority": 6})
    assert sign(bob, certificate).status == 200


def test_nothing_is_signed_that_begins_after_the_deletion_was_answered(signet: Service, admin: Client) -> None:
    bob = signet.caller(unused_name("bob"))
    certificate = admin.import_certificate()["id"]
    policy = make(admin, what={"certificates": [certificate]}, who={"users": [bob.user]})
    with ThreadPoolExecutor(6) as pool:
        during = [pool.submit(sign, bob, certificate) for _ in range(12)]
        admin.good("DELETE", path(policy))
        after = [pool.submit(sign, bob, certificate) for _ in range(12)]

    assert {one.result().status for one in during} <= {200, 404}
    assert {one.result().status for one in after} == {404}
