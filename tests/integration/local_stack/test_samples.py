"""What `make run` shows when it starts: the sample certificates, and the words that it prints."""

import base64
import json
import subprocess
from collections.abc import Iterator

import pytest

from local.samples.certificates import OWNER, PIN, SAMPLES
from local.samples.settings import GROUPS, POLICIES, RENEWED, REQUEST, ROLES, USES
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
        "drivers": "valid",
        "installers": "expiring",
        "mobile-app": "expiring",
        "firmware": "not_yet_valid",
        "documents": "valid",
    }
    assert [alias for alias, item in found.items() if item["status"] == "disabled"] == ["retired"]
    assert [alias for alias, item in found.items() if item["status_info"]["pin_required"]] == ["production"]
    assert [alias for alias, item in found.items() if item["pending_request"]] == [RENEWED]
    assert all(item["has_private_key"] for item in found.values())
    owned = {sample.alias for sample in SAMPLES if sample.owned}
    assert {alias for alias, item in found.items() if item["owner"] == OWNER} == owned


def test_every_screen_of_the_console_has_something_to_show(seeded: Service) -> None:
    admin = seeded.caller("admin", ADMINISTRATORS)

    assert {each["name"] for each in admin.items("/certificate-groups")} == {each["name"] for each in GROUPS}
    assert {each["name"] for each in admin.items("/policies")} == {each["name"] for each in POLICIES}
    assert {each["name"] for each in admin.items("/roles")} > {each["name"] for each in ROLES}
    assert {each["alias"] for each in admin.items("/signing-requests")} == {REQUEST["alias"], RENEWED}
    uses = [each for each in admin.items("/events") if each["type"].startswith("Certificate Use")]
    assert len(uses) == sum(times for _, _, _, times in USES)
    assert {each["code"] for each in uses if each["outcome"] == "refused"} == {
        "not_found",
        "not_allowed_by_policy",
        "reason_required",
        "certificate_disabled",
        "certificate_expired",
        "pin_wrong",
    }


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
