"""What programs ask of the provider, checked: authorization requests, and the forms that go to its other endpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

MAX_FORM_BYTES = 64 * 1024
MAX_VALUE_CHARACTERS = 2048

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256 (RFC 7636, 4.2)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class FormError(ValueError):
    """A form or a query string cannot be read; the message is for the person in front of it."""


class AuthorizationRequestError(Exception):
    """The request is the known client's own, and wrong: the client is told at its redirect URI (RFC 6749, 4.1.2.1)."""

    def __init__(self, code: str, description: str, request: AuthorizationRequest) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.request = request


def read_form(text: str) -> dict[str, str]:
    """The parameters of a form or query string; an empty value is as good as none (RFC 6749, 3.1).

    Raises:
        FormError: a parameter comes twice, or is too long.
    """
    if len(text) > MAX_FORM_BYTES:
        raise FormError("The request is too long.")
    read = parse_qs(text, keep_blank_values=True, max_num_fields=50)
    for name, values in read.items():
        if len(values) > 1:
            raise FormError(f"The parameter {name[:40]} is given more than once.")
        if len(values[0]) > MAX_VALUE_CHARACTERS:
            raise FormError(f"The parameter {name[:40]} is too long.")
    return {name: values[0] for name, values in read.items() if values[0]}


@dataclass(frozen=True)
class Client:
    """A program that people log in to: public, without a secret, proven by PKCE."""

    id: str
    redirects_to_loopback: bool
    """Any port of this machine (RFC 8252, 7.3); else only the pages of the gateway itself."""

    def may_redirect_to(self, uri: str, origin: str) -> bool:
        """Whether an answer may go to `uri`; `origin` is the gateway's."""
        parts = urlsplit(uri)
        if parts.fragment or parts.username is not None:
            return False
        if self.redirects_to_loopback:
            return parts.scheme == "http" and parts.hostname in _LOOPBACK
        return f"{parts.scheme}://{parts.netloc}" == origin and parts.path.startswith("/console")


@dataclass(frozen=True)
class AuthorizationRequest:
    """A client asks for a person to be logged in (OpenID Connect Core 1.0, 3.1.2.1, with RFC 7636)."""

    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str | None
    scope: str
    code_challenge: str

    @classmethod
    def read(cls, form: Mapping[str, str], clients: Mapping[str, Client], origin: str) -> AuthorizationRequest:
        """Accept the parameters `form`.

        Raises:
            FormError: the client or its redirect URI is not known; nothing is sent there.
            AuthorizationRequestError: anything else that is wrong.
        """
        client = clients.get(form.get("client_id", ""))
        if client is None:
            raise FormError(f"The client_id is not known here; the known ones are {', '.join(sorted(clients))}.")
        redirect_uri = form.get("redirect_uri", "")
        if not client.may_redirect_to(redirect_uri, origin):
            raise FormError(f"The redirect_uri is none of those that {client.id} may use.")
        request = cls(
            client.id,
            redirect_uri,
            form.get("state"),
            form.get("nonce"),
            form.get("scope", ""),
            form.get("code_challenge", ""),
        )
        if form.get("response_type") != "code":
            raise AuthorizationRequestError("unsupported_response_type", "response_type must be code", request)
        if "openid" not in request.scope.split():
            raise AuthorizationRequestError("invalid_scope", "the scope must have openid", request)
        if form.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(request.code_challenge):
            raise AuthorizationRequestError("invalid_request", "PKCE with S256 is required", request)
        if "none" in form.get("prompt", "").split():
            raise AuthorizationRequestError("login_required", "nobody stays logged in here", request)
        return request

    def form(self) -> dict[str, str]:
        """As parameters again; `read` makes the same request of them."""
        given = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "nonce": self.nonce,
            "scope": self.scope,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
            "response_type": "code",
        }
        return {name: value for name, value in given.items() if value is not None}
