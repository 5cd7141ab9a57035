"""The routes and authorizers of an HTTP API, read from its body in the template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.resources import Resources
from local.aws.template import Template, TemplateError
from local.lambda_service.lambda_runtime import Function

_FUNCTION_IN_URI = re.compile(r"functions/(?P<arn>arn:[^/]+)/invocations")


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer with payload format 2.0 and simple responses."""

    name: str
    function: Function
    identity_sources: tuple[str, ...]
    """Such as `$request.header.Authorization`; a request that lacks one is 401 without asking."""
    ttl: int
    """For how many seconds an answer is kept; 0 asks every time."""


@dataclass(frozen=True)
class Route:
    """A method and a path of the API, and what answers it."""

    method: str
    """Upper case, or `ANY`."""
    path: str
    function: Function
    authorizer: Authorizer | None
    segments: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.path.strip("/").split("/")))

    @property
    def key(self) -> str:
        """As events name the route: `GET /v1/certificates/{certificate}`."""
        return f"{self.method} {self.path}"

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        """The path parameters if this route answers, else None."""
        if self.method not in {method, "ANY"}:
            return None
        greedy = self.segments[-1].endswith("+}")
        if len(segments) < len(self.segments) or (len(segments) > len(self.segments) and not greedy):
            return None
        parameters = {}
        for index, expected in enumerate(self.segments):
            if not expected.startswith("{"):
                if segments[index] != expected:
                    return None
                continue
            given = "/".join(segments[index:]) if expected.endswith("+}") else segments[index]
            # A greedy parameter takes an empty rest as well: `/console/` is `GET /console/{proxy+}`. AWS documents
            # neither; https://github.com/storacha/w3infra/pull/166 answers a path with a slash that way, and reports
            # that a route key which ends in a slash does not deploy.
            if not given and not expected.endswith("+}"):
                return None
            parameters[expected.strip("{+}")] = given
        return parameters

    @property
    def rank(self) -> tuple[int, ...]:
        """Sorts the more specific route first: literal segments before parameters before greedy ones."""
        kinds = [0 if not part.startswith("{") else 2 if part.endswith("+}") else 1 for part in self.segments]
        return (*kinds, 1 if self.method == "ANY" else 0)


def routes_of(template: Template, resources: Resources, functions: Mapping[str, Function]) -> list[Route]:
    """The routes of the template's HTTP API, read from its expanded OpenAPI body.

    Raises:
        TemplateError: the API uses something that this gateway does not play.
    """
    by_arn = {arn: function for function in functions.values() for arn in function.arns}
    routes = []
    for name in template.of_type("AWS::ApiGatewayV2::Api"):
        body = resources.resolve(template.resources[name]["Properties"].get("Body"))
        if body is None:
            raise TemplateError(f"{name}: the gateway reads an API's body, and this one has none")
        schemes = body.get("components", {}).get("securitySchemes", {})
        authorizers = {key: _authorizer(key, scheme, by_arn) for key, scheme in schemes.items()}
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                integration = operation["x-amazon-apigateway-integration"]
                if integration["payloadFormatVersion"] != "2.0":
                    raise TemplateError(f"{method} {path}: only payload format 2.0 is played here")
                wanted = [scheme for entry in operation.get("security", []) for scheme in entry if scheme != "NONE"]
                routes.append(
                    Route(
                        "ANY" if method == "x-amazon-apigateway-any-method" else method.upper(),
                        path,
                        by_arn[_function_arn(integration["uri"])],
                        authorizers[wanted[0]] if wanted else None,
                    )
                )
    return sorted(routes, key=lambda route: route.rank)


def _authorizer(name: str, scheme: Mapping[str, Any], by_arn: Mapping[str, Function]) -> Authorizer:
    described = scheme["x-amazon-apigateway-authorizer"]
    if described["type"] != "request" or described.get("authorizerPayloadFormatVersion") != "2.0":
        raise TemplateError(f"authorizer {name}: only Lambda authorizers of payload format 2.0 are played here")
    if not described.get("enableSimpleResponses"):
        raise TemplateError(f"authorizer {name}: only simple responses are played here")
    sources = described.get("identitySource", [])
    sources = [part.strip() for part in sources.split(",")] if isinstance(sources, str) else sources
    return Authorizer(
        name,
        by_arn[_function_arn(described["authorizerUri"])],
        tuple(sources),
        # Amazon API Gateway Developer Guide, Lambda authorizers for HTTP APIs: caching is off unless a time is given
        # or, by CreateAuthorizer, 300 seconds when identity sources are there.
        int(described.get("authorizerResultTtlInSeconds", 300 if sources else 0)),
    )


def _function_arn(uri: str) -> str:
    found = _FUNCTION_IN_URI.search(uri)
    if found is None:
        raise TemplateError(f"{uri} names no function")
    return found["arn"]
