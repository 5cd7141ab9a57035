"""The walk of the seed table by keyboard alone: where the focus goes, that it is seen, and that it comes back."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console import Console
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak

MOST_TABS = 150
HAS_FOCUS = "(element) => element.matches(':focus, :focus-within')"
OUTLINE = """() => {
    let focused = document.activeElement;
    while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    for (let at = focused; at; at = at.parentElement ?? at.getRootNode().host) {
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(at);
        if ((outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none') return true;
        if (at !== focused && at.matches(':not(:focus-within)')) break;
    }
    return false;
}"""


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.page = console.page
        self.unseen: list[str] = []
        """What had the focus without showing it."""

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        """Press Tab until `target` has the focus."""
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if target.evaluate(HAS_FOCUS):
                if not self.page.evaluate(OUTLINE):
                    self.unseen.append(target.inner_text() or str(target))
                return
            self.page.keyboard.press(key)
        pytest.fail(f"no number of Tabs leads to {target}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Go there, and press it."""
        self.tab_to(target)
        self.page.keyboard.press(key)

    def write(self, target: Locator, text: str) -> None:
        """Go there, and write over what is there."""
        self.tab_to(target)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def choose(self, trigger: Locator, item: str) -> None:
        """Open a menu, and choose from it by arrow."""
        self.open_menu(trigger)
        entry = self.page.get_by_role("menuitem", name=item, exact=True)
        for _ in range(10):
            if entry.evaluate(HAS_FOCUS):
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"no arrow leads to {entry}")

    def open_menu(self, trigger: Locator) -> None:
        """Open a menu, whose first entry gets the focus once it is there."""
        self.press(trigger)
        expect(self.page.get_by_role("menuitem").first).to_be_focused()


def test_the_seed_walk_without_a_mouse(  # noqa: PLR0915 - it follows a page from its beginning to its end
    console: Console, admin: Client, ca: CertificationAuthority
) -> None:
    alias = unused_name("keys")
    certificate = admin.import_certificate(issue(alias), alias=alias, owner="local/alice")
    page, keyboard = console.page, Keyboard(console)

    # Log in.
    page.goto(console.url + "/console/")
    keyboard.press(page.get_by_role("button", name="Log in with local"))
    keyboard.press(page.get_by_role("button", name=re.compile("^alice ")))
    expect(page.get_by_role("link", name="local/alice")).to_be_visible()

    # The first Tab offers to skip the navigation.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    keyboard.press(page.get_by_role("navigation", name="Screens").get_by_role("link", name="Certificates"))
    keyboard.write(page.get_by_role("searchbox", name="Search"), alias)
    expect(page.locator("tbody tr")).to_have_count(1)

    # A menu closes with Escape, and so does a dialog; the focus is where it came from.
    menu = console.row(alias).get_by_role("button", name=f"Actions for {alias}")
    keyboard.open_menu(menu)
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem", name="Disable")).to_have_count(0)
    expect(menu).to_be_focused()
    keyboard.choose(menu, "Disable")
    expect(console.dialog().get_by_role("button", name="Disable")).to_be_visible()
    page.keyboard.press("Escape")
    expect(console.dialog()).to_have_count(0)
    expect(menu).to_be_focused()

    # Disable.
    keyboard.choose(menu, "Disable")
    keyboard.press(console.dialog().get_by_role("button", name="Disable"))
    expect(console.cell(alias, "Status")).to_contain_text("Disabled")
    expect(menu).to_be_focused()

    # The tick box of the header, the bar and its dialog.
    box = page.get_by_role("checkbox", name="Select all on this page")
    keyboard.press(box, "Space")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    enable = console.bar().get_by_role("button", name="Enable")
    keyboard.tab_to(enable, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(console.dialog().get_by_role("status")).to_contain_text("1 will be done")
    page.keyboard.press("Escape")
    expect(console.dialog()).to_have_count(0)
    expect(enable).to_be_focused()
    page.keyboard.press("Enter")
    keyboard.press(console.dialog().get_by_role("button", name="Enable (1)"))
    expect(console.dialog().get_by_role("status")).to_contain_text("1 done")
    keyboard.press(console.dialog().get_by_role("button", name="Close").last)
    expect(console.cell(alias, "Status")).to_contain_text("Enabled")

    # A column sorts.
    keyboard.press(page.get_by_role("button", name="Valid To"))
    expect(page.get_by_role("columnheader", name="Valid To")).to_have_attribute("aria-sort", "ascending")

    # One certificate, and its tabs by arrow.
    keyboard.press(page.get_by_role("link", name=alias, exact=True))
    description = page.get_by_label("Description")
    expect(description).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    keyboard.write(description, "Written without a mouse")
    keyboard.press(page.get_by_role("checkbox", name="Ask for a reason when used"), "Space")
    keyboard.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved")).to_be_visible()
    assert admin.good("GET", f"/certificates/{certificate['id']}")["status_info"]["reason_required"]
    keyboard.tab_to(page.get_by_role("tab", name="Overview"), "Shift+Tab")
    for tab in ("Related", "Details", "X.509 Attributes", "Activity"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tab", name=tab)).to_be_focused()
    expect(page.get_by_role("rowheader", name="Certificate Imported")).to_be_visible()

    # Download.
    with page.expect_download() as downloading:
        keyboard.choose(page.get_by_role("button", name="Download"), "Certificate (.cer)")
    assert downloading.value.suggested_filename == f"{alias}.cer"

    # Renew: the wizard begins in its first field, and so does each step.
    keyboard.press(page.get_by_role("button", name="CSR / Renew"))
    keyboard.press(page.get_by_role("button", name="Next"))
    expect(page.get_by_role("checkbox", name="code signing")).to_be_focused()
    keyboard.press(page.get_by_role("button", name="Next"))
    keyboard.press(page.get_by_role("button", name="Generate CSR"))
    expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()
    answer = ca.issue(page.get_by_label("CSR", exact=True).inner_text())
    keyboard.press(page.get_by_text("Or paste it"))
    keyboard.write(page.get_by_label("Certificate as PEM"), answer.decode())
    keyboard.press(page.get_by_role("button", name="Import what was pasted"))
    expect(page.get_by_text("The certificate is in.")).to_be_visible()
    new = admin.good("GET", at(alias))
    assert new["renews"] == certificate["id"]

    # Delete: the dialog begins where the name is typed.
    keyboard.press(page.get_by_role("status").get_by_role("link", name=alias))
    expect(page.get_by_label("Certificate Alias")).to_be_visible()
    keyboard.press(page.get_by_role("button", name="Delete"))
    expect(console.dialog().get_by_label("Type its name to confirm")).to_be_focused()
    page.keyboard.insert_text(alias)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Certificates", exact=True)).to_be_visible()
    assert admin.get(f"/certificates/{new['id']}").status == 404
    assert keyboard.unseen == []
