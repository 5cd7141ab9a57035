"""Certificate groups at a screen: made, changed and deleted by an Administrator, and what the service refuses of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak


def test_an_administrator_makes_and_deletes_a_group(console: Console, admin: Client) -> None:
    name, page = unused_name("Nightly"), console.page
    console.log_in(path="/console/groups")
    page.get_by_role("button", name="New group").click()
    console.dialog().get_by_role("textbox", name="Name").fill(name)
    console.dialog().get_by_role("textbox", name="Description").fill("Nightly builds")
    console.dialog().get_by_role("spinbutton", name="Certificates at most").fill("3")
    console.dialog().get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    (made,) = [each for each in admin.items("/certificate-groups") if each["name"] == name]
    assert (made["description"], made["certificate_limit"]) == ("Nightly builds", 3)

    page.get_by_role("button", name=f"Delete {name}").click()
    console.dialog().get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert admin.get(f"/certificate-groups/{made['id']}").status == 404


def test_a_limit_below_the_count_is_refused_and_what_was_typed_stays(console: Console, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Full")})
    for _ in range(2):
        admin.import_certificate(issue(alias := unused_name("held")), alias=alias, groups=[group["id"]])
    console.log_in(path="/console/groups")
    console.page.get_by_role("button", name=f"Edit {group['name']}").click()
    limit = console.dialog().get_by_role("spinbutton", name="Certificates at most")
    limit.fill("1")
    console.dialog().get_by_role("button", name="Save").click()

    expect(console.dialog().get_by_role("alert")).to_be_visible()
    expect(limit).to_have_value("1")
    assert admin.good("GET", f"/certificate-groups/{group['id']}")["certificate_limit"] is None


def test_a_group_that_a_role_names_is_not_deleted(console: Console, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Named")})
    role = {"name": unused_name("Names it"), "certificate_groups": [{"group": group["id"], "rights": []}]}
    admin.good("POST", "/roles", role)
    console.log_in(path="/console/groups")
    console.page.get_by_role("button", name=f"Delete {group['name']}").click()
    console.dialog().get_by_role("button", name="Delete", exact=True).click()

    expect(console.dialog().get_by_role("alert")).to_be_visible()
    assert admin.get(f"/certificate-groups/{group['id']}").status == 200
