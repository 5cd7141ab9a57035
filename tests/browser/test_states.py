"""What the console shows where there is nothing, where it is refused, where others were quicker, and the like."""

import re

import pytest
from playwright.sync_api import Browser, expect

from local.stack import start
from tests.browser.conftest import window
from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

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
    expect(console.page.get_by_role("menuitem")).to_have_text(["Download", "Copy as command"])
    console.page.keyboard.press("Escape")
    console.row(alias).get_by_role("link", name=alias, exact=True).click()
    expect(console.page.get_by_label("Certificate Alias")).to_be_disabled()


def test_an_owner_without_a_role_sees_what_is_hers_and_somebody_with_nothing_is_told_so(
    console: Console, admin: Client
) -> None:
    owner = unused_name("olga").replace(" ", "-")
    admin.import_certificate(issue(alias := unused_name("hers")), alias=alias, owner=f"local/{owner}")
    console.log_in_by_name(owner)
    console.screen("Certificates")
    expect(console.row(alias)).to_be_visible()
    expect(console.page.locator("tbody tr")).to_have_count(1)
    console.page.get_by_role("button", name="Log out").click()
    expect(console.page.get_by_role("button", name="Log in with local")).to_be_visible()

    console.log_in_by_name(unused_name("nadia").replace(" ", "-"))
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


def test_a_certificate_that_somebody_else_has_deleted_is_told_as_gone(console: Console, admin: Client) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("gone")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    expect(console.page.get_by_label("Certificate Alias")).to_have_value(alias)
    admin.delete(f"/certificates/{certificate['id']}")
    console.page.get_by_role("button", name="Disable").click()
    console.dialog().get_by_role("button", name="Disable").click()

    expect(console.page.get_by_text("It does not exist, it was deleted")).to_be_visible()


ONE_THING = {
    "certificates/crt_00000000000000000000000000": "Certificate",
    "certificates/crt_00000000000000000000000000/renew": "Renew a certificate",
    "requests/req_00000000000000000000000000": "Request",
    "policies/pol_00000000000000000000000000": "Policy",
    "roles/rol_00000000000000000000000000": "Role",
    "events/evt_00000000000000000000000000": "Event",
}


@pytest.mark.parametrize("state", ["loading", "not there", "broken"])
def test_the_page_of_one_thing_has_its_heading_before_there_is_a_thing(console: Console, state: str) -> None:
    page = console.page
    asked = re.compile(r"/v1/[a-z-]+/[a-z]{3}_0+")
    console.log_in()
    if state == "loading":
        page.route(asked, lambda _: None)
    if state == "broken":
        page.route(asked, lambda route: route.fulfill(status=500, body="{}"))
    for path, heading in ONE_THING.items():
        page.evaluate(
            "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
            f"/console/{path}",
        )
        expect(page.locator("h1")).to_have_text([heading])
        expect(page.locator("main .state")).to_contain_text(
            "Loading" if state == "loading" else re.compile("No|cannot")
        )
        expect(page.locator("h1")).to_have_text([heading])


@pytest.mark.usefixtures("signet")
def test_a_service_whose_list_of_issuers_is_wrong_says_so_in_its_page(browser: Browser) -> None:
    with (
        start(trusted_issuers="[{", seed=True, workers=1, log=lambda _: None) as stack,
        window(browser, stack.url) as console,
    ):
        console.page.goto(f"{stack.url}/console/certificates")

        expect(console.page.get_by_role("heading", level=1)).to_have_text("Signet")
        expect(console.page.get_by_role("alert")).to_have_count(1)
        expect(console.page.get_by_role("alert")).to_contain_text("list of trusted issuers of this deployment cannot")
        expect(console.page.get_by_role("button", name="Try again")).to_be_visible()
