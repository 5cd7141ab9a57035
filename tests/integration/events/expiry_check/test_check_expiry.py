"""The expiry check, on tables: once for each stage, whatever happens; and what it costs."""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.template import ACCOUNT, REGION
from local.lambda_service.lambda_runtime import Context, load_handler
from signet.adapters.dynamodb.rows.certificate_rows import settings_row
from signet.domain.errors import InvalidInputError
from signet.domain.moments import rfc3339
from signet.ports.changes import CertificateChanged, CertificateRemoved
from signet.wiring import wiring
from tests.integration.events.expiry_check.checking import (
    DAY,
    END,
    NOTHING,
    SECOND,
    KilledError,
    add,
    check,
    expiring,
    read,
    stored,
    told,
)
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.in_process import Fault, InProcess, Send, answered

pytestmark = pytest.mark.clock


@pytest.mark.parametrize("stage", [90, 30, 7, 1])
def test_a_stage_is_told_from_its_first_second_on_and_once(signet: InProcess, stage: int) -> None:
    certificate = add(replace(a_certificate(not_after=END), flagged_stage={90: None, 30: 90, 7: 30, 1: 7}[stage]))
    reached = END - stage * DAY

    assert check(signet, reached - SECOND)["flagged"] == NOTHING
    summary = check(signet, reached)
    assert summary == {
        "now": rfc3339(reached),
        "looked_at": 1,
        "flagged": {**NOTHING, str(stage): 1},
        "expired": 0,
        "failed": 0,
    }
    assert check(signet, reached + SECOND)["flagged"] == NOTHING
    assert told(signet) == [expiring(certificate, stage)]
    after = stored(certificate)
    assert (after.flagged_stage, after.flagged_at, after.version) == (stage, reached, certificate.version)


def test_expiry_is_told_a_second_after_the_last_valid_one_and_the_certificate_is_never_read_again(
    signet: InProcess,
) -> None:
    certificate = add(replace(a_certificate(not_after=END), flagged_stage=1))

    assert check(signet, END)["expired"] == 0
    assert check(signet, END + SECOND)["expired"] == 1
    assert check(signet, END + SECOND)["looked_at"] == 0
    assert told(signet) == [(certificate.id, "Certificate Expired", None)]
    assert stored(certificate).flagged_stage == 0


def test_an_announcement_says_how_long_and_which_stage(signet: InProcess) -> None:
    add(a_certificate(not_after=END, enabled=False))
    check(signet, END - 29 * DAY)

    (event,) = [row for row in read(signet, "EventTable") if row["type"] == "Certificate Expiring"]
    announced = json.loads(event["announcement"])
    assert announced["stage"] == 30
    assert announced["days_to_expiry"] == 29
    assert announced["status"] == "disabled"
    assert event["user"] == "automation/signet"


def test_after_missed_days_the_tightest_stage_alone_is_told_and_an_earlier_check_adds_nothing(
    signet: InProcess,
) -> None:
    certificate = add(a_certificate(not_after=END))

    check(signet, END - 3 * DAY)
    for days in (89, 29, 6):
        check(signet, END - days * DAY)

    assert told(signet) == [expiring(certificate, 7)]


def test_a_renewed_certificate_is_left_alone(signet: InProcess) -> None:
    add(replace(a_certificate(not_after=END), renewed_by="crt_0000000000000000000000aa"))

    assert check(signet, END + SECOND)["looked_at"] == 0


@pytest.mark.parametrize("year", [2049, 2050, 2051, 2120, 9999])
def test_years_past_2050_are_years(signet: InProcess, year: int) -> None:
    certificate = add(a_certificate(not_after=datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)))
    end = certificate.facts.not_after

    # All of them lie ahead, so each of these is a rehearsal.
    assert check(signet, end - 30 * DAY - SECOND)["flagged"] == {**NOTHING, "90": 1}
    assert check(signet, end - 30 * DAY)["flagged"] == {**NOTHING, "30": 1}


