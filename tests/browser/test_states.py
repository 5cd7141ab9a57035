"""What the console shows where there is nothing, where it is refused, where others were quicker, and the like."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak


def test_a_viewer_sees_everything_and_no_action_that_would_be_refused(console: Console, admin: Client) -> None:
    alias = unused_name("seen")
    admin.import_certificate(issue(alias), alias=alias)
    roles = {role["name"]: role["id"] for role in admin.items("/roles")}
    admin.good("PATCH", f"/roles/{roles['Viewer']}", {"user_groups": ["local/auditors"]})
    console.log_in_by_name("vera", "auditors")
    console.screen("Certificates")
    console.search(alias)

    expect(console.row(alias)).to_be_visible()
    expect(console.page.get_by_role("checkbox")).to_have_count(0)
    expect(console.page.get_by_role("link", name="Import")).to_have_count(0)
    console.row(alias).get_by_role("button", name=f"Actions for {alias}").click()
    expect(console.page.get_by_role("menuitem", name="Download")).to_be_visible()
    expect(console.page.get_by_role("menuitem")).to_have_count(1)
    console.page.keyboard.press("Escape")
    console.row(alias).get_by_role("link", name=alias, exact=True).click()
    expect(console.page.get_by_label("Certificate Alias")).to_be_disabled()


def test_an_owner_without_a_role_sees_what_is_hers_and_somebody_with_nothing_is_told_so(
    console: Console, admin: Client
) -> None:
    admin.import_certificate(issue(alias := unused_name("hers")), alias=alias, owner="local/olga")
    console.log_in_by_name("olga")
    console.screen("Certificates")
    expect(console.row(alias)).to_be_visible()
    expect(console.page.locator("tbody tr")).to_have_count(1)
    console.page.get_by_role("button", name="Log out").click()

    console.log_in_by_name("nadia")
    console.screen("Certificates")
    expect(console.page.get_by_role("heading", name="No certificates")).to_be_visible()


def test_a_filter_that_nothing_fits_can_be_cleared(console: Console) -> None:
    console.log_in(path="/console/certificates?contains=nothing+has+this+in+it")

    expect(console.page.get_by_role("heading", name="No certificate fits")).to_be_visible()
    console.page.get_by_role("button", name="Clear the filters").click()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()
    console.page.go_back()
    expect(console.page.get_by_role("heading", name="No certificate fits")).to_be_visible()


def test_both_versions_are_shown_where_somebody_else_was_quicker(console: Console, admin: Client) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("both")), alias=alias)
    path = f"/certificates/{certificate['id']}"
    console.log_in(path=f"/console{path}")
    console.page.get_by_label("Description").fill("mine")
    admin.good("PATCH", path, {"description": "theirs"})
    console.page.get_by_role("button", name="Save").click()

    conflict = console.page.get_by_role("alert")
    expect(conflict).to_contain_text("Somebody else has changed it meanwhile")
    expect(conflict.get_by_role("cell", name="mine")).to_be_visible()
    expect(conflict.get_by_role("cell", name="theirs")).to_be_visible()
    conflict.get_by_role("button", name="Save mine over it").click()
    expect(console.page.get_by_text("Saved")).to_be_visible()
    assert admin.good("GET", path)["description"] == "mine"


@pytest.mark.parametrize("failing", ["500", "503", "cut", "gone"])
def test_a_service_that_does_not_answer_is_told_and_asked_again(console: Console, failing: str) -> None:
    def fail(route: Route) -> None:
        if failing == "gone":
            route.abort()
        elif failing == "cut":
            route.fulfill(status=200, content_type="application/json", body='{"items": [')
        else:
            route.fulfill(status=int(failing), content_type="application/json", body='{"message": "It is not well"}')

    console.log_in()
    console.page.route("**/v1/certificates?*", fail)
    console.screen("Certificates")
    expect(console.page.get_by_role("alert")).to_be_visible()
    console.page.unroute("**/v1/certificates?*")
    console.page.get_by_role("button", name="Try again").click()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()


def test_nothing_typed_is_lost_when_the_login_ends(console: Console, admin: Client) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("late")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    console.page.get_by_label("Description").fill("typed before the end")
    refused = {"code": "unauthenticated", "title": "No valid token", "status": 401, "detail": "The token has expired."}

    def refuse(route: Route) -> None:
        route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(refused))

    console.page.route("**/v1/certificates/*", refuse)
    console.page.route(
        "**/local/issuer/token", lambda route: route.fulfill(status=400, body='{"error": "invalid_grant"}')
    )
    console.page.get_by_role("button", name="Save").click()
    expect(console.page.get_by_text("Nothing that you have typed is lost")).to_be_visible()
    console.page.unroute_all()
    with console.page.context.expect_page() as opening:
        console.page.get_by_role("button", name="Log in again").click()
    window: Page = opening.value
    window.get_by_role("button", name=re.compile("^alice ")).click()
    expect(console.page.get_by_text("Saved")).to_be_visible()
    assert admin.good("GET", f"/certificates/{certificate['id']}")["description"] == "typed before the end"


PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)<\\u002fscript>".replace("\\u002f", ""),
    "\"' onmouseover=alert(1) x='",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
    "${alert(1)}",
    "\u05e9\u05dc\u05d5\u05dd <b>rtl</b>",
    "\U0001f511" * 60,
    "W" * 128,
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_script_from_a_name_runs(console: Console, admin: Client, payload: str) -> None:
    group = admin.good(
        "POST", "/certificate-groups", {"name": f"{payload[:110]} {unused_name()}"[:128], "description": payload}
    )
    alias = (
        f"{payload[:100]} {unused_name()}".replace("/", "").replace("?", "").replace("%", "").replace("#", "").strip()
    )
    certificate = admin.import_certificate(issue("CN"), alias=alias, description=payload, groups=[group["id"]])

    console.log_in(path=f"/console/certificates?group={group['id']}")

    expect(console.row(alias)).to_be_visible()
    expect(console.page.locator("main img, main script")).to_have_count(0)
    console.row(alias).get_by_role("link", name=alias, exact=True).click()
    expect(console.page.get_by_label("Description")).to_have_value(payload)
    console.tab("Related")
    expect(console.page.get_by_role("link", name=group["name"])).to_be_visible()
    console.tab("Activity")
    expect(console.page.get_by_role("rowheader", name="Certificate Imported")).to_be_visible()
    assert certificate["id"] in console.page.url


def test_a_certificate_that_somebody_else_has_deleted_is_told_as_gone(console: Console, admin: Client) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("gone")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    expect(console.page.get_by_label("Certificate Alias")).to_have_value(alias)
    admin.delete(f"/certificates/{certificate['id']}")
    console.page.get_by_role("button", name="Disable").click()
    console.dialog().get_by_role("button", name="Disable").click()

    expect(console.page.get_by_text("It does not exist, it was deleted")).to_be_visible()


def test_without_javascript_the_page_says_what_else_there_is(signet: Service, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{signet.stack.url}/console/")

    assert "This console needs JavaScript" in page.locator("noscript").inner_text()
    context.close()
