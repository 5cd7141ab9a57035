"""An OpenID provider for one machine: discovery, authorization code with PKCE, device code, refresh, logout.

A library for this (Authlib's server half) wants a web framework, a database model for each kind of grant and a consent
page of one's own; it would save no more than the parsing in `requests.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from local.api_gateway.http_server import Answer, Request, json_answer
from local.oidc import pages
from local.oidc.grants import DEVICE_INTERVAL_SECONDS, DEVICE_SECONDS, Grant, GrantError, Grants, Person
from local.oidc.requests import AuthorizationRequest, AuthorizationRequestError, Client, FormError, read_form

PATH = "/local/issuer"
TOKEN_SECONDS = 3600

COMMAND_CLIENT = "signet-cli"
CONSOLE_CLIENT = "signet-console"
CLIENTS = {
    COMMAND_CLIENT: Client(COMMAND_CLIENT, redirects_to_loopback=True),
    CONSOLE_CLIENT: Client(CONSOLE_CLIENT, redirects_to_loopback=False),
}

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class TokenIssuer:
    """What signs the tokens: `token(user, groups, expires_in=..., claims=...)`."""

    token: Callable[..., str]
    key_set: Callable[[], Mapping[str, Any]]


class Provider:
    """Answers what lies below `/local/issuer`."""

    def __init__(
        self, origin: str, issuer: TokenIssuer, people: Sequence[Person] = (), grants: Grants | None = None
    ) -> None:
        """`origin` is the gateway's, such as `http://127.0.0.1:3000`; `people` are offered on the login page."""
        self._origin = origin
        self._url = origin + PATH
        self._issuer = issuer
        self._people = tuple(people)
        self._grants = grants or Grants()
        self._endpoints: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/.well-known/openid-configuration"): lambda _: _json(200, self.configuration()),
            ("GET", "/jwks"): lambda _: _json(200, self._issuer.key_set()),
            ("GET", "/style.css"): lambda _: pages.style(),
            ("GET", "/authorize"): self._ask_who,
            ("POST", "/authorize"): self._let_in,
            ("POST", "/token"): self._token,
            ("POST", "/device_authorization"): self._begin_device,
            ("GET", "/device"): self._ask_for_user_code,
            ("POST", "/device"): self._answer_device,
            ("POST", "/revoke"): self._revoke,
            ("GET", "/logout"): self._log_out,
        }

    def configuration(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0, 3)."""
        return {
            "issuer": self._url,
            "jwks_uri": f"{self._url}/jwks",
            "authorization_endpoint": f"{self._url}/authorize",
            "token_endpoint": f"{self._url}/token",
            "device_authorization_endpoint": f"{self._url}/device_authorization",
            "revocation_endpoint": f"{self._url}/revoke",
            "end_session_endpoint": f"{self._url}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", _DEVICE_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid", "profile", "offline_access"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def answer(self, request: Request) -> Answer | None:
        """The answer to `request` if it is for this provider, else None."""
        path = urlsplit(request.target).path
        endpoint = self._endpoints.get((request.method, path.removeprefix(PATH))) if path.startswith(PATH) else None
        return None if endpoint is None else endpoint(request)

    # --- authorization code ----------------------------------------------------------------------------------------

    def _ask_who(self, request: Request) -> Answer:
        try:
            asked = AuthorizationRequest.read(read_form(urlsplit(request.target).query), CLIENTS, self._origin)
        except FormError as error:
            return pages.message("This login cannot begin", str(error), 400)
        except AuthorizationRequestError as error:
            return self._told(error)
        return pages.login(f"{PATH}/authorize", asked.form(), self._people)

    def _let_in(self, request: Request) -> Answer:
        try:
            form = _form_of(request)
            asked = AuthorizationRequest.read(form, CLIENTS, self._origin)
        except FormError as error:
            return pages.message("This login cannot begin", str(error), 400)
        except AuthorizationRequestError as error:
            return self._told(error)
        person = _person_of(form)
        if person is None:
            return pages.login(f"{PATH}/authorize", asked.form(), self._people, "A user is needed.")
        return self._redirect(asked, {"code": self._grants.issue_code(asked, person)})

    def _told(self, error: AuthorizationRequestError) -> Answer:
        return self._redirect(error.request, {"error": error.code, "error_description": error.description})

    def _redirect(self, asked: AuthorizationRequest, told: Mapping[str, str]) -> Answer:
        state = {} if asked.state is None else {"state": asked.state}
        separator = "&" if urlsplit(asked.redirect_uri).query else "?"
        # The issuer, so that a client of several cannot be led to send the code to another one (RFC 9207).
        target = asked.redirect_uri + separator + urlencode({**told, **state, "iss": self._url})
        return Answer(302, [("Location", target), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")])

    # --- tokens ----------------------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Answer:
        try:
            form = _form_of(request)
            return self._tokens(self._granted(form, _client_of(form)))
        except FormError as error:
            return _refusal("invalid_request", str(error))
        except GrantError as error:
            return _refusal(error.code, error.description)

    def _granted(self, form: Mapping[str, str], client_id: str) -> Grant:
        match form.get("grant_type"):
            case "authorization_code":
                return self._grants.redeem_code(
                    form.get("code", ""),
                    client_id=client_id,
                    redirect_uri=form.get("redirect_uri", ""),
                    code_verifier=form.get("code_verifier", ""),
                )
            case "refresh_token":
                return self._grants.redeem_refresh(form.get("refresh_token", ""), client_id=client_id)
            case grant_type if grant_type == _DEVICE_GRANT:
                return self._grants.poll_device(form.get("device_code", ""), client_id=client_id)
        raise GrantError("unsupported_grant_type", "authorization_code, refresh_token or device_code")

    def _tokens(self, grant: Grant) -> Answer:
        user, groups = grant.person.user, grant.person.groups
        nonce = {} if grant.nonce is None else {"nonce": grant.nonce}
        body = {
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": grant.scope,
            "access_token": self._issuer.token(
                user, groups, expires_in=TOKEN_SECONDS, claims={"client_id": grant.client_id, "scope": grant.scope}
            ),
            "id_token": self._issuer.token(
                user,
                groups,
                expires_in=TOKEN_SECONDS,
                claims={"aud": grant.client_id, "auth_time": grant.auth_time, **nonce},
            ),
        }
        if "offline_access" in grant.scope.split():
            body["refresh_token"] = self._grants.issue_refresh(grant)
        return _json(200, body)

    def _revoke(self, request: Request) -> Answer:
        try:
            self._grants.revoke(_form_of(request).get("token", ""))
        except FormError as error:
            return _refusal("invalid_request", str(error))
        return Answer(200, [("Cache-Control", "no-store")])

    # --- device code -----------------------------------------------------------------------------------------------

    def _begin_device(self, request: Request) -> Answer:
        try:
            form = _form_of(request)
            device_code, user_code = self._grants.begin_device(_client_of(form), form.get("scope", ""))
        except FormError as error:
            return _refusal("invalid_request", str(error))
        except GrantError as error:
            return _refusal(error.code, error.description)
        page = f"{self._url}/device"
        return _json(
            200,
            {
                "device_code": device_code,
                "user_code": user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?{urlencode({'user_code': user_code})}",
                "expires_in": DEVICE_SECONDS,
                "interval": DEVICE_INTERVAL_SECONDS,
            },
        )

    def _ask_for_user_code(self, request: Request) -> Answer:
        try:
            user_code = read_form(urlsplit(request.target).query).get("user_code", "")
        except FormError as error:
            return pages.message("This login cannot begin", str(error), 400)
        return pages.device(f"{PATH}/device", user_code, self._people)

    def _answer_device(self, request: Request) -> Answer:
        try:
            form = _form_of(request)
        except FormError as error:
            return pages.message("This login cannot begin", str(error), 400)
        user_code = form.get("user_code", "")
        if form.get("answer") == "refuse":
            person = None
        elif (person := _person_of(form)) is None:
            return pages.device(f"{PATH}/device", user_code, self._people, "A user is needed.")
        if not self._grants.answer_device(user_code, person):
            return pages.device(f"{PATH}/device", "", self._people, "No device waits for this code.")
        if person is None:
            return pages.message("Refused", "The other device gets nothing.")
        return pages.message("Signed in", f"The other device goes on as {person.user}. This page can be closed.")

    # --- logout ----------------------------------------------------------------------------------------------------

    def _log_out(self, request: Request) -> Answer:
        """There is no session to end: the client's own page is shown again (RP-Initiated Logout 1.0, 2)."""
        try:
            form = read_form(urlsplit(request.target).query)
        except FormError as error:
            return pages.message("This logout cannot be done", str(error), 400)
        target, client = form.get("post_logout_redirect_uri"), CLIENTS.get(form.get("client_id", ""))
        if target is None or client is None or not client.may_redirect_to(target, self._origin):
            return pages.message("Signed out", "This page can be closed.")
        state = f"?{urlencode({'state': form['state']})}" if "state" in form else ""
        return Answer(302, [("Location", target + state), ("Cache-Control", "no-store")])


def _client_of(form: Mapping[str, str]) -> str:
    client_id = form.get("client_id", "")
    if client_id not in CLIENTS:
        raise GrantError("invalid_client", "the client_id is not known here")
    return client_id


def _form_of(request: Request) -> dict[str, str]:
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormError("The body must be application/x-www-form-urlencoded.")
    try:
        return read_form(request.body.decode())
    except UnicodeDecodeError:
        raise FormError("The body must be UTF-8.") from None
    except ValueError as error:
        raise FormError(str(error)) from None


def _person_of(form: Mapping[str, str]) -> Person | None:
    user = form.get("user", "").strip()
    groups = tuple(dict.fromkeys(part.strip() for part in form.get("groups", "").split(",") if part.strip()))
    return Person(user, groups) if user else None


def _json(status: int, body: Mapping[str, Any]) -> Answer:
    return json_answer(status, body, ("Cache-Control", "no-store"))


def _refusal(code: str, description: str) -> Answer:
    return _json(401 if code == "invalid_client" else 400, {"error": code, "error_description": description})
