"""What `count=true` costs beside the page: a query for each megabyte that is read, and one batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import table as moto_table

from tests.support.checks.budgets import Cost, cost, many_certificates
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, running

MOST = 12
"""Calls of a count: eleven megabytes, and the batch."""

COUNTED: tuple[dict[str, str], ...] = (
    {},
    {"status": "enabled", "usable": "true"},
    {"group": "GROUP"},
    {"thumbprint": f"{1:064X}"},
    {"contains": "example"},
)


@pytest.fixture
def signet() -> Iterator[InProcess]:
    with running() as signet:
        signet.admin.get("/certificates", limit="1")
        yield signet


def counted(signet: InProcess, group: str, filters: dict[str, str]) -> tuple[Cost, Cost]:
    """What a short page costs without the total, and with it."""
    asked: dict[str, Any] = {name: group if value == "GROUP" else value for name, value in filters.items()}
    asked["limit"] = "1"
    told = " ".join(f"{name}={value}" for name, value in filters.items()) or "no filter"
    page = cost(signet, f"a page, {told}", lambda: signet.admin.get("/certificates", **asked))
    total = cost(signet, f"a count, {told}", lambda: signet.admin.get("/certificates", **asked, count="true"))
    return page, total


def test_a_count_is_one_call_more_however_many_certificates_a_megabyte_holds(signet: InProcess) -> None:
    group = stored_group()
    costs: list[list[tuple[Cost, Cost]]] = []
    for count in (6, 12):
        many_certificates(signet, count, group)
        costs.append([counted(signet, group, filters) for filters in COUNTED])

    for few, many in zip(*costs, strict=True):
        for page, total in (few, many):
            assert (page.response.status, total.response.status) == (200, 200), total.response
            assert "total_is_at_least" not in total.response.json
            assert total.calls <= page.calls + 2, (page, total)
            assert total.round_trips <= page.round_trips + 2, (page, total)
            assert "Scan" not in total.names
        assert few[1].calls == many[1].calls, (few, many)
    # The unfiltered total grew, so what cost the same was not the same work done on nothing.
    assert costs[1][0][1].response.json["total"] - costs[0][0][1].response.json["total"] == 12


def test_a_count_ends_at_its_twelfth_call_and_says_that_there_are_more(
    signet: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = stored_group()
    many_certificates(signet, 40, group)
    counted(signet, group, {})
    # As if a megabyte held a quarter of these, and then a fortieth.
    for limit, total_is_all in ((10_000, True), (2_000, False)):
        monkeypatch.setattr(moto_table, "RESULT_SIZE_LIMIT", limit)
        page, total = counted(signet, group, {})
        beside, answer = total.calls - page.calls, total.response.json
        assert ("total_is_at_least" not in answer) == total_is_all, answer
        if total_is_all:
            assert answer["total"] == 40
            assert 1 < beside < MOST - 1, (page, total)
        else:
            assert 0 < answer["total"] < 40
            assert beside == MOST - 1, (page, total)
