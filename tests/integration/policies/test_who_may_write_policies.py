"""Who may see and write policies, and what is recorded of it."""

from tests.integration.policies.policy_requests import body, events_of, group, make, path, role
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, at


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