def test_a_day_to_come_is_reported_and_nothing_written(signet: InProcess) -> None:
    certificate = add(a_certificate(not_after=datetime(2090, 1, 1, tzinfo=UTC)))

    summary = check(signet, "2089-12-31T00:00:00Z")

    assert summary["rehearsal"] is True
    assert summary["flagged"] == {**NOTHING, "1": 1}
    assert told(signet) == []
    assert stored(certificate) == certificate


@pytest.mark.parametrize("event", [{}, {"time": None}, {"time": "soon"}, {"time": 5}, {"time": "2026-02-30T06:00:00Z"}])
def test_an_event_without_a_good_time_makes_the_function_fail_and_say_so(
    signet: InProcess, event: dict[str, Any]
) -> None:
    add(a_certificate(not_after=END))
    function = signet.functions["CheckExpiryFunction"]

    with pytest.raises(InvalidInputError, match=r"^time: "):
        load_handler(function)(event, Context(function, "request"))
    assert told(signet) == []


def test_two_checks_at_once_tell_everything_once(signet: InProcess) -> None:
    certificates = [add(a_certificate(not_after=END)) for _ in range(20)]
    failed: list[BaseException] = []

    def run() -> None:
        try:
            # What another one was at for too long is reported, and is for the next run.
            while check(signet, END - 20 * DAY)["failed"]:
                pass
        except BaseException as error:  # noqa: BLE001 - it is the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert Counter(told(signet)) == Counter(expiring(certificate, 30) for certificate in certificates)


def test_killed_after_each_of_its_calls_in_turn_and_run_again_it_tells_everything_once(signet: InProcess) -> None:
    """Killed means: the call had its effect, and nothing of this process happened after it."""
    certificates = [add(a_certificate(not_after=END)) for _ in range(6)]
    kept = signet.kept()
    killed_at = 0
    while True:
        signet.put_back(kept)
        alive = True

        def kill(index: int, name: str, at: int = killed_at) -> Fault | None:
            nonlocal alive
            if not alive:
                return dead
            if index == at:
                alive = False

                def last(send: Send, asked: Any) -> Any:
                    send()
                    raise KilledError

                return last
            return None

        def dead(send: Send, asked: Any) -> Any:
            raise KilledError

        with signet.counting(kill) as calls:
            with contextlib.suppress(KilledError):
                check(signet, END - 20 * DAY)
            made = len(calls.made)
        if made <= killed_at and alive:
            break
        summary = check(signet, END - 20 * DAY)
        assert summary["failed"] == 0
        assert Counter(told(signet)) == Counter(expiring(certificate, 30) for certificate in certificates)
        killed_at += 1
    assert killed_at == 7


def test_one_that_fails_is_reported_and_stops_no_other(signet: InProcess) -> None:
    certificates = [add(a_certificate(not_after=END)) for _ in range(3)]
    unlucky = certificates[1].id

    def refuse(index: int, name: str) -> Fault | None:
        if name != "dynamodb:TransactWriteItems":
            return None
        no = {"__type": "ValidationException", "message": "no"}
        return lambda send, asked: answered(400, no) if unlucky in json.dumps(asked) else send()

    with signet.counting(refuse):
        summary = check(signet, END - 20 * DAY)

    assert summary["flagged"] == {**NOTHING, "30": 2}
    assert summary["failed"] == 1
    assert unlucky not in {certificate for certificate, _, _ in told(signet)}
    assert check(signet, END - 20 * DAY)["flagged"] == {**NOTHING, "30": 1}


def test_one_whose_row_makes_no_sense_is_reported_and_stops_no_other(signet: InProcess) -> None:
    add(a_certificate(not_after=END))
    broken = add(a_certificate(not_after=END))
    signet.client("dynamodb").update_item(
        TableName=signet.tables["CertificateTable"],
        Key={"pk": {"S": broken.id}, "sk": {"S": "certificate"}},
        UpdateExpression="REMOVE not_after",
    )

    summary = check(signet, END - 20 * DAY)

    assert (summary["failed"], summary["flagged"]["30"]) == (1, 1)


