"""An action on many certificates that comes again with its Idempotency-Key."""

from collections.abc import Sequence

from signet.domain.access.access_snapshot import Access
from signet.domain.certificates.bulk_command import BulkAction, BulkCommand, BulkOutcome, BulkReport, BulkResult
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import BusyError, NotAllowedError, NotFoundError, UnavailableError
from signet.operations.certificates.bulk.plan import Planned, permission_for, plan, record_refusals
from signet.ports.idempotency import AlreadyAnswered, StoredResponse
from signet.ports.session import Session
from signet.ports.store import Snapshots

CUT_SHORT = (BusyError, UnavailableError)
"""What says nothing of whether a change took effect."""


_NOTHING, _SECOND_MENTION = "-", "="


def is_cut_short(report: BulkReport) -> bool:
    """Whether some failed for no reason of their own: a repeat is to do the rest."""
    return any(isinstance(result.error, CUT_SHORT) for result in report.results)


def leave_off(command: BulkCommand, planned: Sequence[Planned], report: BulkReport, *, within: Session) -> None:
    """Let a repeat of what was cut short do the rest.

    Of certificates that were deleted, or may have been though no answer came, it needs the ids: they leave nothing
    behind that the repeat could see, and it would answer that they never were.
    """
    deleted = [
        _NOTHING if command.action is not BulkAction.DELETE else _deleted(one, result)
        for one, result in zip(planned, report.results, strict=True)
    ]
    give_up(deleted if any(each != _NOTHING for each in deleted) else (), within=within)


def give_up(deleted: Sequence[str], *, within: Session) -> None:
    """Let a repeat begin anew; with what was `deleted`, by place, it goes on from there."""
    if deleted:
        within.leave_off(deleted)
    else:
        within.abandon()


def _deleted(one: Planned, result: BulkResult) -> str:
    if one.done_before is not None:
        return one.done_before
    if result.outcome is BulkOutcome.UNCHANGED:
        return _SECOND_MENTION
    may_be_done = result.outcome is BulkOutcome.DONE or isinstance(result.error, CUT_SHORT)
    return one.certificate.id if may_be_done and one.change is not None and one.certificate is not None else _NOTHING


def go_on(planned: Sequence[Planned], before: Sequence[str], *, within: Session) -> Sequence[Planned]:
    """`planned`, where what was deleted `before`, by place, is done, whatever its alias names by now."""
    if len(before) != len(planned):
        return planned
    moved = {
        place: each
        for place, (one, each) in enumerate(zip(planned, before, strict=True))
        if each not in {_NOTHING, _SECOND_MENTION} and (one.certificate is None or one.certificate.id != each)
    }
    there = within.records.certificates(moved.values()) if moved else {}
    gone = {place: each for place, each in moved.items() if each not in there}
    return [
        Planned(one.reference, done_before=gone.get(place))
        if place in gone or (before[place] == _SECOND_MENTION and one.certificate is None and one.unseen is None)
        else one
        for place, one in enumerate(planned)
    ]


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
