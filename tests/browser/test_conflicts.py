"""Where somebody else was quicker, both versions stand side by side, and the person chooses; nothing typed is lost."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak


@dataclass(frozen=True)
class Editing:
    """A form that is open, on the screen or in a dialog."""

    path: str
    form: Locator


def a_policy(console: Console, admin: Client) -> Editing:
    """The form of a policy."""
    certificate = admin.import_certificate(issue(alias := unused_name("ruled")), alias=alias)
    body = {
        "name": unused_name("Policy"),
        "action": "allow",
        "what": {"certificates": [certificate["id"]]},
        "who": {"users": ["local/olga"]},
    }
    path = f"/policies/{admin.good('POST', '/policies', body)['id']}"
    console.log_in(path=f"/console{path}")
    console.page.get_by_role("button", name="Edit").click()
    return Editing(path, console.page.locator("policy-screen form"))


def a_role(console: Console, admin: Client) -> Editing:
    """The form of a role."""
    path = f"/roles/{admin.good('POST', '/roles', {'name': unused_name('Role')})['id']}"
    console.log_in(path=f"/console{path}")
    console.page.get_by_role("button", name="Edit").click()
    return Editing(path, console.page.locator("role-screen form"))


def a_group(console: Console, admin: Client) -> Editing:
    """The dialog of a certificate group."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Group")})
    console.log_in(path="/console/groups")
    console.page.get_by_role("button", name=f"Edit {group['name']}").click()
    return Editing(f"/certificate-groups/{group['id']}", console.dialog())


@pytest.mark.parametrize("choice", ["Save mine over it", "Take theirs"])
@pytest.mark.parametrize("opened", [a_policy, a_role, a_group])
def test_the_person_chooses_between_both_versions(
    console: Console, admin: Client, opened: Callable[[Console, Client], Editing], choice: str
) -> None:
    editing = opened(console, admin)
    editing.form.get_by_role("textbox", name="Description").fill("mine")
    admin.good("PATCH", editing.path, {"description": "theirs"})
    console.page.get_by_role("button", name="Save", exact=True).click()

    conflict = console.page.get_by_role("alert")
    expect(conflict).to_contain_text("Somebody else has changed it meanwhile")
    expect(conflict.get_by_role("cell", name="mine")).to_be_visible()
    expect(conflict.get_by_role("cell", name="theirs")).to_be_visible()
    assert admin.good("GET", editing.path)["description"] == "theirs"
    conflict.get_by_role("button", name=choice).click()
    expect(conflict).to_have_count(0)
    if choice == "Save mine over it":
        expect(console.page.get_by_text("is saved")).to_be_visible()
    assert admin.good("GET", editing.path)["description"] == ("mine" if choice == "Save mine over it" else "theirs")
