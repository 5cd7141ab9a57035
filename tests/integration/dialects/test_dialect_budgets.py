"""A signature in a dialect costs what a signature costs: the same AWS calls, in as many round trips."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.support.checks.budgets import ORDER, Cost, cost
from tests.support.services.dialects import MESSAGE, b64
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import Response, at

AMAZON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Security-Token": "as ours"}


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        signet.admin.get("/me")
        yield signet


def test_signing_costs_the_same_in_every_dialect_and_reading_a_key_one_read(signet: InProcess) -> None:
    alice = signet.caller("alice")
    made = signet.admin.import_certificate(alias="signs", owner="local/alice")

    def kms(action: str, **parameters: str) -> Response:
        headers = {**AMAZON, "X-Amz-Target": f"TrentService.{action}"}
        return alice.send("POST", "/", json.dumps({"KeyId": "alias/signs", **parameters}).encode(), headers)

    def transit(verb: str, **body: str) -> Response:
        return alice.send("PUT", f"/v1/transit/{verb}/signs", json.dumps(body).encode(), {})

    def warm(action: str, call: Callable[[], Response]) -> Cost:
        assert call().status == 200
        return cost(signet, action, call)

    ours = warm("sign", lambda: alice.post(at("signs", "sign"), ORDER))
    by_transit = warm("transit", lambda: transit("sign", input=b64(MESSAGE), key_version="1"))
    by_kms = warm("kms", lambda: kms("Sign", Message=b64(MESSAGE[:1000]), SigningAlgorithm="ECDSA_SHA_256"))
    key = warm("read", lambda: alice.send("GET", f"/v1/transit/keys/{made['id']}", None, {}))
    described = warm("describe", lambda: kms("DescribeKey"))

    assert ours.names == by_transit.names == by_kms.names
    assert ours.round_trips == by_transit.round_trips == by_kms.round_trips == 2
    assert key.names == described.names == ("BatchGetItem",)
