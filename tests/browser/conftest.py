"""One running service with its samples for all tests of this folder, and a browser on it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.stack import CHECKOUT, start
from tests.browser.console import Console
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.services.over_http import Client, Service

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox",  # as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def signet() -> Iterator[Service]:
    """The service with the sample certificates."""
    if not (CHECKOUT / "functions/console/get_console/files/index.html").exists():
        pytest.skip("the console is not built; `make console` builds it")
    printed: list[str] = []
    with start(workers=4, seed=True, log=printed.append) as stack:
        yield Service(stack, printed)
    assert not [line for line in printed if '"broken"' in line or "as IAM would" in line]


@pytest.fixture(scope="session")
def admin(signet: Service) -> Client:
    """An Administrator, over HTTP."""
    return signet.caller("admin", "administrators")


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificationAuthority:
    """A CA of the customer's."""
    return CertificationAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is here: apt-get install chromium, or put one on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def console(signet: Service, browser: Browser) -> Iterator[Console]:
    """A fresh window on the console; nothing may go wrong in it that a test does not expect."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    console = Console(context.new_page(), signet.stack.url)
    yield console
    if folder := os.environ.get("SCREENSHOTS"):
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0]
        console.page.screenshot(path=Path(folder) / f"{test}.png")
    context.close()
    assert console.faults == []
