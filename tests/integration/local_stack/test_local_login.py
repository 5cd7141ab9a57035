"""The identity provider of this machine, as programs and people use it."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from local.oidc.provider import COMMAND_CLIENT, CONSOLE_CLIENT
from local.stack import start
from tests.support.services.over_http import Client, Response, Service

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REDIRECT = "http://127.0.0.1:47115/callback"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def asked(**changes: str) -> dict[str, str]:
    """An authorization request of the command, with `changes`; an empty value leaves a parameter out."""
    usual = {
        "client_id": COMMAND_CLIENT,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid offline_access",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value}


class Browser:
    """Sends what a browser sends."""

    def __init__(self, signet: Service) -> None:
        self._client = Client(signet.stack.url, None)

    def get(self, path: str, **query: str) -> Response:
        target = f"/local/issuer{path}" + (f"?{urlencode(query)}" if query else "")
        return self._client.send("GET", target, None, {})

    def post(self, path: str, form: dict[str, str]) -> Response:
        return self._client.send("POST", f"/local/issuer{path}", urlencode(form).encode(), FORM)

    def code(self, user: str = "alice", groups: str = "administrators", **changes: str) -> str:
        """The code that the client gets once `user` has signed in."""
        answer = self.post("/authorize", {**asked(**changes), "user": user, "groups": groups})
        assert answer.status == 302, answer
        return told(answer)["code"]

    def token(self, **form: str) -> Response:
        return self.post("/token", {"client_id": COMMAND_CLIENT, **form})

    def redeemed(self, code: str, **changes: str) -> Response:
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.token(**{**usual, **changes})


def told(answer: Response) -> dict[str, str]:
    """What a redirect tells the client."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.fixture
def browser(signet: Service) -> Browser:
    return Browser(signet)


def test_it_describes_itself_and_every_endpoint_it_names_is_there(browser: Browser, signet: Service) -> None:
    found = browser.get("/.well-known/openid-configuration").json

    assert found["issuer"] == f"{signet.stack.url}/local/issuer"
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "device_authorization_endpoint", "end_session_endpoint", "jwks_uri"):
        path = found[name].removeprefix(found["issuer"])
        assert browser.get(path).status != 404 or browser.post(path, {}).status != 404, name


def test_who_signs_in_on_the_page_calls_the_service_with_the_token(browser: Browser, signet: Service) -> None:
    page = browser.get("/authorize", **asked())
    assert all(text in page.body.decode() for text in ("User</label>", "Groups</label>", ">Sign in</button>"))
    assert "script" not in page.body.decode()

    tokens = browser.redeemed(browser.code("alice", "administrators, release")).json

    me = Client(signet.stack.url, tokens["access_token"]).good("GET", "/me")
    assert me["user"] == "local/alice"
    assert sorted(me["user_groups"]) == ["local/administrators", "local/release"]


def test_the_answer_carries_state_nonce_and_issuer(browser: Browser, signet: Service) -> None:
    answer = browser.post("/authorize", {**asked(), "user": "alice"})

    assert told(answer)["state"] == "a state"
    assert told(answer)["iss"] == f"{signet.stack.url}/local/issuer"
    identity = jwt.decode(browser.redeemed(told(answer)["code"]).json["id_token"], options={"verify_signature": False})
    assert (identity["nonce"], identity["aud"]) == ("a nonce", COMMAND_CLIENT)


def test_a_code_is_good_once_and_for_its_own_verifier_client_and_redirect(browser: Browser) -> None:
    code = browser.code()
    assert browser.redeemed(code).status == 200
    assert browser.redeemed(code).json["error"] == "invalid_grant"
    for changes in (
        {"code_verifier": "another verifier that is long enough, too"},
        {"client_id": CONSOLE_CLIENT},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
    ):
        assert browser.redeemed(browser.code(), **changes).json["error"] == "invalid_grant", changes


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://evil.example.com/callback"},
        {"redirect_uri": "http://127.0.0.1@evil.example.com/callback"},
        {"redirect_uri": "http://127.0.0.1:1/callback#fragment"},
        {"client_id": CONSOLE_CLIENT, "redirect_uri": "http://127.0.0.1:1/console/"},
    ],
)
def test_nothing_is_sent_to_a_place_that_is_not_the_clients(browser: Browser, changes: dict[str, str]) -> None:
    answer = browser.post("/authorize", {**asked(**changes), "user": "alice"})

    assert answer.status == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_the_client_is_told_what_is_wrong_with_its_request(
    browser: Browser, changes: dict[str, str], error: str
) -> None:
    answer = browser.get("/authorize", **asked(**changes))

    assert told(answer)["error"] == error
    assert told(answer)["state"] == "a state"


