"""A check of 100,000 certificates, 2,000 of them due: what it asks of AWS, and how long that takes at 5 ms for each."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.template import ACCOUNT, REGION
from local.lambda_service.lambda_runtime import Context, load_handler
from signet.adapters.dynamodb.rows.certificate_rows import settings_row, usage_row
from signet.domain.certificates.certificate import Usage
from signet.domain.moments import rfc3339
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.in_process import Fault, InProcess, Send, running

END = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
CALL_SECONDS = 0.005
TIMEOUT_SECONDS = 900


@pytest.fixture
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


def fill(signet: InProcess, *, due: int, not_due: int) -> None:
    table = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["CertificateTable"]]
    for _ in range(due):
        certificate = a_certificate(not_after=END)
        for row in (settings_row(certificate), usage_row(certificate.id, Usage())):
            table.put_item(row.serialize())
    later = a_certificate(not_after=END + timedelta(days=3650))
    item = table.put_item(settings_row(later).serialize())
    for number in range(not_due - 1):  # one item under many keys: nobody is to read it
        table.items[DynamoType({"S": f"{later.id}{number}"})][item.range_key] = item


def test_two_thousand_due_among_a_hundred_thousand(signet: InProcess) -> None:
    fill(signet, due=2_000, not_due=98_000)
    function = signet.functions["CheckExpiryFunction"]
    under_way, most = 0, 0
    lock = threading.Lock()

    def slowly(index: int, name: str) -> Fault:
        def call(send: Send, asked: Any) -> Any:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            threading.Event().wait(CALL_SECONDS)
            try:
                return send()
            finally:
                with lock:
                    under_way -= 1

        return call

    begun = time.perf_counter()
    with signet.counting(slowly) as calls:
        summary = load_handler(function)({"time": rfc3339(END - timedelta(days=20))}, Context(function, "request"))
    took = time.perf_counter() - begun

    made = Counter(calls.names)
    waited = (made["dynamodb:Query"] + made["dynamodb:TransactWriteItems"] / most) * CALL_SECONDS
    print(
        f"\n{dict(made)}, {most} at once: {waited:.1f} s of waiting at 5 ms a call; {took:.0f} s with Moto's own time"
    )
    assert summary["flagged"]["30"] == 2_000
    assert made["dynamodb:TransactWriteItems"] == 2_000
    assert sum(made.values()) <= 2_000 + 10
    assert waited < TIMEOUT_SECONDS / 100
