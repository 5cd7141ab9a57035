"""What a policy may name: what is there, what the caller sees, and what the caller may assign."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.integration.policies.policy_requests import NO_GROUP, NOWHERE, body, group, make, path, role
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, at


def test_what_does_not_exist_is_an_unknown_reference_by_its_place(admin: Client) -> None:
    certificate, in_it = admin.import_certificate(), group(admin)
    response = admin.post(
        "/policies",
        body(
            what={
                "certificates": [certificate["id"], NOWHERE, certificate["alias"], in_it],
                "groups": [NO_GROUP, in_it, certificate["id"]],
            }
        ),
    )

    assert (response.status, response.code) == (422, "unknown_reference")
    assert [error["field"] for error in response.json["errors"]] == [
        "what.certificates[1]",
        "what.certificates[3]",
        "what.groups[0]",
        "what.groups[2]",
    ]


def test_of_many_unknown_references_the_first_are_told(admin: Client) -> None:
    many = [f"crt_{number:024}" for number in range(1500)]
    response = admin.post("/policies", body(what={"certificates": many}))

    assert response.code == "unknown_reference"
    assert [error["field"] for error in response.json["errors"]] == [f"what.certificates[{n}]" for n in range(20)]


def test_what_the_caller_cannot_see_is_unknown_and_what_may_not_be_assigned_is_refused(
    signet: Service, admin: Client
) -> None:
    own, seen, other = group(admin), group(admin), group(admin)
    writer = signet.caller(unused_name("writer"))
    role(
        admin,
        writer,
        "policies:create",
        "policies:edit",
        "policies:view",
        groups=[{"group": own, "rights": ["assign"]}, {"group": seen, "rights": ["add", "remove"]}],
    )
    mine = admin.import_certificate(groups=[own, other])["id"]
    theirs = admin.import_certificate(groups=[other])["id"]
    looked_at = admin.import_certificate(groups=[seen])["id"]
    owned = admin.import_certificate(owner=writer.user)["id"]

    for what in ({"certificates": [theirs]}, {"groups": [other]}, {"groups": [own], "certificates": [mine, theirs]}):
        refused = writer.post("/policies", body(what=what))
        assert (refused.status, refused.code) == (422, "unknown_reference"), refused
    for what in ({"groups": [seen]}, {"certificates": [looked_at]}, {"groups": [own, seen]}, {"certificates": [owned]}):
        refused = writer.post("/policies", body(name="Not mine", what=what))
        assert (refused.status, refused.code) == (403, "not_allowed"), refused
    refusals = admin.good("GET", "/events", user=writer.user, type="Policy Created", outcome="refused")["items"]
    assert [event["detail"]["name"] for event in refusals] == ["Not mine"] * 4

    policy = make(writer, what={"groups": [own], "certificates": [mine]})
    assert writer.good("GET", path(policy)) == policy
    assert writer.patch(path(policy), {"what": {"groups": [own, seen]}}).code == "not_allowed"
    assert writer.patch(path(policy), {"what": {"groups": [own, other]}}).code == "unknown_reference"


def test_a_change_asks_only_about_what_it_newly_names(signet: Service, admin: Client) -> None:
    seen = group(admin)
    editor = signet.caller(unused_name("editor"))
    role(admin, editor, "policies:edit", "policies:view", groups=[{"group": seen, "rights": []}])
    policy = make(admin, what={"groups": [seen]}, who={"users": [editor.user]})

    assert editor.good("PATCH", path(policy), {"priority": 3})["priority"] == 3
    assert editor.patch(path(policy), {"what": {"groups": [seen]}}).status == 200


def test_who_may_not_assign_opens_nothing_by_any_change(signet: Service, admin: Client) -> None:
    seen, other = group(admin), group(admin)
    editor = signet.caller(unused_name("editor"))
    scope = [{"group": seen, "rights": ["add", "remove"]}, {"group": other, "rights": ["assign"]}]
    role(admin, editor, "policies:edit", "policies:view", "policies:delete", groups=scope)
    what, me = {"groups": [seen]}, {"users": [editor.user]}
    office = {"source_networks": ["203.0.113.0/24"]}
    hours = [{"start_time": "08:00", "end_time": "18:00"}]
    deny = {"action": "deny", "priority": 50}
    made = {
        "allow": make(admin, what=what, who=me, where=office, when=hours, priority=60),
        "off": make(admin, what=what, who=me, enabled=False),
        "deny": make(admin, what=what, who={"users": [editor.user, "local/eve"]}, **deny),
        "more": make(admin, what={"groups": [seen, other]}, who=me, **deny),
    }
    tried: list[tuple[str, dict[str, Any]]] = [
        ("allow", {"where": {}}),
        ("allow", {"where": {"source_networks": ["203.0.112.0/23"]}}),
        ("allow", {"when": []}),
        ("allow", {"priority": 49}),
        ("allow", {"who": {"users": [editor.user, "local/eve"]}}),
        ("off", {"enabled": True}),
        ("deny", {"enabled": False}),
        ("deny", {"action": "allow"}),
        ("deny", {"who": {"users": ["local/eve"]}}),
        ("deny", {"where": office}),
        ("deny", {"when": hours}),
        ("deny", {"priority": 61}),
        ("more", {"what": {"groups": [other]}}),
    ]

    for which, change in tried:
        refused = editor.patch(path(made[which]), change)
        assert (refused.status, refused.code) == (403, "not_allowed"), (which, change)
    for which in ("deny", "more"):
        assert editor.delete(path(made[which])).code == "not_allowed"
    refusals = admin.items("/events", user=editor.user, outcome="refused")
    assert len(refusals) == len(tried) + 2
    assert all(admin.good("GET", path(policy)) == policy for policy in made.values())

    assert editor.patch(path(made["allow"]), {"where": {"source_networks": ["203.0.113.7"]}}).status == 200
    assert editor.patch(path(made["deny"]), {"who": {"users": [editor.user, "local/eve", "local/bob"]}}).status == 200
    assert editor.patch(path(made["more"]), {"what": {"groups": [seen]}}).status == 200
    assert editor.delete(path(made["allow"])).status == 204


def test_over_all_groups_a_deny_is_deleted_by_who_may_assign(signet: Service, admin: Client) -> None:
    deny = make(admin, what={"groups": [group(admin)]}, action="deny")
    cleaner, manager = signet.caller(unused_name("cleaner")), signet.caller(unused_name("manager"))
    role(admin, cleaner, "policies:delete")
    role(admin, manager, "policies:delete", "policies:edit")

    assert cleaner.delete(path(deny)).code == "not_allowed"
    assert manager.delete(path(deny)).status == 204


def test_a_policy_may_go_on_naming_a_certificate_that_is_gone(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    policy = make(admin, what={"certificates": [certificate], "groups": [group(admin)]})
    admin.good("DELETE", at(certificate))

    assert admin.good("PATCH", path(policy), {"priority": 7})["what"]["certificates"] == [certificate]


def test_a_group_that_a_policy_names_cannot_be_deleted(admin: Client) -> None:
    named = group(admin)
    policy = make(admin, what={"groups": [named]})

    refused = admin.delete(f"/certificate-groups/{named}")
    assert (refused.status, refused.code) == (409, "group_in_use")
    admin.good("DELETE", path(policy))
    admin.good("DELETE", f"/certificate-groups/{named}")


def test_a_group_is_never_deleted_under_a_policy_that_names_it(admin: Client) -> None:
    for _ in range(4):
        named = group(admin)
        with ThreadPoolExecutor(2) as pool:
            made = pool.submit(admin.post, "/policies", body(what={"groups": [named]}))
            gone = pool.submit(admin.delete, f"/certificate-groups/{named}")
        outcomes = (made.result().status, gone.result().status)
        assert outcomes in {(201, 409), (422, 204)}, outcomes
