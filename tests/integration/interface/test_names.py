"""Where a body or a query names a certificate or a certificate group, its name serves as well as its id."""

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import pytest

from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Response, Service, assert_refused, at


@pytest.fixture(scope="module")
def group(admin: Client) -> Any:
    return admin.good("POST", "/certificate-groups", {"name": f"Strasse \u00e9 {unused_name()}"})


@pytest.fixture(params=["as it is", "in capitals", "decomposed"])
def name(request: pytest.FixtureRequest, group: dict[str, Any]) -> str:
    given = str(group["name"])
    return {"as it is": given, "in capitals": given.upper(), "decomposed": normalize("NFD", given)}[request.param]


def groups_of(certificate: Any) -> list[str]:
    return [one["id"] for one in certificate["groups"]]


def test_a_certificate_is_imported_into_a_group_by_its_name(admin: Client, group: dict[str, Any], name: str) -> None:
    made = admin.import_certificate(groups=[name, group["id"]])

    assert groups_of(made) == [group["id"]]


def test_a_request_is_made_for_a_group_by_its_name(admin: Client, group: dict[str, Any], name: str) -> None:
    order = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name()}, "groups": [name]}

    made = admin.good("POST", "/signing-requests", order)

    assert groups_of(made) == [group["id"]]


def test_certificates_are_grouped_by_name_in_bulk(admin: Client, group: dict[str, Any], name: str) -> None:
    made = admin.import_certificate()
    order = {"action": "add_to_groups", "certificates": [made["alias"].upper()], "groups": [name]}

    told = admin.good("POST", "/certificates/actions", order)

    assert told["summary"] == {"done": 1, "unchanged": 0, "failed": 0}
    assert groups_of(admin.good("GET", at(made["id"]))) == [group["id"]]
    admin.good("POST", "/certificates/actions", {**order, "action": "remove_from_groups"})
    assert groups_of(admin.good("GET", at(made["id"]))) == []


def test_certificates_are_listed_by_the_name_of_their_group(admin: Client, group: dict[str, Any], name: str) -> None:
    made = admin.import_certificate(groups=[group["id"]])

    found = admin.items("/certificates", group=name)

    assert made["id"] in [one["id"] for one in found]
    assert found == admin.items("/certificates", group=group["id"])


def policy(**what: Any) -> dict[str, Any]:
    return {"name": unused_name(), "action": "allow", "what": what, "who": {"users": ["local/alice"]}}


def test_a_policy_names_a_group_and_a_certificate_by_name(admin: Client, group: dict[str, Any], name: str) -> None:
    made = admin.import_certificate()

    told = admin.good("POST", "/policies", policy(certificates=[made["alias"].upper()], groups=[name]))

    assert told["what"] == {"certificates": [made["id"]], "groups": [group["id"]]}
    changed = admin.good("PATCH", f"/policies/{told['id']}", {"what": {"certificates": [made["alias"]]}})
    assert changed["what"] == {"certificates": [made["id"]], "groups": []}


def test_a_role_names_a_group_by_its_name(admin: Client, group: dict[str, Any], name: str) -> None:
    grant = {"group": name, "rights": ["add"]}

    made = admin.good("POST", "/roles", {"name": unused_name(), "certificate_groups": [grant]})

    assert made["certificate_groups"] == [{"group": group["id"], "rights": ["add"]}]
    changed = admin.good(
        "PATCH", f"/roles/{made['id']}", {"certificate_groups": [{"group": name, "rights": ["remove"]}]}
    )
    assert changed["certificate_groups"] == [{"group": group["id"], "rights": ["remove"]}]


def test_a_role_that_names_a_group_twice_is_refused_at_both_places(
    admin: Client, group: dict[str, Any], name: str
) -> None:
    grants = [{"group": group["id"]}, {"group": name}]

    answer = admin.post("/roles", {"name": unused_name(), "certificate_groups": grants})

    assert_refused(answer, 422, "invalid_input")
    assert [error["field"] for error in answer.json["errors"]] == [
        "certificate_groups[0].group",
        "certificate_groups[1].group",
    ]


