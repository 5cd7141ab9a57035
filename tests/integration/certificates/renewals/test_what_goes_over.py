"""The new certificate takes the old one's place in one step, and who signs by alias never notices."""

from __future__ import annotations

import threading

import pytest

from tests.integration.certificates.renewals.renewing import renewed, retired
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import unused_name
from tests.support.services.actions import (
    a_group,
    a_policy,
    answer,
    ask,
    below,
    complete,
    is_signed,
    renew,
    sign,
    sign_order,
)
from tests.support.services.over_http import Client, Response, assert_refused, at

pytestmark = pytest.mark.clock


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
