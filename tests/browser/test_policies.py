"""Policies at a screen: made with their four parts, explained, copied and deleted, and what the service refuses."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak


def test_a_policy_is_made_with_its_four_parts_explained_and_deleted(console: Console, admin: Client) -> None:
    name, page = unused_name("Office hours"), console.page
    certificate = admin.import_certificate(issue(alias := unused_name("ruled")), alias=alias)
    console.log_in(path="/console/policies/new")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("spinbutton", name="Priority").fill("4")
    page.get_by_role("textbox", name="Certificates, by name or id").fill(alias)
    page.get_by_role("textbox", name="Users").fill("local/olga")
    page.get_by_role("textbox", name="Programs").fill("signtool")
    page.get_by_role("button", name="Add a time").click()
    page.get_by_role("textbox", name="Time zone").fill("UTC")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("by a program called signtool")).to_be_visible()
    expect(page.get_by_text("Mon, Tue, Wed, Thu, Fri from 08:00 to 18:00 (UTC)")).to_be_visible()
    expect(page.locator(".week td.on")).to_have_count(50)  # ten hours of five days
    (made,) = [each for each in admin.items("/policies") if each["name"] == name]
    assert (made["priority"], made["what"]["certificates"]) == (4, [certificate["id"]])

    console.screen("Policies")
    page.get_by_role("textbox", name="Certificate", exact=False).first.fill(alias)
    page.get_by_role("textbox", name="User Such as").fill("local/olga")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("region", name="Policies looked at").get_by_role("link", name=name)).to_be_visible()

    console.log_in(path=f"/console/policies/{made['id']}")
    page.get_by_role("button", name="Delete").click()
    console.dialog().get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Policies")).to_be_visible()
    assert admin.get(f"/policies/{made['id']}").status == 404


def test_what_the_service_refuses_is_told_and_nothing_typed_is_lost(console: Console) -> None:
    name, page = unused_name("Refused"), console.page
    console.log_in(path="/console/policies/new")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Certificates, by name or id").fill("there is no such certificate")
    page.get_by_role("textbox", name="Users").fill("local/olga")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value(name)
