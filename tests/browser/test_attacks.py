"""Texts that callers choose, on every screen that shows them: none becomes markup or a script, none moves others."""

import json
import unicodedata
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.browser.console import PATIENCE_MILLISECONDS, Console
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak

PAYLOADS = {
    "image": "<img src=x onerror=alert(1)>",
    "script": "</td></table><script>alert(1)</script>",
    "svg": "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>",
    "attribute": "\"' autofocus onfocus=alert(1) x='",
    "template": "${alert(1)} {{constructor.constructor('alert(1)')()}} <!--?lit$1$-->",
    "address": "javascript:alert(1)//",
    "style": "</style><style>*{display:none}</style>",
    "prototype": "__proto__ constructor toString",
}
FORBIDDEN_IN_NAMES = str.maketrans("", "", "/?#%\\")


def as_alias(text: str) -> str:
    """`text` as far as an alias may be it, and used nowhere else."""
    return f"{text.translate(FORBIDDEN_IN_NAMES)[:90].strip()} {unused_name()}"


def short(text: str) -> str:
    """As much of `text` as an attribute of a subject holds."""
    return text.encode()[:60].decode(errors="ignore")


class Everywhere:
    """A payload in every field that a caller can set."""

    def __init__(self, admin: Client, payload: str) -> None:
        self.payload = payload
        self.alias = as_alias(payload)
        text = f"{payload} {unused_name()}"
        self.name = text[:128]
        self.user = f"local/{payload[:90].replace('*', '')}"  # one is no pattern
        self.group = admin.good("POST", "/certificate-groups", {"name": self.name, "description": payload})
        self.certificate = admin.import_certificate(
            issue(short(payload)),
            alias=self.alias,
            description=payload,
            owner=self.user,
            groups=[self.group["id"]],
            ask_for_reason=True,
        )
        self.policy = admin.good(
            "POST",
            "/policies",
            {
                "name": self.name,
                "description": payload,
                "action": "allow",
                "what": {"certificates": [self.certificate["id"]], "groups": [self.group["id"]]},
                "who": {"users": [self.user, "local/admin"], "user_groups": [self.user]},
                "where": {
                    "processes": [payload.replace("/", "")],
                    "command_lines": [payload[:20].translate({ord(c): "." for c in "(){}[]*$"})],
                },
            },
        )
        self.role = admin.good(
            "POST",
            "/roles",
            {
                "name": self.name,
                "description": payload,
                "permissions": ["certificates:view"],
                "certificate_groups": [{"group": self.group["id"], "rights": []}],
                "users": [self.user],
                "user_groups": [self.user],
            },
        )
        self.request = admin.good(
            "POST",
            "/signing-requests",
            {
                "key_algorithm": "ECC_NIST_P256",
                "subject": {
                    "common_name": short(payload),
                    "organization": short(payload),
                    "organizational_unit": short(payload),
                    "locality": short(payload),
                    "state": short(payload),
                },
                "alias": as_alias(payload),
                "description": payload,
                "owner": self.user,
                "groups": [self.group["id"]],
            },
        )
        self.use = self._use(admin)

    def _use(self, admin: Client) -> dict[str, Any]:
        """A use that is refused, with all that a caller may say of it; its event."""
        order = {
            "message": in_base64(b"program"),
            "message_type": "RAW",
            "signing_algorithm": "ECDSA_SHA_256",
            "reason": self.payload,
            "application": {"process": self.payload, "command_line": self.payload},
        }
        told = {"User-Agent": self.payload} if self.payload.isascii() else {}
        answered = admin.call("POST", f"/certificates/{self.certificate['id']}/sign", order, headers=told)
        (event,) = [
            each
            for each in admin.items("/events", certificate=self.certificate["id"])
            if each["type"].startswith("Certificate Use")
        ] or [answered]
        return dict(event)

    def screens(self) -> dict[str, str]:
        """Each screen on which some of it is shown, and a text that is there once it is complete."""
        certificate = f"certificates/{self.certificate['id']}"
        return {
            f"certificates?group={self.group['id']}": self.alias,
            f"{certificate}": self.user,
            f"{certificate}/related": self.name,
            f"{certificate}/details": self.certificate["thumbprint_sha256"],
            f"{certificate}/x509": "Chain",
            f"{certificate}/activity": "Certificate Imported",
            f"{certificate}/renew": self.alias,
            f"requests/{self.request['id']}": self.request["subject"],
            "policies": self.name,
            f"policies/{self.policy['id']}": self.payload,
            "groups": self.name,
            "roles": self.name,
            f"events/{self.use['id']}": self.use["request_id"],
            "events": "Certificate Use",
            "requests": self.request["alias"],
        }


