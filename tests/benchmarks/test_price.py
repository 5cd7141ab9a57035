"""What a million signatures cost, index writes included, beside the budget and what peers cost: counted, not timed."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from signet.observability import logger
from tests.architecture.source_tree import of_type
from tests.benchmarks.quiet import quiet
from tests.support.checks.budgets import ORDER, many_certificates
from tests.support.services.access_seeds import stored_group
from tests.support.services.capacity_units import size_of
from tests.support.services.in_process import Call, InProcess, running
from tests.support.services.meetings import meetings_cancel
from tests.support.services.over_http import Response, at

MOST_DOLLARS_A_MILLION = 9.0

# List prices of us-east-1, dollars a million; docs/performance.md says where each is from.
READ_UNIT, WRITE_UNIT = 0.125, 0.625  # DynamoDB, on demand
REQUEST, EVENT, INVOCATION = 1.00, 1.00, 0.20  # HTTP API, EventBridge, Lambda
GIGABYTE_SECOND, GIGABYTE_OF_LOG = 13.3334, 0.50  # Lambda on arm64, a million of them; CloudWatch Logs, one
BILLED_SECONDS, GIGABYTES = 0.012, 1769 / 1024
"""Assumed, not measured: two calls of 5 ms, an RSA-2048 signature of 0.25 ms and 1.0 ms of its own, rounded up."""
SLOWER_SECONDS = 0.015, 0.018
PLATFORM_BYTES, BYTES_OF_EACH_LINE = 0, 26
"""Lambda's own lines about a run that went well are off; what CloudWatch adds to each line."""
ANNOUNCED_TOGETHER = 10
"""Events in one run of the announcer under load: a tenth of what a batch holds."""
PEERS = {
    "AWS KMS, an RSA-2048 key: $0.03 for 10,000, and $1 a month for each key": 3.0,
    "AWS KMS, any other asymmetric key: $0.15 for 10,000, and $1 a month for each key": 15.0,
    "Azure Key Vault, an RSA-2048 key: $0.03 for 10,000; in an HSM $1 a month for each key": 3.0,
    "Azure Key Vault, other keys: $0.15 for 10,000; in an HSM up to $5 a month for each key": 15.0,
}


@pytest.fixture
def signet() -> Iterator[InProcess]:
    with quiet(), running(hurried=False) as signet:
        signet.admin.get("/me")
        yield signet


def index_units(call: Call, tables: Mapping[str, str]) -> int:
    """Units of the indexes that a transaction writes into: one for each kilobyte of a new item in each of them.

    Of an item that is put again the old entry would be removed as well; no signature does that.
    """
    if call.operation != "TransactWriteItems":
        return 0
    logical = {physical: name for name, physical in tables.items()}
    units = 0
    for entry in call.request["TransactItems"]:
        ((kind, write),) = entry.items()
        if kind != "Put":
            continue
        table = of_type("AWS::DynamoDB::Table")[logical[write["TableName"]]]
        for index in table.get("GlobalSecondaryIndexes", []):
            if all(key["AttributeName"] in write["Item"] for key in index["KeySchema"]):
                units += math.ceil(size_of(write["Item"]) / 1024)
    return units


def bytes_logged(signet: InProcess, monkeypatch: pytest.MonkeyPatch, body: Mapping[str, Any]) -> int:
    """Of the function's own lines for one signature."""
    lines = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(logger.registered_handler, "stream", lines)
        patch.setattr(logging.getLogger("signet"), "level", logging.INFO)
        signet.caller("alice").good("POST", at("warm", "sign"), body)
    return len(lines.getvalue().encode()) + BYTES_OF_EACH_LINE * lines.getvalue().count("\n")


