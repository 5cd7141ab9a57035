"""ApplyRequestedAction: what an event on the bus asks for, done as its sender may."""

import json
from dataclasses import replace
from typing import Any

from signet.domain.certificates.bulk_command import BulkCommand, BulkOutcome, BulkReport
from signet.operations.certificates.apply_certificate_action import apply_certificate_action
from signet.ports.idempotency import AlreadyAnswered, IdempotencyKey
from signet.ports.session import Session


def apply_requested_action(command: BulkCommand, *, within: Session, once_id: str, fingerprint: str) -> dict[str, str]:
    """Do `command` once, however often its event comes; by certificate as named, why it failed for some.

    Raises:
        UnknownReferenceError: a certificate group that does not exist, or that the caller does not see.
        IdempotencyKeyReusedError: an event with this id came before and asked for something else.
        UnavailableError, BusyError: not now.
    """
    once = replace(within, idempotency=IdempotencyKey(once_id, fingerprint, _failures_as_json))
    try:
        report = apply_certificate_action(command, within=once)
    except AlreadyAnswered as before:
        # Told again: whoever did it may have been stopped before it was told.
        told: dict[str, str] = json.loads(before.stored.body)
        return told
    return _failures(report)


def _failures(report: BulkReport) -> dict[str, str]:
    return {
        result.certificate: result.error.code
        for result in report.results
        if result.outcome is BulkOutcome.FAILED and result.error is not None
    }


def _failures_as_json(report: Any) -> bytes:
    return json.dumps(_failures(report)).encode()
