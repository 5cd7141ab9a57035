"""The issuer `ci`: tokens as a build pipeline's own service gives them to its jobs.

`GET /local/ci/token?audience=signet` with any bearer token, as a job asks at `ACTIONS_ID_TOKEN_REQUEST_URL`. What the
job is can be chosen: `repository`, `ref`, `environment`, `workflow`, `actor`, `event_name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from local.api_gateway.http_server import Answer, Request, json_answer
from local.oidc.provider import TokenIssuer
from local.oidc.requests import FormError, read_form

ALIAS = "ci"
PATH = "/local/ci"
TOKEN_SECONDS = 300
DEFAULTS = {
    "repository": "acme/app",
    "ref": "refs/heads/main",
    "environment": "",
    "workflow": "Release",
    "actor": "octocat",
    "event_name": "push",
    "audience": "signet",
}


class PipelineIssuer:
    """Answers what lies below `/local/ci`."""

    def __init__(self, origin: str, issuer: TokenIssuer) -> None:
        """`origin` is the gateway's; `issuer` has a key of its own."""
        self.url = origin + PATH
        self._issuer = issuer

    def trusted(self) -> dict[str, Any]:
        """This issuer's entry in the deployment parameter TrustedIssuers."""
        return {
            "alias": ALIAS,
            "issuer": self.url,
            "audiences": ["signet"],
            "user_claim": "sub",
            "group_claims": ["repository", "environment"],
            "required_claims": {"repository_owner": ["acme"]},
        }

    def answer(self, request: Request) -> Answer | None:
        """The answer to `request` if it is for this issuer, else None."""
        parts = urlsplit(request.target)
        match request.method, parts.path:
            case "GET", "/local/ci/.well-known/openid-configuration":
                return _json(200, self._configuration())
            case "GET", "/local/ci/jwks":
                return _json(200, self._issuer.key_set())
            case "GET", "/local/ci/token":
                return self._token(request, parts.query)
        return None

    def claims(self, job: Mapping[str, str]) -> dict[str, Any]:
        """What the token of `job` says, beside the usual claims."""
        known = {**DEFAULTS, **job}
        repository, environment = known["repository"], known["environment"]
        place = f"environment:{environment}" if environment else f"ref:{known['ref']}"
        owner, _, name = repository.partition("/")
        return {
            "aud": known["audience"],
            "groups": None,
            "sub": f"repo:{repository}:{place}",
            "repository": repository,
            "repository_owner": owner,
            "repository_visibility": "private",
            "ref": known["ref"],
            "environment": environment or None,
            "workflow": known["workflow"],
            "actor": known["actor"],
            "event_name": known["event_name"],
            "job_workflow_ref": f"{owner}/{name}/.github/workflows/release.yml@{known['ref']}",
            "runner_environment": "github-hosted",
        }

    def _token(self, request: Request, query: str) -> Answer:
        if not (request.header("authorization") or "").lower().startswith("bearer "):
            return _json(401, {"message": "A job sends its request token as a bearer token."})
        try:
            job = read_form(query)
        except (FormError, ValueError) as error:
            return _json(400, {"message": str(error)})
        unknown = sorted(set(job) - set(DEFAULTS))
        if unknown:
            return _json(400, {"message": f"{', '.join(unknown)}: a job is told by {', '.join(sorted(DEFAULTS))}"})
        claims = self.claims(job)
        return _json(200, {"value": self._issuer.token(claims["sub"], expires_in=TOKEN_SECONDS, claims=claims)})

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }


def _json(status: int, body: Mapping[str, Any]) -> Answer:
    return json_answer(status, body, ("Cache-Control", "no-store"))
