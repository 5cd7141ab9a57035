"""The races of the contract once more, with the tables on ministack: its transactions are other people's work.

The functions run in the local stack, since each of ministack's own is a process of its own, and a race has many.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack import start
from tests.integration.resilience.races.conftest import admin, alice, everything_fits
from tests.integration.resilience.races.test_change_races import (
    test_a_request_and_an_ordinary_import_fight_over_one_alias,
    test_import_and_cancellation_at_once_are_one_or_the_other,
    test_of_10_who_bring_answers_of_their_own_one_completes_the_request_and_the_last_one_stays,
    test_of_10_who_change_the_version_they_saw_one_does,
    test_of_10_who_import_against_one_request_one_does,
    test_of_10_who_renew_one_certificate_one_does,
    test_of_20_who_delete_one_certificate_one_does,
    test_of_20_with_one_idempotency_key_one_signs_and_all_get_its_answer,
    test_of_30_adds_to_a_group_with_3_places_left_3_are_done,
    test_of_many_who_bring_the_same_file_one_brings_it_in,
    test_of_many_who_want_one_alias_one_gets_it,
    test_of_two_administrators_who_each_leave_only_themselves_one_stays,
)
from tests.integration.resilience.races.test_signing_races import (
    test_64_callers_on_one_certificate_all_succeed_and_are_all_counted,
    test_a_delete_is_obeyed_by_all_that_begins_after_its_answer,
    test_a_disable_is_obeyed_by_all_that_begins_after_its_answer,
)
from tests.support.services.over_http import Service
from tools.ministack.emulator import PYTHON, ministack

pytestmark = pytest.mark.soak

__all__ = [
    "admin",
    "alice",
    "everything_fits",
    "test_64_callers_on_one_certificate_all_succeed_and_are_all_counted",
    "test_a_delete_is_obeyed_by_all_that_begins_after_its_answer",
    "test_a_disable_is_obeyed_by_all_that_begins_after_its_answer",
    "test_a_request_and_an_ordinary_import_fight_over_one_alias",
    "test_import_and_cancellation_at_once_are_one_or_the_other",
    "test_of_10_who_bring_answers_of_their_own_one_completes_the_request_and_the_last_one_stays",
    "test_of_10_who_change_the_version_they_saw_one_does",
    "test_of_10_who_import_against_one_request_one_does",
    "test_of_10_who_renew_one_certificate_one_does",
    "test_of_20_who_delete_one_certificate_one_does",
    "test_of_20_with_one_idempotency_key_one_signs_and_all_get_its_answer",
    "test_of_30_adds_to_a_group_with_3_places_left_3_are_done",
    "test_of_many_who_bring_the_same_file_one_brings_it_in",
    "test_of_many_who_want_one_alias_one_gets_it",
    "test_of_two_administrators_who_each_leave_only_themselves_one_stays",
]


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """More functions at work than there are processors, on the tables of ministack."""
    if not PYTHON.exists():
        pytest.skip("ministack is not here; `make .tools/ministack/.ready` brings it")
    printed: list[str] = []
    with ministack() as aws, start(workers=12, log=printed.append, played_at=aws.url) as stack:
        yield Service(stack, printed)
