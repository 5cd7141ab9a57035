"""The keys of an issuer: fetched when needed, kept for a while, and never at our expense."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from signet.adapters.identity.issuer_keys import ATTEMPT_EVERY, FRESH_FOR, LOOK_EVERY, STALE_FOR, IssuerKeys
from signet.domain.errors import IssuerUnreachableError
from tests.support.services.oidc_issuer import Answer, OidcIssuer, answer_json, jwk, key
from tests.unit.identity.kept_keys import HandSetClock, broken, ids


def test_keys_are_kept_while_fresh_and_fetched_again_after(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    assert ids(keys, "k1") == ["k1"]
    clock.advance(FRESH_FOR - timedelta(seconds=1))
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == 1

    clock.advance(timedelta(seconds=1))
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == 2


def test_a_new_key_is_found_as_soon_as_another_attempt_is_due(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = [jwk(key("RSA/2"), kid="k2")]

    clock.advance(ATTEMPT_EVERY - timedelta(seconds=1))
    assert ids(keys, "k2") == []
    clock.advance(timedelta(seconds=1))
    assert ids(keys, "k2") == ["k2"]
    assert ids(keys, "k1") == []


def test_a_withdrawn_key_is_forgotten_once_it_is_not_fresh(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = []

    clock.advance(FRESH_FOR)
    assert ids(keys, "k1") == []


def test_made_up_key_ids_cause_one_fetch_per_interval(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    for number in range(1000):
        assert ids(keys, f"made up {number}") == []
        clock.advance(timedelta(milliseconds=100))

    assert issuer.fetched == 100 / ATTEMPT_EVERY.total_seconds()


def test_made_up_key_ids_at_once_cause_one_fetch(issuer: OidcIssuer, keys: IssuerKeys) -> None:
    with ThreadPoolExecutor(32) as pool:
        assert not any(pool.map(lambda number: ids(keys, f"made up {number}"), range(1000)))

    assert issuer.fetched == 1


def test_known_keys_serve_on_while_the_issuer_fails(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(STALE_FOR)
    assert ids(keys, "k1") == ["k1"]
    asked = issuer.fetched
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == asked, "a failing issuer is not asked at every request"

    clock.advance(timedelta(seconds=1))
    with pytest.raises(IssuerUnreachableError, match="corp"):
        keys.find("k1")


def test_an_issuer_that_comes_back_is_believed_again(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    issuer.answers["/keys"], working = broken, issuer.answers["/keys"]
    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")
    issuer.answers["/keys"] = working
    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")

    clock.advance(ATTEMPT_EVERY)
    assert ids(keys, "k1") == ["k1"]


def test_one_hiccup_is_got_over_within_the_attempt(issuer: OidcIssuer, keys: IssuerKeys) -> None:
    working = issuer.answers["/keys"]

    def idempotency() -> Answer:
        issuer.answers["/keys"] = working
        return broken()

    issuer.answers["/keys"] = idempotency

    assert ids(keys, "k1") == ["k1"]


def test_who_has_a_key_to_go_on_with_does_not_wait_for_the_fetch(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    asked, may_answer = threading.Event(), threading.Event()
    working = issuer.answers["/keys"]

    def slowly() -> Answer:
        asked.set()
        may_answer.wait(5)
        return working()

    issuer.answers["/keys"] = slowly
    clock.advance(FRESH_FOR)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ids, keys, "k1")
        assert asked.wait(5)
        assert ids(keys, "k1") == ["k1"]
        assert not first.done()
        may_answer.set()
        assert first.result() == ["k1"]


def test_a_clock_that_is_set_back_does_not_make_keys_younger(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = []

    clock.advance(-FRESH_FOR)
    assert ids(keys, "k1") == []


def test_a_key_that_is_not_known_while_the_issuer_fails_may_be_a_new_one(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(ATTEMPT_EVERY)
    with pytest.raises(IssuerUnreachableError):
        keys.find("k2")
    assert ids(keys, "k1") == ["k1"]


def test_health_looks_once_a_minute_whoever_asks(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    for _ in range(10):
        assert keys.look() is None
    clock.advance(LOOK_EVERY - timedelta(seconds=1))
    assert keys.look() is None
    assert issuer.fetched == 1

    issuer.answers["/keys"] = broken
    clock.advance(timedelta(seconds=1))
    assert keys.look() == "the answer is 500"
    working = {"keys": issuer.keys}
    issuer.answers["/keys"] = lambda: answer_json(working)
    assert keys.look() == "the answer is 500", "the verdict is kept"
    clock.advance(LOOK_EVERY)
    assert keys.look() is None


def test_health_sees_at_once_what_known_keys_still_hide(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(LOOK_EVERY)
    assert keys.look() is not None
    assert ids(keys, "k1") == ["k1"]


def test_a_key_set_without_a_usable_key_is_told(
    issuer: OidcIssuer, keys: IssuerKeys, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer.keys = [jwk(key("RSA"), kid="k1", use="enc")]

    assert keys.look() == "its key set has no key that tokens can be checked with"
    assert "IssuerKeysUnavailable" in capsys.readouterr().out
