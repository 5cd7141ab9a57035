"""Policies at a screen: made, explained and deleted, what the service refuses, and what a change opens."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client
from tests.unit.policies import policy_examples
from tests.unit.policies.test_policy_opening import OPENING, SHUTTING

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
    page.get_by_role("textbox", name="User", exact=True).fill("local/olga")
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


def a_policy(admin: Client, **fields: Any) -> dict[str, Any]:
    """A policy about a certificate of its own."""
    certificate = admin.import_certificate(issue(alias := unused_name("opened")), alias=alias)
    body = {
        "name": unused_name("Policy"),
        "action": "allow",
        "what": {"certificates": [certificate["id"]]},
        "who": {"users": ["local/olga"]},
        **fields,
    }
    made: dict[str, Any] = admin.good("POST", "/policies", body)
    return made


def save(console: Console) -> Locator:
    """Press Save; the dialog that may come of it."""
    console.page.locator("policy-screen form").get_by_role("button", name="Save", exact=True).click()
    return console.dialog()


def test_what_a_change_opens_is_told_before_it_is_saved(console: Console, admin: Client) -> None:
    policy = a_policy(
        admin,
        where={"processes": ["signtool"], "source_networks": ["203.0.113.0/24"]},
        when=[{"days": ["mon"], "time_zone": "UTC"}],
    )
    path, page = f"/policies/{policy['id']}", console.page
    console.log_in(path=f"/console{path}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Users").fill("local/olga\nlocal/paul")
    page.get_by_role("textbox", name="Networks").fill("")
    page.get_by_role("button", name="Take this time away").click()
    dialog = save(console)

    expect(dialog).to_contain_text("It may allow what is refused now")
    for words in (
        "also local/paul",
        "by a program called signtool; before: by a program called signtool, and from 203.0.113.0/24",
        "at any time; before: Mon (UTC)",
    ):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    expect(dialog.locator("dt")).to_have_text(["Who", "Where", "When"])
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("textbox", name="Users")).to_have_value("local/olga\nlocal/paul")
    assert admin.good("GET", path) == policy

    save(console).get_by_role("button", name="Save and open").click()
    expect(page.get_by_text("local/olga or local/paul")).to_be_visible()
    assert admin.good("GET", path)["who"]["users"] == ["local/olga", "local/paul"]


def test_a_deny_that_is_overtaken_is_named(console: Console, admin: Client) -> None:
    policy = a_policy(admin, priority=9)
    denies = [
        a_policy(admin, action="deny", priority=priority, who={"users": [user]})["name"]
        for priority, user in ((7, "local/olga"), (9, "local/olga"), (8, "local/olga"), (7, "local/eve"))
    ]
    console.log_in(path=f"/console/policies/{policy['id']}")
    console.page.get_by_role("button", name="Edit").click()
    console.page.get_by_role("spinbutton", name="Priority").fill("7")
    dialog = save(console)

    expect(dialog.locator("dt")).to_have_text(["Priority"])
    expect(dialog).to_contain_text("is asked before")
    for name, is_overtaken in zip(denies, (False, True, True, False), strict=True):
        expect(dialog.get_by_text(name)).to_have_count(1 if is_overtaken else 0)


RECOGNISED_BY_THE_SERVICE_ALONE = {"a narrower network", "fewer hours and days", "a shorter night"}
"""Of these the console says that they may open something."""
OF_OTHER_POLICIES = {"an earlier priority with nothing between"}
"""There is something between: a policy of the samples."""
SETTINGS = ("description", "enabled", "action", "priority", "what", "who", "where", "when")


def shown_before_saving(console: Console, admin: Client, policy: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the person is asked before `policy` becomes as `after`, put into the form as if it were typed."""
    page = console.page
    console.go(f"policies/{policy['id']}")
    expect(page.get_by_role("heading", name=policy["name"])).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    fill_in(page, {name: after[name] for name in SETTINGS})
    dialog, saved = save(console), page.get_by_role("button", name="Edit")
    expect(dialog.get_by_role("button", name="Save and open").or_(saved)).to_be_visible()
    if saved.is_visible():
        assert admin.good("GET", f"/policies/{policy['id']}")["version"] == policy["version"] + 1
        return False
    expect(dialog).to_contain_text("It may allow what is refused now")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    return True


def fill_in(page: Page, fields: dict[str, Any]) -> None:
    """Make the form hold these fields."""
    page.locator("policy-screen").evaluate(
        "(screen, fields) => { screen.draft = { ...screen.draft, ...fields }; return screen.updateComplete; }", fields
    )


def test_the_console_tells_of_an_opening_whatever_the_service_takes_for_one(console: Console, admin: Client) -> None:
    certificate = admin.import_certificate(issue())["id"]
    console.log_in(path="/console/policies")
    told = {}
    for name, (before, after) in (OPENING | SHUTTING).items():
        bodies = json.dumps([policy_examples.body(**fields) for fields in (before, after)])
        for there, here in (
            (policy_examples.RELEASE, certificate),
            ("corp/", "local/"),
            (policy_examples.PIPELINE.user, "local/pipeline"),
        ):
            bodies = bodies.replace(there, here)
        body, other = json.loads(bodies)
        policy = admin.good("POST", "/policies", {**body, "name": unused_name("Policy")})
        parsed = admin.good("POST", "/policies", {**other, "name": unused_name("Policy"), "enabled": False})
        told[name] = shown_before_saving(console, admin, policy, {**parsed, "enabled": other.get("enabled", True)})

    assert [name for name in OPENING if not told[name]] == []
    assert {name for name in SHUTTING if told[name]} == RECOGNISED_BY_THE_SERVICE_ALONE | OF_OTHER_POLICIES
