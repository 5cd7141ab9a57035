"""Policies over HTTP: what they may say, who may write them and name what in them, and that signing obeys."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.over_http import Client, Response, Service, at

NOWHERE = "crt_000000000000000000000000"
NO_GROUP = "grp_000000000000000000000000"


def body(**fields: Any) -> dict[str, Any]:
    return {"name": unused_name("policy"), "action": "allow", "who": {"users": ["local/bob"]}, **fields}


def make(by: Client, **fields: Any) -> dict[str, Any]:
    policy: dict[str, Any] = by.good("POST", "/policies", body(**fields))
    return policy


def path(policy: dict[str, Any]) -> str:
    return f"/policies/{policy['id']}"


def group(admin: Client, **fields: Any) -> str:
    made: str = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), **fields})["id"]
    return made


def role(admin: Client, holder: Client, *permissions: str, groups: Any = "all") -> dict[str, Any]:
    """A role given to `holder` alone."""
    made: dict[str, Any] = admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": permissions,
            "certificate_groups": groups,
            "users": [holder.user],
        },
    )
    return made


def sign(by: Client, certificate: str, **fields: Any) -> Response:
    order = {
        "message": in_base64(hashlib.sha256(b"hello").digest()),
        "message_type": "DIGEST",
        "signing_algorithm": "ECDSA_SHA_256",
    }
    return by.post(at(certificate, "sign"), {**order, **fields})


def events_of(admin: Client, policy: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    return [
        event
        for kind in ("Created", "Updated", "Deleted")
        for event in admin.good("GET", "/events", type=f"Policy {kind}", limit=200, **query)["items"]
        if event["detail"].get("policy_id") == policy["id"]
    ]


# --- what a policy says --------------------------------------------------------------------------------------------


def test_a_policy_is_made_whole_and_read_back(admin: Client) -> None:
    certificate, in_it = admin.import_certificate()["id"], group(admin)
    sent = {
        "name": unused_name("CI may sign releases"),
        "description": "Since 2026",
        "enabled": True,
        "action": "allow",
        "priority": 10,
        "what": {"certificates": [certificate], "groups": [in_it]},
        "who": {"users": ["local/alice"], "user_groups": ["local/release"]},
        "where": {
            "processes": ["signtool"],
            "command_lines": ["/fd sha256"],
            "source_networks": ["203.0.113.0/24", "2001:db8::/32"],
        },
        "when": [
            {
                "days": ["mon", "tue"],
                "start_date": None,
                "end_date": "2027-12-31",
                "start_time": "08:00",
                "end_time": "18:00",
                "time_zone": "Europe/Madrid",
            }
        ],
    }
    made = admin.post("/policies", sent)

    assert made.status == 201, made
    assert made.headers["etag"] == '"1"'
    assert made.json == {
        **sent,
        "id": made.json["id"],
        "created_at": made.json["created_at"],
        "created_by": "local/admin",
        "updated_at": made.json["created_at"],
        "version": 1,
    }
    assert made.json["id"].startswith("pol_")
    assert admin.good("GET", path(made.json)) == made.json
    assert made.json in admin.items("/policies", limit=200)


def test_what_is_left_out_has_a_default(admin: Client) -> None:
    policy = make(admin, what={"groups": [group(admin)]})

    assert policy["description"] == ""
    assert policy["enabled"] is True
    assert policy["priority"] == 100
    assert policy["what"]["certificates"] == []
    assert policy["who"]["user_groups"] == []
    assert policy["where"] == {"processes": [], "command_lines": [], "source_networks": []}
    assert policy["when"] == []


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": None}, "name"),
        ({"action": "maybe"}, "action"),
        ({"priority": -1}, "priority"),
        ({"priority": True}, "priority"),
        ({"what": {}}, "what"),
        ({"what": {"certificates": [], "groups": []}}, "what"),
        ({"what": {"aliases": ["a"]}}, "what.aliases"),
        ({"what": {"groups": [3]}}, "what.groups[0]"),
        ({"who": {}}, "who"),
        ({"who": {"users": ["bob"]}}, "who.users[0]"),
        ({"who": {"user_groups": ["local/a", "group"]}}, "who.user_groups[1]"),
        ({"where": {"source_networks": ["203.0.113.1/24"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["everywhere"]}}, "where.source_networks[0]"),
        ({"where": {"command_lines": ["(a"]}}, "where.command_lines[0]"),
        ({"where": {"command_lines": ["(?=a)"]}}, "where.command_lines[0]"),
        ({"when": [{"time_zone": "Europe/Atlantis"}]}, "when[0].time_zone"),
        ({"when": [{"start_date": "2026-02-30"}]}, "when[0].start_date"),
        ({"when": [{"start_date": "2027-01-02", "end_date": "2027-01-01"}]}, "when[0].end_date"),
        ({"when": [{"start_time": "08:00"}]}, "when[0].end_time"),
        ({"when": [{"start_time": "08:00", "end_time": "08:00"}]}, "when[0].end_time"),
        ({"when": [{"days": ["mo"]}]}, "when[0].days[0]"),
        ({"odd": 1}, "odd"),
        ({"version": 1}, "version"),
    ],
)
def test_bad_settings_are_refused_by_field(admin: Client, fields: dict[str, Any], field: str) -> None:
    response = admin.post("/policies", body(**{"what": {"groups": [NO_GROUP]}, **fields}))

    assert (response.status, response.code) == (422, "invalid_input"), response
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_a_policy_over_64_kb_is_413_when_made_and_when_it_grows(admin: Client) -> None:
    what = {"groups": [group(admin)]}
    many = [f"local/{'x' * 100}{number}" for number in range(700)]

    assert admin.post("/policies", body(what=what, who={"users": many})).code == "too_large"
    policy = make(admin, what=what, who={"users": many[:300]})
    grown = admin.patch(path(policy), {"who": {"users": many[:300], "user_groups": many[:400]}})
    assert (grown.status, grown.code) == (413, "too_large")
    assert admin.good("GET", path(policy)) == policy


# --- change and delete ---------------------------------------------------------------------------------------------


def test_fields_change_one_by_one_and_every_change_is_an_event(admin: Client) -> None:
    policy = make(admin, what={"groups": [group(admin)]})
    changed = admin.good("PATCH", path(policy), {"enabled": False, "who": {"user_groups": ["local/ci"]}})

    assert changed == {
        **policy,
        "enabled": False,
        "who": {"users": [], "user_groups": ["local/ci"]},
        "version": 2,
        "updated_at": changed["updated_at"],
    }
    assert admin.good("PATCH", path(policy), {"enabled": False}) == changed
    admin.good("DELETE", path(policy))
    assert admin.get(path(policy)).status == 404

    mention = {"policy_id": policy["id"], "name": policy["name"]}
    created, updated, deleted = events_of(admin, policy)
    assert created["detail"]["settings"]["who"] == {"users": ["local/bob"], "user_groups": []}
    assert updated["detail"] == {
        **mention,
        "changes": {
            "enabled": {"from": True, "to": False},
            "who": {
                "from": {"users": ["local/bob"], "user_groups": []},
                "to": {"users": [], "user_groups": ["local/ci"]},
            },
        },
    }
    assert deleted["detail"]["settings"]["enabled"] is False
    assert created["id"] < updated["id"] < deleted["id"]


def test_a_stale_version_is_412(admin: Client) -> None:
    policy = make(admin, what={"groups": [group(admin)]})
    admin.good("PATCH", path(policy), {"priority": 5})

    assert admin.patch(path(policy), {"priority": 6}, if_match='"1"').code == "stale"
    assert admin.delete(path(policy), if_match='"1"').code == "stale"
    assert admin.patch(path(policy), {"priority": 6}, if_match='"2"').headers["etag"] == '"3"'


def test_a_name_is_taken_whatever_its_case(admin: Client) -> None:
    what = {"groups": [group(admin)]}
    policy, other = make(admin, what=what), make(admin, what=what)

    assert admin.post("/policies", body(name=policy["name"].upper(), what=what)).code == "name_taken"
    assert admin.patch(path(other), {"name": policy["name"].upper()}).code == "name_taken"
    # Another kind of thing may have it.
    admin.good("POST", "/certificate-groups", {"name": policy["name"]})


def test_of_twenty_who_create_one_name_at_once_one_succeeds(admin: Client) -> None:
    sent = body(what={"groups": [group(admin)]})
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: admin.post("/policies", sent), range(20)))

    assert sorted(answer.status for answer in answers) == [201, *[409] * 19]


def test_a_creation_sent_at_once_with_one_key_is_done_once(admin: Client) -> None:
    sent = body(what={"groups": [group(admin)]})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: admin.post("/policies", sent, key="policies-once"), range(4)))

    assert [answer.status for answer in answers] == [201] * 4
    assert len({answer.json["id"] for answer in answers}) == 1


def test_changes_at_once_with_one_version_take_effect_once(admin: Client) -> None:
    policy = make(admin, what={"groups": [group(admin)]})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: admin.patch(path(policy), {"priority": n}, if_match='"1"'), range(8)))

    assert sorted(answer.status for answer in answers) == [200, *[412] * 7]
    assert admin.good("GET", path(policy))["version"] == 2


# --- what it names -------------------------------------------------------------------------------------------------


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


# --- who may do what -----------------------------------------------------------------------------------------------


def test_each_action_needs_its_permission(signet: Service, admin: Client) -> None:
    what = {"groups": [group(admin)]}
    policy = make(admin, what=what)

    def attempts(by: Client) -> dict[str, int]:
        spare = make(admin, what=what)
        return {
            "policies:view": by.get(path(policy)).status,
            "list": by.get("/policies").status,
            "policies:create": by.post("/policies", body(what=what)).status,
            "policies:edit": by.patch(path(policy), {"description": unused_name()}).status,
            "policies:delete": by.delete(path(spare)).status,
        }

    done = {
        "policies:view": 200,
        "list": 200,
        "policies:create": 201,
        "policies:edit": 200,
        "policies:delete": 204,
    }
    for permission in ("policies:view", "policies:create", "policies:edit", "policies:delete"):
        one = signet.caller(unused_name("one"))
        role(admin, one, permission)
        expected = {action: done[action] if action == permission else 403 for action in done}
        expected["list"] = 200 if permission == "policies:view" else 403
        assert attempts(one) == expected, permission
    stranger = signet.caller(unused_name("stranger"))
    assert attempts(stranger) == {
        "policies:view": 404,
        "list": 403,
        "policies:create": 403,
        "policies:edit": 404,
        "policies:delete": 404,
    }
    nothing = signet.caller(unused_name("nothing"))
    role(admin, nothing, "certificates:view")
    assert attempts(nothing)["policies:edit"] == 404


def test_what_is_refused_is_recorded(signet: Service, admin: Client) -> None:
    viewer = signet.caller(unused_name("viewer"))
    role(admin, viewer, "policies:view")
    policy = make(admin, what={"groups": [group(admin)]})

    assert viewer.patch(path(policy), {"enabled": False}).status == 403
    assert viewer.delete(path(policy)).status == 403
    assert [(event["type"], event["code"]) for event in events_of(admin, policy, outcome="refused")] == [
        ("Policy Updated", "not_allowed"),
        ("Policy Deleted", "not_allowed"),
    ]


def test_a_role_of_certain_groups_sees_the_policies_that_name_nothing_else(signet: Service, admin: Client) -> None:
    own, other = group(admin), group(admin)
    viewer = signet.caller(unused_name("viewer"))
    role(admin, viewer, "policies:view", groups=[{"group": own, "rights": []}])
    inside = admin.import_certificate(groups=[own])["id"]
    outside = admin.import_certificate(groups=[other])["id"]
    gone = admin.import_certificate(groups=[own])["id"]

    visible = [
        make(admin, what={"groups": [own]}),
        make(admin, what={"certificates": [inside]}),
        make(admin, what={"certificates": [inside, gone]}),
        make(admin, what={"certificates": [inside], "groups": [own]}),
    ]
    hidden = [
        make(admin, what={"groups": [own, other]}),
        make(admin, what={"certificates": [outside]}),
        make(admin, what={"certificates": [inside, outside]}),
        make(admin, what={"certificates": [gone]}),
    ]
    admin.good("DELETE", at(gone))

    assert {policy["id"] for policy in viewer.items("/policies")} == {policy["id"] for policy in visible}
    assert [viewer.get(path(policy)).status for policy in visible] == [200] * 4
    assert [viewer.get(path(policy)).status for policy in hidden] == [404] * 4


def test_the_list_is_in_the_order_of_asking_and_its_pages_give_everything_once(signet: Service, admin: Client) -> None:
    own = group(admin)
    viewer = signet.caller(unused_name("viewer"))
    role(admin, viewer, "policies:view", groups=[{"group": own, "rights": []}])
    made = [
        make(admin, what={"groups": [own]}, priority=priority, action=action)["id"]
        for priority, action in [(5, "allow"), (5, "deny"), (0, "allow"), (1000000, "deny"), (5, "allow")]
    ]

    for by in (viewer, admin):
        listed = [policy["id"] for page in by.pages("/policies", limit=2) for policy in page]
        assert len(set(listed)) == len(listed)
        assert [policy for policy in listed if policy in made] == [made[2], made[1], made[0], made[4], made[3]]
    assert [len(page) for page in viewer.pages("/policies", limit=2)] == [2, 2, 1]


# --- signing obeys -------------------------------------------------------------------------------------------------


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
