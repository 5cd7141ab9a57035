"""Roles over HTTP: who manages and reads them, what is always there, and that somebody can change them again."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import ADMINISTRATORS, Client, Service, at

ADMINISTRATOR = "/roles/rol_000000000000000000000001"
VIEWER = "/roles/rol_000000000000000000000002"
NO_GROUP = "grp_000000000000000000000000"

_people = itertools.count(1)


def somebody(signet: Service, *groups: str) -> Client:
    return signet.caller(f"role-holder-{next(_people)}", *groups)


def make(admin: Client, **fields: Any) -> dict[str, Any]:
    role: dict[str, Any] = admin.good("POST", "/roles", {"name": unused_name("role"), **fields})
    return role


def path(role: dict[str, Any]) -> str:
    return f"/roles/{role['id']}"


def group(admin: Client) -> str:
    made: str = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    return made


def give(admin: Client, role: str, **holders: Any) -> None:
    """Make a built-in role that of `holders`, over those it has."""
    now = admin.good("GET", role)
    admin.good("PATCH", role, {name: [*now[name], *more] for name, more in holders.items()})


def events_of(admin: Client, role: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    return [
        event
        for kind in ("Created", "Updated", "Deleted")
        for event in admin.good("GET", "/events", type=f"Role {kind}", limit=200, **query)["items"]
        if event["detail"].get("role_id") == role["id"]
    ]


def test_a_role_is_made_whole_read_back_and_in_force_at_once(signet: Service, admin: Client) -> None:
    holder, in_it = somebody(signet), group(admin)
    sent = {
        "name": unused_name("Release manager"),
        "description": "For releases",
        "priority": 7,
        "permissions": ["certificates:view", "policies:view"],
        "certificate_groups": [{"group": in_it, "rights": ["add", "assign"]}],
        "users": [holder.user],
        "user_groups": ["local/release"],
    }
    made = admin.post("/roles", sent)

    assert made.status == 201, made
    assert made.headers["etag"] == '"1"'
    assert made.json == {
        **sent,
        "id": made.json["id"],
        "built_in": False,
        "created_at": made.json["created_at"],
        "created_by": "local/admin",
        "updated_at": made.json["created_at"],
        "version": 1,
    }
    assert made.json["id"].startswith("rol_")
    assert admin.good("GET", path(made.json)) == made.json
    assert made.json in admin.items("/roles", limit=200)
    me = holder.good("GET", "/me")
    assert me["role"] == {"id": made.json["id"], "name": sent["name"]}
    assert me["permissions"] == sent["permissions"]
    assert me["certificate_groups"] == sent["certificate_groups"]


def test_what_is_left_out_has_a_default(admin: Client) -> None:
    role = make(admin)

    assert (role["description"], role["priority"], role["permissions"]) == ("", 100, [])
    assert (role["certificate_groups"], role["users"], role["user_groups"]) == ("all", [], [])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "a\u0000"}, "name"),
        ({"priority": 1.5}, "priority"),
        ({"priority": 1_000_001}, "priority"),
        ({"permissions": ["certificates:own"]}, "permissions[0]"),
        ({"certificate_groups": [{"group": NO_GROUP, "rights": ["sell"]}]}, "certificate_groups[0].rights[0]"),
        ({"certificate_groups": [{"rights": ["add"]}]}, "certificate_groups[0].group"),
        ({"certificate_groups": [{"group": NO_GROUP}, {"group": NO_GROUP}]}, "certificate_groups[1].group"),
        ({"certificate_groups": "none"}, "certificate_groups"),
        ({"users": ["bob"]}, "users[0]"),
        ({"user_groups": [1]}, "user_groups[0]"),
        ({"built_in": True}, "built_in"),
    ],
)
def test_bad_settings_are_refused_by_field(admin: Client, fields: dict[str, Any], field: str) -> None:
    response = admin.post("/roles", {"name": unused_name(), **fields})

    assert (response.status, response.code) == (422, "invalid_input"), response
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_a_role_over_64_kb_is_413(admin: Client) -> None:
    users = [f"local/{'x' * 100}{number}" for number in range(700)]

    assert admin.post("/roles", {"name": unused_name(), "users": users}).code == "too_large"


def test_a_group_that_does_not_exist_is_an_unknown_reference_by_its_place(admin: Client) -> None:
    in_it = group(admin)
    grants = [{"group": in_it, "rights": []}, {"group": NO_GROUP, "rights": ["add"]}]
    refused = admin.post("/roles", {"name": unused_name(), "certificate_groups": grants})
    role = make(admin, certificate_groups=grants[:1])

    for response in (refused, admin.patch(path(role), {"certificate_groups": grants})):
        assert (response.status, response.code) == (422, "unknown_reference")
        assert [error["field"] for error in response.json["errors"]] == ["certificate_groups[1].group"]


def test_a_group_that_a_role_names_cannot_be_deleted(admin: Client) -> None:
    named = group(admin)
    role = make(admin, certificate_groups=[{"group": named, "rights": []}])

    assert admin.delete(f"/certificate-groups/{named}").code == "group_in_use"
    admin.good("PATCH", path(role), {"certificate_groups": []})
    admin.good("DELETE", f"/certificate-groups/{named}")


def test_changes_are_versions_and_events_and_deletion_takes_the_role_away(signet: Service, admin: Client) -> None:
    holder = somebody(signet)
    role = make(admin, users=[holder.user], permissions=["policies:view"])
    changed = admin.good("PATCH", path(role), {"priority": 3, "permissions": ["policies:view", "events:view_own"]})

    assert changed["version"] == 2
    assert admin.good("PATCH", path(role), {"priority": 3}) == changed
    assert holder.good("GET", "/me")["permissions"] == ["policies:view", "events:view_own"]
    assert admin.delete(path(role), if_match='"1"').code == "stale"
    assert admin.patch(path(role), {"priority": 4}, if_match='"1"').code == "stale"
    admin.good("DELETE", path(role))
    assert holder.good("GET", "/me")["role"] is None
    assert admin.get(path(role)).status == 404

    created, updated, deleted = events_of(admin, role)
    assert created["detail"]["settings"]["users"] == [holder.user]
    assert updated["detail"] == {
        "role_id": role["id"],
        "name": role["name"],
        "changes": {
            "priority": {"from": 100, "to": 3},
            "permissions": {"from": ["policies:view"], "to": ["policies:view", "events:view_own"]},
        },
    }
    assert deleted["detail"]["settings"]["priority"] == 3


def test_a_name_is_taken_whatever_its_case_and_so_are_the_built_in_ones(admin: Client) -> None:
    role, other = make(admin), make(admin)

    for name in (role["name"].upper(), "Administrator", "VIEWER"):
        assert admin.post("/roles", {"name": name}).code == "name_taken"
        assert admin.patch(path(other), {"name": name}).code == "name_taken"


def test_of_ten_who_create_one_name_at_once_one_succeeds(admin: Client) -> None:
    name = unused_name("Race")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: admin.post("/roles", {"name": name}), range(10)))

    assert sorted(answer.status for answer in answers) == [201, *[409] * 9]


def test_a_creation_sent_twice_with_one_key_is_done_once(admin: Client) -> None:
    sent = {"name": unused_name("once")}

    assert admin.post("/roles", sent, key="roles-once").json == admin.post("/roles", sent, key="roles-once").json


# --- the built-in roles --------------------------------------------------------------------------------------------


def test_the_built_in_roles_are_always_listed(admin: Client) -> None:
    listed = {role["name"]: role for role in admin.items("/roles", limit=200)}

    assert listed["Administrator"]["built_in"] is True
    assert len(listed["Administrator"]["permissions"]) == 15
    assert listed["Viewer"]["permissions"] == [
        "certificates:view",
        "signing_requests:view",
        "policies:view",
        "events:view_all",
    ]
    assert listed["Viewer"]["certificate_groups"] == "all"
    assert listed["Viewer"]["created_at"] is None


@pytest.mark.parametrize(
    ("role", "changes", "code"),
    [
        (VIEWER, {"name": "Reader"}, "built_in_role"),
        (VIEWER, {"permissions": []}, "built_in_role"),
        (VIEWER, {"priority": 1}, "built_in_role"),
        (VIEWER, {"certificate_groups": []}, "built_in_role"),
        (ADMINISTRATOR, {"description": "Anybody"}, "built_in_role"),
        (ADMINISTRATOR, {"permissions": ["certificates:view"]}, "last_administrator"),
        (ADMINISTRATOR, {"certificate_groups": []}, "last_administrator"),
    ],
)
def test_of_a_built_in_role_only_the_holders_change(
    admin: Client, role: str, changes: dict[str, Any], code: str
) -> None:
    before = admin.good("GET", role)
    refused = admin.patch(role, changes)

    assert (refused.status, refused.code) == (409, code)
    assert admin.good("GET", role) == before
    assert (admin.delete(role).status, admin.delete(role).code) == (409, "built_in_role")


def test_the_viewer_is_given_and_reads_all_and_changes_nothing(signet: Service, admin: Client) -> None:
    viewer = somebody(signet, "role-auditors")
    give(admin, VIEWER, user_groups=["local/role-auditors"])
    role = make(admin)

    assert viewer.good("GET", "/me")["role"]["name"] == "Viewer"
    assert viewer.good("GET", path(role)) == role
    assert role["id"] in {one["id"] for one in viewer.items("/roles", limit=200)}
    for refused in (
        viewer.post("/roles", {"name": unused_name()}),
        viewer.patch(path(role), {"priority": 1}),
        viewer.delete(path(role)),
        viewer.patch(VIEWER, {"users": [viewer.user]}),
    ):
        assert (refused.status, refused.code) == (403, "not_allowed")
    assert [event["type"] for event in events_of(admin, role, outcome="refused")] == ["Role Updated", "Role Deleted"]


def test_others_see_their_own_role_and_no_other(signet: Service, admin: Client) -> None:
    holder, stranger = somebody(signet), somebody(signet)
    role, other = make(admin, users=[holder.user], permissions=["certificates:view"]), make(admin)

    assert holder.get("/roles").status == stranger.get("/roles").status == 403
    assert holder.good("GET", path(role)) == role
    assert holder.patch(path(role), {"permissions": []}).status == 403
    for by, hidden in ((holder, path(other)), (holder, VIEWER), (stranger, path(role)), (stranger, ADMINISTRATOR)):
        assert by.get(hidden).status == 404
        assert by.patch(hidden, {"priority": 1}).status == 404
        assert by.delete(hidden).status == 404
    assert stranger.post("/roles", {"name": unused_name()}).status == 403


def test_more_administrators_are_made_through_the_role(signet: Service, admin: Client) -> None:
    second = somebody(signet)
    give(admin, ADMINISTRATOR, users=[second.user])

    assert second.good("GET", "/me")["role"]["name"] == "Administrator"
    second.good("POST", "/certificate-groups", {"name": unused_name("second")})
    # The one who would take the role away is no member of the deployment's group, and nobody else is named.
    refused = second.patch(ADMINISTRATOR, {"users": []})
    assert (refused.status, refused.code) == (409, "last_administrator")
    admin.good("PATCH", ADMINISTRATOR, {"users": []})
    assert second.good("GET", "/me")["role"] is None


def test_an_administrator_by_a_group_of_the_role_cannot_give_away_the_power_by_mistake(
    signet: Service, admin: Client
) -> None:
    give(admin, ADMINISTRATOR, user_groups=["local/role-deputies"])
    deputy = somebody(signet, "role-deputies")
    assert deputy.good("GET", "/me")["role"]["name"] == "Administrator"

    # Given directly, any role is in force before one through a group.
    refused = deputy.post("/roles", {"name": unused_name(), "users": [deputy.user]})
    assert (refused.status, refused.code) == (409, "last_administrator")
    role = deputy.good("POST", "/roles", {"name": unused_name()})
    assert deputy.patch(path(role), {"users": [deputy.user]}).code == "last_administrator"
    assert deputy.patch(ADMINISTRATOR, {"user_groups": []}).code == "last_administrator"
    assert deputy.patch(ADMINISTRATOR, {"user_groups": [], "users": ["nowhere/bob"]}).code == "unknown_issuer"
    give(deputy, ADMINISTRATOR, users=[deputy.user])
    deputy.good("PATCH", path(role), {"user_groups": ["local/role-deputies"]})
    admin.good("PATCH", ADMINISTRATOR, {"users": [], "user_groups": []})


def test_members_of_the_deployments_group_stay_administrators_whatever_they_are_given(
    signet: Service, admin: Client
) -> None:
    member = somebody(signet, ADMINISTRATORS)
    make(admin, users=[member.user], priority=0)

    assert member.good("GET", "/me")["role"]["name"] == "Administrator"


# --- what a role reaches -------------------------------------------------------------------------------------------


def test_a_role_of_certain_groups_sees_and_changes_only_what_is_in_them(signet: Service, admin: Client) -> None:
    own, other = group(admin), group(admin)
    holder = somebody(signet)
    make(
        admin,
        users=[holder.user],
        permissions=["certificates:view", "certificates:edit", "certificates:import"],
        certificate_groups=[{"group": own, "rights": ["add"]}],
    )
    inside = admin.import_certificate(groups=[own, other])["id"]
    outside = admin.import_certificate(groups=[other])["id"]

    assert [one["id"] for one in holder.items("/certificates")] == [inside]
    assert [one["id"] for one in holder.items("/certificates", group=other)] == [inside]
    assert holder.patch(at(inside), {"description": "Seen"}).status == 200
    assert holder.patch(at(outside), {"description": "Seen"}).status == 404
    # A group shows with a certificate that is in it.
    assert {one["id"] for one in holder.items("/certificate-groups")} == {own, other}
    assert holder.get(f"/certificate-groups/{other}").status == 200
    admin.good("DELETE", at(inside))
    assert {one["id"] for one in holder.items("/certificate-groups")} == {own}
    assert holder.get(f"/certificate-groups/{other}").status == 404


def test_the_role_in_force_is_the_direct_one_then_the_lowest_priority_then_the_older(
    signet: Service, admin: Client
) -> None:
    team = unused_name("team").replace(" ", "-")
    holder = somebody(signet, team)
    through_group = make(admin, user_groups=[f"local/{team}"], priority=0)
    assert holder.good("GET", "/me")["role"]["id"] == through_group["id"]
    older = make(admin, users=[holder.user], priority=9)
    assert holder.good("GET", "/me")["role"]["id"] == older["id"]
    make(admin, users=[holder.user], priority=9)
    assert holder.good("GET", "/me")["role"]["id"] == older["id"]
    lower = make(admin, users=[holder.user], priority=8)
    assert holder.good("GET", "/me")["role"]["id"] == lower["id"]
