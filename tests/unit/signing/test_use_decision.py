"""What decides a use, in its order: the certificate, owner or policy, the reason, the PIN."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signet.domain.access.access_snapshot import AllowedUse
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.signing.sign_command import SignCommand
from signet.domain.signing.use_decision import MAX_PIN_FAILURES, PIN_LOCK, UseDecision, after_wrong_pin, decide_use
from tests.support.certificates.domain_examples import a_certificate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ENDS = datetime(2027, 1, 1, tzinfo=UTC)
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
USABLE = a_certificate(key_version=1, not_after=ENDS)


def decided(certificate: Certificate = USABLE, usage: Usage | None = None, **changes: Any) -> UseDecision:
    """The decision on a use by the owner, who states nothing, with `changes`."""
    said: dict[str, Any] = {"allowed_by": "owner", "policy": None, "reason": None, "pin": None, "at": NOW, **changes}
    command = SignCommand(certificate.id, b"", "RAW", "ECDSA_SHA_256", reason=said["reason"], pin=said["pin"])
    by_policy = AllowedUse(said["allowed_by"], said["policy"])
    return decide_use(command, certificate, usage or Usage(), by_policy, at=said["at"])


def code(decision: UseDecision) -> str | None:
    return None if decision.refusal is None else decision.refusal.code


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (BEGINS - SECOND, "certificate_not_yet_valid"),
        (BEGINS, None),
        (ENDS, None),
        (ENDS + SECOND, "certificate_expired"),
    ],
)
def test_it_is_usable_from_its_first_to_its_last_second(at: datetime, expected: str | None) -> None:
    assert code(decided(at=at)) == expected


def test_the_first_step_that_fails_is_the_answer() -> None:
    """Everything is wrong with it; what is mended one after the other shows the next."""
    wrong = a_certificate(key_version=0, not_after=NOW - SECOND, enabled=False, ask_for_reason=True, pin_hash="hash")
    steps: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
        ({}, {}, "no_private_key"),
        ({"key_version": 1}, {}, "certificate_disabled"),
        ({"enabled": True}, {}, "certificate_expired"),
        ({"facts": USABLE.facts}, {}, "not_allowed_by_policy"),
        ({}, {"allowed_by": "pol_1"}, "reason_required"),
        ({}, {"reason": "release"}, "pin_required"),
        ({}, {"pin": "2468"}, None),
    ]
    said: dict[str, Any] = {"allowed_by": None}
    for settings, more, expected in steps:
        wrong = replace(wrong, **settings)
        said |= more
        assert code(decided(wrong, **said)) == expected


def test_who_decided_is_told_also_where_it_is_refused() -> None:
    assert decided(allowed_by=None, policy="pol_deny").decided_by == "pol_deny"
    assert decided(allowed_by="pol_allow", policy="pol_allow").decided_by == "pol_allow"
    assert decided().decided_by == "owner"


def test_a_lock_holds_to_its_last_moment_and_ends_there() -> None:
    locked = Usage(pin_failures=MAX_PIN_FAILURES, pin_locked_until=NOW + PIN_LOCK)
    certificate = replace(USABLE, pin_hash="hash")

    assert code(decided(certificate, locked, pin="2468")) == "pin_locked"
    assert code(decided(certificate, locked, pin="2468", at=NOW + PIN_LOCK - SECOND)) == "pin_locked"
    assert code(decided(certificate, locked, pin="2468", at=NOW + PIN_LOCK)) is None


def test_the_fifth_wrong_pin_locks_and_a_lock_that_is_over_starts_the_count_anew() -> None:
    usage = Usage()
    for failures in range(1, MAX_PIN_FAILURES):
        usage = after_wrong_pin(usage, NOW)
        assert (usage.pin_failures, usage.pin_locked_until) == (failures, None)
    usage = after_wrong_pin(usage, NOW)
    assert usage.pin_locked_until == NOW + PIN_LOCK

    later = after_wrong_pin(usage, NOW + PIN_LOCK)
    assert (later.pin_failures, later.pin_locked_until) == (1, None)
