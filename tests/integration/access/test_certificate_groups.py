"""Certificate groups over HTTP: who makes them, who sees them, what holds their limit and their name."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, at


def make(admin: Client, **fields: Any) -> dict[str, Any]:
    group: dict[str, Any] = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), **fields})
    return group


def path(group: dict[str, Any]) -> str:
    return f"/certificate-groups/{group['id']}"


def test_an_administrator_makes_a_group_and_reads_it_back(admin: Client) -> None:
    name = unused_name("Release")
    made = admin.post("/certificate-groups", {"name": name, "description": "For releases", "certificate_limit": 3})

    assert made.status == 201, made
    assert made.headers["etag"] == '"1"'
    assert made.json == {
        "id": made.json["id"],
        "name": name,
        "description": "For releases",
        "certificate_limit": 3,
        "certificate_count": 0,
        "created_at": made.json["created_at"],
        "created_by": "local/admin",
        "updated_at": made.json["created_at"],
        "version": 1,
    }
    assert made.json["id"].startswith("grp_")
    assert admin.good("GET", path(made.json)) == made.json
    assert made.json in admin.items("/certificate-groups", limit=200)


def test_settings_change_one_by_one_and_the_rest_stays(admin: Client) -> None:
    group = make(admin, description="Old", certificate_limit=3)
    name = unused_name("renamed")

    assert admin.good("PATCH", path(group), {"name": name}) == {
        **group,
        "name": name,
        "version": 2,
        "updated_at": admin.good("GET", path(group))["updated_at"],
    }
    assert admin.good("PATCH", path(group), {"certificate_limit": None})["certificate_limit"] is None
    assert admin.good("GET", path(group))["description"] == "Old"
    assert admin.good("GET", path(group))["version"] == 3


def test_a_patch_that_changes_nothing_leaves_the_version_and_no_event(admin: Client) -> None:
    group = make(admin, description="Same")
    before = len(events_of(admin, group))

    assert admin.good("PATCH", path(group), {"description": "Same"}) == group
    assert admin.good("PATCH", path(group), {}) == group
    assert len(events_of(admin, group)) == before


def events_of(admin: Client, group: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    return [
        event
        for kind in ("Created", "Updated", "Deleted")
        for event in admin.good("GET", "/events", type=f"Certificate Group {kind}", limit=200, **query)["items"]
        if event["detail"].get("certificate_group_id") == group["id"]
    ]


def test_every_change_is_an_event_with_what_changed_from_what_to_what(admin: Client) -> None:
    group = make(admin, certificate_limit=3)
    admin.good("PATCH", path(group), {"certificate_limit": 4, "description": "New"})
    admin.good("DELETE", path(group))

    mention = {"certificate_group_id": group["id"], "name": group["name"]}
    settings = {"name": group["name"], "description": "", "certificate_limit": 3}
    assert [(event["type"], event["outcome"], event["user"], event["detail"]) for event in events_of(admin, group)] == [
        ("Certificate Group Created", "done", "local/admin", {**mention, "settings": settings}),
        (
            "Certificate Group Updated",
            "done",
            "local/admin",
            {
                **mention,
                "changes": {"description": {"from": "", "to": "New"}, "certificate_limit": {"from": 3, "to": 4}},
            },
        ),
        (
            "Certificate Group Deleted",
            "done",
            "local/admin",
            {**mention, "settings": {**settings, "description": "New", "certificate_limit": 4}},
        ),
    ]


def test_an_announcement_names_the_group_and_its_version(signet: Service, admin: Client) -> None:
    group = make(admin)
    admin.good("PATCH", path(group), {"description": "New"})

    (updated,) = events_of(admin, group)[1:]
    row = signet.stack.client("dynamodb").get_item(
        TableName=signet.stack.resources.attribute("EventTable"), Key={"pk": {"S": updated["id"]}}
    )["Item"]
    assert f'"certificate_group_id": "{group["id"]}"' in row["announcement"]["S"]
    assert '"version": 2' in row["announcement"]["S"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " a"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a" * 129}, "name"),
        ({"name": 3}, "name"),
        ({"name": None}, "name"),
        ({"name": "a", "description": "a" * 1025}, "description"),
        ({"name": "a", "certificate_limit": -1}, "certificate_limit"),
        ({"name": "a", "certificate_limit": 1.5}, "certificate_limit"),
        ({"name": "a", "certificate_limit": 1_000_001}, "certificate_limit"),
        ({"name": "a", "certificate_count": 1}, "certificate_count"),
        ({"name": "a", "id": "grp_1"}, "id"),
    ],
)
def test_bad_settings_are_refused_by_field(admin: Client, body: dict[str, Any], field: str) -> None:
    response = admin.post("/certificate-groups", body)

    assert (response.status, response.code) == (422, "invalid_input"), response
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_what_is_not_json_is_400_and_what_is_too_long_413(admin: Client) -> None:
    assert admin.post("/certificate-groups", b"{").status == 400
    assert admin.post("/certificate-groups", {"name": "a", "description": "a" * 300_000}).code == "too_large"


def test_a_name_is_taken_whatever_its_case_and_free_again_once_it_is_given_up(admin: Client) -> None:
    name = unused_name("Straße")
    group = make(admin, name=name)
    other = make(admin)

    for again in (name, name.upper(), name.replace("ß", "ss")):
        assert admin.post("/certificate-groups", {"name": again}).code == "name_taken"
        assert admin.patch(path(other), {"name": again}).code == "name_taken"
    assert admin.good("PATCH", path(group), {"name": name.upper()})["name"] == name.upper()

    admin.good("PATCH", path(group), {"name": unused_name("moved")})
    taken = admin.good("PATCH", path(other), {"name": name})
    admin.good("DELETE", path(taken))
    make(admin, name=name)


def test_of_twenty_who_create_one_name_at_once_one_succeeds(admin: Client) -> None:
    name = unused_name("Race")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: admin.post("/certificate-groups", {"name": name}), range(20)))

    assert sorted(answer.status for answer in answers) == [201, *[409] * 19]
    assert {answer.code for answer in answers} == {None, "name_taken"}
    assert [group["name"] for group in admin.items("/certificate-groups", limit=200)].count(name) == 1


def test_of_ten_who_create_different_names_at_once_all_succeed(admin: Client) -> None:
    names = [unused_name("parallel") for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda name: admin.post("/certificate-groups", {"name": name}), names))

    assert [answer.status for answer in answers] == [201] * 10


def test_a_stale_version_is_412_and_changes_nothing(admin: Client) -> None:
    group = make(admin)
    admin.good("PATCH", path(group), {"description": "New"})

    assert admin.patch(path(group), {"description": "Newer"}, if_match='"1"').code == "stale"
    assert admin.delete(path(group), if_match='"1"').status == 412
    assert admin.good("GET", path(group))["description"] == "New"
    assert admin.patch(path(group), {"description": "Newer"}, if_match='"2"').status == 200
    assert admin.delete(path(group), if_match='"3"').status == 204


def test_a_creation_sent_twice_with_one_key_is_done_once(admin: Client) -> None:
    body = {"name": unused_name("once")}
    first = admin.post("/certificate-groups", body, key="groups-once-1")
    again = admin.post("/certificate-groups", body, key="groups-once-1")

    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    other = admin.post("/certificate-groups", {"name": unused_name("once")}, key="groups-once-1")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_the_count_follows_the_certificates_and_the_limit_never_falls_below_it(admin: Client) -> None:
    group = make(admin, certificate_limit=3)
    first = admin.import_certificate(groups=[group["id"]])
    admin.import_certificate(groups=[group["id"]])

    assert admin.good("GET", path(group))["certificate_count"] == 2
    assert admin.good("PATCH", path(group), {"certificate_limit": 2})["certificate_count"] == 2
    low = admin.patch(path(group), {"certificate_limit": 1})
    assert (low.status, low.code) == (409, "limit_below_count")
    assert admin.good("GET", path(group))["certificate_limit"] == 2

    admin.good("DELETE", at(first["id"]))
    assert admin.good("PATCH", path(group), {"certificate_limit": 1})["certificate_count"] == 1
    assert [one["certificate_count"] for one in admin.items("/certificate-groups") if one["id"] == group["id"]] == [1]


def test_a_group_that_only_holds_certificates_can_be_deleted_and_they_drop_it(admin: Client) -> None:
    group = make(admin)
    certificate = admin.import_certificate(groups=[group["id"]])
    assert [one["id"] for one in certificate["groups"]] == [group["id"]]

    admin.good("DELETE", path(group))

    assert admin.get(path(group)).status == 404
    assert admin.good("GET", at(certificate["id"]))["groups"] == []
    assert admin.items("/certificates", group=group["id"]) == []
    admin.good("PATCH", at(certificate["id"]), {"description": "Still changes"})
    admin.good("DELETE", at(certificate["id"]))


def test_only_an_administrator_makes_changes_and_deletes_and_others_learn_nothing(
    signet: Service, admin: Client, mallory: Client
) -> None:
    group = make(admin)

    created = mallory.post("/certificate-groups", {"name": unused_name("mine")})
    assert (created.status, created.code) == (403, "not_allowed")
    for answer in (
        mallory.get(path(group)),
        mallory.patch(path(group), {"description": "Mine"}),
        mallory.delete(path(group)),
        mallory.get("/certificate-groups/grp_000000000000000000000000"),
        mallory.get(f"/certificate-groups/{group['id'].replace('grp_', 'pol_')}"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
    assert group["id"] not in [one["id"] for one in mallory.items("/certificate-groups")]


def test_who_sees_it_and_may_not_change_it_is_told_so_and_it_is_recorded(admin: Client, signet: Service) -> None:
    group = make(admin)
    owner = signet.caller(unused_name("owner"))
    admin.import_certificate(groups=[group["id"]], owner=owner.user)

    assert owner.good("GET", path(group)) == {**group, "certificate_count": 1}
    assert [one["id"] for one in owner.items("/certificate-groups")] == [group["id"]]
    for answer in (owner.patch(path(group), {"description": "Mine"}), owner.delete(path(group))):
        assert (answer.status, answer.code) == (403, "not_allowed")
    refused = events_of(admin, group, outcome="refused")
    assert [(event["type"], event["code"], event["user"]) for event in refused] == [
        ("Certificate Group Updated", "not_allowed", owner.user),
        ("Certificate Group Deleted", "not_allowed", owner.user),
    ]


def test_the_list_is_by_name_and_its_pages_give_everything_once(admin: Client, alice: Client) -> None:
    made = {make(admin)["id"] for _ in range(5)}
    pages = admin.pages("/certificate-groups", limit=2)
    seen = [group for page in pages for group in page]

    assert all(len(page) == 2 for page in pages[:-1])
    assert len({group["id"] for group in seen}) == len(seen)
    assert made <= {group["id"] for group in seen}
    assert [group["name"].casefold() for group in seen] == sorted(group["name"].casefold() for group in seen)


def test_a_cursor_belongs_to_its_caller_and_its_list(signet: Service, admin: Client) -> None:
    make(admin)
    make(admin)
    cursor = admin.good("GET", "/certificate-groups", limit=1)["next_cursor"]

    assert signet.caller("eve", "administrators").get("/certificate-groups", cursor=cursor).code == "bad_cursor"
    assert admin.get("/certificates", cursor=cursor).code == "bad_cursor"
    assert admin.get("/certificate-groups", cursor=cursor[:-2] + "AA").code == "bad_cursor"
    assert admin.get("/certificate-groups", limit=0).status == 422
    assert admin.get("/certificate-groups", limit=201).status == 422
    assert admin.get("/certificate-groups", name="x").status == 422
