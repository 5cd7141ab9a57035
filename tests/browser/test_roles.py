"""Roles at a screen: made, changed, given and deleted by an Administrator, and looked at by a Viewer."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak


def test_an_administrator_makes_changes_and_deletes_a_role(console: Console, admin: Client) -> None:
    name, page = unused_name("Release managers"), console.page
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Scope")})
    console.log_in()
    console.screen("Roles")
    page.get_by_role("link", name="New role").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("spinbutton", name="Priority").fill("7")
    certificates = page.get_by_role("group", name="Certificates", exact=True)
    certificates.get_by_role("checkbox", name="view").check()
    certificates.get_by_role("checkbox", name="import").check()
    page.get_by_role("checkbox", name=group["name"]).check()
    page.get_by_role("group", name=f"Rights on {group['name']}").get_by_role(
        "checkbox", name="Add certificates"
    ).check()
    page.get_by_role("textbox", name="Users").fill("local/olga\nlocal/paul")
    page.get_by_role("textbox", name="Description").click()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("Certificates: view, import")).to_be_visible()
    expect(page.get_by_text(f"{group['name']}: view, add")).to_be_visible()
    page.get_by_role("link", name="Roles").last.click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name))
    expect(row.get_by_role("link", name=group["name"])).to_be_visible()
    row.get_by_role("link", name=name).click()
    (made,) = [each for each in admin.items("/roles") if each["name"] == name]
    assert set(made["permissions"]) == {"certificates:import", "certificates:view"}
    assert made["certificate_groups"] == [{"group": group["id"], "rights": ["add"]}]
    assert (made["priority"], made["users"]) == (7, ["local/olga", "local/paul"])

    page.get_by_role("button", name="Edit").click()
    page.get_by_role("checkbox", name="All certificates").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("definition").filter(has_text="all certificates, in groups or not")).to_be_visible()
    assert admin.good("GET", f"/roles/{made['id']}")["certificate_groups"] == "all"

    page.get_by_role("button", name="Delete").click()
    console.dialog().get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Roles")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert admin.get(f"/roles/{made['id']}").status == 404


def test_of_a_built_in_role_only_its_holders_can_be_changed(console: Console, admin: Client) -> None:
    (viewer,) = [each for each in admin.items("/roles") if each["name"] == "Viewer"]
    console.log_in(path=f"/console/roles/{viewer['id']}")
    expect(console.page.get_by_role("heading", name="Viewer")).to_be_visible()
    expect(console.page.get_by_role("button", name="Delete")).to_have_count(0)
    console.page.get_by_role("button", name="Edit").click()
    expect(console.page.get_by_role("checkbox")).to_have_count(0)
    holder = f"local/{unused_name('holder').replace(' ', '-')}"
    console.page.get_by_role("textbox", name="Users").fill("\n".join([*viewer["users"], holder]))
    console.page.get_by_role("textbox", name="User groups").click()
    console.page.get_by_role("button", name="Save").click()
    expect(console.page.get_by_role("button", name="Edit")).to_be_visible()
    assert holder in admin.good("GET", f"/roles/{viewer['id']}")["users"]


def test_what_is_refused_is_told_beside_its_field_and_nothing_typed_is_lost(console: Console, admin: Client) -> None:
    taken = admin.good("POST", "/roles", {"name": unused_name("Taken")})["name"]
    console.log_in(path="/console/roles/new")
    console.page.get_by_role("textbox", name="Name").fill(taken.upper())
    console.page.get_by_role("textbox", name="Users").fill("nobody-knows/olga")
    console.page.get_by_role("textbox", name="Description").fill("kept")
    console.page.get_by_role("button", name="Save").click()
    expect(console.page.get_by_role("alert")).to_be_visible()
    expect(console.page.get_by_role("textbox", name="Name")).to_have_value(taken.upper())
    expect(console.page.get_by_role("textbox", name="Description")).to_have_value("kept")


def test_what_is_typed_of_one_role_does_not_go_onto_the_next(console: Console, admin: Client) -> None:
    one, other = (admin.good("POST", "/roles", {"name": unused_name("Role")}) for _ in range(2))
    console.log_in(path=f"/console/roles/{one['id']}")
    console.page.get_by_role("button", name="Edit").click()
    console.page.get_by_role("textbox", name="Description").fill("of the one")
    console.go(f"roles/{other['id']}")

    expect(console.page.get_by_role("heading", name=other["name"])).to_be_visible()
    expect(console.page.get_by_role("button", name="Edit")).to_be_visible()


@pytest.fixture
def administrators(admin: Client) -> Iterator[dict[str, Any]]:
    """The built-in role, given to nobody directly, before and after."""
    (role,) = [each for each in admin.items("/roles") if each["name"] == "Administrator"]
    admin.good("PATCH", f"/roles/{role['id']}", {"users": []})
    yield role
    admin.good("PATCH", f"/roles/{role['id']}", {"users": role["users"]})


def give_up(console: Console, role: dict[str, Any], *left: str) -> None:
    """As the one who is logged in: leave the role to `left`."""
    console.go(f"roles/{role['id']}")
    console.page.get_by_role("button", name="Edit").click()
    console.page.get_by_role("textbox", name="Users").fill("\n".join(left))
    console.page.get_by_role("textbox", name="User groups").click()
    console.page.get_by_role("button", name="Save").click()


def test_the_last_administrator_is_told_why_the_role_cannot_be_given_up(
    console: Console, admin: Client, administrators: dict[str, Any]
) -> None:
    path = f"/roles/{administrators['id']}"
    admin.good("PATCH", path, {"users": ["local/boss"]})
    console.log_in_by_name("boss")
    give_up(console, administrators)

    told = console.page.get_by_role("alert")
    expect(told).to_contain_text("Nobody would be left who is known to be an Administrator.")
    expect(console.page.get_by_role("textbox", name="Users")).to_have_value("")
    assert admin.good("GET", path)["users"] == ["local/boss"]
    console.page.get_by_role("button", name="Cancel").click()
    expect(console.page.get_by_role("main")).to_contain_text("local/boss")
    expect(console.page.get_by_role("button", name="Edit")).to_be_visible()


def test_who_has_given_the_role_up_is_offered_nothing_of_it(
    console: Console, admin: Client, administrators: dict[str, Any]
) -> None:
    path = f"/roles/{administrators['id']}"
    admin.good("PATCH", path, {"users": ["local/boss", "local/other-boss"]})
    console.log_in_by_name("boss")
    give_up(console, administrators, "local/other-boss")

    navigation = console.page.get_by_role("navigation", name="Screens")
    expect(navigation.get_by_role("link", name="Roles", exact=True)).to_have_count(0)
    expect(console.page.get_by_role("button", name="Edit")).to_have_count(0)
    assert admin.good("GET", path)["users"] == ["local/other-boss"]


def test_a_viewer_looks_at_roles_and_changes_none(console: Console, admin: Client) -> None:
    (viewer,) = [each for each in admin.items("/roles") if each["name"] == "Viewer"]
    admin.good("PATCH", f"/roles/{viewer['id']}", {"users": [*viewer["users"], "local/vera"]})
    console.log_in_by_name("vera")
    console.screen("Roles")
    expect(console.page.get_by_role("link", name="New role")).to_have_count(0)
    console.page.get_by_role("link", name="Administrator", exact=True).click()
    expect(console.page.get_by_role("heading", name="Administrator")).to_be_visible()
    expect(console.page.get_by_role("button", name="Edit")).to_have_count(0)


def test_somebody_without_a_role_is_not_led_to_roles(console: Console) -> None:
    console.log_in_by_name(unused_name("nobody"))
    expect(console.page.get_by_role("navigation").get_by_role("link", name="Roles")).to_have_count(0)
