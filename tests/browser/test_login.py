"""Login at an identity provider on another host, and what becomes of one that is hostile or broken."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from local.api_gateway.http_server import Answer
from tests.browser.console import Console
from tests.browser.elsewhere import ALIAS, ANYBODY, CLIENT, TOKEN_HOST, Elsewhere, as_json, begin, log_in, page
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak

MARKUP = "<img src=x onerror=alert(1)>"


def assert_refused(console: Console, words: str) -> None:
    """The refusal is told in these words, nobody is logged in, nothing is kept, and one may begin again."""
    expect(console.page.get_by_role("alert")).to_contain_text(words)
    expect(console.page.get_by_role("button", name=f"Log in with {ALIAS}")).to_be_visible()
    expect(console.page.get_by_role("button", name="Log out")).to_have_count(0)
    assert console.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert urlsplit(console.page.url).query == ""
    assert console.page.locator("main img").count() == 1  # the console's own


def test_one_of_several_issuers_is_chosen_and_asked_with_pkce_state_and_nonce(
    visitor: Console, elsewhere: Elsewhere
) -> None:
    visitor.page.goto(visitor.url + "/console/")
    expect(visitor.page.get_by_role("button", name="Log in with")).to_have_count(2)
    log_in(visitor, "/console/certificates?status=disabled")

    expect(visitor.page).to_have_url(f"{visitor.url}/console/certificates?status=disabled")
    (asked,) = [fields for path, fields in elsewhere.asked if path == "/authorize"]
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    assert asked["redirect_uri"] == f"{visitor.url}/console/login/{ALIAS}"
    (redeemed,) = elsewhere.grants("authorization_code")
    assert "client_secret" not in redeemed
    assert redeemed["code_verifier"] not in str(asked)


def test_no_token_lies_in_any_storage_address_or_message(visitor: Console) -> None:
    messages: list[str] = []
    addresses: list[str] = []
    visitor.page.on("console", lambda message: messages.append(message.text))
    visitor.page.on("request", lambda request: addresses.append(request.url))
    log_in(visitor)

    kept = "Promise.all([indexedDB.databases(), caches.keys()]).then(([a, b]) => a.length + b.length)"
    assert visitor.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert visitor.page.evaluate(kept) == 0
    assert visitor.page.evaluate("[history.state, window.name]") == [None, ""]
    assert "eyJ" not in "".join([*messages, *addresses, visitor.page.url])
    assert "code=" not in visitor.page.url


def test_the_token_endpoint_may_lie_on_a_host_that_the_login_names(visitor: Console, elsewhere: Elsewhere) -> None:
    elsewhere.configured["token_endpoint"] = f"https://{TOKEN_HOST}/token"
    visitor.expected.append(f"request: https://{TOKEN_HOST}/token")

    def answer(route: Route) -> None:
        fields = {name: values[0] for name, values in parse_qs(route.request.post_data or "").items()}
        answered = elsewhere.token(fields)
        route.fulfill(status=answered.status, headers=dict(answered.headers), body=answered.body)

    visitor.page.route(f"https://{TOKEN_HOST}/token", answer)
    log_in(visitor)


def test_a_token_endpoint_on_any_other_host_is_not_asked(visitor: Console, elsewhere: Elsewhere) -> None:
    elsewhere.configured["token_endpoint"] = "https://collector.example/token"
    asked: list[str] = []
    visitor.page.route("https://collector.example/**", lambda route: asked.append(route.request.url))
    visitor.expected += ["collector.example"]
    begin(visitor)
    visitor.page.get_by_role("link", name="Sign in as carol").click()

    assert_refused(visitor, "The identity provider does not answer")
    assert asked == []


@pytest.mark.parametrize(
    "answer", ["code=abc&state=page.foreign", "error=access_denied&state=page.foreign", "code=abc", "state=page."]
)
def test_an_answer_to_a_login_that_was_not_begun_here_is_refused(visitor: Console, answer: str) -> None:
    visitor.page.goto(f"{visitor.url}/console/login?{answer}")

    assert_refused(visitor, "not begun in this window")
    expect(visitor.page).to_have_url(f"{visitor.url}/console/login")


def html(_: object) -> Answer:
    """A page where JSON is to be."""
    return page("<h1>Welcome to the captive portal</h1>")


def raw(content: bytes, status: int = 200) -> Callable[[object], Answer]:
    """Bytes that call themselves JSON."""
    return lambda _: Answer(status, [("Content-Type", "application/json"), ANYBODY], content)


LONG = json.dumps({"issuer": "x", "filler": "a" * 10_000_000}).encode()
UNLIKE = "has not answered as one does"
DESCRIPTIONS: dict[str, tuple[dict[str, Any], Callable[[object], Answer] | None, str]] = {
    "another issuer's": ({"issuer": "https://other.example"}, None, "by another name than it is trusted under"),
    "no login page": ({"authorization_endpoint": None}, None, "names no login page"),
    "a script as login page": ({"authorization_endpoint": "javascript:alert(1)"}, None, "names no login page"),
    "data as login page": ({"authorization_endpoint": "data:text/html,x"}, None, "names no login page"),
    "a login page without TLS": ({"authorization_endpoint": "http://other.example/"}, None, "names no login page"),
    "a number as login page": ({"authorization_endpoint": 7}, None, "names no login page"),
    "a page": ({}, html, UNLIKE),
    "an error": ({}, lambda _: as_json({"error": "server_error"}, 500), UNLIKE),
    "cut": ({}, raw(b'{"issuer": "http'), UNLIKE),
    "too long": ({}, raw(LONG), "too long"),
    "a list": ({}, raw(b"[]"), UNLIKE),
    "sent on": ({}, lambda _: Answer(302, [("Location", "/moved"), ANYBODY]), UNLIKE),
}


@pytest.mark.parametrize("wrong", DESCRIPTIONS)
def test_a_description_that_is_wrong_is_refused(visitor: Console, elsewhere: Elsewhere, wrong: str) -> None:
    configured, instead, words = DESCRIPTIONS[wrong]
    elsewhere.configured |= configured
    if instead:
        elsewhere.instead["/.well-known/openid-configuration"] = instead
    begin(visitor)

    assert_refused(visitor, words)
    assert "/moved" not in [path for path, _ in elsewhere.asked]
    elsewhere.behave()
    log_in(visitor)


def test_a_provider_that_never_finishes_its_answer_is_given_up(visitor: Console, elsewhere: Elsewhere) -> None:
    def late(_: object) -> Answer:
        time.sleep(30)
        return as_json({})

    elsewhere.instead["/.well-known/openid-configuration"] = late
    begin(visitor)
    expect(visitor.page.get_by_role("alert")).to_contain_text("does not answer", timeout=60_000)
    assert_refused(visitor, "The identity provider does not answer")


ANSWERS = {
    "another state": ("code=abc&state=page.foreign&iss={iss}", "does not belong to it"),
    "no state": ("code=abc&iss={iss}", "does not belong to it"),
    "two states": ("code=abc&state={state}&state={state}&iss={iss}", "does not belong to it"),
    "another issuer": ("code=abc&state={state}&iss=https://other.example", "does not belong to it"),
    "no issuer": ("code=abc&state={state}", "does not belong to it"),
    "no code": ("state={state}&iss={iss}", UNLIKE),
    "an unknown code": ("code=abc&state={state}&iss={iss}", "invalid_grant"),
    "a token in the address": ("access_token=abc&token_type=bearer&state={state}&iss={iss}", UNLIKE),
    "markup": ("error=access_denied&error_description=" + MARKUP + "&state={state}&iss={iss}", MARKUP),
    "an error in another's name": ("error=access_denied&state=page.foreign&iss={iss}", "does not belong to it"),
}


@pytest.mark.parametrize("wrong", ANSWERS)
def test_an_answer_that_is_wrong_is_refused(visitor: Console, elsewhere: Elsewhere, wrong: str) -> None:
    answer, words = ANSWERS[wrong]
    begin(visitor)
    expect(visitor.page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    state = elsewhere.asked[-1][1]["state"]
    visitor.page.goto(f"{visitor.url}/console/login/{ALIAS}?{answer.format(state=state, iss=elsewhere.issuer.url)}")

    assert_refused(visitor, words)


@pytest.mark.parametrize("way", ["", "/local"])
def test_an_answer_that_came_by_another_issuers_way_is_refused(
    visitor: Console, elsewhere: Elsewhere, way: str
) -> None:
    elsewhere.configured["authorization_response_iss_parameter_supported"] = False
    begin(visitor)
    expect(visitor.page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    state = elsewhere.asked[-1][1]["state"]
    visitor.page.goto(f"{visitor.url}/console/login{way}?code=abc&state={state}")

    assert_refused(visitor, "does not belong to it")
    assert elsewhere.grants("authorization_code") == []


TOKENS: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[[object], Answer] | None, str]] = {
    "another nonce": ({"nonce": "foreign"}, {}, None, "does not belong to it"),
    "no nonce": ({"nonce": None}, {}, None, UNLIKE),
    "another audience": ({"aud": "another-client"}, {}, None, "does not belong to it"),
    "another issuer": ({"iss": "https://other.example"}, {}, None, "does not belong to it"),
    "too old": ({"iat": 1, "nbf": 1, "exp": 2}, {}, None, "too old or not yet valid"),
    "no id token": ({}, {"id_token": None}, None, UNLIKE),
    "an id token that is none": ({}, {"id_token": "a.b.c"}, None, UNLIKE),
    "no access token": ({}, {"access_token": None}, None, UNLIKE),
    "another kind of token": ({}, {"token_type": "mac"}, None, UNLIKE),
    "a token with a line end": ({}, {"access_token": "a\r\nX-Other: b"}, None, "no token that can be used"),
    "a token too long to send": ({}, {"access_token": "a" * 20_000}, None, "no token that can be used"),
    "a token of nobody": ({}, {"access_token": "abc"}, None, "This is not a token"),
    "an error": ({}, {}, lambda _: as_json({"error": "server_error"}, 500), UNLIKE),
    "markup": ({}, {}, lambda _: as_json({"error": "no", "error_description": MARKUP}, 400), MARKUP),
    "a page": ({}, {}, html, UNLIKE),
    "cut": ({}, {}, raw(b'{"access_token": "ey'), UNLIKE),
    "too long": ({}, {}, raw(LONG), "too long"),
    "not for this page": ({}, {}, lambda _: Answer(200, [("Content-Type", "application/json")]), "does not answer"),
}


@pytest.mark.parametrize("wrong", TOKENS)
def test_tokens_that_are_wrong_are_refused(visitor: Console, elsewhere: Elsewhere, wrong: str) -> None:
    in_id_token, in_answer, instead, words = TOKENS[wrong]
    elsewhere.in_id_token |= in_id_token
    elsewhere.in_answer |= in_answer
    if instead:
        elsewhere.instead["/token"] = instead
    visitor.expected.append("has been blocked by CORS policy" if wrong == "not for this page" else "nothing else")
    begin(visitor)
    visitor.page.get_by_role("link", name="Sign in as carol").click()

    assert_refused(visitor, words)


def test_the_id_token_is_not_what_the_service_is_asked_with(visitor: Console, abroad: Service) -> None:
    tokens: set[str] = set()
    visitor.page.on("request", lambda request: tokens.add(request.headers.get("authorization", "")))
    log_in(visitor)
    sent = {token.removeprefix("Bearer ") for token in tokens if token}

    assert len(sent) == 1
    claims = Client(abroad.stack.url, sent.pop()).good("GET", "/me")
    assert claims["user"] == f"{ALIAS}/carol"


def test_where_to_go_after_the_login_never_leads_to_another_site(visitor: Console) -> None:
    for path in (
        "/console//other.example/",
        "/console/login?back=https://other.example",
        "/console/%2f%2fother.example",
    ):
        begin(visitor, path)
        visitor.page.get_by_role("link", name="Sign in as carol").click()
        expect(visitor.page.get_by_role("link", name=f"{ALIAS}/carol")).to_be_visible()
        assert urlsplit(visitor.page.url).netloc == urlsplit(visitor.url).netloc