def test_a_browser_names_the_origin_of_the_login_form_and_is_let_in_with_no_other(
    browser: Browser, signet: Service
) -> None:
    page = browser.get("/authorize", **asked())
    # With `no-referrer` a browser sends `Origin: null` with the form (Fetch Standard, append a request Origin header).
    assert page.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]

    def signed_in(origin: str) -> int:
        form = urlencode({**asked(), "user": "alice"}).encode()
        client = Client(signet.stack.url, None)
        return client.send("POST", "/local/issuer/authorize", form, {**FORM, "Origin": origin}).status

    assert signed_in(signet.stack.url) == 302
    assert [signed_in(origin) for origin in ("null", "http://evil.example", "")] == [403, 403, 403]


def test_markup_in_a_state_stays_text(browser: Browser) -> None:
    page = browser.get("/authorize", **asked(state='"><script>alert(1)</script>')).body.decode()

    assert "<script>" not in page


def test_a_refresh_token_is_good_once_and_not_after_it_was_given_up(browser: Browser) -> None:
    first = browser.redeemed(browser.code()).json["refresh_token"]
    second = browser.token(grant_type="refresh_token", refresh_token=first).json["refresh_token"]
    assert browser.token(grant_type="refresh_token", refresh_token=first).json["error"] == "invalid_grant"

    browser.post("/revoke", {"token": second})
    assert browser.token(grant_type="refresh_token", refresh_token=second).json["error"] == "invalid_grant"


def test_without_offline_access_there_is_no_refresh_token(browser: Browser) -> None:
    assert "refresh_token" not in browser.redeemed(browser.code(scope="openid")).json


def test_another_device_gets_a_token_once_somebody_entered_its_code(browser: Browser, signet: Service) -> None:
    begun = browser.post("/device_authorization", {"client_id": COMMAND_CLIENT, "scope": "openid"}).json
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert browser.token(**poll).json["error"] in {"authorization_pending", "slow_down"}

    typed = begun["user_code"].lower().replace("-", " ")
    page = browser.post("/device", {"user_code": typed, "user": "alice", "groups": "", "answer": "sign-in"})
    assert "alice" in page.body.decode()

    token = browser.token(**poll).json["access_token"]
    assert Client(signet.stack.url, token).good("GET", "/me")["user"] == "local/alice"
    assert browser.token(**poll).json["error"] == "invalid_grant"


def test_a_device_that_is_refused_gets_nothing(browser: Browser) -> None:
    begun = browser.post("/device_authorization", {"client_id": COMMAND_CLIENT}).json
    browser.post("/device", {"user_code": begun["user_code"], "answer": "refuse"})

    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert browser.token(**poll).json["error"] == "access_denied"


def test_people_who_log_in_find_the_provider_by_the_service(signet: Service) -> None:
    (entry,) = Client(signet.stack.url, None).good("GET", "/auth-config")["issuers"]

    assert entry == {
        "alias": "local",
        "issuer": f"{signet.stack.url}/local/issuer",
        "console_client_id": CONSOLE_CLIENT,
        "client_id": COMMAND_CLIENT,
        "scopes": "openid profile offline_access",
        "token": "access_token",
    }


@pytest.fixture(scope="module")
def with_pipelines() -> Iterator[str]:
    with start(workers=2, pipelines=True, log=lambda _: None) as stack:
        yield stack.url


def job_token(url: str, **job: str) -> Any:
    """What the CI's token service answers the job."""
    target = "/local/ci/token?" + urlencode({"audience": "signet", **job})
    return Client(url, None).send("GET", target, None, {"Authorization": "Bearer of-the-job"})


def test_a_job_is_known_by_its_repository_and_its_environment(with_pipelines: str) -> None:
    token = job_token(with_pipelines, repository="acme/app", environment="production").json["value"]

    me = Client(with_pipelines, token).good("GET", "/me")
    assert me["user"] == "ci/repo:acme/app:environment:production"
    assert sorted(me["user_groups"]) == ["ci/environment:production", "ci/repository:acme/app"]


def test_the_job_of_a_stranger_is_turned_away(with_pipelines: str) -> None:
    token = job_token(with_pipelines, repository="evil/app").json["value"]

    answer = Client(with_pipelines, token).get("/me")
    assert answer.status == 401, answer


def test_the_token_service_wants_the_jobs_own_token_and_known_questions(with_pipelines: str) -> None:
    nobody = Client(with_pipelines, None).send("GET", "/local/ci/token?audience=signet", None, {})
    assert nobody.status == 401
    assert job_token(with_pipelines, repo="acme/app").status == 400
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", json.loads(job_token(with_pipelines).body)["value"])
