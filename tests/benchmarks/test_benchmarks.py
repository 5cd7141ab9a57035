"""What is measured, printed by `make bench`: costs that are counted, and times that depend on the machine."""

from __future__ import annotations

import base64
import hashlib
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from botocore.client import BaseClient
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import Function
from tests.benchmarks.quiet import quiet
from tests.support.certificates.issued import issue
from tests.support.checks.budgets import HEADER, SORTS, many_certificates, of_lists, of_signing, of_the_rest
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at

MOST_MILLISECONDS_OF_OUR_OWN = 1.0
RSA_2048_ON_A_QUIET_CORE = 0.23
"""Milliseconds of the bare signature where the budget was set: it tells how slow the machine is just now."""


@pytest.fixture
def signet() -> Iterator[InProcess]:
    # The clock of tests in a hurry asks the processor for its time, which would be measured with the rest.
    with quiet(), running(hurried=False) as signet:
        signet.admin.get("/me")
        yield signet


def test_what_each_action_costs(signet: InProcess) -> None:
    print(f"\n\n{HEADER}")
    for one in (*of_signing(signet), *of_the_rest(signet)):
        print(one)
    group = stored_group("Many")
    many_certificates(signet, 100, group)
    for one in islice(of_lists(signet, group, signet.admin, "list", SORTS[:1]), 3):
        print(one)


def test_what_a_warm_signature_takes_beside_the_signature_and_aws(
    signet: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(algorithm="RSA_2048")
    signet.admin.import_certificate(issued, alias="warm", owner="local/alice")
    alice, digest = signet.caller("alice"), hashlib.sha256(b"m").digest()
    order = {"message": base64.b64encode(digest).decode(), "message_type": "DIGEST"}
    order["signing_algorithm"] = "RSASSA_PKCS1_V1_5_SHA_256"
    # What pytest does with each line of a log is not the service's time.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    inside: list[float] = []
    send = BaseClient._make_api_call  # type: ignore[attr-defined]

    def timed(*call: Any) -> Any:
        begun = time.thread_time()
        try:
            return send(*call)
        finally:
            inside[-1] += time.thread_time() - begun

    monkeypatch.setattr(BaseClient, "_make_api_call", timed)
    module = signet.functions["SignWithCertificateFunction"]
    events: list[bytes] = []
    gateway_invoke = signet.gateway._invoke

    def listening(function: Function, payload: bytes, name: str) -> Outcome:
        events.append(payload)
        return gateway_invoke(function, payload, name)

    signet.gateway._invoke = listening
    inside.append(0)
    alice.good("POST", at("warm", "sign"), order)
    event = events[-1]

    def sign() -> None:
        inside.append(0)
        assert gateway_invoke(module, event, "a request").error is None

    def sign_barely() -> None:
        inside.append(0)
        issued.key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))

    bare, whole = paired_ms(300, sign_barely, sign, without=lambda: inside[-1])
    own = whole - bare
    calls = statistics.median(each for each in inside[-300:] if each) * 1000
    print(f"\n\nwarm signature, own time: {own:.2f} ms above the bare {bare:.2f} ms of RSA-2048")
    print(f"(both its AWS calls, Moto's own work in them, are {calls:.1f} ms here and left out)")
    slowness = max(1.0, bare / RSA_2048_ON_A_QUIET_CORE)
    print(f"on a core as quiet as where the budget was set: {own / slowness:.2f} ms")
    print(f"(the budget: {MOST_MILLISECONDS_OF_OUR_OWN} ms)")


def paired_ms(
    times: int, one: Callable[[], object], other: Callable[[], object], *, without: Callable[[], float]
) -> tuple[float, float]:
    """Of the processor's time, and of the quietest of ten spells, since others may be at work on the machine.

    The two take turns, so that whatever else the machine does, it does to both.
    """
    spells = []
    for _ in range(10):
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(times // 10):
            for run, seconds in zip((one, other), taken, strict=True):
                begun = time.thread_time()
                run()
                seconds.append(time.thread_time() - begun - without())
        spells.append((statistics.median(taken[0]) * 1000, statistics.median(taken[1]) * 1000))
    return min(spells, key=lambda each: each[1] - each[0])
