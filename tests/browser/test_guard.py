"""What the tests of the console look for by themselves would be found; and what a page may do without its scripts."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import window
from tests.browser.console import Console
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak

FAULTS = {
    "an error of a script": ("setTimeout(() => { throw new Error('broken') })", "script: .*broken"),
    "a rejection that nobody handles": ("void Promise.reject(new Error('left alone'))", "script: .*left alone"),
    "an error in the browser's log": ("console.error('not well')", "console: not well"),
    "a script from a text": (
        "try { document.body.setAttribute('onclick', 'alert(1)') } catch {}",
        "CSP: (script-src-attr|require-trusted-types-for)",
    ),
    "markup from a text": ("try { document.body.innerHTML = '<b>x</b>' } catch {}", "CSP: require-trusted-types-for"),
    "a style in the page": ("document.body.setAttribute('style', 'color: red')", "CSP: style-src"),
    "a request to another host": ("fetch('https://other.example/').catch(() => 0)", "CSP: connect-src"),
    "an image of another host": ("new Image().src = 'https://other.example/x.png'", "CSP: img-src"),
    "a dialog": ("setTimeout(() => alert('a script ran'))", "dialog: a script ran"),
}


@pytest.mark.parametrize("place", ["the page", "a window that it opens"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_any_window_is_noted(signet: Service, browser: Browser, fault: str, place: str) -> None:
    script, noted = FAULTS[fault]
    with window(browser, signet.stack.url) as console:
        console.page.goto(console.url + "/console/")
        page = console.page
        if place != "the page":
            with page.expect_popup() as opening:
                page.evaluate("() => { window.open('/console/'); }")
            page = opening.value
        expect(page.get_by_role("button", name="Log in with local")).to_be_visible()
        assert console.faults == []
        page.evaluate(f"() => {{ {script}; }}")
        expect(page.get_by_role("button", name="Log in with local")).to_be_visible()
        page.wait_for_timeout(200)
        found, console.faults = console.faults, []

    assert [each for each in found if re.search(noted, each)], found


def test_without_javascript_the_page_says_so_and_shows_the_way(signet: Service, browser: Browser) -> None:
    with window(browser, signet.stack.url, java_script_enabled=False) as console:
        for path in ("/", "/console/", "/console/certificates/production"):
            console.page.goto(console.url + path)
            expect(console.page.get_by_role("heading", name="Signet")).to_be_visible()
            told = console.page.locator("noscript main p").first
            expect(told).to_be_visible()
            assert told.inner_text().startswith("This console needs JavaScript.")
            expect(console.page.get_by_role("button")).to_have_count(0)
        link = console.page.get_by_role("link", name="The description of the interface")
        expect(link).to_be_visible()
        link.click()
        assert '"openapi"' in console.page.content()


def test_with_javascript_nothing_says_that_it_is_missing(console: Console) -> None:
    console.page.goto(console.url + "/console/")
    expect(console.page.get_by_role("button", name="Log in with local")).to_be_visible()
    expect(console.page.get_by_text("needs JavaScript")).to_have_count(0)
