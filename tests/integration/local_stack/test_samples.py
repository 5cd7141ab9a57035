"""What `make run` shows when it starts: the samples, the weeks that they look back on, and the words that it prints."""

import base64
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.samples.certificates import OWNER, PIN, SAMPLES, TRIAL
from local.samples.settings import GROUPS, POLICIES, RENEWED, REQUEST, ROLES
from local.samples.uses import LATELY
from local.stack import start
from local.terminal import welcome
from signet.domain.identifiers import made_at
from tests.support.services.over_http import ADMINISTRATORS, Service

pytestmark = pytest.mark.clock

DAY = timedelta(days=1)
STAGES = (90, 30, 7, 1)


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What the functions logged, and what is wrong with the samples."""
    return []


@pytest.fixture(scope="module")
def seeded(printed: list[str]) -> Iterator[Service]:
    """The service as `make run` brings it up."""
    with start(seed=True, history=True, workers=2, log=printed.append) as stack:
        yield Service(stack, printed)


@pytest.fixture(scope="module")
def certificates(seeded: Service) -> dict[str, dict[str, Any]]:
    """The certificates by alias."""
    return {item["alias"]: item for item in seeded.caller("admin", ADMINISTRATORS).items("/certificates")}


@pytest.fixture(scope="module")
def events(seeded: Service) -> list[dict[str, Any]]:
    """All events, as they are listed."""
    return list(seeded.caller("admin", ADMINISTRATORS).items("/events"))


def test_each_thing_came_in_and_each_refusal_is_the_one_that_was_meant(events: object, printed: list[str]) -> None:
    assert events
    assert [line for line in printed if "a sample is not as it should be" in line or "as IAM would" in line] == []


def test_the_samples_are_there_each_as_it_is_called(certificates: dict[str, dict[str, Any]]) -> None:
    assert set(certificates) == {sample.alias for sample in SAMPLES}
    assert {alias: item["expiry"]["state"] for alias, item in certificates.items()} == {
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
    assert [alias for alias, item in certificates.items() if item["status"] == "disabled"] == ["retired"]
    assert [alias for alias, item in certificates.items() if item["status_info"]["pin_required"]] == ["production"]
    assert [alias for alias, item in certificates.items() if item["pending_request"]] == [RENEWED]
    assert all(item["has_private_key"] for item in certificates.values())
    owned = {sample.alias for sample in SAMPLES if sample.owned}
    assert {alias for alias, item in certificates.items() if item["owner"] == OWNER} == owned
    described = {sample.alias: sample.description for sample in SAMPLES}
    assert {alias: item["description"] for alias, item in certificates.items()} == described


def test_every_screen_of_the_console_has_something_to_show(seeded: Service) -> None:
    admin = seeded.caller("admin", ADMINISTRATORS)

    for path, wanted in (("/certificate-groups", GROUPS), ("/policies", POLICIES)):
        found = {each["name"]: each for each in admin.items(path)}
        assert set(found) == {each["name"] for each in wanted}
    limits = {each["name"]: each["certificate_limit"] for each in admin.items("/certificate-groups")}
    assert limits == {each["name"]: each.get("certificate_limit") for each in GROUPS}
    policies = {each["name"]: each for each in admin.items("/policies")}
    assert {name: each["enabled"] for name, each in policies.items()} == {
        each["name"]: each.get("enabled", True) for each in POLICIES
    }
    roles = {each["name"]: each for each in admin.items("/roles")}
    assert all(set(roles[each["name"]]["permissions"]) == set(each["permissions"]) for each in ROLES)
    assert {each["alias"] for each in admin.items("/signing-requests")} == {REQUEST["alias"], RENEWED}


def test_a_few_hundred_events_lie_spread_over_six_weeks(events: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    weeks = Counter((now - _moment(event)) // (7 * DAY) for event in events)

    assert 250 <= len(events) <= 500
    assert set(weeks) == {0, 1, 2, 3, 4, 5, 6} or set(weeks) == {0, 1, 2, 3, 4, 5}
    assert all(weeks[week] >= 20 for week in range(6)), weeks
    assert len({_moment(event).date() for event in events}) > 35
    assert len({event["user"] for event in events}) >= 5
    assert len({event["type"] for event in events}) >= 15


def test_what_is_listed_first_happened_last_and_each_id_carries_its_moment(events: list[dict[str, Any]]) -> None:
    ids = [event["id"] for event in events]

    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == len(ids)
    assert all(timedelta() <= made_at(event["id"]) - _moment(event) < timedelta(seconds=1) for event in events)
    assert all(_moment(event) <= datetime.now(UTC) for event in events)


def test_counts_and_last_uses_are_those_of_the_events(
    seeded: Service, certificates: dict[str, dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    admin = seeded.caller("admin", ADMINISTRATORS)

    for alias, certificate in certificates.items():
        own = list(admin.items(f"/certificates/{certificate['id']}/events"))
        used = [event for event in own if event["type"] == "Certificate Used"]
        assert certificate["usage_count"] == len(used), alias
        assert certificate["last_used_at"] == max((event["occurred_at"] for event in used), default=None), alias
        seen = [event for event in events if event.get("code") != "not_found"]  # the others do not tell that it exists
        assert own == [event for event in seen if event.get("certificate", {}).get("id") == certificate["id"]], alias


def test_nothing_happened_to_a_certificate_before_it_was_there_and_valid(
    certificates: dict[str, dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    for alias, certificate in certificates.items():
        own = [event for event in events if event.get("certificate", {}).get("id") == certificate["id"]]
        begun, created, ended = (
            datetime.fromisoformat(certificate[name]) for name in ("valid_from", "created_at", "valid_to")
        )
        uses = [_moment(event) for event in own if event["type"] == "Certificate Used"]
        assert own[-1]["type"] == "Certificate Imported", alias
        assert _moment(own[-1]) == created, alias
        assert alias == "firmware" or begun < created, alias
        assert all(created < moment <= ended for moment in uses), alias
    (deleted,) = (event for event in events if event["type"] == "Certificate Deleted")
    assert deleted["certificate"]["alias"] == TRIAL.alias
    after = [event for event in events if event["id"] > deleted["id"]]
    assert deleted["certificate"]["id"] not in {event.get("certificate", {}).get("id") for event in after}


def test_each_stage_of_an_expiry_was_told_within_a_day(
    certificates: dict[str, dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    now = datetime.now(UTC)
    for alias, certificate in certificates.items():
        ended, created = (datetime.fromisoformat(certificate[name]) for name in ("valid_to", "created_at"))
        told = {
            event["detail"].get("stage", 0): _moment(event)
            for event in events
            if event["type"] in {"Certificate Expiring", "Certificate Expired"}
            and event["certificate"]["id"] == certificate["id"]
        }
        reached = {stage: max(ended - stage * DAY, created) for stage in (*STAGES, 0)}
        for stage, moment in told.items():
            assert reached[stage] <= moment <= reached[stage] + DAY, (alias, stage)
        due = [stage for stage, moment in reached.items() if moment + DAY < now]
        if due:
            assert min(due) in told, alias
        assert certificate["expiry"]["flagged_stage"] == min(told, default=None), alias


def test_refusals_say_why(events: list[dict[str, Any]]) -> None:
    refused = [event for event in events if event["outcome"] == "refused"]

    assert {event["type"] for event in refused} == {"Certificate Use Refused"}
    assert {event["code"] for event in refused} == {
        "not_found",
        "not_allowed_by_policy",
        "reason_required",
        "certificate_disabled",
        "certificate_expired",
        "certificate_not_yet_valid",
        "pin_required",
        "pin_wrong",
    }


def test_without_its_history_the_service_has_seen_the_last_hour_alone() -> None:
    printed: list[str] = []
    with start(seed=True, workers=2, log=printed.append) as stack:
        service = Service(stack, printed)
        events = list(service.caller("admin", ADMINISTRATORS).items("/events"))

    uses = [_moment(event) for event in events if event["type"].startswith("Certificate Use")]
    assert len(uses) == sum(times for _, _, _, times, _ in LATELY)
    assert min(uses) > datetime.now(UTC) - timedelta(hours=2)
    assert not [line for line in printed if "a sample is not as it should be" in line]


def test_their_owner_may_sign_with_them(seeded: Service) -> None:
    alice = seeded.caller("alice")
    order = {"message": base64.b64encode(b"hello").decode(), "message_type": "RAW", "reason": "to see"}

    signed = alice.post("/certificates/release/sign", {**order, "signing_algorithm": "RSASSA_PSS_SHA_256"})
    assert signed.status == 200, signed
    assert datetime.now(UTC) - datetime.fromisoformat(signed.json["used_at"]) < DAY / 24
    guarded = {**order, "signing_algorithm": "ECDSA_SHA_256", "pin": PIN}
    assert alice.post("/certificates/production/sign", guarded).status == 200


def test_the_first_call_that_is_printed_works_as_it_stands(seeded: Service) -> None:
    commands = [line.strip() for line in welcome(seeded.stack, "signet.log").splitlines() if line.startswith("  ")][:2]
    pasted = subprocess.run(
        ["bash", "-euc", "\n".join(commands)], capture_output=True, text=True, timeout=300, check=True
    )

    assert len(json.loads(pasted.stdout)["items"]) == len(SAMPLES)


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])
