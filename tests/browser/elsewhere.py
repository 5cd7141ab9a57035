"""An identity provider on another host than the service, as an organisation's own is; it can be told to misbehave."""

import base64
import hashlib
import json
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import expect

from local.api_gateway.http_server import Answer, HttpServer, Request
from local.oidc.local_issuer import LocalIssuer
from tests.browser.console import Console

ALIAS = "elsewhere"
CLIENT = "console-of-signet"
TOKEN_HOST = "login.elsewhere.example"
"""Nobody answers there; a test that has a use for it answers in its place."""

Fields = Mapping[str, str]
Misbehaviour = Callable[[Fields], Answer]

ANYBODY = ("Access-Control-Allow-Origin", "*")


def page(body: str, status: int = 200) -> Answer:
    """A page that keeps to itself, as those of providers do."""
    alone = ("Cross-Origin-Opener-Policy", "same-origin")
    return Answer(status, [("Content-Type", "text/html; charset=utf-8"), alone, ANYBODY], body.encode())


def as_json(body: object, status: int = 200) -> Answer:
    """JSON that the pages of every origin may read."""
    return Answer(status, [("Content-Type", "application/json"), ANYBODY], json.dumps(body).encode())


@dataclass
class Elsewhere:
    """Authorization code with PKCE and refresh tokens that are used once, for whom a test wants."""

    issuer: LocalIssuer
    person: str = "carol"
    """Whom its login page offers."""
    expires_in: int = 3600
    asked: list[tuple[str, Fields]] = field(default_factory=list)
    """What it was asked: the path, and the fields of the query or the form."""
    instead: dict[str, Misbehaviour] = field(default_factory=dict)
    """What it answers at a path instead of what is right."""
    configured: dict[str, Any] = field(default_factory=dict)
    """What its discovery document says beside or instead of what is right."""
    in_id_token: dict[str, Any] = field(default_factory=dict)
    in_answer: dict[str, Any] = field(default_factory=dict)
    """What the token endpoint's answer says instead."""
    _codes: dict[str, Fields] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.issuer.url).netloc

    def trusted(self) -> dict[str, Any]:
        """Its entry in the deployment parameter TrustedIssuers."""
        login = {
            "client_id": "signet-cli",
            "console_client_id": CLIENT,
            "scopes": "openid profile offline_access",
            "token": "access_token",
            "hosts": [TOKEN_HOST],
        }
        return {**self.issuer.trusted(), "alias": ALIAS, "login": login}

    def grants(self, kind: str) -> list[Fields]:
        """The requests to the token endpoint with this `grant_type`."""
        return [fields for path, fields in self.asked if path == "/token" and fields["grant_type"] == kind]

    def behave(self) -> None:
        """Forget what it was told to do wrong, and what it was asked."""
        self.person, self.expires_in = "carol", 3600
        for each in (self.asked, self.instead, self.configured, self.in_id_token, self.in_answer):
            each.clear()

    def answer(self, request: Request) -> Answer:
        """The answer to `request`."""
        parts = urlsplit(request.target)
        sent = request.body.decode() if request.method == "POST" else parts.query
        fields = dict(parse_qsl(sent, keep_blank_values=True))
        self.asked.append((parts.path, fields))
        answers: dict[str, Misbehaviour] = {
            "/.well-known/openid-configuration": self._configuration,
            "/keys": lambda _: as_json(self.issuer.key_set()),
            "/authorize": self._ask_who,
            "/token": self.token,
            "/revoke": lambda _: as_json({}),
            "/logout": lambda _: page("<h1>Logged out</h1>"),
        }
        return (self.instead | {}).get(parts.path, answers.get(parts.path, lambda _: page("Not here", 404)))(fields)

    def _configuration(self, _: Fields) -> Answer:
        url = self.issuer.url
        endpoints = {
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "revocation_endpoint": f"{url}/revoke",
            "end_session_endpoint": f"{url}/logout",
            "jwks_uri": f"{url}/keys",
        }
        signed = {"id_token_signing_alg_values_supported": ["ES256"]}  # RS256 where nothing is said
        told = {
            "issuer": url,
            **endpoints,
            **signed,
            "authorization_response_iss_parameter_supported": True,
            **self.configured,
        }
        return as_json({name: value for name, value in told.items() if value is not None})

    def _ask_who(self, fields: Fields) -> Answer:
        code = secrets.token_urlsafe(16)
        self._codes[code] = fields
        back = {"code": code, "state": fields["state"], "iss": self.issuer.url}
        target = f"{fields['redirect_uri']}?{urlencode(back)}"
        return page(f'<h1>Elsewhere</h1><a href="{escape(target)}">Sign in as {self.person}</a>')

    def token(self, fields: Fields) -> Answer:
        """What the token endpoint answers."""
        if fields["grant_type"] == "refresh_token":
            person = self._refresh.pop(fields["refresh_token"], None)
            return as_json({"error": "invalid_grant"}, 400) if person is None else self._tokens(person, None)
        begun = self._codes.pop(fields["code"], None)
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        if begun is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != begun["code_challenge"]:
            return as_json({"error": "invalid_grant"}, 400)
        return self._tokens(self.person, begun["nonce"])

    def _tokens(self, person: str, nonce: str | None) -> Answer:
        refresh = secrets.token_urlsafe(16)
        self._refresh[refresh] = person
        claims = {"aud": CLIENT, "nonce": nonce, **self.in_id_token}
        told = {
            "access_token": self.issuer.token(person, expires_in=self.expires_in),
            "id_token": self.issuer.token(person, claims=claims),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            **self.in_answer,
        }
        return as_json({name: value for name, value in told.items() if value is not None})


@contextmanager
def running() -> Iterator[Elsewhere]:
    """It answers until the end of the block, under a name that is not the service's."""
    listener = socket.create_server(("127.0.0.1", 0))
    elsewhere = Elsewhere(LocalIssuer(f"http://localhost:{listener.getsockname()[1]}", ""))
    server = HttpServer(listener, elsewhere.answer)
    server.start()
    try:
        yield elsewhere
    finally:
        server.close()
        listener.close()


def begin(console: Console, path: str = "/console/") -> None:
    """Go to the provider's login page."""
    console.page.goto(console.url + path)
    console.page.get_by_role("button", name=f"Log in with {ALIAS}").click()


def log_in(console: Console, path: str = "/console/", person: str = "carol") -> None:
    """Log in there, and come back."""
    begin(console, path)
    console.page.get_by_role("link", name=f"Sign in as {person}").click()
    expect(console.page.get_by_role("link", name=f"{ALIAS}/{person}")).to_be_visible()
