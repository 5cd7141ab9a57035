"""API Gateway's HTTP API as the template describes it: routes, authorizers, and the events of payload format 2.0."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from local.api_gateway.http_server import Answer, Request
from local.aws.resources import API_ID, Resources
from local.aws.template import ACCOUNT, REGION, Template, TemplateError
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import Function

MAX_HEADERS = 10_240  # HTTP API quota: request line and header values together, in bytes
MAX_PAYLOAD = 6 * 1024 * 1024 + 100  # Lambda quota, invocation payload, as Lambda measures it

Invoke = Callable[[Function, bytes, str], Outcome]
"""Runs a function on a payload, with a request id, and says how it ended."""

_TEXT_TYPES = re.compile(r"text/.*|application/(json|xml|javascript)", re.IGNORECASE)
_HOP_BY_HOP = {
    "connection",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
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
            if not given:
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
    by_arn = {function.arn: function for function in functions.values()}
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


class Gateway:
    """Answers HTTP requests by the routes of one API."""

    def __init__(self, routes: list[Route], invoke: Invoke) -> None:
        self._routes = routes
        self._invoke = invoke
        self._cached: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    @property
    def routes(self) -> list[Route]:
        """Most specific first."""
        return list(self._routes)

    def answer(self, request: Request) -> Answer:
        """What the caller of the API gets for `request`."""
        request_id = base64.b64encode(os.urandom(11)).decode()
        answer = self._answer(request, request_id)
        return replace(answer, headers=[*answer.headers, ("Apigw-Requestid", request_id)])

    def _answer(self, request: Request, request_id: str) -> Answer:
        values = sum(len(value) for _, value in request.headers)
        if len(request.request_line) + values > MAX_HEADERS:
            return message(431, "Request Header Fields Too Large")
        if not request.target.isascii():  # RFC 3986 has no other characters
            return message(400, "Bad Request")
        try:
            path = decoded_path(request.target)
        except ValueError:
            return message(400, "Bad Request")
        found = self.find(request.method, path)
        if found is None:
            return message(404, "Not Found")
        route, parameters = found
        user = ""
        event = http_event(request, route.key, path, parameters, request_id)
        if route.authorizer is not None:
            allowed = self._authorize(route.authorizer, event)
            if isinstance(allowed, Answer):
                return allowed
            event["requestContext"]["authorizer"] = {"lambda": allowed or None}
            user = str(allowed.get("user", ""))
        payload = json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")
        if len(payload) > MAX_PAYLOAD:
            return message(413, "Request Entity Too Large")
        outcome = self._invoke(route.function, payload, request_id)
        if outcome.error == "TimedOut":
            answer = message(503, "Service Unavailable")
        elif outcome.error is not None or len(outcome.payload) > MAX_PAYLOAD:
            answer = message(500, "Internal Server Error")
        else:
            answer = http_answer(json.loads(outcome.payload))
        return replace(answer, user=user, cpu_seconds=outcome.cpu_seconds)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a decoded path, with its path parameters; None where API Gateway says 404."""
        segments = path[1:].split("/")
        for route in self._routes:
            parameters = route.match(method, segments)
            if parameters is not None:
                return route, parameters
        return None

    def forget_authorizations(self) -> None:
        """Empty the cache of authorizer answers, as a deployment does."""
        with self._lock:
            self._cached.clear()

    def _authorize(self, authorizer: Authorizer, event: Mapping[str, Any]) -> dict[str, Any] | Answer:
        identity = [_identity(source, event) for source in authorizer.identity_sources]
        if not all(identity):
            return message(401, "Unauthorized")
        key = (authorizer.name, *(str(value) for value in identity))
        answer = self._kept(key) if authorizer.ttl else None
        if answer is None:
            asked = authorizer_event(event, [str(value) for value in identity])
            payload = json.dumps(asked, ensure_ascii=False).encode(errors="surrogatepass")
            outcome = self._invoke(authorizer.function, payload, event["requestContext"]["requestId"])
            said = None if outcome.error else json.loads(outcome.payload)
            if not isinstance(said, dict) or not isinstance(said.get("isAuthorized"), bool):
                return message(500, "Internal Server Error")
            answer = said
            if authorizer.ttl:
                with self._lock:
                    self._cached[key] = (time.monotonic() + authorizer.ttl, answer)
        if not answer["isAuthorized"]:
            return message(403, "Forbidden")
        return dict(answer.get("context") or {})

    def _kept(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        now = time.monotonic()
        with self._lock:
            for old in [name for name, (until, _) in self._cached.items() if until <= now]:
                del self._cached[old]
            return self._cached[key][1] if key in self._cached else None


def _identity(source: str, event: Mapping[str, Any]) -> str | None:
    kind, _, name = source.removeprefix("$request.").partition(".")
    if kind == "header":
        found = event["headers"].get(name.lower())
    elif kind == "querystring":
        found = event.get("queryStringParameters", {}).get(name)
    elif source.startswith("$context."):
        found = event["requestContext"].get(source.removeprefix("$context."))
    else:
        raise TemplateError(f"identity source {source} is not played here")
    return None if found is None else str(found)


def message(status: int, text: str) -> Answer:
    """An answer of API Gateway itself."""
    return Answer(status, [("Content-Type", "application/json")], json.dumps({"message": text}).encode())


def decoded_path(target: str) -> str:
    """The path as events carry it: decoded once, before routing, and cut where a decoded `?` stands.

    Raises:
        ValueError: an escape in it is none, or it is no UTF-8.
    """
    path = target.partition("?")[0]
    if re.search(r"%(?![0-9A-Fa-f]{2})", path):
        raise ValueError(path)
    return unquote_to_bytes(path.encode("latin-1")).decode().partition("?")[0]


def http_event(
    request: Request, route_key: str, path: str, path_parameters: Mapping[str, str], request_id: str
) -> dict[str, Any]:
    """The event of payload format 2.0 for `request` (API Gateway Developer Guide, HTTP API Lambda integrations)."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        lower = name.lower()
        if lower == "cookie":
            cookies += [part.strip() for part in value.split(";") if part.strip()]
        elif lower not in _HOP_BY_HOP:
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    host = headers.setdefault("host", "localhost")
    domain, _, port = host.partition(":")
    forwarded = headers.get("x-forwarded-for")
    headers |= {
        "content-length": str(len(request.body)),
        "x-amzn-trace-id": f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}",
        "x-forwarded-for": f"{forwarded}, {request.peer}" if forwarded else request.peer,
        "x-forwarded-port": port or "80",
        "x-forwarded-proto": "http",
    }
    query = request.target.partition("?")[2]
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        **({"cookies": cookies} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": parameters} if (parameters := _query_parameters(query)) else {}),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.version,
                "sourceIp": request.peer,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        **({"pathParameters": dict(path_parameters)} if path_parameters else {}),
        "isBase64Encoded": False,
    }
    if request.body:
        # Not documented; seen on AWS: text and these three come as they are, all else as base64, a form as well.
        kind = headers.get("content-type", "").partition(";")[0].strip()
        event["isBase64Encoded"] = not _TEXT_TYPES.fullmatch(kind)
        event["body"] = (
            base64.b64encode(request.body).decode()
            if event["isBase64Encoded"]
            else request.body.decode(errors="replace")
        )
    return event


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def authorizer_event(event: Mapping[str, Any], identity: list[str]) -> dict[str, Any]:
    """What a Lambda authorizer of payload format 2.0 is asked, made from the event its route would get."""
    context = event["requestContext"]
    method, path = context["http"]["method"], event["rawPath"]
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/$default/{method}{path}",
        "identitySource": identity,
        **{
            key: event[key]
            for key in (
                "routeKey",
                "rawPath",
                "rawQueryString",
                "cookies",
                "headers",
                "queryStringParameters",
                "pathParameters",
                "requestContext",
            )
            if key in event
        },
    }


def http_answer(result: Any) -> Answer:
    """What the caller gets for a function's answer in payload format 2.0, whose form may be left to be inferred."""
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        return Answer(200, [("Content-Type", "application/json")], text.encode())
    try:
        headers = list(_answer_headers(result))
        status = HTTPStatus(int(result["statusCode"]))
        body = result.get("body") or ""
        encoded = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return message(500, "Internal Server Error")
    if not any(name.lower() == "content-type" for name, _ in headers) and encoded:
        headers.append(("Content-Type", "text/plain;charset=utf-8"))
    return Answer(status, headers, encoded)


def _answer_headers(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in (result.get("headers") or {}).items():
        if isinstance(value, dict | list) or value is None:
            raise ValueError(name)
        if name.lower() not in _HOP_BY_HOP | {"content-length", "date"}:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
    for cookie in result.get("cookies") or []:
        yield "Set-Cookie", str(cookie)