MARKUP = """(place) => {
    const elements = ["IMG", "SCRIPT", "IFRAME", "OBJECT", "EMBED", "STYLE", "BASE", "META"];
    const addresses = ["href", "src", "action", "formaction", "xlink:href"];
    const runs = ({name, value}) => name.startsWith("on") || name === "style" ||
        (addresses.includes(name) && /^\\s*(javascript|data|vbscript):/i.test(value));
    return [...place.querySelectorAll("*")]
        .filter((each) => elements.includes(each.tagName) || [...each.attributes].some(runs))
        .map((each) => each.outerHTML.slice(0, 200));
}"""


def assert_harmless(console: Console, place: Locator) -> None:
    """Nothing that was text is an element, a handler or an address to run."""
    assert place.evaluate(MARKUP) == []
    assert console.faults == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_caller_runs_on_any_screen(console: Console, admin: Client, payload: str) -> None:
    made = Everywhere(admin, PAYLOADS[payload])
    console.log_in()
    for screen, shown in made.screens().items():
        go(console, screen)
        assert_shown(console, shown)
        assert_harmless(console, console.page.locator("main#content"))


SHOWS = """(text) => {
    const main = document.querySelector("main#content");
    // The screen before stays until the code of the next has come: its "Next" would be pressed at the new address.
    const [, , noun, id, tab] = location.pathname.split("/");
    const one = {certificates: "certificate", requests: "request", policies: "policy", events: "event"}[noun];
    if (!main.querySelector(tab === "renew" ? "request-wizard" : `${id ? one : noun}-screen`)) return false;
    const fields = [...main.querySelectorAll("input, textarea")].map((each) => each.value);
    if ([main.textContent, ...fields].join("\\n").includes(text)) return true;
    const following = [...main.querySelectorAll("nav.pager button")].at(-1);
    if (following && !main.querySelector("[aria-busy=true]")) following.click();
    return false;
}"""


def assert_shown(console: Console, text: str) -> None:
    """`text` is on the screen, as text or in a field, or on a later page of its list."""
    # Of the other tests' things there may be many pages.
    console.page.wait_for_function(SHOWS, arg=text, polling=300, timeout=2 * PATIENCE_MILLISECONDS)
    expect(console.page.get_by_text("Loading")).to_have_count(0)


