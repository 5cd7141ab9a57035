"""Pictures of the console: each screen at three widths in both colour schemes, and those of the guide.

`PICTURES=folder` keeps them all, to be looked at; `make pictures` writes those of the guide again.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.stack import CHECKOUT, start
from tests.browser.conftest import window
from tests.browser.console import Console
from tests.support.programs.built_console import NOT_BUILT, is_built
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak

GUIDE = CHECKOUT / "docs" / "guide" / "pictures"
SCREENS = {
    "home": "",
    "certificates": "certificates",
    "import": "certificates/import",
    "certificate": "certificates/production",
    "related": "certificates/production/related",
    "details": "certificates/production/details",
    "x509": "certificates/production/x509",
    "activity": "certificates/release/activity",
    "renew": "certificates/release/renew",
    "requests": "requests",
    "new-request": "requests/new",
    "policies": "policies",
    "new-policy": "policies/new",
    "groups": "groups",
    "roles": "roles",
    "new-role": "roles/new",
    "events": "events",
    "expiry": "expiry",
    "me": "me",
}
OF_THE_GUIDE = (
    "home",
    "certificates",
    "certificate",
    "related",
    "x509",
    "import",
    "renew",
    "policies",
    "events",
    "expiry",
)
WIDTHS = (360, 768, 1280)
MOST_BYTES = 200_000
"""Of a picture in the guide, which everybody fetches with the sources."""


@pytest.fixture(scope="module")
def used() -> Iterator[Service]:
    """The service as `make run` shows it, with some weeks behind it."""
    if not is_built():
        pytest.skip(NOT_BUILT)
    printed: list[str] = []
    with start(workers=4, seed=True, history=True, log=printed.append) as stack:
        yield Service(stack, printed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_screen_is_wider_than_the_window(used: Service, browser: Browser, width: int, scheme: str) -> None:
    folder = os.environ.get("PICTURES")
    wide = []
    with window(browser, used.stack.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as console:
        console.log_in()
        for name, path in SCREENS.items():
            console.go(path)
            if console.page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(name)
            if folder:
                file = Path(folder) / f"{name}-{width}-{scheme}.png"
                console.page.screenshot(path=file, full_page=True, animations="disabled")

    assert wide == []


def test_the_guide_shows_the_console_as_it_is(used: Service, browser: Browser, tmp_path: Path) -> None:
    folder = GUIDE if os.environ.get("WRITE_GUIDE") else tmp_path
    folder.mkdir(exist_ok=True)
    with window(browser, used.stack.url, viewport={"width": 1280, "height": 800}, color_scheme="light") as console:
        console.log_in()
        for name in OF_THE_GUIDE:
            console.go(SCREENS[name])
            console.page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=82, animations="disabled")

    assert {file.name for file in GUIDE.iterdir()} == {f"{name}.jpg" for name in OF_THE_GUIDE}
    assert all(file.stat().st_size < MOST_BYTES for file in [*folder.iterdir(), *GUIDE.iterdir()])


def test_a_certificate_prints_without_what_cannot_be_clicked(console: Console, admin: Client, tmp_path: Path) -> None:
    certificate = admin.good("GET", "/certificates/release")
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    expect(console.page.get_by_label("Certificate Alias")).to_be_visible()
    console.page.emulate_media(media="print")
    if folder := os.environ.get("PICTURES"):
        console.page.screenshot(path=Path(folder) / "print.png", full_page=True)

    expect(console.page.get_by_role("navigation", name="Screens")).to_be_hidden()
    expect(console.page.get_by_role("button", name="Delete")).to_be_hidden()
    expect(console.page.get_by_text("Copy as command").last).to_be_hidden()
    expect(console.page.get_by_role("heading", name="release")).to_be_visible()
    expect(console.page.get_by_text(certificate["subject"])).to_be_visible()
    assert console.page.pdf(path=tmp_path / "certificate.pdf").startswith(b"%PDF")
