"""Brings the samples in at start, as if the service had been in use for some weeks.

Each thing is done by a request to the service, through a gateway, the authorizer and the function that the template
names, as a caller's would be; only the clock that the function reads stands in the past. So ids, times, counts and
events agree.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.api_gateway.gateway import Gateway, Invoke
from local.api_gateway.http_server import Request
from local.api_gateway.routes import Route
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import Function
from local.oidc.local_issuer import LocalIssuer
from local.oidc.people import PEOPLE
from local.samples.arrangements import arrangements
from local.samples.steps import Call, Days, Step
from local.samples.uses import lately, weeks

IN_THE_PAST = Function(
    logical_id="SampleData",
    name="sample-data",
    arn="",
    folder=str(Path(__file__).resolve().parent),
    handler="past.lambda_handler",
    timeout=60,
    memory=1769,
)
"""What plays the service's functions in the past; no part of the template."""

CHECK_EXPIRY = "CheckExpiryFunction"

DONE = frozenset({http.client.OK, http.client.CREATED, http.client.NO_CONTENT})
WHERE = {
    "alice": "198.51.100.21",
    "bob": "198.51.100.34",
    "wendy": "198.51.100.47",
    "build": "192.0.2.80",
}
"""Addresses that are kept for documentation (RFC 5737)."""


def seed(
    routes: list[Route],
    functions: Mapping[str, Function],
    invoke: Invoke,
    issuer: LocalIssuer,
    log: Callable[[str], None],
    *,
    history: bool,
) -> None:
    """Bring the samples in by `invoke`, which runs `IN_THE_PAST`; what goes wrong is told to `log`.

    Without `history` nothing is used day by day: what there is, how it came about, and the last hour.
    """
    days = Days(datetime.now(UTC))
    steps: list[Step] = [*arrangements(days), *lately(days), *(weeks(days) if history else ())]
    steps.sort(key=lambda step: step.at)
    service = _Service(routes, invoke, issuer, since=steps[0].at)
    for step in steps:
        if fault := service.take(step) if isinstance(step, Call) else service.run(functions[CHECK_EXPIRY], step.at):
            log(fault)


class _Service:
    """The service as it was."""

    def __init__(self, routes: list[Route], invoke: Invoke, issuer: LocalIssuer, *, since: datetime) -> None:
        self._gateway = Gateway(routes, self._invoke_then)
        self._invoke = invoke
        self._issuer = issuer
        self._since = since
        self._groups = {person.user: person.groups for person in PEOPLE}
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._at = since

    def take(self, call: Call) -> str | None:
        """Make `call`; what is wrong where it did not come to what it should."""
        self._at = call.at
        body = b"" if call.body is None else json.dumps(call.body).encode()
        headers = [
            ("Authorization", f"Bearer {self._token(call.user)}"),
            ("Content-Type", "application/json"),
            ("User-Agent", "signet-cli"),
        ]
        target = call.path.format(self._ids.get(call.of, ""))
        request = Request(call.method, target, "1.1", headers, body, call.source_ip or WHERE[call.user])
        answer = self._gateway.answer(request)
        told = json.loads(answer.body) if answer.body else {}
        if call.refused is None and answer.status in DONE:
            if "name" in told:
                self._ids[told["name"]] = told["id"]
            return None
        if call.refused is not None and told.get("code") == call.refused:
            return None
        expected = call.refused or "done"
        return (
            f"a sample is not as it should be: {call.at} {call.method} {target}: {answer.status} {told}, not {expected}"
        )

    def run(self, function: Function, at: datetime) -> str | None:
        """Run what the schedule runs, at `at`; what is wrong where it failed."""
        self._at = at
        outcome = self._invoke_then(function, json.dumps({"time": at.isoformat()}).encode(), "")
        return None if outcome.error is None else f"a sample is not as it should be: {at} {outcome.payload.decode()}"

    def _invoke_then(self, function: Function, payload: bytes, request_id: str) -> Outcome:
        order = {"function": function.as_json(), "at": self._at.isoformat(), "event": json.loads(payload)}
        outcome = self._invoke(IN_THE_PAST, json.dumps(order).encode(), request_id)
        if outcome.error is not None:
            return outcome
        told = json.loads(outcome.payload)
        payload = json.dumps(told["answer"]).encode()
        return replace(outcome, payload=payload, error="Unhandled" if told["failed"] else None)

    def _token(self, user: str) -> str:
        """A token that was valid all the time; the authorizer is as strict as ever."""
        if user not in self._tokens:
            begun: dict[str, Any] = {"iat": int(self._since.timestamp()), "nbf": int(self._since.timestamp())}
            self._tokens[user] = self._issuer.token(user, self._groups.get(user, ()), claims=begun)
        return self._tokens[user]
