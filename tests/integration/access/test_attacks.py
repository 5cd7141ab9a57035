"""What somebody would send to see whether the contract's word is kept where nobody looked."""

from typing import Any

import pytest

from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at, overview_of
from tests.support.services.somebody import SIGN, answer_to, group_of, somebody_who


@pytest.mark.parametrize("fields", [{"enabled": None}, {"priority": None}])
def test_null_does_not_bring_a_policy_back_into_force(fields: dict[str, Any], admin: Client) -> None:
    made = admin.import_certificate()
    settings = {
        "name": unused_name("policy"),
        "enabled": False,
        "action": "allow",
        "priority": 7,
        "what": {"certificates": [made["id"]]},
        "who": {"users": ["local/alice"]},
    }
    policy = admin.good("POST", "/policies", settings)

    assert_refused(admin.patch(f"/policies/{policy['id']}", fields), 422, "invalid_input", *fields)

    assert admin.good("GET", f"/policies/{policy['id']}") == policy


@pytest.mark.parametrize("fields", [{"certificate_groups": None}, {"priority": None}])
def test_null_does_not_open_all_groups_to_a_role(fields: dict[str, Any], admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    scope = [{"group": group, "rights": []}]
    role = admin.good("POST", "/roles", {"name": unused_name("role"), "certificate_groups": scope, "priority": 7})

    assert_refused(admin.patch(f"/roles/{role['id']}", fields), 422, "invalid_input", *fields)

    assert admin.good("GET", f"/roles/{role['id']}") == role


@pytest.mark.parametrize("if_match", ['"1"', "*", '"7", "1"', '"another server\'s","1"', 'W/"1", "1"', ' "1"\t,'])
def test_one_of_the_versions_named_is_the_present_one(if_match: str, admin: Client) -> None:
    made = admin.import_certificate()

    assert admin.patch(at(made["id"]), {"description": "changed"}, if_match=if_match).json["version"] == 2


@pytest.mark.one_in(4)
@pytest.mark.parametrize("if_match", ['"2"', 'W/"1"', '"7", "8"', "1", '""', '"01"', '"1', "", ",", '"1" "2"', '"-1"'])
def test_none_of_the_versions_named_is_the_present_one(if_match: str, signet: Service, admin: Client) -> None:
    made = admin.import_certificate()

    with signet.nothing_stored():
        response = admin.patch(at(made["id"]), {"description": "changed"}, if_match=if_match)

    assert_refused(response, 412, "stale")


def test_an_event_has_an_etag_as_every_single_object_has(admin: Client) -> None:
    event = admin.items(at(admin.import_certificate()["id"], "events"))[0]

    assert admin.get(f"/events/{event['id']}").headers["etag"] == '"1"'


def test_an_event_that_a_role_finds_in_a_list_can_be_read_by_itself(signet: Service, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    auditor = signet.caller(unused_name("auditor"))
    admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": ["certificates:view", "events:view_certificates"],
            "certificate_groups": [{"group": group, "rights": []}],
            "users": [auditor.user],
        },
    )
    # Imported before it came into the role's group.
    made = admin.import_certificate()
    admin.good(
        "POST", "/certificates/actions", {"action": "add_to_groups", "certificates": [made["id"]], "groups": [group]}
    )

    listed = auditor.items(at(made["id"], "events"))

    assert len(listed) == 2
    assert [auditor.good("GET", f"/events/{event['id']}") for event in listed] == listed


IMPORTER = ("certificates:view", "certificates:import", "signing_requests:view")


def test_an_import_takes_a_renewal_out_of_no_group_without_the_right_to(signet: Service, admin: Client) -> None:
    mine, guarded = group_of(admin), group_of(admin)
    importer = somebody_who(signet, admin, *IMPORTER, **{mine: ["add"]})
    old = admin.import_certificate(groups=[mine, guarded])
    request = admin.good("POST", at(old["id"], "renew"), {})
    content = in_base64(answer_to(request).pem)

    with signet.nothing_stored("not_allowed", "not_allowed"):
        issued = {"content": content, "groups": [mine]}
        assert_refused(importer.post(f"/signing-requests/{request['id']}/certificate", issued), 403, "not_allowed")
        assert_refused(importer.post("/certificates", issued), 403, "not_allowed")

    made = importer.good("POST", f"/signing-requests/{request['id']}/certificate", {"content": content})
    assert {group["id"] for group in made["groups"]} == {mine, guarded}


def test_an_import_puts_no_other_pin_on_a_renewal_without_the_right_to(
    signet: Service, admin: Client, alice: Client
) -> None:
    group = group_of(admin)
    importer = somebody_who(signet, admin, *IMPORTER, **{group: ["add"]})
    old = admin.import_certificate(groups=[group], owner=alice.user, pin="the old one")
    request = admin.good("POST", at(old["id"], "renew"), {})
    body = {"content": in_base64(answer_to(request).pem), "groups": [group]}

    with signet.nothing_stored("not_allowed"):
        assert_refused(importer.post("/certificates", {**body, "pin": "mine now"}), 403, "not_allowed")

    made = importer.good("POST", "/certificates", body)
    assert made["renews"] == old["id"]
    assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": "the old one"}).status == 200


