"""The budgets of the architecture, held by counting: AWS calls, round trips, capacity units."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import pytest

from signet.adapters.cryptography import pin_hasher
from tests.support.checks.budgets import SORTS, Cost, many_certificates, of_lists, of_signing, of_the_rest
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, running


@pytest.fixture
def signet() -> Iterator[InProcess]:
    # A PIN's hash is slow on purpose, and costs no call.
    with running() as signet, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin_hasher, "LOG2_N", 4)
        signet.admin.get("/me")
        yield signet


def within(one: Cost, trips: int, calls: int) -> None:
    assert one.round_trips <= trips, one
    assert one.calls <= calls, one


def test_a_warm_signature_costs_one_read_and_one_transaction(signet: InProcess) -> None:
    costs = {one.action: one for one in of_signing(signet)}
    for one in costs.values():
        recorded = "recorded" in one.action
        assert one.response.status in ({404} if recorded else {200, 403}), one.response
        cold = "not in memory" in one.action or recorded
        within(one, 3 if cold else 2, 3 if cold else 2)
        assert one.names.count("Decrypt") == (cold and not recorded), one
        assert "Query" not in one.names, one

    unseen, nothing = (costs[f"sign, of what is not {how}, recorded"] for how in ("seen", "there"))
    assert (unseen.names, unseen.units) == (nothing.names, nothing.units)
    plain = costs["sign by alias, key in memory"].units
    assert costs["sign, chain of 10"].units == plain
    assert costs["sign, allowed by one of 50 policies"].units == costs["sign, allowed by the 1 policy"].units
    assert costs["sign, dry run"].calls == 1


def test_everything_else_stays_within_its_budget(signet: InProcess) -> None:
    costs = {one.action: one for one in of_the_rest(signet)}
    budgets = {
        "get by id": 1,
        "get by alias": 1,
        "get by an alias not seen before": 2,
        "get, of what is not there": 2,
        "details": 1,
        "download": 1,
        "import with its key": 4,
        "import, with an Idempotency-Key": 4,
        "import without a key": 4,
        "import of what is there": 4,
        "update": 2,
        "update of the alias": 2,
        "disable": 2,
        "enable": 2,
        "delete": 2,
        "events of a certificate": 3,
    }
    for action, most in budgets.items():
        within(costs[action], most, most)
    for one in costs.values():
        assert one.response.status in {200, 201, 204, 404, 409}, one.response
        assert one.names.count("Encrypt") == (
            one.action in {"import with its key", "import, with an Idempotency-Key", "import of the key to it"}
        ), one
        assert "Scan" not in one.names, one


@pytest.mark.soak
@pytest.mark.parametrize(("sort", "order"), SORTS)
def test_a_page_costs_the_same_of_few_certificates_and_of_more(signet: InProcess, sort: str, order: str) -> None:
    group = stored_group("Release", None)
    counted = []
    # More would show no more: what is counted does not depend on the clock, and Moto copies every item that it gives.
    first, more, limit = (60, 60, 50) if (sort, order) == SORTS[0] else (20, 40, 8)
    for count in (first, more):
        many_certificates(signet, count, group)
        counted.append(list(of_lists(signet, group, signet.admin, "all", [(sort, order)], limit)))
    for few, many in zip(*counted, strict=True):
        for one in (few, many):
            assert one.response.status == 200, one.response
            assert "Scan" not in one.names
            joined = len(one.response.json["items"]) * 2
            # The X.509 is read once it is known which certificates the page has.
            with_x509 = "include" in one.action
            within(one, 3 + with_x509, 3 + with_x509 + ceil(joined / 100))
        # A page that found nothing among few has nothing to join.
        if len(many.response.json["items"]) == len(few.response.json["items"]):
            assert many.calls == few.calls, (few, many)
    few, many = (costs[0] for costs in counted)
    # A name with one digit more may cross the edge of a unit; twice as many certificates may not double anything.
    assert many.units <= few.units * 1.1


@pytest.mark.soak
def test_who_sees_some_certificates_pays_for_each_place_they_are_in(signet: InProcess) -> None:
    group, other = stored_group("Release"), stored_group("Nightly")
    many_certificates(signet, 100, group)
    role = {
        "name": "Releasers",
        "permissions": ["certificates:view"],
        "certificate_groups": [{"group": group, "rights": []}, {"group": other, "rights": []}],
        "users": ["local/alice"],
    }
    signet.admin.good("POST", "/roles", role)
    for one in of_lists(signet, group, signet.caller("alice"), "of two groups and owned", [SORTS[0], SORTS[3]]):
        assert one.response.status == 200, one.response
        joined = len(one.response.json["items"]) * 2
        with_x509 = "include" in one.action
        within(one, 5 + with_x509, 5 + with_x509 + ceil(joined / 100))
