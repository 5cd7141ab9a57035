"""One running service with its samples for all tests of this folder, and a browser on it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.stack import CHECKOUT, start
from tests.browser import elsewhere as providers
from tests.browser.console import Console
from tests.browser.elsewhere import Elsewhere
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.programs.built_console import NOT_BUILT, is_built
from tests.support.services.over_http import Client, Service

INSTALLED = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
DOWNLOADED = map(str, sorted((CHECKOUT / ".tools/chromium").glob("*/*/*headless?shell")))
CHROMIUM = next(chain(INSTALLED, DOWNLOADED), None)
"""The machine's own, else the one that `tools/install-browser` has brought."""
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
    if not is_built():
        pytest.skip(NOT_BUILT)
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
        pytest.skip("not installed: chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, url: str, *hosts: str, **settings: Any) -> Iterator[Console]:
    """A window of a browser of its own; nothing may go wrong in it, nor in those it opens, but what a test expects."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, **settings})
    console = Console(context.new_page(), url, hosts)
    yield console
    if folder := os.environ.get("SCREENSHOTS"):
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0]
        console.page.screenshot(path=Path(folder) / f"{test}.png")
    context.close()
    assert console.faults == []


@pytest.fixture
def console(signet: Service, browser: Browser) -> Iterator[Console]:
    """A fresh window on the console."""
    with window(browser, signet.stack.url) as console:
        yield console


@pytest.fixture
def other_console(signet: Service, browser: Browser) -> Iterator[Console]:
    """The console in the browser of somebody else."""
    with window(browser, signet.stack.url) as console:
        yield console


@pytest.fixture(scope="session")
def running_elsewhere() -> Iterator[Elsewhere]:
    """A provider on another host than the service."""
    with providers.running() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="session")
def abroad(running_elsewhere: Elsewhere) -> Iterator[Service]:
    """A service that trusts that provider."""
    printed: list[str] = []
    with start(workers=2, extra_issuers=[running_elsewhere.trusted()], log=printed.append) as stack:
        service = Service(stack, printed)
        editor = {"permissions": ["certificates:view", "certificates:edit"], "certificate_groups": "all"}
        people = ["elsewhere/carol", "elsewhere/dora"]
        service.caller("admin", "administrators").good("POST", "/roles", {"name": "Editor", **editor, "users": people})
        yield service


@pytest.fixture
def elsewhere(running_elsewhere: Elsewhere) -> Elsewhere:
    """The provider on another host, well-behaved at first."""
    running_elsewhere.behave()
    return running_elsewhere


@pytest.fixture
def visitor(abroad: Service, browser: Browser, elsewhere: Elsewhere) -> Iterator[Console]:
    """A fresh window on the console of the service that trusts it."""
    with window(browser, abroad.stack.url, elsewhere.host) as console:
        yield console
