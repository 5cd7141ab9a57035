"""What `make run` shows when it starts: the sample certificates, and the words that it prints."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from local.__main__ import welcome
from local.in_process import functions_here, request
from local.seed import OWNER, PIN, SAMPLES
from local.stack import Stack, start
from tests.service import ADMINISTRATORS, Service


@pytest.fixture(scope="module")
def seeded() -> Iterator[Service]:
    printed: list[str] = []
    with start(seed=True, workers=2, log=printed.append) as stack:
        yield Service(stack, printed)


def test_the_samples_are_there_each_as_it_is_called(seeded: Service) -> None:
    found = {item["alias"]: item for item in seeded.caller("admin", ADMINISTRATORS).items("/certificates")}

    assert set(found) == {sample.alias for sample in SAMPLES}
    assert {alias: item["expiry"]["state"] for alias, item in found.items()} == {
        "release": "valid",
        "nightly": "expiring",
        "archive": "expired",
        "retired": "valid",
        "production": "valid",
    }
    assert [alias for alias, item in found.items() if item["status"] == "disabled"] == ["retired"]
    assert [alias for alias, item in found.items() if item["status_info"]["pin_required"]] == ["production"]
    assert all(item["has_private_key"] and item["owner"] == OWNER for item in found.values())


def test_their_owner_may_sign_with_them(seeded: Service) -> None:
    alice = seeded.caller("alice")
    order = {"message": base64.b64encode(b"hello").decode(), "message_type": "RAW", "reason": "to see"}

    signed = alice.post("/certificates/release/sign", {**order, "signing_algorithm": "RSASSA_PSS_SHA_256"})
    assert signed.status == 200, signed
    guarded = {**order, "signing_algorithm": "ECDSA_SHA_256", "pin": PIN}
    assert alice.post("/certificates/production/sign", guarded).status == 200


def test_the_first_call_that_is_printed_works_as_it_stands(seeded: Service) -> None:
    commands = [line.strip() for line in welcome(seeded.stack).splitlines() if line.startswith("  ")][:2]
    pasted = subprocess.run(
        ["bash", "-euc", "\n".join(commands)], capture_output=True, text=True, timeout=30, check=True
    )

    assert len(json.loads(pasted.stdout)["items"]) == len(SAMPLES)


def test_functions_can_be_run_in_this_process_against_the_same_aws(seeded: Service) -> None:
    from signet.settings import settings
    from signet.wiring import wiring

    stack: Stack = seeded.stack
    before = dict(os.environ)
    token = stack.issuer.token("alice")
    with functions_here(stack) as gateway:
        answer = gateway.answer(
            request("GET", "/v1/certificates/release", headers={"Authorization": f"Bearer {token}"})
        )
        refused = gateway.answer(request("GET", "/v1/certificates/release", headers={"Authorization": "Bearer x"}))
    for kept in (settings, wiring):
        kept.cache_clear()

    assert answer.status == 200
    assert json.loads(answer.body)["alias"] == "release"
    assert refused.status == 401
    assert dict(os.environ) == before
