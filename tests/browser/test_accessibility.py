"""Every screen without findings of axe-core, in light and dark, wide and narrow."""

import pytest
from playwright.sync_api import Browser, expect

from local.stack import CHECKOUT
from tests.browser.console import Console
from tests.support.services.over_http import Client, Service

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
    "events",
    "expiry",
    "me",
    "nowhere",
)


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(
    signet: Service, browser: Browser, admin: Client, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    console = Console(context.new_page(), signet.stack.url)
    console.log_in()
    found = {}
    for screen in SCREENS:
        console.page.evaluate(
            "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
            f"/console/{screen}",
        )
        expect(console.page.get_by_role("heading", level=1)).to_be_visible()
        expect(console.page.get_by_text("Loading")).to_have_count(0)
        console.page.evaluate(AXE.read_text())
        result = console.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
        if result["violations"]:
            found[screen] = [
                (each["id"], each["nodes"][0]["html"][:200], len(each["nodes"])) for each in result["violations"]
            ]
        assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{screen} is too wide"
    context.close()

    assert found == {}
    assert console.faults == []
