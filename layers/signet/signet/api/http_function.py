"""How a request enters a function, and how its answer leaves: who calls, with what body, what goes wrong.

Each function has one route, so it needs no router: `@http_function("GET /v1/...")` turns a function over a `Request`
into the Lambda handler for HTTP API payload 2.0. The OpenAPI document says of bodies, answers and problems what the
decorator says.
"""

import base64
import hashlib
import json
import re
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec

from signet.api.problems import STATUS, internal_problem, problem_of
from signet.api.reading.fingerprint import fingerprint_of
from signet.api.reading.plain_query import plain_values
from signet.api.reading.shape_errors import invalid_input
from signet.api.reading.text_input import REPLACEMENT, check_path_text, check_query_text, json_octets
from signet.api.request_log import asked_of
from signet.domain.access.principal import Principal
from signet.domain.errors import (
    InvalidInputError,
    MalformedJsonError,
    RequestTooLargeError,
    SignetError,
    StaleVersionError,
    TokensUnjudgedError,
    UnauthenticatedError,
    UnavailableError,
)
from signet.observability import logger
from signet.ports.idempotency import AlreadyAnswered, IdempotencyKey

JSON = "application/json"
PROBLEM = "application/problem+json"

DEFAULT_BODY_BYTES = 256 * 1024
MAX_USER_AGENT_CHARACTERS = 512
MAX_IDEMPOTENCY_KEY_CHARACTERS = 255

Body = TypeVar("Body")
Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answers."""

    status: int
    body: object = field(default=None, repr=False)
    """A struct or dataclass is answered as JSON, bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


@dataclass(frozen=True, slots=True)
class Request(Generic[Body, Query]):
    """A request whose caller was accepted."""

    principal: Principal
    body: Body
    query: Query
    path: Mapping[str, str]
    """Path parameters, decoded once, by API Gateway."""
    if_match: frozenset[int] | None
    """The versions one of which `If-Match` insists on."""
    accept: str
    _headers: Mapping[str, str]
    _fingerprint: str
    _secrets: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Where the caller reached the service: `https://signet.example.com`."""
        return f"{self._headers.get('x-forwarded-proto', 'https')}://{self._headers.get('host', '')}"

    @property
    def token(self) -> str | None:
        """The token of the caller; used only to keep it out of what is stored."""
        return self._headers.get("authorization", "").rpartition(" ")[2] or None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it must be written nowhere: the token of the caller, and the PIN of its body."""
        pin = getattr(self.body, "pin", None)
        return tuple(each for each in (self.token, pin) if isinstance(each, str))

    def idempotency(self, answer: Callable[[Any], Answer], *, with_secrets: bool = True) -> IdempotencyKey | None:
        """The promise of the Idempotency-Key, if one came; `answer` makes of a result what is answered, and kept.

        A repeat has to come with the same PIN, passwords and keys; not so `with_secrets=False`, where the operation
        checks the PIN each time anyway.
        """
        key = self._headers.get("idempotency-key")
        if key is None:
            return None
        readable = key.isprintable() and REPLACEMENT not in key  # of two keys that differ it may have made one
        if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_CHARACTERS or not readable:
            wanted = f"must be 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} printable characters"
            raise InvalidInputError.at("Idempotency-Key", wanted)
        # A line break separates: no user name has one.
        name = hashlib.sha256(f"{self.principal.user}\n{key}".encode()).hexdigest()
        return IdempotencyKey(
            name,
            self._fingerprint,
            lambda result: json.dumps(_response(answer(result))).encode(),
            secrets=self._secrets if with_secrets else "",
            key=key,
        )


