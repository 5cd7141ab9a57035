"""CheckExpiry: tell of every certificate that has reached a stage of its expiry, once for each stage."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from signet.domain.certificate import Certificate, Usage
from signet.domain.expiry import ExpiryReport, expiry_event, is_rehearsal, last_due, stage_to_announce
from signet.operations.afresh import afresh
from signet.operations.ports import CertificateFlagged, Clock, ExpiryWatch, Records, UnreadableCertificate

WORKERS = 8
"""So many certificates are flagged at once: a check waits for DynamoDB, not for the processor."""

RESERVE = timedelta(seconds=20)
"""What must be left of a function's time to begin with one more certificate: the longest that one takes is 16 s."""


@dataclass(frozen=True, slots=True)
class _Checked:
    stage: int | None = None
    failure: tuple[str, str] | None = None
    left_out: bool = False


def check_expiry(
    at: datetime,
    *,
    watch: ExpiryWatch,
    records: Records,
    clock: Clock,
    stages: Sequence[int],
    future_checks: bool,
    time_left: Callable[[], timedelta],
) -> ExpiryReport:
    """Check as of `at`, the soonest expiry first, page by page.

    Flag and event of a certificate are one transaction, on condition that nothing about it changed since it was read:
    run twice, run at once twice or killed half-way, each stage of each certificate has one event. One that fails is
    reported and stops no other. As of a day to come, unless `future_checks`, nothing is written.
    """
    report = ExpiryReport.begin(at, stages, rehearsal=is_rehearsal(at, clock.now(), allowed=future_checks))

    def check(found: Certificate | UnreadableCertificate) -> _Checked:
        if isinstance(found, UnreadableCertificate):
            return _Checked(failure=(found.id, found.reason))
        stage = stage_to_announce(found, at, stages)
        if stage is None or report.rehearsal:
            return _Checked(stage)
        if time_left() < RESERVE:
            return _Checked(left_out=True)
        try:
            return _Checked(_flag(found, at, stages, records, clock))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this certificate's alone
            return _Checked(failure=(found.id, f"{type(error).__name__}: {error}"))

    with ThreadPoolExecutor(WORKERS) as pool:
        for page in watch.expiring_until(last_due(at, stages)):
            for checked in pool.map(check, page):
                report.looked_at += not checked.left_out
                report.stopped_early |= checked.left_out
                if checked.failure is not None:
                    report.failures.append(checked.failure)
                if checked.stage is not None:
                    report.count(checked.stage)
            report.stopped_early |= time_left() < RESERVE
            if report.stopped_early:
                break
    return report


def _flag(found: Certificate, at: datetime, stages: Sequence[int], records: Records, clock: Clock) -> int | None:
    """Flag `found` with the stage that it has reached; None where, looked at afresh, there is nothing to tell."""
    # An index lags, so what it says is only tried: it holds unless somebody changed the certificate just now.
    known = [(found, Usage())]

    def decide() -> int | None:
        if known:
            certificate, usage = known.pop()
        else:
            sight = records.sight(found.id)
            if sight.certificate is None:
                return None  # Deleted meanwhile.
            certificate, usage = sight.certificate, sight.usage
        stage = stage_to_announce(certificate, at, stages)
        if stage is None:
            return None
        event = expiry_event(certificate, stage, at=at, now=clock.now(), usage=usage)
        records.commit(CertificateFlagged(certificate, stage, at, event.id), events=[event])
        return stage

    return afresh(decide)
