"""The PIN of a certificate: wrong ones are counted and lock it, right ones open it, and none is kept."""

from typing import Any

import pytest

from tests.integration.signing.signing_orders import OWNER, Attempts, order
from tests.support.services.over_http import Client, Service, at


@pytest.fixture
def guarded(admin: Client) -> str:
    """A certificate of alice's whose PIN is 2468."""
    return str(admin.import_certificate(owner=OWNER, pin="2468")["id"])


def with_pin(client: Client, certificate: str, pin: str | None, **more: Any) -> str:
    """How a signature with that PIN is answered."""
    response = client.post(at(certificate, "sign"), order(pin=pin, **more))
    return response.code or str(response.status)


def test_five_wrong_pins_lock_it_to_the_right_one_too(
    signet: Service, admin: Client, alice: Client, guarded: str
) -> None:
    assert [with_pin(alice, guarded, f"000{n}") for n in range(5)] == ["pin_wrong"] * 5

    locked = Attempts(signet, admin, guarded).refused(429, "pin_locked", alice, pin="2468")
    assert 0 < int(locked.headers["retry-after"]) <= 15 * 60
    assert with_pin(alice, guarded, "9999") == "pin_locked"
    assert with_pin(alice, guarded, None) in {"pin_required", "pin_locked"}
    assert with_pin(alice, guarded, "2468", dry_run=True) == "pin_locked"
    assert alice.good("GET", at(guarded))["usage_count"] == 0


def test_a_right_pin_starts_the_count_again(alice: Client, guarded: str) -> None:
    for _ in range(2):
        assert [with_pin(alice, guarded, "0000") for _ in range(4)] == ["pin_wrong"] * 4
        assert with_pin(alice, guarded, "2468") == "200"
    assert [with_pin(alice, guarded, "0000") for _ in range(6)] == ["pin_wrong"] * 5 + ["pin_locked"]


def test_wrong_pins_are_counted_whoever_sends_them(signet: Service, admin: Client, alice: Client, guarded: str) -> None:
    assert [with_pin(alice, guarded, "0000") for _ in range(3)] == ["pin_wrong"] * 3
    admin.good("PATCH", at(guarded), {"owner": "local/bob"})
    bob = signet.caller("bob")

    assert [with_pin(bob, guarded, "0000") for _ in range(3)] == ["pin_wrong"] * 2 + ["pin_locked"]


def test_a_new_pin_is_obeyed_at_once_and_ends_the_lock(admin: Client, alice: Client, guarded: str) -> None:
    assert [with_pin(alice, guarded, "0000") for _ in range(6)][-1] == "pin_locked"

    admin.good("PATCH", at(guarded), {"pin": "1357"})

    assert with_pin(alice, guarded, "2468") == "pin_wrong"
    assert with_pin(alice, guarded, "1357") == "200"
    admin.good("PATCH", at(guarded), {"pin": None})
    assert with_pin(alice, guarded, None) == "200"
    assert with_pin(alice, guarded, "any") == "200"


def test_a_dry_run_says_of_a_pin_only_whether_one_is_needed(signet: Service, alice: Client, guarded: str) -> None:
    with signet.nothing_stored():
        assert with_pin(alice, guarded, None, dry_run=True) == "pin_required"
        assert {with_pin(alice, guarded, pin, dry_run=True) for pin in ("2468", "0000", "x")} == {"200"}
        assert [with_pin(alice, guarded, "0000", dry_run=True) for _ in range(7)] == ["200"] * 7
    assert with_pin(alice, guarded, "2468") == "200"


def test_wrong_pins_of_others_do_not_lock(
    signet: Service, admin: Client, alice: Client, mallory: Client, guarded: str
) -> None:
    assert {with_pin(mallory, guarded, "0000") for _ in range(6)} == {"not_found"}
    assert {with_pin(admin, guarded, "0000") for _ in range(6)} == {"not_allowed_by_policy"}

    assert with_pin(alice, guarded, "2468") == "200"


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    "pin", ["1234", "пароль", "パスワード", "🔑🔑🔑🔑", "a b c d", "x" * 64, "caf\u00e9"], ids=ascii
)
def test_a_pin_may_be_of_any_script(pin: str, admin: Client, alice: Client) -> None:
    guarded = admin.import_certificate(owner=OWNER, pin=pin)["id"]

    assert with_pin(alice, guarded, pin) == "200"
    assert with_pin(alice, guarded, pin[:-1] + "!") == "pin_wrong"
    assert with_pin(alice, guarded, "") in {"pin_wrong", "pin_required"}


def test_neither_an_event_nor_a_log_holds_a_pin(signet: Service, admin: Client, alice: Client) -> None:
    right, wrong = "r1ght-7719-pin", "wr0ng-7719-pin"
    guarded = admin.import_certificate(owner=OWNER, pin=right)["id"]

    with_pin(alice, guarded, wrong)
    with_pin(alice, guarded, right)
    admin.good("PATCH", at(guarded), {"pin": wrong})

    everything = "".join(item for items in signet.stored().values() for item in items) + "".join(signet.printed)
    assert right not in everything
    assert wrong not in everything