class HttpFunction:
    """A Lambda handler with one route."""

    def __init__(
        self,
        enter: Callable[[Request[Any, Any]], Answer],
        *,
        route: str,
        body: type | None,
        query: type | None,
        answers: Mapping[int, Any],
        problems: tuple[type[SignetError], ...],
        public: bool,
        credential: str,
        body_bytes: int,
    ) -> None:
        self._enter = enter
        self.route = route
        self.method, self.path = route.split(" ")
        self.body = body
        self.query = query
        self.answers = answers
        self.problems = problems
        self.public = public
        self.credential = credential
        self.body_bytes = body_bytes
        self.summary = (enter.__doc__ or "").strip()
        self.operation = enter.__globals__.get("__name__", "")

    @property
    def takes_body(self) -> bool:
        """Whether a body is read: one that comes with a GET means nothing (RFC 9110, 9.3.1)."""
        return self.method != "GET"

    @property
    def needs_body(self) -> bool:
        """Whether one must come; an empty object is what else many clients send, or not, with nothing to say."""
        if self.body is None:
            return False
        return self.method == "PATCH" or any(each.required for each in msgspec.structs.fields(self.body))

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        """Answer `event`, HTTP API payload 2.0; nothing is ever raised."""
        request_id = str(event.get("requestContext", {}).get("requestId", ""))
        begun = time.perf_counter()
        code = because = request = None
        try:
            request = self._request(event, request_id)
            response = _response(self._enter(request))
        except AlreadyAnswered as before:
            response = json.loads(before.stored.body)
        except SignetError as error:
            if type(error) not in STATUS:
                response = self._broken(error, request_id)
            else:
                if isinstance(error, StaleVersionError):
                    error = _with_hint(error, event)
                code = error.code
                # Which part of AWS did not answer, to help repair it. The message is made here and holds no input.
                because = str(error) if isinstance(error, UnavailableError) else None
                problem, headers = problem_of(error, request_id)
                response = _response(Answer(problem.status, problem, headers, PROBLEM))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem
            response = self._broken(error, request_id)
        status = response["statusCode"]
        logger.info(
            "answered",
            route=self.route,
            status=status,
            code=code,
            because=because,
            request_id=request_id,
            milliseconds=round((time.perf_counter() - begun) * 1000, 1),
            **asked_of(event, request.secrets if request is not None else ()),
        )
        return response

    def _broken(self, error: Exception, request_id: str) -> dict[str, Any]:
        # Where it broke, without the message of the error, which may hold secrets that were being worked on.
        frames = traceback.extract_tb(error.__traceback__)
        logger.error(
            "broken",
            route=self.route,
            request_id=request_id,
            error=type(error).__name__,
            at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        )
        problem = internal_problem(request_id)
        return _response(Answer(problem.status, problem, content_type=PROBLEM))

    def _request(self, event: Mapping[str, Any], request_id: str) -> Request[Any, Any]:
        headers: Mapping[str, str] = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        principal = Principal("") if self.public else _principal(event, request_id)
        path: Mapping[str, str] = event.get("pathParameters") or {}
        check_path_text(path)
        raw = json_octets(self._raw_body(event)) if self.takes_body else b""
        if not raw:
            if self.needs_body:
                raise MalformedJsonError("The body is empty; a JSON object must come.")
            raw = b"{}"
        fingerprint, secrets = fingerprint_of(event, raw) if "idempotency-key" in headers else ("", "")
        return Request(
            principal=principal,
            body=_parsed(raw, self.body),
            query=_converted(_once_each(event), self.query),
            path=path,
            if_match=_if_match(headers.get("if-match")),
            accept=headers.get("accept", ""),
            _headers=headers,
            _fingerprint=fingerprint,
            _secrets=secrets,
        )

    def _raw_body(self, event: Mapping[str, Any]) -> bytes:
        body = event.get("body") or ""
        if len(body) > self.body_bytes * 2:
            raise RequestTooLargeError(f"The body is at most {self.body_bytes} bytes.")
        raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
        if len(raw) > self.body_bytes:
            raise RequestTooLargeError(f"The body is at most {self.body_bytes} bytes, got {len(raw)}.")
        return raw


def http_function(
    route: str,
    *,
    answers: Mapping[int, Any],
    body: type | None = None,
    query: type | None = None,
    problems: tuple[type[SignetError], ...] = (),
    public: bool = False,
    credential: str = "bearer",
    body_bytes: int = DEFAULT_BODY_BYTES,
) -> Callable[[Callable[[Request[Any, Any]], Answer]], HttpFunction]:
    """Make a function over a `Request` the handler of `route`, `"<METHOD> <path>"` as `template.yaml` writes it.

    Args:
        route: method and path.
        answers: by status, the struct that is answered, a media type for bytes, several of these, or None for no body.
        body: the struct that a body must be; None where the route takes none.
        query: the struct that the query string must be; None where the route takes none.
        problems: the errors that its operation raises.
        public: no token is needed.
        credential: what the authorizer looks at, as the OpenAPI document calls it.
        body_bytes: how long a body may be.
    """

    def decorate(enter: Callable[[Request[Any, Any]], Answer]) -> HttpFunction:
        return HttpFunction(
            enter,
            route=route,
            body=body,
            query=query,
            answers=answers,
            problems=problems,
            public=public,
            credential=credential,
            body_bytes=body_bytes,
        )

    return decorate


