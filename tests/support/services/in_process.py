"""The service inside the test's own process: the deployed handlers on patched Moto, and every AWS call seen.

Slower than nothing, and faster than a stack of processes: a test can fail one call, look at every table, and put all
tables back, a thousand times a minute.
"""

from __future__ import annotations

import base64
import copy
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.retries.quota import RetryQuota
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import dynamodb_backends

from local.api_gateway.gateway import Gateway
from local.api_gateway.http_server import Request
from local.api_gateway.routes import routes_of
from local.aws import moto_patches
from local.aws.resources import Resources
from local.aws.template import ACCOUNT, REGION, Template
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import (
    Context,
    Function,
    aws_environment,
    environment_of,
    functions_of,
    load_handler,
    run,
)
from tests.support.services.capacity_units import units_of_answer, units_of_request
from tests.support.services.over_http import ADMINISTRATORS, CPU_SECONDS, Check, Client, Response

_LOCAL_ISSUER = json.dumps(
    [{"alias": "local", "issuer": "http://127.0.0.1:9", "audiences": ["signet"], "user_claim": "sub"}]
)
"""Its users can be named; nobody logs in here."""

CHECKOUT = Path(__file__).resolve().parents[3]
AUTHORIZERS = {"AuthorizeRequestFunction", "AuthorizeTransitRequestFunction", "AuthorizeKmsRequestFunction"}
URL = "http://127.0.0.1:3000"


@dataclass
class Call:
    """One AWS call, as it went over the wire; botocore's own retries are calls, too."""

    service: str
    operation: str
    request: Mapping[str, Any]
    thread: int
    """That it was made in."""
    answer: Mapping[str, Any] = field(repr=False)
    """Empty where the call failed."""
    capacity: float = 0
    """DynamoDB units, reads and writes together, indexes left out; computed here, since Moto's are made up."""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


Send = Callable[[], AWSResponse]
Fault = Callable[[Send, Mapping[str, Any]], AWSResponse]
"""Stands in for a call, given what was asked; may send it all the same."""


class Calls:
    """What AWS is asked, in order; `fault(index, name)` may give something to happen instead."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        self.fault: Callable[[int, str], Fault | None] = lambda index, name: None
        self.on = False

    @property
    def names(self) -> list[str]:
        """`dynamodb:BatchGetItem`, ..."""
        return [str(call) for call in self.made]

    @property
    def round_trips(self) -> int:
        """How many calls one after the other it comes to, where calls of the same length are shared out evenly.

        Counted by threads, since times of calls differ with what else the machine does: each call of the thread that
        began is one, and what other threads do between two of those is divided by their number.
        """
        trips = 0
        for alone, together in groupby(self.made, lambda call: call.thread == self.made[0].thread):
            calls = Counter(call.thread for call in together)
            trips += calls.total() if alone else math.ceil(calls.total() / len(calls))
        return trips

    @property
    def capacity(self) -> float:
        """Of all of them."""
        return sum(call.capacity for call in self.made)


class FakeTime:
    """Sleeping takes no time, and `time.monotonic` believes it did; while others have the machine, no time passes."""

    def __init__(self) -> None:
        self.slept = 0.0
        self._begun = time.monotonic() - time.process_time()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.slept += max(0.0, seconds)

    def monotonic(self) -> float:
        """The time that this process has used, and what was slept."""
        return self._begun + time.process_time() + self.slept


class InProcessClient(Client):
    """As `Client`, without a socket."""

    def __init__(self, signet: InProcess, user: str, groups: tuple[str, ...], check: Check | None) -> None:
        super().__init__(URL, None, check, user)
        self._signet = signet
        told = json.dumps({"user": user, "user_groups": list(groups)})
        self._bearer = base64.urlsafe_b64encode(told.encode()).decode()

    def send(self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """One request through the real gateway to the real handler."""
        sent = [("Authorization", f"Bearer {self._bearer}"), ("User-Agent", "tests"), *headers.items()]
        begun, worked = time.perf_counter(), time.thread_time()
        answer = self._signet.gateway.answer(Request(method, target, "HTTP/1.1", sent, content or b"", "127.0.0.1"))
        got = {name.lower(): value for name, value in answer.headers}
        if "apigw-requestid" in got:
            CPU_SECONDS[got["apigw-requestid"]] = time.thread_time() - worked
        return Response(method, target, answer.status, got, answer.body, time.perf_counter() - begun)


class InProcess:
    """All functions of the template."""

    def __init__(self, calls: Calls, clock: FakeTime, parameters: Mapping[str, str]) -> None:
        def client(service: str) -> Any:
            config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1})
            return boto3.client(service, region_name=REGION, config=config)  # type: ignore[call-overload]

        self.calls = calls
        self.clock = clock
        self.client = client
        self.template = _template(tuple(sorted(parameters.items())))
        self.resources = Resources(self.template, client, api_endpoint=URL)
        self.resources.make_all()
        self.functions = functions_of(self.template, self.resources)
        self.environment = environment_of(self.template, self.resources)
        self.gateway = Gateway(routes_of(self.template, self.resources, self.functions), self._invoke)
        self.tables = {
            name: str(self.resources.attribute(name)) for name in self.template.of_type("AWS::DynamoDB::Table")
        }

    def caller(self, user: str, *groups: str, check: Check | None = None) -> InProcessClient:
        """`user` of the issuer `local`."""
        return InProcessClient(self, f"local/{user}", tuple(f"local/{group}" for group in groups), check)

    @property
    def admin(self) -> InProcessClient:
        """An Administrator."""
        return self.caller("admin", ADMINISTRATORS)

    def _invoke(self, function: Function, payload: bytes, request_id: str) -> Outcome:
        if function.logical_id in AUTHORIZERS:
            # Whatever the dialect, this client has its token where ours have it.
            bearer = json.loads(payload)["headers"]["authorization"].removeprefix("Bearer ")
            who = json.loads(base64.urlsafe_b64decode(bearer))
            context = {
                "user": who["user"],
                "user_groups": json.dumps(who["user_groups"]),
                "expires_at": str(int(time.time()) + 3600),
            }
            return Outcome(json.dumps({"isAuthorized": True, "context": context}).encode(), None, "")
        deadline = time.monotonic() + function.timeout
        answer, failed = run(function, load_handler(function), payload, Context(function, request_id, deadline))
        if time.monotonic() > deadline:
            return Outcome(b"{}", "TimedOut", "")
        return Outcome(answer, "Unhandled" if failed else None, "")

    def forget(self) -> None:
        """Begin as a cold function does: no key, alias or policy in memory. The connections stay."""
        from signet.wiring import wiring

        for name in ("records", "keys", "cursors"):
            wiring().__dict__.pop(name, None)

    @contextmanager
    def counting(self, fault: Callable[[int, str], Fault | None] | None = None) -> Iterator[Calls]:
        """See the calls made meanwhile, and let some fail."""
        self.calls.made = []
        self.calls.fault = fault or (lambda index, name: None)
        self.calls.on = True
        try:
            yield self.calls
        finally:
            self.calls.on = False

    def items(self) -> dict[str, list[dict[str, Any]]]:
        """Every item of every table, as DynamoDB types it, by the table's logical id."""
        return {
            logical: [item.to_json()["Attributes"] for item in _items_of(_backend().tables[name])]
            for logical, name in self.tables.items()
        }

    def kept(self) -> Any:
        """All tables as they are."""
        return {name: copy.deepcopy(_backend().tables[name].items) for name in self.tables.values()}

    def put_back(self, kept: Any) -> None:
        """All tables as they were."""
        for name, items in kept.items():
            _backend().tables[name].items = copy.deepcopy(items)
            if shard := _backend().tables[name].stream_shard:
                shard.items.clear()

    @contextmanager
    def as_it_was(self) -> Iterator[Self]:
        """Whatever is stored meanwhile is gone at the end."""
        kept = self.kept()
        yield self
        self.put_back(kept)