@pytest.mark.parametrize("rightful", ["against the request", "as any file"])
def test_who_imports_the_answer_first_without_a_right_keeps_nobody_from_it(
    rightful: str, signet: Service, admin: Client
) -> None:
    theirs, ours = group_of(admin), group_of(admin)
    squatter = somebody_who(signet, admin, *IMPORTER, "certificates:delete", **{theirs: ["add"]})
    importer = somebody_who(signet, admin, *IMPORTER, **{ours: ["add"]})
    settings = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name()}, "groups": [ours]}
    request = admin.good("POST", "/signing-requests", settings)
    content = in_base64(answer_to(request).pem)
    squatted = squatter.good("POST", "/certificates", {"content": content, "groups": [theirs]})
    assert not squatted["has_private_key"]

    path = f"/signing-requests/{request['id']}/certificate" if rightful == "against the request" else "/certificates"
    made = importer.good("POST", path, {"content": content, "groups": [ours]})

    assert (made["id"], made["has_private_key"]) == (request["id"].replace("req_", "crt_"), True)
    # What the other has does not show that it exists, and cannot harm it.
    assert squatter.good("GET", at(squatted["id"])) == overview_of(squatted)
    assert squatter.get(at(made["id"])).status == 404
    assert_refused(squatter.post("/certificates", {"content": content, "groups": [theirs]}), 409, "certificate_exists")
    assert squatter.delete(at(squatted["id"])).status == 204
    again = importer.post("/certificates", {"content": content, "groups": [ours]})
    assert_refused(again, 409, "certificate_exists")
    assert again.json["certificate_id"] == made["id"]


def test_who_may_not_assign_a_group_opens_no_policy_about_it_to_more_callers(signet: Service, admin: Client) -> None:
    group = group_of(admin)
    editor = somebody_who(signet, admin, "policies:view", "policies:edit", "certificates:view", **{group: []})
    certificate = admin.import_certificate(groups=[group])["id"]
    settings = {"what": {"groups": [group]}, "who": {"users": ["local/alice"]}}
    allow = admin.good("POST", "/policies", {"name": unused_name("policy"), "action": "allow", **settings})
    deny = {"name": unused_name("policy"), "action": "deny", "who": {"users": [editor.user]}, "what": settings["what"]}
    deny = admin.good("POST", "/policies", deny)

    for policy, change in (
        (allow, {"who": {"users": ["local/alice", editor.user]}}),
        (allow, {"who": {"user_groups": ["local/everybody"]}}),
        (deny, {"action": "allow"}),
    ):
        assert_refused(editor.patch(f"/policies/{policy['id']}", change), 403, "not_allowed")
        assert admin.good("GET", f"/policies/{policy['id']}") == policy
    assert_refused(editor.post(at(certificate, "sign"), SIGN), 403, "not_allowed_by_policy")

    # What takes something away, or only tells it, is a change as any other.
    closed = {"description": "closed", "enabled": False, "priority": 3}
    assert editor.good("PATCH", f"/policies/{allow['id']}", closed)["enabled"] is False
    assert_refused(editor.patch(f"/policies/{allow['id']}", {"enabled": True}), 403, "not_allowed")


@pytest.mark.parametrize("gone", [False, True], ids=["renewed", "renewed and deleted"])
def test_naming_what_was_renewed_gives_nobody_its_renewal_in_another_group(
    gone: bool, signet: Service, admin: Client
) -> None:
    mine, guarded = group_of(admin), group_of(admin)
    rights = {mine: ["assign"]}
    writer = somebody_who(signet, admin, "policies:view", "policies:create", "policies:edit", **rights)
    old = admin.import_certificate(groups=[mine])["id"]
    request = admin.good("POST", at(old, "renew"), {})
    issued = {"content": in_base64(answer_to(request).pem), "groups": [guarded]}
    new = admin.good("POST", f"/signing-requests/{request['id']}/certificate", issued)["id"]
    allow = {"name": unused_name("policy"), "action": "allow", "who": {"users": [writer.user]}}
    theirs = {**allow, "who": {"users": ["local/alice"]}, "what": {"certificates": [old], "groups": [mine]}}
    policy = admin.good("POST", "/policies", theirs)
    if gone:
        assert admin.delete(at(old)).status == 204
    else:
        assert_refused(writer.post("/policies", {**allow, "what": {"certificates": [old]}}), 403, "not_allowed")

    opened = writer.patch(f"/policies/{policy['id']}", {"who": {"users": ["local/alice", writer.user]}})

    assert_refused(opened, 403, "not_allowed")
    assert writer.post(at(new, "sign"), SIGN).status == 404


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "once changed"])
def test_nothing_is_left_of_a_deleted_certificate_whose_group_went_before(
    changed: bool, signet: Service, admin: Client
) -> None:
    group = group_of(admin)
    made = admin.import_certificate(groups=[group], alias=unused_name("gone"))
    assert admin.delete(f"/certificate-groups/{group}").status == 204
    if changed:
        admin.good("PATCH", at(made["id"]), {"description": "in no group any more"})
        assert not any(group in row for row in signet.stored()["CertificateTable"])

    assert admin.delete(at(made["id"])).status == 204

    assert not [row for row in signet.stored()["CertificateTable"] if made["id"] in row or made["alias"] in row]