def test_a_million_signatures(signet: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    signet.admin.import_certificate(alias="warm", owner="local/alice")
    alice = signet.caller("alice")
    alice.good("POST", at("warm", "sign"), ORDER)
    with signet.counting() as calls:
        alice.good("POST", at("warm", "sign"), ORDER)
        made = list(calls.made)
    reads = sum(call.capacity for call in made if call.operation == "BatchGetItem")
    writes = sum(call.capacity for call in made if call.operation == "TransactWriteItems")
    indexes = sum(index_units(call, signet.tables) for call in made)
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    access_line = len(stage["AccessLogSettings"]["Format"]) + BYTES_OF_EACH_LINE
    logged = bytes_logged(signet, monkeypatch, ORDER) + access_line + PLATFORM_BYTES

    costs = {
        f"DynamoDB, {reads:g} units read": reads * READ_UNIT,
        f"DynamoDB, {writes:g} units written, in one transaction": writes * WRITE_UNIT,
        f"DynamoDB, {indexes} units written into the indexes of its event": indexes * WRITE_UNIT,
        "HTTP API, one request": REQUEST,
        "EventBridge, one announcement": EVENT,
        f"Lambda, one run of {BILLED_SECONDS * 1000:g} ms with {GIGABYTES:.2f} GB": INVOCATION
        + BILLED_SECONDS * GIGABYTES * GIGABYTE_SECOND,
        f"Lambda, a {ANNOUNCED_TOGETHER}th of a run of the announcer": (INVOCATION + 0.05 * 0.5 * GIGABYTE_SECOND)
        / ANNOUNCED_TOGETHER,
        f"CloudWatch Logs, {logged} bytes": logged * GIGABYTE_OF_LOG / 1000,
    }
    total = sum(costs.values())
    print("\n\na million signatures, dollars at list prices")
    for what, dollars in costs.items():
        print(f"{what:<78} {dollars:6.2f}")
    print(f"{'together':<78} {total:6.2f}   (the budget: {MOST_DOLLARS_A_MILLION:.2f})")
    for slower in SLOWER_SECONDS:
        more = (slower - BILLED_SECONDS) * GIGABYTES * GIGABYTE_SECOND
        print(f"{f'with {slower * 1000:g} ms billed':<78} {total + more:6.2f}")
    for peer, dollars in PEERS.items():
        print(f"{peer:<78} {dollars:6.2f}")
    assert total <= MOST_DOLLARS_A_MILLION


@pytest.mark.parametrize("count", [100, 10_000])
def test_what_does_not_grow_with_the_number_of_certificates(signet: InProcess, count: int) -> None:
    group = stored_group("Many")
    many_certificates(signet, count, group)
    made = signet.admin.import_certificate(alias="among many", owner="local/alice")
    alice = signet.caller("alice")
    alice.good("POST", at("among many", "sign"), ORDER)
    print(f"\n\n{count} certificates {'trips':>31} {'calls':>5} {'units':>7}")
    asked: dict[str, Callable[[], Response]] = {
        "sign": lambda: alice.post(at("among many", "sign"), ORDER),
        "get": lambda: signet.admin.get(at(made["id"])),
        "list, a page of 50 by alias": lambda: signet.admin.get("/certificates", limit=50),
    }
    for action, send in asked.items():
        send()
        with signet.counting() as calls:
            assert send().status == 200
        print(f"{action:<48} {calls.round_trips:>5} {len(calls.made):>5} {calls.capacity:>7g}")
        assert calls.round_trips <= 3


def test_one_hot_certificate(signet: InProcess) -> None:
    from tests.integration.resilience.races.at_once import at_once

    made = signet.admin.import_certificate(owner="local/alice")
    alice = signet.caller("alice")
    alice.good("POST", at(made["id"], "sign"), ORDER)
    signatures = 1
    print("\n\none certificate, transactions of 5 ms, of two that meet one is cancelled")
    print(f"{'callers at once':<16} {'signed':>7} {'answered 503':>13} {'transactions for each':>22}")
    for callers in (1, 4, 16, 64, 256):
        with signet.counting(meetings_cancel(0.005)) as calls:
            responses = at_once(callers, lambda _: alice.post(at(made["id"], "sign"), ORDER))
        signed = sum(response.status == 200 for response in responses)
        busy = sum(response.status == 503 for response in responses)
        tried = calls.names.count("dynamodb:TransactWriteItems") / callers
        print(f"{callers:<16} {signed:>7} {busy:>13} {tried:>22.1f}")
        assert signed + busy == callers
        signatures += signed
        events = signet.admin.items(at(made["id"], "events"), type="Certificate Used", limit=200)
        assert signet.admin.good("GET", at(made["id"]))["usage_count"] == len(events) == signatures
    print("(the budget: nothing is lost; DynamoDB itself takes 500 transactions a second on one item)")
