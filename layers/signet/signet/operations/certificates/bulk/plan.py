"""What an action on many certificates means for each of them: decided, and not yet done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import Permission
from signet.domain.certificates.bulk_command import BulkAction, BulkCommand, BulkOutcome, BulkResult
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotAllowedError, NotFoundError, SignetError
from signet.domain.events.event import refusal
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.operations.authorisation import visible
from signet.operations.certificate_changes import PlannedChange, added_to, enabled_change, removed, taken_out_of
from signet.operations.unseen import refuse_unseen
from signet.ports.session import Session
from signet.ports.store import Snapshot

WRITES_AT_ONCE = 90
"""How much is put into one transaction, of the 100 items that it may have."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done to one certificate, or why nothing is."""

    reference: str
    change: PlannedChange | None = None
    error: SignetError | None = None
    certificate: Certificate | None = None
    unseen: Certificate | None = None
    """What the reference names, where the caller does not see it."""

    done_before: str | None = None
    """Id of the certificate to which an earlier attempt at the same order did it."""

    @property
    def outcome(self) -> BulkResult:
        """What is told of it, once it is done."""
        if self.error is not None:
            return BulkResult(self.reference, BulkOutcome.FAILED, self.error)
        done = self.change is not None or self.done_before is not None
        return BulkResult(self.reference, BulkOutcome.DONE if done else BulkOutcome.UNCHANGED)


def permission_for(action: BulkAction) -> Permission:
    """What it takes, over each certificate."""
    return Permission.DELETE_CERTIFICATES if action is BulkAction.DELETE else Permission.EDIT_CERTIFICATES


def plan(command: BulkCommand, snapshots: Iterable[Snapshot], *, within: Session) -> Iterable[Planned]:
    """What `command` is for each certificate that it names, in that order; a second mention is nothing to do."""
    mentioned: set[str] = set()
    snapshots = list(snapshots)
    waiting = waiting_renewals(command, snapshots, within)
    for reference, snapshot in zip(command.certificates, snapshots, strict=True):
        try:
            certificate = visible(snapshot, within)
        except NotFoundError as error:
            yield Planned(reference, error=error, unseen=snapshot.certificate)
            continue
        if certificate.id in mentioned:
            yield Planned(reference)
            continue
        mentioned.add(certificate.id)
        try:
            change = planned_change(command, snapshot, certificate, waiting, within=within)
            yield Planned(reference, change, certificate=certificate)
        except SignetError as error:
            yield Planned(reference, error=error, certificate=certificate)


def waiting_renewals(
    command: BulkCommand, snapshots: Iterable[Snapshot], within: Session
) -> Mapping[str, SigningRequest]:
    """The renewals that wait, and that would be cancelled with their certificates, by certificate."""
    if command.action is not BulkAction.DELETE:
        return {}
    there = [(snapshot.access, snapshot.certificate) for snapshot in snapshots if snapshot.certificate is not None]
    # Of what is not seen nothing more is read: that would tell that it is there.
    seen = (certificate for access, certificate in there if access.sees(within.caller, certificate))
    pending = {one.pending_request: one for one in seen if one.pending_request is not None}
    found = within.records.requests(pending) if pending else {}
    return {pending[request_id].id: request.renewing(pending[request_id]) for request_id, request in found.items()}


def planned_change(
    command: BulkCommand,
    snapshot: Snapshot,
    certificate: Certificate,
    waiting: Mapping[str, SigningRequest],
    *,
    within: Session,
) -> PlannedChange | None:
    """What `command` is for one certificate that the caller sees; None where it is so already.

    Raises:
        NotAllowedError: the caller may not.
        TooManyGroupsError: it would be in too many.
    """
    access = snapshot.access
    _require(permission_for(command.action), access, certificate, within)
    match command.action:
        case BulkAction.ENABLE | BulkAction.DISABLE:
            return enabled_change(
                certificate, snapshot.usage, enabled=command.action is BulkAction.ENABLE, within=within
            )
        case BulkAction.DELETE:
            return removed(certificate, snapshot.usage, waiting=waiting.get(certificate.id), within=within)
        case BulkAction.ADD_TO_GROUPS:
            return added_to(certificate, snapshot.usage, command.groups, access=access, within=within)
        case BulkAction.REMOVE_FROM_GROUPS:
            return taken_out_of(certificate, snapshot.usage, command.groups, access=access, within=within)


def _require(permission: Permission, access: Access, certificate: Certificate, within: Session) -> None:
    if not access.may(within.caller, permission, certificate):
        raise NotAllowedError(f"Your role does not give you {permission.value} here.")


def record_refusals(command: BulkCommand, planned: Sequence[Planned], access: Access, *, within: Session) -> None:
    """Record what of `planned` the caller may not do, or does not see."""
    refused = [
        refusal(command.action.intent, within.caller, within.now, one.error.code, certificate=one.certificate)
        for one in planned
        if isinstance(one.error, NotAllowedError)
    ]
    for start in range(0, len(refused), WRITES_AT_ONCE):
        within.record(*refused[start : start + WRITES_AT_ONCE])
    unseen = {one.reference: one.unseen for one in planned if isinstance(one.error, NotFoundError)}
    refuse_unseen(command.action.intent, list(unseen.items()), access=access, within=within)
