"""Once a day: flag and announce every certificate that has reached a stage of its expiry.

The event's `time` is the check's "now", so that a missed run can be made up. An event without one makes the function
fail, which its alarm tells.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from signet.domain.expiry.expiry import CHECKER, ExpiryReport, moment_of_check
from signet.observability import count, logger, logs_its_run
from signet.operations.automation.check_expiry import check_expiry
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.expiry_watch, ports.requests, ports.wrapper))


@logs_its_run
def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer what was flagged; the same goes to the metrics, and what failed to the log."""
    ports = wiring()
    report = check_expiry(
        moment_of_check(event.get("time")),
        watch=ports.expiry_watch,
        within=ports.session(CHECKER),
        requests=ports.requests,
        wrapper=ports.wrapper,
        future_checks=ports.settings.future_expiry_checks,
        time_left=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    for certificate, reason in report.failures:
        logger.error("certificate not checked", certificate=certificate, reason=reason)
    summary = report.summary()
    logger.info("checked", **summary)
    if not report.rehearsal:
        _measure(report)
    return summary


def _measure(report: ExpiryReport) -> None:
    count("ExpiryChecks")
    count("CertificatesLookedAt", report.looked_at)
    for stage, number in report.flagged.items():
        count("CertificatesFlagged", number, stage=str(stage))
    count("CertificatesExpired", report.expired)
    count("CertificatesNotChecked", len(report.failures))
    count("ExpiryChecksStoppedEarly", int(report.stopped_early))
