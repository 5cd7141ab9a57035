"""A login in use: renewed, ended and begun again in a window of its own, given up at the end."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from local.api_gateway.http_server import Answer
from tests.browser.console import Console
from tests.browser.elsewhere import ALIAS, ANYBODY, CLIENT, Elsewhere, as_json, begin, log_in
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak

ENDED = {"code": "unauthenticated", "title": "No valid token", "status": 401, "detail": "The token has expired."}


def no_more(_: object) -> Answer:
    """What a provider says whose refresh tokens have ended."""
    return as_json({"error": "invalid_grant"}, 400)


def tokens_of(console: Console) -> list[str]:
    """The tokens that the page sends from now on, each once, in their order."""
    sent: list[str] = []

    def note(name: str | None) -> None:
        if name and name not in sent:
            sent.append(name)

    console.page.on("request", lambda request: note(request.headers.get("authorization")))
    return sent


def end(console: Console, tokens: list[str]) -> None:
    """Let the service take none of `tokens` any more, as they are now or later."""

    def answer(route: Route) -> None:
        if route.request.headers.get("authorization") in tokens:
            route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(ENDED))
        else:
            route.continue_()

    console.page.route("**/v1/**", answer)


@pytest.fixture
def draft(visitor: Console, abroad: Service, elsewhere: Elsewhere) -> Callable[[], str]:
    """Somebody has typed a description when the login ends for good; what it is by now, as the service has it."""
    admin = abroad.caller("admin", "administrators")
    certificate = admin.import_certificate(issue(alias := unused_name("draft")), alias=alias)
    tokens = tokens_of(visitor)
    log_in(visitor, f"/console/certificates/{certificate['id']}")
    visitor.page.get_by_label("Description").fill("typed before the end")
    end(visitor, list(tokens))
    elsewhere.instead["/token"] = no_more
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.get_by_text("Nothing that you have typed is lost")).to_be_visible()
    elsewhere.instead.clear()
    return lambda: str(admin.good("GET", f"/certificates/{certificate['id']}")["description"])


def again(console: Console) -> Page:
    """Ask for the window to log in again."""
    with console.page.context.expect_page() as opening:
        console.page.get_by_role("button", name="Log in again").click()
    opened: Page = opening.value
    expect(opened.get_by_role("heading", name="Elsewhere")).to_be_visible()
    return opened


def test_requests_at_once_are_renewed_by_one_refresh_and_each_refresh_token_is_used_once(
    visitor: Console, elsewhere: Elsewhere
) -> None:
    tokens = tokens_of(visitor)
    log_in(visitor, "/console/me")
    end(visitor, ended := list(tokens))
    visitor.screen("Home")
    expect(visitor.page.get_by_role("heading", name="Disabled")).to_be_visible()
    assert len(elsewhere.grants("refresh_token")) == 1

    ended += tokens
    visitor.screen("Groups")
    expect(visitor.page.get_by_role("heading", name="No certificate groups")).to_be_visible()
    used = [each["refresh_token"] for each in elsewhere.grants("refresh_token")]
    assert len(used) == len(set(used)) == 2


def test_a_login_is_renewed_before_it_ends(visitor: Console, elsewhere: Elsewhere) -> None:
    visitor.page.clock.install()
    log_in(visitor, "/console/me")
    visitor.page.clock.fast_forward("59:30")
    visitor.screen("Groups")

    expect(visitor.page.get_by_role("heading", name="No certificate groups")).to_be_visible()
    assert len(elsewhere.grants("refresh_token")) == 1


@pytest.mark.parametrize("failing", ["gone", "slow to fail"])
def test_a_provider_out_of_reach_ends_no_login(visitor: Console, elsewhere: Elsewhere, failing: str) -> None:
    tokens = tokens_of(visitor)
    log_in(visitor, "/console/me")
    end(visitor, list(tokens))
    at = "**/.well-known/openid-configuration" if failing == "gone" else "**/token"
    visitor.page.route(at, lambda route: route.abort())
    visitor.screen("Groups")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The identity provider does not answer")
    expect(visitor.dialog()).to_have_count(0)

    visitor.page.unroute(at)
    visitor.page.get_by_role("button", name="Try again").click()
    expect(visitor.page.get_by_role("heading", name="No certificate groups")).to_be_visible()
    assert len(elsewhere.grants("authorization_code")) == 1


def test_after_another_login_in_a_window_the_same_person_goes_on(visitor: Console, draft: Callable[[], str]) -> None:
    opened = again(visitor)
    with opened.expect_event("close"):
        opened.get_by_role("link", name="Sign in as carol").click()

    expect(visitor.page.get_by_text("Saved")).to_be_visible()
    expect(visitor.dialog()).to_have_count(0)
    assert draft() == "typed before the end"


def test_a_window_that_was_closed_can_be_opened_once_more(visitor: Console, draft: Callable[[], str]) -> None:
    again(visitor).close()
    left_open = again(visitor)
    opened = again(visitor)
    with left_open.expect_event("close"):
        left_open.get_by_role("link", name="Sign in as carol").click()
    expect(visitor.dialog()).to_have_count(1)  # that answer is nobody's any more
    opened.get_by_role("link", name="Sign in as carol").click()

    expect(visitor.page.get_by_text("Saved")).to_be_visible()
    assert draft() == "typed before the end"


def test_a_blocked_window_and_a_refused_login_are_told(
    visitor: Console, elsewhere: Elsewhere, draft: Callable[[], str]
) -> None:
    visitor.page.evaluate("() => { window.opens = window.open; window.open = () => null; }")
    visitor.page.get_by_role("button", name="Log in again").click()
    expect(visitor.dialog().get_by_role("alert")).to_contain_text("The browser opens no window")
    visitor.page.evaluate("() => { window.open = window.opens; }")
    elsewhere.instead["/token"] = no_more
    again(visitor).get_by_role("link", name="Sign in as carol").click()
    expect(visitor.dialog().get_by_role("alert")).to_contain_text("invalid_grant")
    elsewhere.instead = {"/.well-known/openid-configuration": lambda _: as_json({}, 500)}
    with visitor.page.context.expect_page() as opening:
        visitor.page.get_by_role("button", name="Log in again").click()
    expect(visitor.dialog().get_by_role("alert")).to_contain_text("has not answered as one does")
    if not opening.value.is_closed():  # told a moment later
        opening.value.wait_for_event("close")
    elsewhere.instead = {}

    again(visitor).get_by_role("link", name="Sign in as carol").click()
    expect(visitor.page.get_by_text("Saved")).to_be_visible()
    assert draft() == "typed before the end"


def test_somebody_else_starts_anew_and_nothing_is_sent_in_another_name(
    visitor: Console, elsewhere: Elsewhere, draft: Callable[[], str]
) -> None:
    elsewhere.person = "dora"
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(f"{request.method} {request.url.removeprefix(visitor.url)}"))
    again(visitor).get_by_role("link", name="Sign in as dora").click()

    expect(visitor.page.get_by_role("button", name=f"Log in with {ALIAS}")).to_be_visible()
    expect(visitor.page).to_have_url(f"{visitor.url}/console/")
    assert [each for each in sent if "/v1/" in each] == ["GET /v1/me", "GET /v1/auth-config"]
    assert draft() == ""


def test_another_page_of_the_origin_can_neither_answer_nor_listen(visitor: Console, draft: Callable[[], str]) -> None:
    opened = again(visitor)
    stranger = visitor.page.context.new_page()
    stranger.goto(visitor.url + "/console/login?code=stolen&state=window.guessed")
    expect(stranger.get_by_text("This window can be closed")).to_be_visible()
    expect(stranger).to_have_url(f"{visitor.url}/console/login")
    stranger.evaluate(
        """() => {
            window.heard = [];
            for (const name of ["signet.login", "signet.login.window.guessed", "signet.login.window."]) {
                const channel = new BroadcastChannel(name);
                channel.onmessage = ({data}) => window.heard.push(data);
                for (const forged of ["no address", location.origin + "/console/login?code=a&state=b", {a: 1}, null])
                    channel.postMessage(forged);
            }
        }"""
    )
    expect(visitor.dialog()).to_have_count(1)
    opened.get_by_role("link", name="Sign in as carol").click()

    expect(visitor.page.get_by_text("Saved")).to_be_visible()
    assert not [
        each for each in stranger.evaluate("window.heard") if "code=" in str(each) and "code=a&" not in str(each)
    ]
    assert draft() == "typed before the end"


def test_logging_out_gives_the_tokens_up_and_ends_the_session_at_the_provider(
    visitor: Console, elsewhere: Elsewhere
) -> None:
    tokens = tokens_of(visitor)
    log_in(visitor)
    expect(visitor.page.get_by_role("heading", name="Disabled")).to_be_visible()
    visitor.page.get_by_role("button", name="Log out").click()

    expect(visitor.page.get_by_role("heading", name="Logged out")).to_be_visible()
    given_up = [fields["token"] for path, fields in elsewhere.asked if path == "/revoke"]
    assert tokens[0].removeprefix("Bearer ") in given_up
    assert len(given_up) == 2
    left = next(fields for path, fields in elsewhere.asked if path == "/logout")
    assert left == {"client_id": CLIENT, "post_logout_redirect_uri": f"{visitor.url}/console/"}
    visitor.page.go_back()
    expect(visitor.page.get_by_role("button", name=f"Log in with {ALIAS}")).to_be_visible()
    expect(visitor.page.get_by_text(f"{ALIAS}/carol")).to_have_count(0)


def test_logging_out_works_whatever_the_provider_says(visitor: Console, elsewhere: Elsewhere) -> None:
    elsewhere.instead["/revoke"] = lambda _: Answer(500, [ANYBODY])
    log_in(visitor)
    visitor.page.get_by_role("button", name="Log out").click()
    expect(visitor.page.get_by_role("heading", name="Logged out")).to_be_visible()

    elsewhere.configured["end_session_endpoint"] = "javascript:alert(1)"
    log_in(visitor)
    visitor.page.get_by_role("button", name="Log out").click()
    expect(visitor.page.get_by_role("button", name=f"Log in with {ALIAS}")).to_be_visible()

    log_in(visitor)
    visitor.page.route("**/.well-known/*", lambda route: route.abort())
    visitor.page.get_by_role("button", name="Log out").click()
    expect(visitor.page.get_by_role("button", name=f"Log in with {ALIAS}")).to_be_visible()


def test_two_windows_are_two_people(visitor: Console, elsewhere: Elsewhere) -> None:
    log_in(visitor, "/console/me")
    elsewhere.person = "dora"
    second = Console(visitor.page.context.new_page(), visitor.url, (elsewhere.host,))
    log_in(second, "/console/me", "dora")

    for console, person in ((visitor, "carol"), (second, "dora")):
        console.screen("Groups")
        expect(console.page.get_by_role("heading", name="No certificate groups")).to_be_visible()
        expect(console.page.get_by_role("link", name=f"{ALIAS}/{person}")).to_be_visible()
    second.page.get_by_role("button", name="Log out").click()
    visitor.screen("Home")
    expect(visitor.page.get_by_role("heading", name="Disabled")).to_be_visible()


def test_back_and_reload_at_each_step_of_the_login(visitor: Console) -> None:
    page = visitor.page
    offered = page.get_by_role("button", name=f"Log in with {ALIAS}")
    begin(visitor, "/console/groups")
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    page.go_back()
    expect(offered).to_be_visible()
    page.go_forward()
    page.reload()
    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if "/console/login/" in request.url else None)
    page.get_by_role("link", name="Sign in as carol").click()
    expect(page.get_by_role("heading", name="Groups", level=1)).to_be_visible()
    page.reload()
    expect(offered).to_be_visible()
    expect(page).to_have_url(f"{visitor.url}/console/groups")
    page.go_back()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()

    page.goto(answers[0])
    expect(page.get_by_role("alert")).to_contain_text("not begun in this window, or has been used already")
    expect(page).to_have_url(re.compile("/console/login$"))
    expect(offered).to_be_visible()