@cache
def _template(parameters: tuple[tuple[str, str], ...]) -> Template:
    return Template.load(CHECKOUT / "template.yaml", dict(parameters))


def _backend() -> Any:
    return dynamodb_backends[ACCOUNT][REGION]


def _items_of(table: Any) -> Iterator[Any]:
    for entry in table.items.values():
        if table.range_key_attr:
            yield from entry.values()
        else:
            yield entry


@contextmanager
def running(*, hurried: bool = True, **parameters: str) -> Iterator[InProcess]:
    """The service on an AWS of its own, until the end of the block; no other may run in the process.

    With `hurried`, nobody waits: sleeping takes no time.
    """
    from signet.settings import settings
    from signet.wiring import wiring

    calls, clock = Calls(), FakeTime()
    given = {
        "Release": "0" * 16,
        "TrustedIssuers": _LOCAL_ISSUER,
        "AdministratorGroup": f"local/{ADMINISTRATORS}",
        **parameters,
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in aws_environment("").items():
            if name != "AWS_ENDPOINT_URL":
                patch.setenv(name, value)
        moto_patches.apply()
        signet = InProcess(calls, clock, given)
        for name, value in signet.environment.items():
            patch.setenv(name, value)
        if hurried:
            patch.setattr(time, "sleep", clock.sleep)
            patch.setattr(time, "monotonic", clock.monotonic)
        # A client gives up retrying after enough failures of its whole life, and this one has a thousand.
        patch.setattr(RetryQuota, "acquire", lambda self, amount: True)
        patch.setattr(BotocoreStubber, "__call__", _seen(calls, BotocoreStubber.__call__))
        settings.cache_clear()
        wiring.cache_clear()
        try:
            yield signet
        finally:
            settings.cache_clear()
            wiring.cache_clear()


def _seen(calls: Calls, original: Callable[..., AWSResponse | None]) -> Callable[..., AWSResponse | None]:
    def call(self: BotocoreStubber, event_name: str, request: AWSRequest, **more: Any) -> AWSResponse | None:
        if not calls.on or not self.enabled:
            return original(self, event_name, request, **more)
        _, service, operation = event_name.split(".")
        asked = json.loads(request.body or b"{}")
        made = Call(
            service, operation, asked, threading.get_ident(), {}, units_of_request(operation, asked, _backend().tables)
        )
        fault = calls.fault(len(calls.made), str(made))
        calls.made.append(made)

        def send() -> AWSResponse:
            response = original(self, event_name, request, **more)
            assert response is not None
            return response

        response = fault(send, asked) if fault else send()
        made.answer = json.loads(response.content or b"{}")
        made.capacity += units_of_answer(operation, asked, made.answer)
        return response

    return call


def answered(status: int, body: Mapping[str, Any]) -> AWSResponse:
    """An answer of AWS's."""
    raw: Any = _Raw(json.dumps(body).encode())
    return AWSResponse("https://aws.invalid/", status, HTTPHeaders(), raw)


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        while content := self.read():
            yield content
