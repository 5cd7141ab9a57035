"""What a policy may say, what is refused by field, and what becomes of changes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.policies.policy_requests import NO_GROUP, body, events_of, group, make, path
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client


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