def before_the_first_transaction(signet: InProcess, change: Callable[[], None]) -> Callable[[int, str], Fault | None]:
    done = False

    def fault(index: int, name: str) -> Fault | None:
        nonlocal done
        if name == "dynamodb:TransactWriteItems" and not done:
            done = True

            def first(send: Send, asked: Any) -> Any:
                change()
                return send()

            return first
        return None

    return fault


def test_one_deleted_between_being_found_and_being_flagged_is_no_failure(signet: InProcess) -> None:
    certificate = add(a_certificate(not_after=END))

    def remove() -> None:
        wiring().records.commit(CertificateRemoved(certificate, "evt_zzzzzzzzzzzzzzzzzzzzzzzz"), events=[])

    with signet.counting(before_the_first_transaction(signet, remove)):
        summary = check(signet, END - 20 * DAY)

    assert (summary["failed"], summary["flagged"]) == (0, NOTHING)
    assert told(signet) == []


def test_one_renewed_between_being_found_and_being_flagged_is_left_alone(signet: InProcess) -> None:
    certificate = add(a_certificate(not_after=END))
    after = replace(
        certificate,
        renewed_by="crt_0000000000000000000000aa",
        version=2,
        last_event="evt_0zzzzzzzzzzzzzzzzzzzzzzz",
    )

    def renew() -> None:
        wiring().records.commit(CertificateChanged(certificate, after), events=[])

    with signet.counting(before_the_first_transaction(signet, renew)):
        assert check(signet, END - 20 * DAY)["flagged"] == NOTHING
    assert told(signet) == []


def test_a_change_decided_before_a_flag_does_not_wipe_the_flag_out(signet: InProcess) -> None:
    certificate = add(a_certificate(not_after=END))
    seen = stored(certificate)
    check(signet, END - 20 * DAY)

    with pytest.raises(Exception, match="changed"):
        wiring().records.commit(CertificateChanged(seen, replace(seen, description="new", version=2)), events=[])
    assert stored(certificate).flagged_stage == 30


def test_when_time_runs_short_it_stops_says_so_and_the_next_check_goes_on(signet: InProcess) -> None:
    for _ in range(5):
        add(a_certificate(not_after=END))

    first = check(signet, END - 20 * DAY, seconds=10)
    second = check(signet, END - 20 * DAY)

    assert first["stopped_early"] is True
    assert first["flagged"] == NOTHING
    assert second["flagged"] == {**NOTHING, "30": 5}
    assert "stopped_early" not in second


def test_the_summary_goes_to_the_metrics(signet: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    add(a_certificate(not_after=END))
    check(signet, END - 20 * DAY)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    measured = {(name, line.get("stage")): line[name][0] for line in lines for name in line if name[0].isupper()}
    assert measured == {
        ("ExpiryChecks", None): 1,
        ("CertificatesLookedAt", None): 1,
        ("CertificatesFlagged", "90"): 0,
        ("CertificatesFlagged", "30"): 1,
        ("CertificatesFlagged", "7"): 0,
        ("CertificatesFlagged", "1"): 0,
        ("CertificatesExpired", None): 0,
        ("CertificatesNotChecked", None): 0,
        ("ExpiryChecksStoppedEarly", None): 0,
    }


def fill(signet: InProcess, number: int) -> None:
    """So many certificates that are not due: one item under many keys, since nobody is to read it."""
    table = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["CertificateTable"]]
    later = a_certificate(not_after=END + 3650 * DAY)
    item = table.put_item(settings_row(later).serialize())
    for place in range(number - 1):
        table.items[DynamoType({"S": f"{later.id}{place}"})][item.range_key] = item


@pytest.mark.parametrize(
    "number", [1_000, *(pytest.param(number, marks=pytest.mark.soak) for number in (10_000, 100_000))]
)
def test_ten_due_cost_the_same_among_however_many(signet: InProcess, number: int) -> None:
    fill(signet, number)
    for _ in range(10):
        add(a_certificate(not_after=END))

    with signet.counting() as calls:
        assert check(signet, END - 20 * DAY)["looked_at"] == 10

    assert Counter(calls.names) == {"dynamodb:Query": 1, "dynamodb:TransactWriteItems": 10}
