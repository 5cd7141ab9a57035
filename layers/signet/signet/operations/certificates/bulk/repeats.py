"""An order for many certificates that comes again with its Idempotency-Key."""

from collections.abc import Sequence

from signet.domain.access.access_snapshot import Access
from signet.domain.certificates.bulk_command import BulkAction, BulkCommand, BulkOutcome, BulkReport, BulkResult
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.certificates.bulk.plan import Planned, permission_for, plan, record_refusals
from signet.ports.idempotency import AlreadyAnswered, StoredResponse
from signet.ports.session import Session
from signet.ports.store import Snapshots


def acted_on(planned: Sequence[Planned], report: BulkReport) -> tuple[str, ...]:
    """The ids of the certificates that `report` tells of, and not only that they are not there or not allowed."""
    return tuple(
        one.certificate.id
        for one, result in zip(planned, report.results, strict=True)
        if one.certificate is not None and not isinstance(result.error, NotFoundError | NotAllowedError)
    )


def told_again(command: BulkCommand, snapshots: Snapshots, stored: StoredResponse, *, within: Session) -> BulkReport:
    """What `command` came to before is told again, if the caller may still do it to all of it that is there.

    Else nothing is told of before: what the caller may not any more fails, and the rest is unchanged by the repeat.

    Raises:
        AlreadyAnswered: with the answer of before.
    """
    planned = list(plan(command, snapshots.snapshots, within=within))
    seen = {
        snapshot.certificate.id: snapshot.certificate
        for snapshot in snapshots.snapshots
        if snapshot.certificate is not None
    }
    # An alias may have moved since: what it named then is asked for by id.
    there = {**seen, **within.records.certificates(one for one in stored.subjects if one and one not in seen)}
    refused = {one.certificate.id for one in planned if one.certificate and isinstance(one.error, NotAllowedError)}
    if not any(
        one in there and (one in refused or not _may_still(command.action, snapshots.access, there[one], within))
        for one in stored.subjects
    ):
        raise AlreadyAnswered(stored)
    if not command.dry_run:
        record_refusals(command, planned, snapshots.access, within=within)
    refusals = (NotFoundError, NotAllowedError)
    return BulkReport(
        tuple(
            one.outcome if isinstance(one.error, refusals) else BulkResult(one.reference, BulkOutcome.UNCHANGED)
            for one in planned
        )
    )


def _may_still(action: BulkAction, access: Access, certificate: Certificate, within: Session) -> bool:
    return access.sees(within.caller, certificate) and access.may(within.caller, permission_for(action), certificate)