def test_an_unknown_name_is_an_unknown_reference_at_its_place(admin: Client, group: dict[str, Any]) -> None:
    content = {"content": in_base64(issue().pem)}
    for path, body, field in (
        ("/certificates", {**content, "groups": [group["name"], "nobody has this"]}, "groups[1]"),
        ("/policies", policy(certificates=["nobody has this"]), "what.certificates[0]"),
        ("/policies", policy(groups=["nobody has this"]), "what.groups[0]"),
        (
            "/roles",
            {"name": unused_name(), "certificate_groups": [{"group": "nobody has this"}]},
            "certificate_groups[0].group",
        ),
    ):
        answer = admin.post(path, body)
        assert_refused(answer, 422, "unknown_reference")
        assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_name_that_the_caller_does_not_see_is_as_one_that_does_not_exist(
    signet: Service, admin: Client, group: dict[str, Any]
) -> None:
    mine = admin.good("POST", "/certificate-groups", {"name": unused_name()})
    user = unused_name()
    role = {
        "name": unused_name(),
        "permissions": ["certificates:view", "certificates:import", "policies:create", "events:view_certificates"],
        "certificate_groups": [{"group": mine["name"], "rights": ["add", "assign"]}],
        "users": [f"local/{user}"],
    }
    admin.good("POST", "/roles", role)
    hidden = admin.import_certificate(groups=[group["id"]])
    manager = signet.caller(user)

    def told(seen: Any) -> Any:
        return seen.status, seen.json["code"], seen.json["errors"], seen.json["detail"]

    asked: list[Callable[[str], Response]] = [
        lambda name: manager.post("/certificates", {"content": in_base64(issue().pem), "groups": [name]}),
        lambda name: manager.post("/policies", policy(groups=[name])),
        lambda name: manager.post("/policies", policy(certificates=[name])),
        lambda name: manager.get("/certificates", group=name),
        lambda name: manager.get("/events", certificate=name),
    ]
    for ask in asked:
        nothing = told(ask("nobody has this"))
        assert nothing[:2] == (422, "unknown_reference")
        assert told(ask(group["name"])) == nothing
        assert told(ask(hidden["alias"])) == nothing


def test_a_group_that_is_seen_for_a_certificate_in_it_is_found_by_name(
    signet: Service, admin: Client, group: dict[str, Any]
) -> None:
    user = unused_name()
    made = admin.import_certificate(groups=[group["id"]], owner=f"local/{user}")

    assert [one["id"] for one in signet.caller(user).items("/certificates", group=group["name"])] == [made["id"]]


def test_events_are_found_by_the_alias_of_a_certificate(admin: Client) -> None:
    made = admin.import_certificate()

    assert admin.items("/events", certificate=made["alias"].upper()) == admin.items("/events", certificate=made["id"])


@pytest.mark.one_in(2)
@pytest.mark.parametrize("begins", ["grp_x", "GRP_X", "pol_", "rol_1", "crt_a", "req_b", "Evt_"])
def test_no_name_begins_like_an_id(admin: Client, begins: str) -> None:
    name = f"{begins}{unused_name()}"
    certificate = admin.import_certificate()
    made: dict[str, dict[str, Any]] = {
        "/certificate-groups": {"name": unused_name()},
        "/policies": policy(certificates=[certificate["id"]]),
        "/roles": {"name": unused_name()},
    }
    for path, body in made.items():
        assert_refused(admin.post(path, {**body, "name": name}), 422, "invalid_input")
        there = admin.good("POST", path, body)
        assert_refused(admin.patch(f"{path}/{there['id']}", {"name": name}), 422, "invalid_input")


def test_no_alias_begins_like_the_id_of_a_certificate(admin: Client) -> None:
    certificate = admin.import_certificate()

    assert_refused(admin.patch(at(certificate["id"]), {"alias": f"Crt_{unused_name()}"}), 422, "invalid_input")
