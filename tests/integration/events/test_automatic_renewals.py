"""What a CA answers to a renewal that the expiry check asked for by itself: out of its time, it takes no alias."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from local.lambda_service.lambda_runtime import Context, load_handler
from signet.domain.moments import rfc3339
from tests.support.certificates.issued import in_base64, issue
from tests.support.checks.budgets import ORDER
from tests.support.services.in_process import InProcess
from tests.support.services.over_http import Response, at

pytestmark = pytest.mark.clock


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    """Empty tables."""
    whole.forget()
    with whole.as_it_was():
        yield whole


@pytest.fixture
def old(signet: InProcess) -> dict[str, Any]:
    """A certificate whose renewal the expiry check has just asked for."""
    made = signet.admin.import_certificate(issue(days=29), owner="local/alice", renew_at_stage=30)
    function = signet.functions["CheckExpiryFunction"]
    context = Context(function, "request", signet.clock.monotonic() + 900)
    load_handler(function)({"source": "aws.events", "time": rfc3339(datetime.now(UTC))}, context)
    found: dict[str, Any] = signet.admin.good("GET", at(made["id"]))
    return found


def answer(signet: InProcess, way: str, old: dict[str, Any], days: float, begins_in_days: float = -1) -> Response:
    """Send what the CA issues, for the request or as an ordinary import."""
    request = signet.admin.good("GET", f"/signing-requests/{old['pending_request']}")
    key = x509.load_pem_x509_csr(request["csr"].encode()).public_key()
    content = {"content": in_base64(issue(public_key=key, days=days, begins_in_days=begins_in_days).pem)}
    path = "/certificates" if way == "import" else f"/signing-requests/{request['id']}/certificate"
    return signet.admin.post(path, content)


@pytest.mark.parametrize("way", ["issued", "import"])
@pytest.mark.parametrize(
    ("days", "begins_in_days", "status", "code"),
    [(-1, -20, 422, "certificate_expired"), (300, 1, 409, "certificate_not_yet_valid")],
)
def test_an_answer_out_of_its_time_changes_nothing_and_the_right_one_still_comes(
    signet: InProcess, old: dict[str, Any], way: str, days: int, begins_in_days: int, status: int, code: str
) -> None:
    before = signet.items()

    refused = answer(signet, way, old, days, begins_in_days)

    assert (refused.status, refused.code) == (status, code)
    assert ("retry-after" in refused.headers) == (status == 409)
    assert signet.items() == before
    alice = signet.caller("alice")
    signature = alice.good("POST", at(old["alias"], "sign"), ORDER)
    assert signature["certificate_id"] == old["id"]

    made = answer(signet, way, old, days=300)
    assert (made.status, made.json["renews"], made.json["renew_at_stage"]) == (201, old["id"], 30), made
    assert alice.good("POST", at(old["alias"], "sign"), ORDER)["certificate_id"] == made.json["id"]
