"""How a request enters a function, and how its answer leaves: who calls, with what body, what goes wrong.

Each function has one route, so it needs no router: `@http_function("GET /v1/...")` turns a function over a `Request`
into the Lambda handler for HTTP API payload 2.0. The OpenAPI document says of bodies, answers and problems what the
decorator says.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from signet.api.answering.answer import Answer, response_of
from signet.api.answering.dialect import SIGNET, Dialect
from signet.api.problems import STATUS
from signet.api.reading.fingerprint import fingerprint_of
from signet.api.reading.incoming import caller_of, parsed_body, parsed_query, query_of, raw_body_of, versions_of
from signet.api.reading.text_input import REPLACEMENT, check_path_text, json_octets
from signet.api.request_log import asked_of
from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError, MalformedJsonError, SignetError, StaleVersionError, UnavailableError
from signet.observability import logger, run_told
from signet.ports.idempotency import AlreadyAnswered, IdempotencyKey

if TYPE_CHECKING:
    from signet.ports.session import Session

DEFAULT_BODY_BYTES = 256 * 1024
MAX_IDEMPOTENCY_KEY_CHARACTERS = 255

Body = TypeVar("Body")
Query = TypeVar("Query")


class Sessions(Protocol):
    """Makes sessions: the wiring of the process."""

    def session(self, caller: Principal, idempotency: IdempotencyKey | None = None) -> Session:
        """What an operation for `caller` works within."""


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
    raw_path: str
    """The path as it came, where the segments of a route's parameters are not enough."""
    _function: HttpFunction = field(repr=False)
    _headers: Mapping[str, str]
    _fingerprint: str
    _secrets: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Where the caller reached the service: `https://signet.example.com`."""
        return f"{self._headers.get('x-forwarded-proto', 'https')}://{self._headers.get('host', '')}"

    def sent_header(self, name: str) -> str:
        """The header `name`, in lower case; empty where it did not come."""
        return self._headers.get(name, "")

    @property
    def token(self) -> str | None:
        """The token of the caller; used only to keep it out of what is stored."""
        tokens = (self.sent_header(name).rpartition(" ")[2] for name in self._function.dialect.token_headers)
        return next((token for token in tokens if token), None)

    @property
    def pin(self) -> str | None:
        """The PIN of its body, if it has one; used as the token is."""
        pin = getattr(self.body, "pin", None)
        return pin if isinstance(pin, str) else None

    def session(self, ports: Sessions) -> Session:
        """What its operation works within: who asks, the store, and of a POST the promise of its Idempotency-Key."""
        return ports.session(self.principal, self._promise() if self._function.method == "POST" else None)

    def _promise(self) -> IdempotencyKey | None:
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
            lambda result: json.dumps(response_of(self._function.answer(result, self))).encode(),
            secrets=self._secrets if self._function.with_secrets else "",
            key=key,
        )


class HttpFunction:
    """A Lambda handler with one route."""

    def __init__(
        self,
        enter: Callable[[Request[Any, Any]], object],
        *,
        route: str,
        body: type | None,
        query: type | None,
        answers: Mapping[int, Any],
        respond: Callable[[Any, Request[Any, Any]], Answer] | None,
        with_secrets: bool,
        problems: tuple[type[SignetError], ...],
        public: bool,
        credential: str,
        body_bytes: int,
        dialect: Dialect,
        files: bool,
    ) -> None:
        self._enter = enter
        self.route = route
        self.method, self.path = route.split(" ")
        self.body = body
        self.query = query
        self.answers = answers
        self._respond = respond
        self.with_secrets = with_secrets
        self.problems = problems
        self.public = public
        self.credential = credential
        self.body_bytes = body_bytes
        self.dialect = dialect
        self.files = files
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
        with run_told(route=self.route, **asked_of(event)) as tell:
            return self._answered(event, tell)

    def _answered(self, event: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
        request_id = str(event.get("requestContext", {}).get("requestId", ""))
        code = because = None
        try:
            request = self._request(event, request_id)
            in_body = self.dialect.certificate_in(request.body)
            tell(**asked_of(event, in_body, token=request.token, pin=request.pin))
            response = response_of(self.answer(self._enter(request), request))
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
                response = response_of(self.dialect.refused(error, request_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a problem
            response = self._broken(error, request_id)
        logger.info("answered", status=response["statusCode"], code=code, because=because)
        return response

    def answer(self, result: Any, request: Request[Any, Any]) -> Answer:
        """What is answered of `result`, to `request` and to each repeat of it."""
        if isinstance(result, Answer):
            return result
        if self._respond is not None:
            return self._respond(result, request)
        ((status, shape),) = self.answers.items()
        if isinstance(shape, type) and not isinstance(result, shape):
            result = shape.of(result)  # type: ignore[attr-defined]
        return Answer(status, result)

    def _broken(self, error: Exception, request_id: str) -> dict[str, Any]:
        # Where it broke, without the message of the error, which may hold secrets that were being worked on.
        frames = traceback.extract_tb(error.__traceback__)
        logger.error(
            "broken",
            error=type(error).__name__,
            at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        )
        return response_of(self.dialect.broken(request_id))

    def _request(self, event: Mapping[str, Any], request_id: str) -> Request[Any, Any]:
        headers: Mapping[str, str] = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        principal = Principal("") if self.public else caller_of(event, request_id)
        path: Mapping[str, str] = event.get("pathParameters") or {}
        if not self.files:
            check_path_text(path)
        raw = json_octets(raw_body_of(event, self.body_bytes)) if self.takes_body else b""
        if not raw:
            if self.needs_body:
                raise MalformedJsonError("The body is empty; a JSON object must come.")
            raw = b"{}"
        fingerprint, secrets = fingerprint_of(event, raw) if "idempotency-key" in headers else ("", "")
        return Request(
            principal=principal,
            body=parsed_body(raw, self.body),
            query=None if self.files else parsed_query(query_of(event), self.query),
            path=path,
            if_match=versions_of(headers.get("if-match")),
            accept=headers.get("accept", ""),
            raw_path=event.get("rawPath") or "",
            _function=self,
            _headers=headers,
            _fingerprint=fingerprint,
            _secrets=secrets,
        )


def http_function(
    route: str,
    *,
    answers: Mapping[int, Any],
    body: type | None = None,
    query: type | None = None,
    respond: Callable[[Any, Request[Any, Any]], Answer] | None = None,
    with_secrets: bool = True,
    problems: tuple[type[SignetError], ...] = (),
    public: bool = False,
    credential: str = "bearer",
    body_bytes: int = DEFAULT_BODY_BYTES,
    dialect: Dialect = SIGNET,
    files: bool = False,
) -> Callable[[Callable[[Request[Any, Any]], object]], HttpFunction]:
    """Make a function over a `Request` the handler of `route`, `"<METHOD> <path>"` as `template.yaml` writes it.

    The function returns what its operation came to. That is answered as `answers` says, and kept for a repeat with the
    same Idempotency-Key.

    Args:
        route: method and path.
        answers: by status, the struct that is answered, a media type for bytes, several of these, or None for no body.
        body: the struct that a body must be; None where the route takes none.
        query: the struct that the query string must be; None where the route takes none.
        respond: makes the answer of a result and its request; else the one struct of `answers` does, by its `of`.
        with_secrets: whether a repeat has to come with the same PIN, passwords and keys; not so where the operation
            checks the PIN each time anyway.
        problems: the errors that its operation raises.
        public: no token is needed.
        credential: what the authorizer looks at, as the OpenAPI document calls it.
        body_bytes: how long a body may be.
        dialect: in what form errors are told, and where the token is.
        files: it answers the files of a web page, which reads its path and query itself; no part of the interface.
    """

    def decorate(enter: Callable[[Request[Any, Any]], object]) -> HttpFunction:
        return HttpFunction(
            enter,
            route=route,
            body=body,
            query=query,
            answers=answers,
            respond=respond,
            with_secrets=with_secrets,
            problems=problems,
            public=public,
            credential=credential,
            body_bytes=body_bytes,
            dialect=dialect,
            files=files,
        )

    return decorate


def _with_hint(error: StaleVersionError, event: Mapping[str, Any]) -> StaleVersionError:
    """`error`, and what is wrong with an `If-Match` that names no version at all."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if versions_of(headers.get("if-match")):
        return error
    return StaleVersionError(f'{error} If-Match takes an ETag as it was answered, in its quotation marks: "3".')
