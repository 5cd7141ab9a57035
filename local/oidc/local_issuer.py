"""The local OIDC issuer, one more trusted issuer with the alias `local`: real keys made at start, real JWTs."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from local.api_gateway.http_server import Answer, Request, json_answer
from local.oidc.provider import COMMAND_CLIENT, CONSOLE_CLIENT, PATH

ALIAS = "local"
AUDIENCE = "signet"
TOKENS_PATH = "/local/tokens"

_DAY = 24 * 60 * 60


class LocalIssuer:
    """Signs tokens for whoever asks, which is why it exists on this machine only."""

    def __init__(self, address: str, path: str = PATH) -> None:
        """`address` is the gateway's, such as `http://127.0.0.1:3000`; `path` is where its provider answers."""
        self.url = address + path
        self.key_id = secrets.token_hex(8)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def token(
        self, user: str, groups: Sequence[str] = (), *, expires_in: int = 3600, claims: Mapping[str, Any] | None = None
    ) -> str:
        """A token for `user` in `groups`, for `expires_in` seconds (below 0: already expired).

        `claims` are put in as they are, over the usual ones; one whose value is None is left out.
        """
        now = int(time.time())
        # A token that expired was valid once, so its beginning lies before its end.
        begun = min(now, now + expires_in - 60)
        body: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": user,
            "groups": list(groups),
            "iat": begun,
            "nbf": begun,
            "exp": now + expires_in,
            "jti": secrets.token_urlsafe(12),
            **(claims or {}),
        }
        body = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(body, self._key, algorithm="ES256", headers={"kid": self.key_id})

    def trusted(self) -> dict[str, Any]:
        """This issuer's entry in the deployment parameter TrustedIssuers."""
        return {
            "alias": ALIAS,
            "issuer": self.url,
            "audiences": [AUDIENCE],
            "user_claim": "sub",
            "group_claims": ["groups"],
            "login": {
                "client_id": COMMAND_CLIENT,
                "console_client_id": CONSOLE_CLIENT,
                "scopes": "openid profile offline_access",
                "token": "access_token",
                "hosts": [],
            },
        }

    def answer(self, request: Request) -> Answer | None:
        """The answer to `request` if it is for this issuer, else None."""
        path = request.target.partition("?")[0]
        return self._issue_token(request.body) if (request.method, path) == ("POST", TOKENS_PATH) else None

    def key_set(self) -> dict[str, Any]:
        """The public key as a JWK set (RFC 7517)."""
        key = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    def _issue_token(self, body: bytes) -> Answer:
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _problem(400, "not_json", "Not JSON", "The body is not JSON.", [])
        errors = _mistakes(asked)
        if errors:
            return _problem(422, "invalid_body", "Unacceptable body", "The body is not as this route takes it.", errors)
        token = self.token(asked["user"], asked.get("groups", []), expires_in=asked.get("expires_in", 3600))
        return json_answer(200, {"token": token})


def _mistakes(asked: Any) -> list[dict[str, str]]:
    if not isinstance(asked, dict):
        return [{"field": "", "message": "expected an object"}]
    groups, expires_in = asked.get("groups", []), asked.get("expires_in", 3600)
    found = [(name, "unknown field") for name in asked if name not in {"user", "groups", "expires_in"}]
    if not isinstance(asked.get("user"), str) or not asked["user"]:
        found.append(("user", "expected a name"))
    if not isinstance(groups, list) or not all(isinstance(group, str) and group for group in groups):
        found.append(("groups", "expected a list of names"))
    # bool is an int to Python, not to a caller
    if not isinstance(expires_in, int) or isinstance(expires_in, bool) or abs(expires_in) > 365 * _DAY:
        found.append(("expires_in", "expected whole seconds, at most a year either way"))
    return [{"field": name, "message": text} for name, text in found]


def _problem(status: int, code: str, title: str, detail: str, errors: list[dict[str, str]]) -> Answer:
    body = {
        "type": f"urn:signet:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **({"errors": errors} if errors else {}),
    }
    return Answer(status, [("Content-Type", "application/problem+json")], json.dumps(body).encode())
