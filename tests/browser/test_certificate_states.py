"""The certificate screens: with nothing to show, when it takes long, when others act meanwhile, on the way back."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from local.stack import start
from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak


@pytest.fixture
def two(admin: Client) -> list[dict[str, str]]:
    """Two certificates whose names begin alike."""
    start_of_name = unused_name("pair")
    return [admin.import_certificate(issue(), alias=f"{start_of_name} {place}") for place in ("a", "b")]


def in_list(console: Console, certificates: list[dict[str, str]]) -> None:
    """Show these certificates and no others."""
    console.log_in(path=f"/console/certificates?contains={certificates[0]['alias'][:-2]}")
    expect(console.page.locator("tbody tr")).to_have_count(len(certificates))


def choose_all(console: Console, action: str) -> None:
    """Tick all that is shown, and begin a bulk action."""
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name=action).click()
    expect(console.dialog().get_by_role("status")).to_contain_text("will be done")


@pytest.fixture
def empty_service() -> Iterator[Service]:
    """A service as it is first deployed."""
    with start(workers=4, seed=False, log=lambda _: None) as stack:
        yield Service(stack, [])


def test_an_empty_service_asks_for_the_first_certificate(empty_service: Service, browser: Browser) -> None:
    context = browser.new_context()
    console = Console(context.new_page(), empty_service.stack.url)
    console.log_in("alice")
    expect(console.page.get_by_text("Nothing has expired.")).to_be_visible()
    console.screen("Certificates")
    expect(console.page.get_by_role("heading", name="No certificates yet")).to_be_visible()
    expect(console.page.get_by_text("Import your first certificate")).to_be_visible()
    for screen, told in (
        ("Requests", "No signing requests"),
        ("Expiry", "Nothing ends in the coming year."),
        ("Events", "No event fits"),
    ):
        console.screen(screen)
        expect(console.page.get_by_text(told)).to_be_visible()
    console.screen("Certificates")
    console.page.get_by_role("link", name="Import a certificate").click()
    expect(console.page.get_by_role("heading", name="Import certificates")).to_be_visible()
    context.close()
    assert console.faults == []


def test_what_takes_long_says_so(console: Console) -> None:
    console.log_in(path="/console/me")
    waiting: list[Route] = []
    console.page.route("**/v1/certificates?*", lambda route: waiting.append(route))  # noqa: PLW0108 - it marks its handler
    console.screen("Certificates")
    expect(console.page.get_by_role("status").filter(has_text="Loading certificates")).to_be_visible()
    for route in waiting:
        route.continue_()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()

    # What is there stays until the answer to the next question comes.
    waiting.clear()
    console.page.get_by_role("combobox", name="Status").select_option("disabled")
    expect(console.page.get_by_role("region", name="Certificates")).to_have_attribute("aria-busy", "true")
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()
    for route in waiting:
        route.continue_()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_have_count(0)


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(console: Console) -> None:
    console.log_in(path="/console/certificates")
    late: list[Route] = []
    console.page.route("**/v1/certificates?*status=disabled*", lambda route: late.append(route))  # noqa: PLW0108
    console.page.get_by_role("combobox", name="Status").select_option("disabled")
    console.page.get_by_role("combobox", name="Status").select_option("enabled")
    expect(console.page).to_have_url(re.compile("status=enabled"))
    expect(console.page.get_by_role("link", name="retired", exact=True)).to_have_count(0)
    for route in late:
        route.continue_()

    console.page.wait_for_load_state("networkidle")
    expect(console.page.get_by_role("link", name="retired", exact=True)).to_have_count(0)
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()


def test_a_screen_that_is_refused_says_so(console: Console) -> None:
    console.log_in_by_name(unused_name("stranger"))
    for screen, told in (("events", "events"), ("policies", "policies"), ("requests", "requests")):
        console.page.evaluate(
            "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
            f"/console/{screen}",
        )
        expect(console.page.get_by_role("alert")).to_contain_text(told)


def test_a_bulk_action_that_failed_in_part_tries_only_those_again(
    console: Console, admin: Client, two: list[dict[str, str]]
) -> None:
    orders: list[dict[str, object]] = []

    def note(route: Route) -> None:
        orders.append(json.loads(route.request.post_data or ""))
        route.continue_()

    console.page.route("**/v1/certificates/actions", note)
    in_list(console, two)
    choose_all(console, "Disable")
    admin.good("DELETE", f"/certificates/{two[1]['id']}")
    console.dialog().get_by_role("button", name="Disable (2)").click()
    expect(console.dialog().get_by_role("status")).to_have_text("1 done, 0 were so already, 1 failed.")
    results = console.dialog().get_by_role("list", name="Results").get_by_role("listitem")
    expect(results.nth(0)).to_contain_text(f"{two[0]['alias']}")
    expect(results.nth(0)).to_contain_text("done")
    expect(results.nth(1)).to_contain_text(f"{two[1]['alias']}")
    expect(results.nth(1)).to_contain_text("failed")
    console.dialog().get_by_role("button", name="Retry the 1 that failed").click()
    expect(console.dialog().get_by_role("status")).to_have_text("0 done, 0 were so already, 1 failed.")
    console.dialog().get_by_role("button", name="Close").last.click()

    expect(console.page.locator("tbody tr")).to_have_count(1)
    expect(console.cell(two[0]["alias"], "Status")).to_contain_text("Disabled")
    assert [(order["certificates"], order["dry_run"]) for order in orders] == [
        ([each["id"] for each in two], True),
        ([each["id"] for each in two], False),
        ([two[1]["id"]], False),
    ]


def test_a_bulk_action_whose_answer_was_lost_is_the_same_when_sent_again(
    console: Console, admin: Client, two: list[dict[str, str]]
) -> None:
    keys: list[str | None] = []

    def lose(route: Route) -> None:
        if json.loads(route.request.post_data or "")["dry_run"]:
            route.continue_()
            return
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) > 3:  # it is sent three times before anybody is told
            route.continue_()
        else:
            if len(keys) == 1:
                route.fetch()  # it arrives, and its answer does not
            route.abort()

    in_list(console, two)
    choose_all(console, "Delete")
    console.page.route("**/v1/certificates/actions", lose)
    console.dialog().get_by_role("button", name="Delete (2)").click()
    expect(console.dialog().get_by_role("alert")).to_contain_text("The service does not answer")
    console.dialog().get_by_role("button", name="Delete (2)").click()
    expect(console.dialog().get_by_role("status")).to_have_text("2 done, 0 were so already, 0 failed.")
    assert len(set(keys)) == 1


def test_a_certificate_that_is_gone_is_not_shown_any_longer(
    console: Console, admin: Client, two: list[dict[str, str]]
) -> None:
    console.log_in(path=f"/console/certificates/{two[0]['id']}")
    expect(console.page.get_by_label("Certificate Alias")).to_be_visible()
    admin.good("DELETE", f"/certificates/{two[0]['id']}")
    console.page.get_by_role("button", name="Disable").click()
    console.dialog().get_by_role("button", name="Disable").click()
    expect(console.dialog().get_by_role("alert")).to_contain_text("it was deleted")
    console.dialog().get_by_role("button", name="Cancel").click()

    expect(console.page.get_by_role("heading", name="No such certificate")).to_be_visible()
    console.page.get_by_role("link", name="All certificates").click()
    expect(console.page.get_by_role("heading", name="Certificates", exact=True)).to_be_visible()
    expect(console.row(two[0]["alias"])).to_have_count(0)


def test_two_windows_at_once_agree_in_the_end(console: Console, admin: Client, two: list[dict[str, str]]) -> None:
    alias, path = two[0]["alias"], f"/console/certificates/{two[0]['id']}"
    other = Console(console.page.context.new_page(), console.url)
    in_list(console, two)
    other.log_in(path=path)
    other.page.get_by_label("Description").fill("from the other window")
    console.quick_action(alias, "Disable")
    console.dialog().get_by_role("button", name="Disable").click()
    expect(console.cell(alias, "Status")).to_contain_text("Disabled")

    # The other window still shows it as enabled, and is told what it has become.
    other.page.get_by_role("button", name="Save").click()
    expect(other.page.get_by_role("alert")).to_contain_text("Somebody else has changed it meanwhile")
    other.page.get_by_role("button", name="Save mine over it").click()
    expect(other.page.get_by_text("Saved")).to_be_visible()
    expect(other.page.get_by_role("button", name="Enable")).to_be_visible()
    other.page.get_by_role("button", name="Enable").click()
    expect(other.page.get_by_role("button", name="Disable")).to_be_visible()
    console.quick_action(alias, "Enable")
    expect(console.cell(alias, "Status")).to_contain_text("Enabled")
    assert admin.good("GET", f"/certificates/{two[0]['id']}")["description"] == "from the other window"
    assert other.faults == []


def test_going_back_closes_a_dialog_and_does_nothing(
    console: Console, admin: Client, two: list[dict[str, str]]
) -> None:
    in_list(console, two)
    listed = console.page.url
    console.page.get_by_role("link", name=two[0]["alias"], exact=True).click()
    console.page.get_by_role("button", name="Delete").click()
    expect(console.dialog().get_by_label("Type its name to confirm")).to_be_visible()
    console.page.go_back()
    expect(console.page).to_have_url(listed)
    expect(console.dialog()).to_have_count(0)

    console.page.get_by_role("link", name=two[0]["alias"], exact=True).click()
    expect(console.page.get_by_label("Certificate Alias")).to_be_visible()
    console.page.go_back()
    choose_all(console, "Delete")
    console.page.go_forward()
    expect(console.page.get_by_label("Certificate Alias")).to_be_visible()
    expect(console.dialog()).to_have_count(0)
    assert admin.good("GET", f"/certificates/{two[0]['id']}")["status"] == "enabled"


def test_going_back_goes_through_the_tabs_and_the_filters(console: Console, two: list[dict[str, str]]) -> None:
    in_list(console, two)
    page = console.page
    page.get_by_role("combobox", name="Expiry").select_option("valid")
    expect(page).to_have_url(re.compile("expiry=valid"))
    page.get_by_role("link", name=two[1]["alias"], exact=True).click()
    for tab in ("Related", "Details", "X.509 Attributes", "Activity"):
        console.tab(tab)
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    for tab in ("X.509 Attributes", "Details", "Related", "Overview"):
        page.go_back()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Certificate Alias")).to_have_value(two[1]["alias"])
    page.go_back()
    expect(page.get_by_role("combobox", name="Expiry")).to_have_value("valid")
    page.go_back()
    expect(page.get_by_role("combobox", name="Expiry")).to_have_value("")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value(two[0]["alias"][:-2])
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_filter_that_has_no_field_is_told_and_taken_away(console: Console) -> None:
    console.log_in(path="/console/certificates?subject=no+such+subject&owner=local%2Fnobody-at-all")
    expect(console.page.get_by_role("heading", name="No certificate fits")).to_be_visible()
    expect(console.page.get_by_role("combobox", name="Owner")).to_have_value("local/nobody-at-all")
    console.page.get_by_role("combobox", name="Owner").select_option("")
    console.page.get_by_role("button", name="Without Subject: no such subject").click()

    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()
    expect(console.page).to_have_url(f"{console.url}/console/certificates")


def test_a_screen_that_comes_late_is_not_shown_over_a_newer_one(console: Console) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    console.page.route(re.compile(r"/console/assets/home-.*\.js"), hold)
    console.page.goto(f"{console.url}/console/")
    console.page.get_by_role("button", name="Log in with local").click()
    console.page.get_by_role("button", name=re.compile("^alice ")).click()
    expect(console.page.get_by_role("navigation", name="Screens")).to_be_visible()
    console.screen("Certificates")
    expect(console.page.get_by_role("heading", name="Certificates", exact=True)).to_be_visible()

    for each in waiting:
        each.continue_()
    console.page.wait_for_timeout(500)
    expect(console.page.get_by_role("heading", name="Certificates", exact=True)).to_be_visible()
    assert waiting
