"""CheckExpiry: tell of every certificate that has reached a stage of its expiry, once for each stage."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signet.domain.certificates.certificate import Certificate, Usage, X509Body
from signet.domain.errors import BusyError, ChangedMeanwhileError, UnavailableError
from signet.domain.events.event import next_event_id
from signet.domain.expiry.expiry import (
    ExpiryReport,
    expiry_event,
    is_rehearsal,
    last_due,
    stage_to_announce,
    wants_renewal,
)
from signet.domain.identifiers import new_id
from signet.domain.signing_requests.csr_command import CsrCommand
from signet.operations.requesting import WrappedRequest, created_event, renewal_request, wrapped_once
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CertificateChanged, CertificateFlagged, RequestAdded
from signet.ports.keys import KeyWrapper, RequestMaker
from signet.ports.listings import ExpiryWatch, UnreadableCertificate
from signet.ports.session import Session

WORKERS = 8
"""So many certificates are flagged at once: a check waits for DynamoDB, not for the processor."""

RESERVE = timedelta(seconds=45)
"""What must be left of a function's time to begin with one more certificate: reads, KMS and a transaction, each at its
most patient."""


@dataclass(frozen=True, slots=True)
class _Checked:
    stage: int | None = None
    failure: tuple[str, str] | None = None
    left_out: bool = False


def check_expiry(
    at: datetime,
    *,
    watch: ExpiryWatch,
    within: Session,
    requests: RequestMaker,
    wrapper: KeyWrapper,
    future_checks: bool,
    time_left: Callable[[], timedelta],
) -> ExpiryReport:
    """Check as of `at`, the soonest expiry first, page by page.

    Flag and event of a certificate are one transaction, on condition that nothing about it changed since it was read:
    run twice, run at once twice or killed half-way, each stage of each certificate has one event. One that fails is
    reported and stops no other. One that carries `renew_at_stage` has its renewal asked for by that stage, in the same
    transaction. As of a day to come, unless `future_checks`, nothing is written.
    """
    report = ExpiryReport.begin(at, within.stages, rehearsal=is_rehearsal(at, within.now, allowed=future_checks))

    flagging = _Flagging(at, within, requests, wrapper)

    def check(found: Certificate | UnreadableCertificate) -> _Checked:
        if isinstance(found, UnreadableCertificate):
            return _Checked(failure=(found.id, found.reason))
        stage = stage_to_announce(found, at, within.stages)
        if stage is None or report.rehearsal:
            return _Checked(stage)
        if time_left() < RESERVE:
            return _Checked(left_out=True)
        try:
            return flagging.flag(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this certificate alone
            return _Checked(failure=(found.id, f"{type(error).__name__}: {error}"))

    with ThreadPoolExecutor(WORKERS) as pool:
        for page in watch.expiring_until(last_due(at, within.stages)):
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


@dataclass(frozen=True, slots=True)
class _Flagging:
    """Flags one certificate after the other, each by itself."""

    at: datetime
    within: Session
    requests: RequestMaker
    wrapper: KeyWrapper

    def flag(self, found: Certificate) -> _Checked:
        """Flag `found` with the stage that it has reached, and ask for its renewal if it wants that."""
        request_id = new_id("req", self.within.now)
        wrapped = wrapped_once(request_id, requests=self.requests, wrapper=self.wrapper)
        # An index lags, so what it says is only tried: it holds unless somebody changed the certificate just now.
        known = [(found, Usage())] if found.renew_at_stage is None else []

        def decide() -> _Checked:
            if known:
                certificate, usage = known.pop()
                snapshot = None
            else:
                snapshot = self.within.load(found.id, x509=found.renew_at_stage is not None)
                if snapshot.certificate is None:
                    return _Checked()  # Deleted meanwhile.
                certificate, usage = snapshot.certificate, snapshot.usage
            stage = stage_to_announce(certificate, self.at, self.within.stages)
            if stage is None:
                return _Checked()
            failure = None
            if snapshot is not None and snapshot.x509 is not None and wants_renewal(certificate, stage):
                try:
                    self._flag_and_renew(certificate, usage, stage, snapshot.x509, request_id, wrapped)
                except (ChangedMeanwhileError, UnavailableError, BusyError):
                    raise  # This may pass; without its flag, the next check comes back to it.
                except Exception as error:  # noqa: BLE001 - people are told in any case
                    failure = (found.id, f"no renewal was asked for: {type(error).__name__}: {error}")
                else:
                    return _Checked(stage)
            event = expiry_event(certificate, stage, at=self.at, now=self.within.now, usage=usage)
            self.within.commit(CertificateFlagged(certificate, stage, self.at, event.id), events=[event])
            return _Checked(stage, failure)

        return retry_on_conflict(decide)

    def _flag_and_renew(
        self,
        before: Certificate,
        usage: Usage,
        stage: int,
        x509: X509Body,
        request_id: str,
        wrapped: Callable[[CsrCommand], WrappedRequest],
    ) -> None:
        """Both in one transaction, so that one never exists without the other."""
        csr = self.requests.command_of(x509.certificate, before.facts.key_algorithm)
        made = wrapped(csr)
        asked_id = next_event_id(self.within.now, before.last_event, usage.last_event)
        asking = replace(before, pending_request=request_id, last_event=asked_id)
        request = renewal_request(request_id, asking, csr, made, within=self.within, event_id=asked_id)
        event = expiry_event(asking, stage, at=self.at, now=self.within.now, usage=usage)
        after = replace(asking, flagged_stage=stage, flagged_at=self.at, last_event=event.id)
        self.within.commit(
            RequestAdded(request, made.wrapped_key),
            CertificateChanged(before, after),
            events=[created_event(request, self.within, asking), event],
        )
