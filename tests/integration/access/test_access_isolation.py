"""A transaction appears item by item to whoever reads meanwhile: what is remembered is never older than its name."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.in_process import Fault, InProcess, Send, answered, running
from tests.support.services.over_http import Response, at


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


def sign(signet: InProcess, certificate: str) -> Response:
    order = {
        "message": in_base64(hashlib.sha256(b"hello").digest()),
        "message_type": "DIGEST",
        "signing_algorithm": "ECDSA_SHA_256",
    }
    return signet.caller("bob").post(at(certificate, "sign"), order)


def seen_before(state: Mapping[str, Any], times: int) -> Fault:
    """The first `times` queries are answered as if it were still as in `state`."""
    left = [times]

    def answer(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        response = send()
        if left[0] == 0:
            return response
        left[0] -= 1
        return answered(200, state)

    return answer


def partition(signet: InProcess) -> Mapping[str, Any]:
    """What a query of all policies, groups and roles answers now."""
    answer: Mapping[str, Any] = signet.client("dynamodb").query(
        TableName=signet.tables["AccessTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "access"}},
    )
    return {name: answer[name] for name in ("Items", "Count", "ScannedCount")}


def allowed(signet: InProcess) -> tuple[str, str]:
    """A certificate and the policy that lets Bob sign with it."""
    certificate = signet.admin.import_certificate()["id"]
    body = {
        "name": unused_name("Bob may"),
        "action": "allow",
        "what": {"certificates": [certificate]},
        "who": {"users": ["local/bob"]},
    }
    policy = signet.admin.good("POST", "/policies", body)["id"]
    assert sign(signet, certificate).status == 200
    return certificate, policy


@pytest.mark.parametrize("change", ["disable", "delete"])
def test_a_change_of_which_only_the_revision_is_seen_is_waited_for(signet: InProcess, change: str) -> None:
    certificate, policy = allowed(signet)
    before = partition(signet)
    if change == "disable":
        signet.admin.good("PATCH", f"/policies/{policy}", {"enabled": False})
    else:
        signet.admin.good("DELETE", f"/policies/{policy}")
    signet.forget()

    fault = seen_before(before, times=2)
    with signet.counting(lambda index, name: fault if name == "dynamodb:Query" else None) as calls:
        assert sign(signet, certificate).status == 404
    assert calls.names.count("dynamodb:Query") == 3

    with signet.counting() as calls:
        assert sign(signet, certificate).status == 404
    assert "dynamodb:Query" not in calls.names


def test_a_change_that_never_appears_is_a_503_and_nothing_is_remembered(signet: InProcess) -> None:
    certificate, policy = allowed(signet)
    before = partition(signet)
    signet.admin.good("DELETE", f"/policies/{policy}")
    signet.forget()

    fault = seen_before(before, times=100)
    with signet.counting(lambda index, name: fault if name == "dynamodb:Query" else None):
        answer = sign(signet, certificate)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "retry-after" in answer.headers
    assert sign(signet, certificate).status == 404
