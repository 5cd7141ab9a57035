"""The console as a person at a screen uses it: by the names that are written on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, expect

PATIENCE_MILLISECONDS = 60_000
"""However busy the machine is; only what hangs takes longer."""

expect.set_options(timeout=PATIENCE_MILLISECONDS)

_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI}`));"""


class Console:
    """A window on the console."""

    def __init__(self, page: Page, url: str, hosts: Sequence[str] = ()) -> None:
        """`hosts` are those of issuers beside the service's own, which may be asked as well."""
        self.page = page
        self.url = url
        self.faults: list[str] = []
        """What no page may do, nor a window that it opens: errors of scripts, rejections that nobody handles,
        violations of the policy, dialogs, requests to other hosts."""
        self.expected: list[str] = []
        """Parts of such faults that a test brings about itself."""
        self._hosts = {urlsplit(url).netloc, *hosts}
        context = page.context
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("weberror", lambda error: self._note(f"script: {error.error}"))
        context.on("console", self._note_message)
        context.on("request", self._note_request)
        context.on("dialog", self._note_dialog)

    def _note(self, fault: str) -> None:
        if not any(part in fault for part in self.expected):
            self.faults.append(fault)

    def _note_message(self, message: ConsoleMessage) -> None:
        # What the service refuses is logged by the browser as well; that is no fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in {"blob", "data"} and asked.netloc not in self._hosts:
            self._note(f"request: {request.url}")

    def _note_dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self._note(f"dialog: {dialog.message}")
        dialog.accept()

    def log_in(self, user: str = "alice", path: str = "/console/") -> None:
        """Log in at the local provider as one of the people of the samples, and come back to `path`."""
        self.page.goto(self.url + path)
        self.page.get_by_role("button", name="Log in with local").click()
        self.page.get_by_role("button", name=re.compile(f"^{user} ")).click()
        expect(self.page.get_by_role("link", name=f"local/{user}")).to_be_visible()

    def log_in_by_name(self, user: str, groups: str = "") -> None:
        """Log in as anybody, by typing."""
        self.page.goto(self.url + "/console/")
        self.page.get_by_role("button", name="Log in with local").click()
        self.page.get_by_label("User", exact=True).fill(user)
        self.page.get_by_label("Groups", exact=True).fill(groups)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name=f"local/{user}")).to_be_visible()

    def screen(self, name: str) -> None:
        """Go to a screen by the navigation."""
        self.page.get_by_role("navigation", name="Screens").get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def go(self, path: str) -> None:
        """Go to an address below `/console/` without loading the page again, and wait until it shows what it has."""
        self.page.evaluate(
            "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
            f"/console/{path}",
        )
        self.page.wait_for_timeout(250)  # its module is fetched first
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        expect(self.page.get_by_text("Loading")).to_have_count(0)

    def search(self, text: str) -> None:
        """Look for certificates."""
        self.page.get_by_role("searchbox", name="Search").fill(text)
        expect(self.page).to_have_url(re.compile("contains="))

    def row(self, alias: str) -> Locator:
        """The row of a certificate in the table."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=alias, exact=True))

    def cell(self, alias: str, column: str) -> Locator:
        """What stands under `column` in the row of a certificate."""
        expect(self.row(alias)).to_be_visible()  # before that, there may be no table
        heads = [text.strip(" ▲▼\n") for text in self.page.locator("thead th").all_inner_texts()]
        return self.row(alias).locator("th, td").nth(heads.index(column))

    def quick_action(self, alias: str, action: str) -> None:
        """Choose `action` in the menu of a row."""
        self.row(alias).get_by_role("button", name=f"Actions for {alias}").click()
        self.page.get_by_role("menuitem", name=action, exact=True).click()

    def bar(self) -> Locator:
        """The bar of actions for the certificates that are ticked."""
        return self.page.get_by_role("toolbar", name="Actions for the selected certificates")

    def dialog(self) -> Locator:
        """The dialog that is open; what is in it is slotted, and no descendant of what has the role."""
        return self.page.locator("wa-dialog[open]")

    def tab(self, name: str) -> None:
        """Open a tab of a certificate."""
        self.page.get_by_role("tab", name=name, exact=True).click()
