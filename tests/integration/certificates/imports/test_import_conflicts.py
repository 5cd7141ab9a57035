"""An import of what is there already, into a group that is full, or by somebody who may not."""

import pytest

from tests.integration.certificates.imports.refused_files import file, other
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, overview_of


@pytest.mark.parametrize("already", ["with a key", "without a key"])
def test_a_taken_alias_is_refused_whoever_has_it(already: str, signet: Service, admin: Client) -> None:
    alias = unused_name()
    first = issue()
    body = first.body(alias=alias) if already == "with a key" else file(first.der, alias=alias)
    admin.good("POST", "/certificates", body)

    with signet.nothing_stored():
        response = admin.post("/certificates", issue().body(alias=alias.upper()), key=unused_name())

    assert_refused(response, 409, "alias_taken")
    assert "certificate_id" not in response.json


def test_the_same_certificate_again_is_refused_with_its_id(signet: Service, admin: Client) -> None:
    issued = issue()
    first = admin.import_certificate(issued)

    with signet.nothing_stored():
        again = admin.post("/certificates", issued.body(alias=unused_name()), key=unused_name())
        without_key = admin.post("/certificates", file(issued.der, alias=unused_name()))

    for response in (again, without_key):
        assert_refused(response, 409, "certificate_exists")
        assert response.json["certificate_id"] == first["id"]


def test_the_same_certificate_with_its_key_gives_the_one_without_its_key(admin: Client) -> None:
    issued = issue()
    first = admin.good("POST", "/certificates", file(issued.der, alias=unused_name(), owner="local/alice"))

    again = admin.post("/certificates", issued.body())

    assert again.status == 200
    assert again.json == {**first, "has_private_key": True, "version": 2, "updated_at": again.json["updated_at"]}
    assert admin.get(f"/certificates/{first['id']}").json == overview_of(again.json)


def test_a_key_that_is_not_the_stored_certificates_gives_it_none(signet: Service, admin: Client) -> None:
    issued = issue()
    admin.good("POST", "/certificates", file(issued.der, alias=unused_name()))

    with signet.nothing_stored():
        response = admin.post("/certificates", file(issued.pem + other().key_pem()))

    assert_refused(response, 422, "key_mismatch")


def test_who_may_not_import_learns_nothing_of_the_file(signet: Service, admin: Client, alice: Client) -> None:
    issued = issue()
    admin.import_certificate(issued, owner="local/alice")
    bodies = [issued.body(), issue().body(), file(b""), file(issued.pkcs12()), issued.body(owner="local/alice")]

    for body in bodies:
        with signet.nothing_stored("not_allowed"):
            response = alice.post("/certificates", body, key=unused_name())
        assert_refused(response, 403, "not_allowed")


def test_groups_that_do_not_exist_are_unknown(signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        unknown = admin.post("/certificates", issue().body(groups=["grp_000000000000000000000000", "crt_x", ""]))
        many = admin.post("/certificates", issue().body(groups=[f"grp_{n:024}" for n in range(26)]))
        far_too_many = admin.post("/certificates", issue().body(groups=[f"grp_{n:024}" for n in range(501)]))

    assert_refused(unknown, 422, "unknown_reference", "groups[0]", "groups[1]", "groups[2]")
    assert_refused(many, 422, "too_many_groups")
    assert_refused(far_too_many, 422, "invalid_input", "groups")


@pytest.fixture(scope="module")
def room_for_one(admin: Client) -> str:
    """A certificate group that is full."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), "certificate_limit": 1})["id"]
    admin.import_certificate(groups=[group])
    return str(group)


@pytest.fixture(scope="module")
def importer(signet: Service, admin: Client) -> tuple[Client, str]:
    """Somebody whose role lets import into one certificate group, and nothing else; and that group."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    role = {
        "name": unused_name("role"),
        "priority": 10,
        "permissions": ["certificates:view", "certificates:import"],
        "certificate_groups": [{"group": group, "rights": ["add"]}],
        "users": ["local/importer"],
    }
    admin.good("POST", "/roles", role)
    return signet.caller("importer"), group


def test_a_full_group_takes_none_in(room_for_one: str, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", issue().body(groups=[room_for_one]), key=unused_name())

    assert_refused(response, 409, "group_full")


def test_who_imports_for_a_group_must_name_it(importer: tuple[Client, str], signet: Service) -> None:
    client, group = importer

    with signet.nothing_stored("group_required"):
        assert_refused(client.post("/certificates", issue().body(), key=unused_name()), 403, "group_required")
    assert client.post("/certificates", issue().body(groups=[group])).status == 201


def test_who_imports_may_not_give_it_to_a_user_for_that_alone(importer: tuple[Client, str], signet: Service) -> None:
    client, group = importer

    for owner in ("local/importer", "local/alice"):
        with signet.nothing_stored("not_allowed"):
            refused = client.post("/certificates", issue().body(groups=[group], owner=owner))
        assert_refused(refused, 403, "not_allowed")


def test_a_group_that_the_caller_does_not_see_is_as_unknown_as_one_that_is_not_there(
    importer: tuple[Client, str], room_for_one: str, signet: Service
) -> None:
    client, group = importer
    absent = "grp_000000000000000000000000"

    with signet.nothing_stored():
        hidden, none = (
            client.post("/certificates", issue().body(groups=[group, one])) for one in (room_for_one, absent)
        )

    assert_refused(hidden, 422, "unknown_reference", "groups[1]")
    assert hidden.json["errors"] == none.json["errors"]


def test_a_conflict_over_what_the_caller_does_not_see_names_no_certificate(
    importer: tuple[Client, str], signet: Service, admin: Client
) -> None:
    client, group = importer
    issued = issue()
    hidden = admin.import_certificate(issued)

    with signet.nothing_stored():
        same = client.post("/certificates", issued.body(groups=[group]))
        alias = client.post("/certificates", issue().body(groups=[group], alias=hidden["alias"]))

    assert_refused(same, 409, "certificate_exists")
    assert_refused(alias, 409, "alias_taken")
    for response in (same, alias):
        assert hidden["id"] not in response.body.decode()
        assert "certificate_id" not in response.json


def test_a_hidden_certificate_without_its_key_is_given_none(
    importer: tuple[Client, str], signet: Service, admin: Client
) -> None:
    client, group = importer
    issued = issue()
    admin.good("POST", "/certificates", file(issued.der, alias=unused_name()))

    with signet.nothing_stored():
        refused = client.post("/certificates", issued.body(groups=[group]))

    assert_refused(refused, 409, "certificate_exists")
    assert "certificate_id" not in refused.json
