"""A service, or something in its place, that answers badly: it is told, repeated where that is safe, and survived."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak

LIST = "**/v1/certificates?*"


def says(status: int, body: str, content_type: str = "application/json", **headers: str) -> Callable[[Route], None]:
    """Answers this."""
    return lambda route: route.fulfill(status=status, body=body, content_type=content_type, headers=headers or None)


PAGE = "<html><body><h1>502 Bad Gateway</h1><script>alert(1)</script></body></html>"
WRONG: dict[str, tuple[Callable[[Route], None], str]] = {
    "500": (says(500, '{"message": "Internal Server Error"}'), "The service cannot answer now"),
    "502 as a page": (says(502, PAGE, "text/html"), "The service has answered 502."),
    "503 for a minute": (says(503, '{"message": "Busy"}', **{"Retry-After": "60"}), "The service cannot answer now"),
    "429 for a minute": (says(429, '{"message": "Slow down"}', **{"Retry-After": "60"}), "Try again in 60 seconds."),
    "429 for ever": (says(429, '{"message": "Slow down"}', **{"Retry-After": "0"}), "Too many requests"),
    "a page": (says(200, PAGE, "text/html"), "The service does not answer"),
    "a page that calls itself JSON": (says(200, PAGE), "The service does not answer"),
    "a text": (says(200, '"well"'), "The service does not answer"),
    "null": (says(200, "null"), "The service does not answer"),
    "nothing": (says(200, ""), "The service does not answer"),
    "cut": (says(200, '{"items": ['), "The service does not answer"),
    "a problem of other shape": (
        says(422, '{"title": 7, "detail": {"a": 1}, "errors": "no"}', "application/problem+json"),
        "The service has answered 422.",
    ),
    "no network": (lambda route: route.abort("internetdisconnected"), "The service does not answer"),
    "reset": (lambda route: route.abort("connectionreset"), "The service does not answer"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_goes_wrong_is_told_and_asked_again(console: Console, wrong: str) -> None:
    answer, words = WRONG[wrong]
    console.log_in(path="/console/me")
    console.page.route(LIST, answer)
    console.screen("Certificates")
    expect(console.page.get_by_role("alert")).to_contain_text(words)
    console.page.unroute(LIST)
    console.page.get_by_role("button", name="Try again").click()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()


@pytest.mark.parametrize("passing", [says(503, "{}"), says(429, "{}"), says(504, ""), lambda route: route.abort()])
def test_what_passes_is_nothing_that_a_person_hears_of(console: Console, passing: Callable[[Route], None]) -> None:
    asked: list[Request] = []

    def once(route: Route) -> None:
        asked.append(route.request)
        if len(asked) == 1:
            passing(route)
        else:
            route.continue_()

    console.log_in(path="/console/me")
    console.page.route(LIST, once)
    console.screen("Certificates")
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()
    assert len(asked) == 2


def test_a_slow_answer_is_shown_as_loading_and_the_newest_question_wins(console: Console) -> None:
    console.log_in(path="/console/me")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    console.page.route(LIST, hold)
    console.screen("Certificates")
    expect(console.page.get_by_text("Loading")).to_be_visible()
    console.screen("Groups")
    expect(console.page.get_by_role("heading", name="Groups", level=1)).to_be_visible()
    for route in held:
        route.continue_()
    expect(console.page.get_by_role("heading", name="Groups", level=1)).to_be_visible()


def new_group(console: Console, name: str) -> None:
    """Fill the dialog, and send it."""
    console.page.get_by_role("button", name="New group").click()
    console.dialog().get_by_label("Name").fill(name)
    console.dialog().get_by_label("Description").fill("typed once")
    console.page.get_by_role("button", name="Create").click()


def keys_of(requests: list[Request]) -> set[str]:
    """Their idempotency keys."""
    return {request.headers["idempotency-key"] for request in requests}


def test_an_order_whose_answer_is_lost_is_given_once(console: Console, admin: Client) -> None:
    name = unused_name("once")
    sent: list[Request] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request)
        if len(sent) <= 3:  # as often as the page tries by itself
            route.fetch()
            return route.abort("connectionreset")
        return route.continue_()

    console.log_in(path="/console/groups")
    console.page.route("**/v1/certificate-groups", lose)
    new_group(console, name)
    expect(console.dialog().get_by_role("alert")).to_contain_text("The service does not answer")
    expect(console.dialog().get_by_label("Description")).to_have_value("typed once")
    assert len(sent) == 3
    console.page.get_by_role("button", name="Create").click()
    expect(console.dialog()).to_have_count(0)

    assert len(sent) == 4
    assert len(keys_of(sent)) == 1
    assert [each["name"] for each in admin.items("/certificate-groups")].count(name) == 1


def test_another_order_has_a_key_of_its_own(console: Console) -> None:
    sent: list[Request] = []

    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request)
        return says(500, "{}")(route)

    console.log_in(path="/console/groups")
    console.page.route("**/v1/certificate-groups", refuse)
    new_group(console, unused_name("one"))
    expect(console.dialog().get_by_role("alert")).to_be_visible()
    console.dialog().get_by_label("Name").fill(unused_name("other"))
    console.page.get_by_role("button", name="Create").click()
    expect(console.dialog().get_by_role("alert")).to_be_visible()
    console.page.wait_for_function("() => !document.querySelector('wa-dialog button[type=submit]').disabled")
    assert len(sent) == len(keys_of(sent)) == 2


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_without_a_key_is_sent_once(console: Console, admin: Client, method: str) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("kept")), alias=alias)
    sent: list[Request] = []

    def lose(route: Route) -> None:
        if route.request.method != method:
            return route.continue_()
        sent.append(route.request)
        return route.abort("connectionreset")

    console.log_in(path=f"/console/certificates/{certificate['id']}")
    console.page.route("**/v1/certificates/*", lose)
    if method == "PATCH":
        console.page.get_by_label("Description").fill("typed once")
        console.page.get_by_role("button", name="Save").click()
    else:
        console.page.get_by_role("button", name="Delete", exact=True).click()
        console.dialog().get_by_label("Type its name to confirm").fill(alias)
        console.dialog().get_by_role("button", name="Delete", exact=True).click()
    expect(console.page.get_by_role("alert")).to_contain_text("The service does not answer")
    assert len(sent) == 1
    if method == "PATCH":
        expect(console.page.get_by_label("Description")).to_have_value("typed once")


def test_offline_is_told_and_over_when_the_network_is_back(console: Console) -> None:
    console.log_in(path="/console/certificates")
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()
    console.screen("Groups")
    expect(console.page.get_by_role("table")).to_be_visible()
    console.page.context.set_offline(True)
    console.screen("Certificates")
    expect(console.page.get_by_role("alert")).to_contain_text("The service does not answer")
    console.page.context.set_offline(False)
    console.page.get_by_role("button", name="Try again").click()
    expect(console.page.get_by_role("link", name="production", exact=True)).to_be_visible()


def test_a_service_that_refuses_at_the_first_request_ends_the_login(console: Console) -> None:
    refused = {"code": "unauthenticated", "title": "Unauthenticated", "status": 401, "detail": "Not one of ours."}
    console.page.route("**/v1/me", says(401, json.dumps(refused), "application/problem+json"))
    console.page.goto(console.url + "/console/")
    console.page.get_by_role("button", name="Log in with local").click()
    console.page.get_by_role("button", name="alice").first.click()
    expect(console.page.get_by_role("alert")).to_contain_text("Not one of ours.")
    console.page.unroute("**/v1/me")
    console.log_in()
