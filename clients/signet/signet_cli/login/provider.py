"""The identity provider: authorization code with PKCE, device code, refresh (RFC 6749, 7636, 8252, 8628)."""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import time
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from signet_cli.address import is_loopback
from signet_cli.errors import CommandError, NotLoggedInError, OutOfReachError
from signet_cli.login.token_store import Tokens

LOGIN_SECONDS = 300
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_HTTPS_ONLY = "https"


@dataclass(frozen=True)
class LoginIssuer:
    """An entry of the service's `auth-config`: where people of this service log in."""

    alias: str
    issuer: str
    client_id: str
    scopes: str
    token: str
    """`access_token` or `id_token`: which one the service wants."""


class Provider:
    """One identity provider."""

    def __init__(self, login: LoginIssuer) -> None:
        self._login = login
        self._http = httpx.Client(timeout=20)
        self._configuration = self._discover()

    def _discover(self) -> Mapping[str, Any]:
        url = f"{self._login.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._get(url)
        if found.get("issuer") != self._login.issuer:
            raise CommandError(f"The identity provider at {url} says that it is another one.")
        return found

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = self._http.get(url)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise OutOfReachError(f"The identity provider does not answer at {url}: {error}") from error
        return found if isinstance(found, dict) else {}

    def _endpoint(self, name: str) -> str:
        url = str(self._configuration.get(name, ""))
        if urlsplit(url).scheme != _HTTPS_ONLY and not is_loopback(url):
            raise CommandError(f"The identity provider offers no {name.replace('_', ' ')}.")
        return url

    # --- authorization code ----------------------------------------------------------------------------------------

    def log_in_with_browser(self, show: Callable[[str], None], *, open_browser: bool = True) -> Tokens:
        """Let the person log in in a browser, and wait for the answer on a port of this machine; `show` gets the page.

        Raises:
            NotLoggedInError: refused, or nobody answered within five minutes.
        """
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        answers = _Answers(state)
        with HTTPServer(("127.0.0.1", 0), answers.handler()) as server:
            redirect_uri = f"http://127.0.0.1:{server.server_port}/callback"
            query = {
                "response_type": "code",
                "client_id": self._login.client_id,
                "redirect_uri": redirect_uri,
                "scope": self._login.scopes,
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
            address = f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}"
            show(address)
            if open_browser:
                webbrowser.open(address)
            answers.wait(server, LOGIN_SECONDS)
        got = answers.got
        if got is None:
            raise NotLoggedInError("Nobody logged in within five minutes.")
        if "iss" in got and got["iss"] != self._login.issuer:
            raise NotLoggedInError("Another identity provider answered.", hint="")
        if "code" not in got:
            raise NotLoggedInError(f"The login was refused: {got.get('error_description') or got.get('error', '')}.")
        form = {"grant_type": "authorization_code", "code": got["code"], "redirect_uri": redirect_uri}
        return self._tokens({**form, "code_verifier": verifier})

    # --- device code -----------------------------------------------------------------------------------------------

    def log_in_with_device(self, show: Callable[[str, str], None]) -> Tokens:
        """Let the person log in on another device; `show` gets the address and the code to enter there.

        Raises:
            NotLoggedInError: refused, or not in time.
        """
        form = {"client_id": self._login.client_id, "scope": self._login.scopes}
        begun = self._post(self._endpoint("device_authorization_endpoint"), form)
        show(str(begun.get("verification_uri_complete") or begun["verification_uri"]), str(begun["user_code"]))
        pause = float(begun.get("interval", 5))
        end = time.monotonic() + float(begun.get("expires_in", LOGIN_SECONDS))
        while time.monotonic() < end:
            time.sleep(pause)
            try:
                return self._tokens({"grant_type": _DEVICE_GRANT, "device_code": str(begun["device_code"])})
            except _GrantPendingError as error:
                pause += 5 if error.slow_down else 0
        raise NotLoggedInError("Nobody entered the code in time.")

    # --- tokens ----------------------------------------------------------------------------------------------------

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for `refresh_token`.

        Raises:
            NotLoggedInError: it is no longer good.
        """
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token}, kept=refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """Give `refresh_token` up, where the provider takes that."""
        if "revocation_endpoint" in self._configuration:
            form = {"token": refresh_token, "token_type_hint": "refresh_token", "client_id": self._login.client_id}
            self._post(self._endpoint("revocation_endpoint"), form, answer=False)

    def _tokens(self, form: Mapping[str, str], kept: str | None = None) -> Tokens:
        got = self._post(self._endpoint("token_endpoint"), {**form, "client_id": self._login.client_id})
        token = got.get(self._login.token)
        if not isinstance(token, str):
            raise NotLoggedInError(f"The identity provider gave no {self._login.token.replace('_', ' ')}.", hint="")
        return Tokens(
            token,
            time.time() + float(got.get("expires_in", 300)),
            got.get("refresh_token") or kept,
            self._login.issuer,
            self._login.client_id,
            self._login.token,
        )

    def _post(self, url: str, form: Mapping[str, str], *, answer: bool = True) -> dict[str, Any]:
        try:
            response = self._http.post(url, data=dict(form))
        except httpx.HTTPError as error:
            raise OutOfReachError(f"The identity provider does not answer: {error}") from error
        if not answer:
            return {}
        try:
            got = response.json()
        except ValueError as error:
            raise OutOfReachError(f"The identity provider answered {response.status_code}, and no JSON.") from error
        if response.is_success and isinstance(got, dict):
            return got
        code = got.get("error", "") if isinstance(got, dict) else ""
        if code in {"authorization_pending", "slow_down"}:
            raise _GrantPendingError(slow_down=code == "slow_down")
        told = (got.get("error_description") or code) if isinstance(got, dict) else ""
        raise NotLoggedInError(f"The identity provider refused: {told or response.status_code}.")


class _GrantPendingError(Exception):
    def __init__(self, *, slow_down: bool) -> None:
        super().__init__("pending")
        self.slow_down = slow_down


class _Answers:
    """Waits for the one request that brings the provider's answer; any other is turned away."""

    def __init__(self, state: str) -> None:
        self._state = state
        self.got: dict[str, str] | None = None

    def wait(self, server: HTTPServer, seconds: float) -> None:
        end = time.monotonic() + seconds
        server.timeout = 1.0
        while self.got is None and time.monotonic() < end:
            server.handle_request()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                got = {name: values[0] for name, values in parse_qs(parts.query).items()}
                genuine = parts.path == "/callback" and secrets.compare_digest(got.get("state", ""), answers._state)
                if genuine:
                    answers.got = got
                text = "You can close this page." if genuine else "This is not the answer that is waited for."
                page = f"<!doctype html><title>Signet</title><p>{html.escape(text)}</p>".encode()
                self.send_response(200 if genuine else 400)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", "default-src 'none'")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                """Say nothing: the address holds a code."""

        return Handler
