"""Every screen, and what opens over it, without findings of axe-core, in light and dark, wide and narrow."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from local.stack import CHECKOUT
from tests.browser.conftest import window
from tests.browser.console import Console
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak

AXE = CHECKOUT / "clients/console/node_modules/axe-core/axe.min.js"
SCREENS = (
    "",
    "certificates",
    "certificates/import",
    "certificates/production",
    "certificates/production/related",
    "certificates/production/details",
    "certificates/production/x509",
    "certificates/production/activity",
    "certificates/production/renew",
    "requests",
    "requests/new",
    "policies",
    "policies/new",
    "groups",
    "roles",
    "roles/new",
    "events",
    "expiry",
    "me",
    "nowhere",
)


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
Scheme = Literal["light", "dark"]


def findings(console: Console) -> list[str]:
    """What axe finds in the page as it stands, whether it has one heading over all, and whether it is too wide."""
    # What is half under the head, which stays where it is while the page is scrolled, is no smaller for it.
    console.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    console.page.evaluate(AXE.read_text())
    result = console.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in result["violations"]]
    if not console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("wider than the window")
    if (headings := console.page.locator("h1").count()) != 1:
        found.append(f"{headings} headings of level 1")
    return found


@pytest.mark.parametrize("width", [1280, 768, 360, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(signet: Service, browser: Browser, scheme: Scheme, width: int) -> None:
    found = {}
    with window(browser, signet.stack.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as console:
        console.log_in()
        for screen in SCREENS:
            console.go(screen)
            found[screen] = findings(console)

    assert {screen: each for screen, each in found.items() if each} == {}


def a_menu(console: Console) -> None:
    """The menu of a row."""
    console.go("certificates")
    console.row("production").get_by_role("button", name="Actions for production").click()
    expect(console.page.get_by_role("menuitem", name="Delete")).to_be_visible()


def a_question(console: Console) -> None:
    """The dialog before a certificate is deleted, with its commands."""
    a_menu(console)
    console.page.get_by_role("menuitem", name="Delete").click()
    console.dialog().get_by_text("Copy as command").press("Enter")


def many(console: Console) -> None:
    """The bar of actions, and what one would do to many."""
    console.go("certificates")
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name="Disable").click()
    expect(console.dialog().get_by_role("status")).to_be_visible()


def groups_for_many(console: Console) -> None:
    """The choice of groups for many."""
    console.go("certificates")
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name="Add to groups").click()
    expect(console.dialog().get_by_role("checkbox").first).to_be_visible()


def a_group(console: Console) -> None:
    """The dialog of a new group."""
    console.go("groups")
    console.page.get_by_role("button", name="New group").click()


def a_refusal(console: Console) -> None:
    """A form whose fields the service refuses."""
    console.go("policies/new")
    console.page.locator("[name=name]").fill("Refused")
    console.page.get_by_role("button", name="Add a time").click()
    console.page.get_by_role("button", name="Save").click()
    expect(console.page.get_by_role("alert")).to_be_visible()


def the_last_step(console: Console) -> None:
    """The wizard's look at everything."""
    console.go("requests/new")
    console.page.get_by_label("Common name (CN)").fill("axe")
    for _ in range(3):
        console.page.get_by_role("button", name="Next").click()
    expect(console.page.get_by_role("button", name="Generate CSR")).to_be_visible()


def a_pin(console: Console) -> None:
    """The settings of a certificate, with a PIN to be typed."""
    console.go("certificates/release")
    console.page.get_by_role("checkbox", name="Always ask for PIN").check()
    expect(console.page.get_by_label("New PIN")).to_be_visible()


def an_explanation(console: Console) -> None:
    """What would be decided, below the policies."""
    console.go("policies")
    explain = console.page.locator("policy-explain")
    explain.locator("[name=certificate]").fill("drivers")
    explain.locator("[name=user]").fill("local/wendy")
    explain.get_by_role("button", name="Explain").click()
    expect(explain.get_by_role("status")).not_to_be_empty()


def a_refused_use(console: Console) -> None:
    """The event of a refused use, with its reason."""
    console.go("events?outcome=refused")
    console.page.get_by_role("link", name="Why?").first.click()
    expect(console.page.get_by_role("heading", name="Why?")).to_be_visible()


OPENED: tuple[Callable[[Console], None], ...] = (
    a_menu,
    a_question,
    many,
    groups_for_many,
    a_group,
    a_refusal,
    the_last_step,
    a_pin,
    an_explanation,
    a_refused_use,
)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_in_what_opens(signet: Service, browser: Browser, scheme: Scheme, width: int) -> None:
    found = {}
    for each in OPENED:
        with window(
            browser, signet.stack.url, viewport={"width": width, "height": 900}, color_scheme=scheme
        ) as console:
            console.log_in()
            each(console)
            console.page.wait_for_timeout(400)  # what slides in has come to rest: colours are mixed until then
            found[each.__name__] = findings(console)

    assert {name: each for name, each in found.items() if each} == {}


FIELDS = {"textbox", "spinbutton", "combobox"}


def fields(console: Console) -> dict[str, str]:
    """The fields of the page as the browser's accessibility tree has them: what describes each, by its name."""
    session = console.page.context.new_cdp_session(console.page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return {
        each["name"]["value"]: each.get("description", {}).get("value", "")
        for each in tree
        if not each["ignored"] and each["role"]["value"] in FIELDS
    }


def a_new_role(console: Console) -> None:
    """The form of a role."""
    console.go("roles/new")


def a_refused_priority(console: Console) -> None:
    """The form of a policy, with one field that the service refuses."""
    console.go("policies/new")
    console.page.get_by_label("Name", exact=True).fill("Refused")
    console.page.get_by_label("Priority").fill("5000000")
    console.page.get_by_role("button", name="Save").click()
    expect(console.page.get_by_role("alert")).to_be_visible()


DESCRIBED: dict[Callable[[Console], None], tuple[str, str]] = {
    a_new_role: ("Users", "Such as corp/alice, one a line"),
    a_pin: ("Owner", "A user such as corp/alice, or nobody"),
    a_group: ("Certificates at most", "No limit, where it is empty"),
    a_refused_priority: ("Priority", "must be"),
}


@pytest.mark.parametrize("form", DESCRIBED, ids=[form.__name__ for form in DESCRIBED])
def test_a_hint_describes_its_field_and_is_no_part_of_its_name(
    console: Console, form: Callable[[Console], None]
) -> None:
    console.log_in()
    form(console)
    label, description = DESCRIBED[form]
    expect(console.page.get_by_label(label, exact=True)).to_be_visible()
    found = fields(console)

    assert found[label].startswith(description)
    hints = console.page.locator("small:visible").all_inner_texts()
    assert sorted(filter(None, found.values())) == sorted(hints)
    assert [name for name in found for hint in hints if hint in name] == []