def go(console: Console, screen: str, heading: str = "h1") -> None:
    """Go there without a new login, as by the address bar, and wait for a heading of that kind."""
    console.page.evaluate(
        "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
        f"/console/{screen}",
    )
    if heading:
        expect(console.page.locator(heading).first).to_be_visible()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_name_of_whoever_logs_in_is_text(console: Console, payload: str) -> None:
    user = PAYLOADS[payload]
    console.page.goto(console.url + "/console/me")
    console.page.get_by_role("button", name="Log in with local").click()
    console.page.get_by_label("User", exact=True).fill(user)
    console.page.get_by_role("button", name="Sign in").click()
    expect(console.page.get_by_role("heading", name="Who am I")).to_be_visible()

    expect(console.page.get_by_role("banner")).to_contain_text(f"local/{user}")
    assert_harmless(console, console.page.locator("main#content"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_names_of_files_and_what_is_said_of_them_are_text(console: Console, payload: str) -> None:
    name = PAYLOADS[payload].replace("/", "") + ".pfx"
    console.log_in(path="/console/certificates/import")
    file: FilePayload = {"name": name, "mimeType": "text/html", "buffer": PAYLOADS[payload].encode()}
    console.page.locator("input[type=file]").set_input_files(file)
    expect(console.page.locator("main#content")).to_contain_text(name)
    console.page.get_by_role("button", name="Import 1 file").click()
    expect(console.page.get_by_role("alert")).to_be_visible()
    assert_harmless(console, console.page.locator("main#content"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_the_service_or_something_in_its_place_says_is_text(console: Console, payload: str) -> None:
    text = PAYLOADS[payload]
    refusal = {
        "title": text,
        "status": 422,
        "detail": text,
        "code": text,
        "request_id": text,
        "errors": [{"field": text, "message": text}],
    }

    def refuse(route: Route) -> None:
        route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(refusal))

    console.log_in(path="/console/me")
    console.page.route("**/v1/**", refuse)
    for screen in ("", "certificates", "certificates/x", "requests", "policies", "groups", "roles", "events", "expiry"):
        go(console, screen, heading="")
        expect(console.page.get_by_role("alert").first).to_contain_text(text.split("\n")[0])
        assert_harmless(console, console.page.locator("main#content"))


ADDRESSES = {
    "certificates": "status expiry owner group contains subject issuer sort order cursor thumbprint",
    "requests": "status cursor",
    "policies": "cursor",
    "groups": "cursor",
    "roles": "cursor",
    "events": "type outcome user certificate from to cursor",
}


@pytest.mark.parametrize("screen", ADDRESSES)
def test_nothing_in_an_address_runs(console: Console, screen: str) -> None:
    console.log_in(path="/console/me")
    for parameter in [*ADDRESSES[screen].split(), "unknown", "__proto__"]:
        for payload in ("image", "attribute", "address"):
            go(console, f"{screen}?{parameter}={quote(PAYLOADS[payload])}", heading="h1, h2")
            expect(console.page.get_by_text("Loading")).to_have_count(0)
            assert_harmless(console, console.page.locator("main#content"))


@pytest.mark.parametrize(
    "address",
    [
        "nowhere",
        "certificates/%E0%A4%A",
        "certificates/%00",
        "certificates/..%2F..%2Fv1%2Fme",
        "certificates/" + quote(PAYLOADS["image"]),
        "certificates/production/" + quote(PAYLOADS["image"]),
        "policies/pol_nothing",
        "requests/x",
        "events/x/y/z",
        "certificates?contains=" + "x" * 7000,
        "%2e%2e/%2e%2e//other.example/",
    ],
)
def test_an_address_edited_by_hand_is_told_or_leads_to_a_screen(console: Console, address: str) -> None:
    console.log_in(path="/console/me")
    go(console, address, heading="h1, h2")
    expect(console.page.get_by_text("Loading")).to_have_count(0)
    told = console.page.locator("main#content").inner_text()
    assert told.strip()
    assert console.page.url.startswith(console.url + "/")
    assert_harmless(console, console.page.locator("main#content"))


def test_ten_kilobytes_of_query_are_no_fault_of_the_page(console: Console) -> None:
    console.log_in(path="/console/me")
    go(console, "certificates?contains=" + "x" * 10_240)
    expect(console.page.get_by_role("alert")).to_be_visible()
    console.screen("Groups")
    expect(console.page.get_by_role("table")).to_be_visible()


LAYOUTS = {
    "right to left": "\u05e9\u05dc\u05d5\u05dd (123) \u05e2\u05d5\u05dc\u05dd",
    "long": "W" * 110,
    "emoji": "\U0001f511" * 50,
    "one long word of digits": "1234567890" * 11,
    "combining": unicodedata.normalize("NFC", "Z\u0301\u0323\u0308" * 20),
}


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("text", LAYOUTS)
def test_long_and_foreign_names_stay_in_their_place(console: Console, admin: Client, text: str, width: int) -> None:
    made = Everywhere(admin, LAYOUTS[text])
    console.page.set_viewport_size({"width": width, "height": 900})
    console.log_in()
    for screen in made.screens():
        go(console, screen)
        expect(console.page.get_by_text("Loading")).to_have_count(0)
        assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{screen} is too wide"
        # A name that begins from the right swaps nothing beside it: each is an isolate of its own.
        loose = console.page.locator("main#content").evaluate(LOOSE)
        assert loose == [], screen


LOOSE = """(main) => {
    const rightToLeft = /[\\u0590-\\u08ff]/;
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text; (text = texts.nextNode()); ) {
        const holder = text.parentElement;
        if (!rightToLeft.test(text.data) || holder.closest("pre, textarea, option, details.command")) continue;
        const style = getComputedStyle(holder);
        if (style.display === "inline" && style.unicodeBidi === "normal") found.push(holder.outerHTML.slice(0, 160));
    }
    return found;
}"""
