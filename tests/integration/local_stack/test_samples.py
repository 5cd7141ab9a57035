"""What `make run` shows when it starts: the sample certificates, and the words that it prints."""

import base64
import json
import subprocess
from collections.abc import Iterator

import pytest

from local.seed import OWNER, PIN, SAMPLES
from local.stack import start
from local.terminal import welcome
from tests.support.services.over_http import ADMINISTRATORS, Service

pytestmark = pytest.mark.clock


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
    commands = [line.strip() for line in welcome(seeded.stack, "signet.log").splitlines() if line.startswith("  ")][:2]
    pasted = subprocess.run(
        ["bash", "-euc", "\n".join(commands)], capture_output=True, text=True, timeout=300, check=True
    )

    assert len(json.loads(pasted.stdout)["items"]) == len(SAMPLES)