def _principal(event: Mapping[str, Any], request_id: str) -> Principal:
    """Who calls, as the authorizer handed it on; its answer is cached, so the token's end is looked at here."""
    context = event.get("requestContext", {})
    told = (context.get("authorizer") or {}).get("lambda") or {}
    user, expires_at = told.get("user"), told.get("expires_at")
    if not user or not expires_at:
        if unjudged := told.get("unjudged"):
            raise TokensUnjudgedError(unjudged)
        raise UnauthenticatedError(told.get("refused") or "A valid bearer token is needed.")
    if float(expires_at) <= time.time():
        raise UnauthenticatedError("The token has expired.")
    http = context.get("http", {})
    return Principal(
        user=user,
        user_groups=frozenset(json.loads(told.get("user_groups") or "[]")),
        source_ip=http.get("sourceIp", ""),
        user_agent=http.get("userAgent", "")[:MAX_USER_AGENT_CHARACTERS],
        request_id=request_id,
    )


def _parsed(raw: bytes, shape: type | None) -> Any:
    try:
        return msgspec.json.decode(raw, type=shape or Nothing)
    except msgspec.ValidationError as error:
        # The first field at fault ends the reading, and what comes behind it may be no JSON.
        _check_json(raw)
        raise invalid_input(error, shape or Nothing) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise MalformedJsonError("The body is not JSON.") from None


def _check_json(raw: bytes) -> None:
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise MalformedJsonError("The body is not JSON.") from None


def _once_each(event: Mapping[str, Any]) -> Mapping[str, str]:
    """The query parameters; one that comes twice is refused, since API Gateway would join its values with a comma."""
    seen = set()
    sent = event.get("rawQueryString") or ""
    check_query_text(sent)
    for name, _ in parse_qsl(sent, keep_blank_values=True):
        if name in seen:
            raise InvalidInputError.at(name[:64], "must be given only once")
        seen.add(name)
    return event.get("queryStringParameters") or {}


def _converted(query: Mapping[str, str], shape: type | None) -> Any:
    try:
        return msgspec.convert(plain_values(query, shape or Nothing), shape or Nothing)
    except msgspec.ValidationError as error:
        raise invalid_input(error, shape or Nothing, in_query=True) from None


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A body or a query without fields."""


def _if_match(header: str | None) -> frozenset[int] | None:
    """The versions of an `If-Match`: one or several (RFC 9110, 13.1.1); none where any version will do.

    Another server's ETag, or a weak one, names no version of ours: it is stale by definition.
    """
    if header is None or header.strip() == "*":
        return None
    tags = (re.fullmatch(r'"(0|[1-9][0-9]{0,11})"', part.strip()) for part in header.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


def _with_hint(error: StaleVersionError, event: Mapping[str, Any]) -> StaleVersionError:
    """`error`, and what is wrong with an `If-Match` that names no version at all."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if _if_match(headers.get("if-match")):
        return error
    return StaleVersionError(f'{error} If-Match takes an ETag as it was answered, in its quotation marks: "3".')


def _response(answer: Answer) -> dict[str, Any]:
    headers = dict(answer.headers)
    if answer.body is None:
        return {"statusCode": answer.status, "headers": headers, "body": "", "isBase64Encoded": False}
    headers["Content-Type"] = answer.content_type
    headers["Cache-Control"] = "no-store"
    if isinstance(answer.body, bytes):
        body = base64.b64encode(answer.body).decode()
        return {"statusCode": answer.status, "headers": headers, "body": body, "isBase64Encoded": True}
    # Only a body's own: what an X.509 calls its version is another matter.
    if isinstance(answer.body, msgspec.Struct) and isinstance(version := getattr(answer.body, "version", None), int):
        headers["ETag"] = f'"{version}"'
    return {
        "statusCode": answer.status,
        "headers": headers,
        "body": msgspec.json.encode(answer.body).decode(),
        "isBase64Encoded": False,
    }
