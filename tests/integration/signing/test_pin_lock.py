"""The lock of a PIN ends, and a new count begins after it; by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from signet.adapters.cryptography import pin_hasher
from signet.domain.moments import rfc3339
from signet.domain.signing.use_decision import MAX_PIN_FAILURES, PIN_LOCK
from signet.wiring import wiring
from tests.support.certificates.issued import unused_name
from tests.support.checks.budgets import ORDER
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import Response, at

RIGHT, WRONG = "2468", "1357"


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self.moment

    def move(self, by: timedelta) -> None:
        """Let so much time pass."""
        self.moment += by


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    # A PIN's hash is slow on purpose.
    with running() as signet, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin_hasher, "LOG2_N", 4)
        signet.admin.get("/me")
        yield signet


@pytest.fixture
def clock(signet: InProcess) -> Iterator[MovedClock]:
    clock = MovedClock()
    signet.forget()
    ports = wiring().__dict__
    kept = ports.get("clock")
    ports["clock"] = clock
    yield clock
    signet.forget()
    if kept is None:
        del ports["clock"]
    else:
        ports["clock"] = kept


@pytest.fixture
def guarded(signet: InProcess, clock: MovedClock) -> str:
    """A certificate of alice's whose PIN was just locked."""
    made = signet.admin.import_certificate(alias=unused_name("guarded"), owner="local/alice", pin=RIGHT)
    clock.move(timedelta(minutes=1))
    assert [tried(signet, made["id"], WRONG).code for _ in range(MAX_PIN_FAILURES)] == ["pin_wrong"] * MAX_PIN_FAILURES
    return str(made["id"])


def tried(signet: InProcess, certificate: str, pin: str, **more: object) -> Response:
    return signet.caller("alice").post(at(certificate, "sign"), {**ORDER, "pin": pin, **more})


def locked_until(signet: InProcess, certificate: str) -> str | None:
    until: str | None = signet.admin.good("GET", at(certificate))["pin_locked_until"]
    return until


def test_the_lock_ends_to_the_second_and_holds_until_then(signet: InProcess, clock: MovedClock, guarded: str) -> None:
    end = clock.now() + PIN_LOCK
    clock.move(PIN_LOCK - timedelta(seconds=1))
    refused = tried(signet, guarded, RIGHT)
    assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, "pin_locked", "1")
    assert rfc3339(end) in refused.json["detail"]
    assert tried(signet, guarded, RIGHT, dry_run=True).code == "pin_locked"
    assert locked_until(signet, guarded) == rfc3339(end)

    clock.move(timedelta(seconds=1))
    assert locked_until(signet, guarded) is None
    assert tried(signet, guarded, RIGHT, dry_run=True).status == 200
    assert tried(signet, guarded, RIGHT).status == 200


def test_a_new_count_begins_after_the_lock(signet: InProcess, clock: MovedClock, guarded: str) -> None:
    clock.move(PIN_LOCK)

    assert [tried(signet, guarded, WRONG).code for _ in range(MAX_PIN_FAILURES - 1)] == ["pin_wrong"] * 4
    assert locked_until(signet, guarded) is None
    assert tried(signet, guarded, RIGHT).status == 200
    assert [tried(signet, guarded, WRONG).code for _ in range(MAX_PIN_FAILURES + 1)] == ["pin_wrong"] * 5 + [
        "pin_locked"
    ]
    assert locked_until(signet, guarded) == rfc3339(clock.now() + PIN_LOCK)


def test_what_is_tried_while_it_is_locked_does_not_lengthen_the_lock(
    signet: InProcess, clock: MovedClock, guarded: str
) -> None:
    end = locked_until(signet, guarded)
    clock.move(timedelta(minutes=14))
    assert {tried(signet, guarded, pin).code for pin in (WRONG, RIGHT, WRONG)} == {"pin_locked"}

    assert locked_until(signet, guarded) == end
    clock.move(timedelta(minutes=1))
    assert tried(signet, guarded, RIGHT).status == 200


def test_a_second_lock_is_as_long_as_the_first(signet: InProcess, clock: MovedClock, guarded: str) -> None:
    clock.move(PIN_LOCK)
    for _ in range(MAX_PIN_FAILURES):
        assert tried(signet, guarded, WRONG).code == "pin_wrong"

    assert locked_until(signet, guarded) == rfc3339(clock.now() + PIN_LOCK)


def test_the_lock_is_told_to_who_may_edit_and_to_nobody_else(
    signet: InProcess, clock: MovedClock, guarded: str
) -> None:
    end = rfc3339(clock.now() + PIN_LOCK)
    permissions = (("editor", ["certificates:view", "certificates:edit"]), ("looker", ["certificates:view"]))
    for name, given in permissions:
        body = {
            "name": unused_name(name),
            "permissions": given,
            "certificate_groups": "all",
            "users": [f"local/{name}"],
        }
        signet.admin.good("POST", "/roles", body)

    assert locked_until(signet, guarded) == end
    assert signet.caller("editor").good("GET", at(guarded))["pin_locked_until"] == end
    listed = {one["id"]: one for one in signet.caller("editor").items("/certificates")}
    assert listed[guarded]["pin_locked_until"] == end
    for name in ("alice", "looker"):
        assert "pin_locked_until" not in signet.caller(name).good("GET", at(guarded))
        assert all("pin_locked_until" not in one for one in signet.caller(name).items("/certificates"))


def test_a_new_pin_ends_the_lock_and_says_so(signet: InProcess, clock: MovedClock, guarded: str) -> None:
    assert locked_until(signet, guarded) is not None

    assert signet.admin.good("PATCH", at(guarded), {"pin": "8642"})["pin_locked_until"] is None
    assert tried(signet, guarded, "8642").status == 200
