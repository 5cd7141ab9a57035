"""The running service as tests call it: over HTTP, as somebody, with every answer held to the OpenAPI document."""

from __future__ import annotations

import copy
import http
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlencode

from local.api_gateway.exchanges import Exchange
from local.aws import table_digests
from local.stack import Stack
from tests.support.certificates.issued import Issued, in_base64, issue, unused_name

ADMINISTRATORS = "administrators"

ANSWER_TIMEOUT_SECONDS = 120
"""For an answer, however busy the machine is; only what hangs takes longer."""


@dataclass(frozen=True)
class Response:
    """What came back."""

    method: str
    target: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    seconds: float
    """How long it took."""
    sent: bytes | None = field(default=None, repr=False)
    """The body that it answers."""

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """What the problem is called; None where it is none."""
        return self.json.get("code") if self.headers.get("content-type") == "application/problem+json" else None

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status} {self.body[:2000].decode(errors='replace')}"


Check = Callable[[Response], None]


def overview_of(answer: dict[str, Any]) -> dict[str, Any]:
    """What an import answers, without its warnings: the overview, as every other route shows it."""
    return {name: value for name, value in answer.items() if name != "warnings"}


class Client:
    """Somebody who calls the service: `alice.post("/certificates", {...}).status`. Paths are taken below `/v1`."""

    def __init__(self, url: str, token: str | None, check: Check | None = None, user: str = "") -> None:
        """Without a token nobody calls. `check` looks at every answer before the test does."""
        self._address = url.removeprefix("http://")
        self.token = token
        """What it sends as a bearer token; a dialect has other places for it."""
        self._check = check
        self.user = user
        """As the service knows the caller: `local/alice`."""
        self._tries = 1

    def patient(self) -> Self:
        """The same caller, who comes again when told to, as a client does that has many beside it.

        A POST has an Idempotency-Key, so whatever a 503 says of it, it may be sent again. Anything else is sent again
        only where nothing was done (`busy`).
        """
        other = copy.copy(self)
        other._tries = 30
        return other

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        """Send it; `body` goes as it is when it is bytes, else as JSON."""
        target = path if path.startswith("/v1/") else f"/v1{path}"
        if query:
            target += "?" + urlencode({name.rstrip("_"): value for name, value in query.items()})
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if content is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        if self._tries > 1 and method == "POST":
            sent.setdefault("Idempotency-Key", uuid.uuid4().hex)
        tries = self._tries
        while True:
            response = self.send(method, target, content, sent)
            if self._check:
                self._check(response)
            tries -= 1
            if not tries or response.status != http.HTTPStatus.SERVICE_UNAVAILABLE:
                return response
            if "Idempotency-Key" not in sent and response.code != "busy":
                return response
            time.sleep(int(response.headers.get("retry-after", "1")))

    def send(self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """Bring one request to the service."""
        connection = http.client.HTTPConnection(self._address, timeout=ANSWER_TIMEOUT_SECONDS)
        begun = time.perf_counter()
        try:
            connection.request(method, target, content, headers)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Response(method, target, answer.status, got, answer.read(), time.perf_counter() - begun, content)
        finally:
            connection.close()

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: Any) -> Response:
        """GET; a query parameter that is a Python word ends in `_`: `from_=`."""
        return self.call("GET", path, headers=headers, **query)

    def post(
        self, path: str, body: object = None, *, headers: Mapping[str, str] | None = None, key: str | None = None
    ) -> Response:
        """POST, with the Idempotency-Key `key` if there is one."""
        more = {} if key is None else {"Idempotency-Key": key}
        return self.call("POST", path, body, headers={**(headers or {}), **more})

    def patch(self, path: str, body: object, *, if_match: str | None = None) -> Response:
        """PATCH, with `If-Match` if it is given: `'"3"'`."""
        return self.call("PATCH", path, body, headers={} if if_match is None else {"If-Match": if_match})

    def delete(self, path: str, *, if_match: str | None = None) -> Response:
        """DELETE, with `If-Match` if it is given."""
        return self.call("DELETE", path, headers={} if if_match is None else {"If-Match": if_match})

    # --- what most tests need, and expect to go well ---

    def import_certificate(self, issued: Issued | None = None, **fields: Any) -> dict[str, Any]:
        """A certificate with its key, brought in under an alias not used before unless told; the overview."""
        issued = issued or issue()
        body = {"content": in_base64(issued.pkcs12()), "password": "open sesame", "alias": unused_name(), **fields}
        return overview_of(self.good("POST", "/certificates", body))

    def good(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """The answer to a request that is to succeed."""
        response = self.call(method, path, body, **query)
        assert 200 <= response.status < 300, response
        return response.json if response.body else None

    def pages(self, path: str, **query: Any) -> list[list[Any]]:
        """All pages of a list, the cursor followed to its end."""
        pages, cursor = [], None
        while True:
            answer = self.good("GET", path, **query, **({} if cursor is None else {"cursor": cursor}))
            pages.append(answer["items"])
            cursor = answer["next_cursor"]
            if cursor is None:
                return pages

    def items(self, path: str, **query: Any) -> list[Any]:
        """Everything in a list."""
        return [item for page in self.pages(path, **query) for item in page]


def at(certificate: str, *rest: str) -> str:
    """The path of a certificate by id or alias, and of what is below it: `at("my alias", "sign")`."""
    return "/".join(["/certificates", quote(certificate, safe=""), *rest])


@dataclass
class Service:
    """The local stack, running, and whoever calls it."""

    stack: Stack
    printed: list[str]
    """What the functions logged."""
    check: Check | None = None

    def caller(self, user: str, *groups: str, expires_in: int = 3600) -> Client:
        """`user` of the issuer `local`, in these groups of it."""
        token = self.stack.issuer.token(user, groups, expires_in=expires_in)
        return Client(self.stack.url, token, self.check, f"local/{user}")

    @property
    def nobody(self) -> Client:
        """A caller without a token."""
        return Client(self.stack.url, None, self.check)

    def with_token(self, token: str) -> Client:
        """A caller with this bearer token."""
        return Client(self.stack.url, token, self.check)

    def stored(self) -> dict[str, list[str]]:
        """Every item of every table, by the table's logical id."""
        tables = self.stack.template.of_type("AWS::DynamoDB::Table")
        return {name: sorted(self._items(self.stack.resources.attribute(name))) for name in tables}

    def _items(self, table: str) -> Iterator[str]:
        # Without boto3, which takes longer to read the items than DynamoDB to find them.
        asked: dict[str, Any] = {"TableName": table}
        while True:
            page = self._ask_aws("Scan", asked)
            yield from (json.dumps(item, sort_keys=True) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                break
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _ask_aws(self, operation: str, asked: dict[str, Any]) -> Any:
        headers = {**SIGNED, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        return self._from_aws("POST", "/", json.dumps(asked), headers)

    def _from_aws(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        connection = http.client.HTTPConnection(self.stack.aws_url.removeprefix("http://"), timeout=300)
        try:
            connection.request(method, path, body, headers or {})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    @contextmanager
    def nothing_stored(self, *refusals: str) -> Iterator[None]:
        """Whatever is done here leaves every table as it was, but for an event of each of these refusals."""
        events = self.stack.resources.attribute("EventTable")
        before = self._from_aws("GET", table_digests.PATH)
        yield
        after = self._from_aws("GET", table_digests.PATH)
        assert before[events].items() <= after[events].items()
        fresh = after.pop(events).keys() - before.pop(events).keys()
        assert after == before, [name for name in before if after[name] != before[name]]
        recorded = [self._ask_aws("GetItem", {"TableName": events, "Key": json.loads(key)})["Item"] for key in fresh]
        assert sorted(event["code"]["S"] for event in recorded) == sorted(refusals)
        assert all(event["outcome"]["S"] == "refused" for event in recorded)


SIGNED = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/dynamodb/aws4_request",
}

CPU_SECONDS: dict[str, float] = {}
"""What the function spent on each request to a stack that tells (`seen=note_work`), by request id."""


def note_work(exchange: Exchange) -> None:
    """Remember what an answer took."""
    told = {name.lower(): value for name, value in exchange.answer.headers}
    if "apigw-requestid" in told:
        CPU_SECONDS[told["apigw-requestid"]] = exchange.answer.cpu_seconds


MOST_SECONDS = 6
"""Of work that bad input may cause: 2 on a core of its own. What has no bound takes minutes."""


def assert_refused(response: Response, status: int, code: str, *fields: str) -> None:
    """The problem is the expected one, in full and in time; `fields` are those that it finds fault with."""
    assert (response.status, response.code) == (status, code), response
    problem = response.json
    assert problem["type"] == f"urn:signet:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["request_id"] == response.headers["apigw-requestid"]
    assert "Traceback" not in response.body.decode()
    assert '.py"' not in response.body.decode()
    # Of work, not of waiting: a machine that is busy makes no answer wrong.
    assert CPU_SECONDS.get(problem["request_id"], 0) < MOST_SECONDS, response
    if fields:
        assert {one["field"] for one in problem["errors"]} == set(fields), response
