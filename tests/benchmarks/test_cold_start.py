"""What a cold start costs, init and first call together, beside a bare function's: processor time, of runs in turns."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws.moto_process import MotoServer
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import Function, aws_environment
from tests.architecture.source_tree import PACKAGE, ROOT, function_modules
from tests.benchmarks.quiet import quiet
from tests.support.certificates.issued import issue, unused_name
from tests.support.checks.budgets import ORDER
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at

MOST_TIMES_BARE = 1.3
LEAST_TURNS, SECONDS = 3, 60
"""As many turns as are done in a minute: on a machine that is busy, fewer."""
BARE = "bare_function"
MEASURED = {
    "sign_with_certificate": "SignWithCertificateFunction",
    "get_certificate": "GetCertificateFunction",
    "list_certificates": "ListCertificatesFunction",
    "import_certificate": "ImportCertificateFunction",
    "check_expiry": "",
    "announce_events": "",
    "authorize_request": "",
}
"""One for each kind of work, and the function whose request is listened to; the others have a sample event."""


@dataclass(frozen=True)
class Start:
    """Milliseconds of the processor."""

    init: float
    first_call: float

    @property
    def together(self) -> float:
        """Of both."""
        return self.init + self.first_call


@pytest.fixture
def signet() -> Iterator[InProcess]:
    with quiet(), running(hurried=False) as signet:
        yield signet


@pytest.fixture
def environment(signet: InProcess) -> Iterator[Mapping[str, str]]:
    """What a function is started with: the same tables and keys, over HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = MotoServer(listener)
    server.start()
    aws = aws_environment(f"http://127.0.0.1:{listener.getsockname()[1]}")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    yield {**inherited, **signet.environment, **aws, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
    server.close()


def events_of(signet: InProcess) -> dict[str, dict[str, Any]]:
    """What each function is asked, as the gateway would hand it on, by action."""
    heard: dict[str, dict[str, Any]] = {}
    invoke = signet.gateway._invoke

    def listening(function: Function, payload: bytes, name: str) -> Outcome:
        heard[function.logical_id] = json.loads(payload)
        return invoke(function, payload, name)

    signet.gateway._invoke = listening
    made = signet.admin.import_certificate(alias="cold", owner="local/alice")
    signet.caller("alice").good("POST", at("cold", "sign"), ORDER)
    signet.admin.good("GET", at(made["id"]))
    signet.admin.good("GET", "/certificates")
    return {
        action: heard[function] if function else json.loads((ROOT / f"events/{action}.json").read_text())
        for action, function in MEASURED.items()
    }


def start(module: str, paths: list[Path], event: Mapping[str, Any], environment: Mapping[str, str]) -> Start:
    """In a process of its own, with bytecode there."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("cold_start.py")],
        input=json.dumps({"module": module, "paths": [str(path) for path in paths], "event": event}),
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    if "statusCode" in told["answer"]:
        assert told["answer"]["statusCode"] in {200, 201}, told["answer"]
    return Start(told["init"], told["first_call"])


def with_new_certificate(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """`event`, with another certificate where it imports one: that can be done once."""
    if event.get("routeKey") != "POST /v1/certificates":
        return event
    return {**event, "body": json.dumps(issue().body(alias=unused_name("cold"))), "isBase64Encoded": False}


def test_what_a_cold_start_costs(signet: InProcess, environment: Mapping[str, str]) -> None:
    folders = {module.action: module.folder for module in function_modules()}
    events = events_of(signet)
    found: dict[str, list[Start]] = {}
    begun = time.monotonic()
    while len(found.get(BARE, ())) < LEAST_TURNS or time.monotonic() < begun + SECONDS:
        found.setdefault(BARE, []).append(start(BARE, [Path(__file__).parent], {}, environment))
        for action, event in events.items():
            paths = [folders[action], PACKAGE.parent]
            found.setdefault(action, []).append(start("app", paths, with_new_certificate(event), environment))
    best = {action: min(starts, key=lambda each: each.together) for action, starts in found.items()}
    bare = best[BARE].together
    print(
        f"\n\n{'cold start, milliseconds of the processor':<44} {'init':>6} {'first call':>11} {'times the bare':>15}"
    )
    for action, each in sorted(best.items(), key=lambda one: -one[1].together):
        over = "" if each.together <= MOST_TIMES_BARE * bare else "   over the budget"
        print(f"{action:<44} {each.init:>6.0f} {each.first_call:>11.0f} {each.together / bare:>15.2f}{over}")
    print(f"(the budget: {MOST_TIMES_BARE} times; the least of {len(found[BARE])} turns)")
    for action in MEASURED:
        assert best[action].first_call < best[BARE].together / 2, f"{action} makes at its first call what init should"
