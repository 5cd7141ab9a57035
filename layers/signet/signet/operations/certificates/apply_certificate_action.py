"""ApplyCertificateAction: one action on many certificates; each stands for itself, and a failure stops no other."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from signet.domain.access.access_snapshot import Access
from signet.domain.certificates.bulk_command import BulkAction, BulkCommand, BulkOutcome, BulkReport, BulkResult
from signet.domain.errors import GroupFullError, NotAllowedError, SignetError
from signet.operations.authorisation import visible
from signet.operations.certificates.bulk.plan import (
    WRITES_AT_ONCE,
    Planned,
    permission_for,
    plan,
    planned_change,
    record_refusals,
    waiting_renewals,
)
from signet.operations.certificates.bulk.repeats import (
    CUT_SHORT,
    acted_on,
    give_up,
    go_on,
    is_cut_short,
    leave_off,
    told_again,
)
from signet.operations.idempotency import stored_for
from signet.operations.references import group_ids
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.idempotency import StoredResponse
from signet.ports.session import Session
from signet.ports.store import Snapshots

AT_ONCE = 8
"""How many transactions are under way at the same time."""


def apply_certificate_action(command: BulkCommand, *, within: Session) -> BulkReport:
    """Do `command` to each of its certificates, by the same rules and with the same events as one by one.

    A dry run decides the same and does nothing.

    Raises:
        UnknownReferenceError: a certificate group that does not exist, or that the caller does not see.
    """

    def begin() -> tuple[BulkCommand, Snapshots, Session, StoredResponse | None]:
        snapshots = within.records.load_many(command.certificates, by=within.caller, idempotency=within.idempotency)
        # A caller who may not do it, or no longer, gets no stored response: each certificate is refused again.
        allowed = snapshots.access.may(within.caller, permission_for(command.action))
        promised = within if allowed else replace(within, idempotency=None)
        stored = stored_for(promised, snapshots.stored)
        groups = group_ids(command.groups, snapshots.access, within)
        if stored is None:
            promised.begin()
        return replace(command, groups=groups), snapshots, promised, stored

    command, snapshots, promised, stored = retry_on_conflict(begin)
    if stored is not None:
        return told_again(command, snapshots, stored, within=within)
    before = snapshots.stored.left_off if snapshots.stored is not None and promised.idempotency is not None else ()
    try:
        planned = go_on(list(plan(command, snapshots.snapshots, within=within)), before, within=within)
        report = (
            _predicted(command, planned, snapshots.access, within)
            if command.dry_run
            else _done(command, planned, snapshots.access, within=within)
        )
        if is_cut_short(report):
            leave_off(command, planned, report, within=promised)
        else:
            promised.complete(report, about=acted_on(planned, report))
    except BaseException:
        give_up(before, within=promised)
        raise
    return report


# --- a dry run -----------------------------------------------------------------------------------------------------


def _predicted(command: BulkCommand, planned: Sequence[Planned], access: Access, within: Session) -> BulkReport:
    """What doing it would come to, with the groups filling up in the order asked."""
    if command.action is not BulkAction.ADD_TO_GROUPS:
        return BulkReport(tuple(one.outcome for one in planned))
    return BulkReport(tuple(one.outcome for one in _with_room(command, planned, access, within)))


def _with_room(command: BulkCommand, planned: Iterable[Planned], access: Access, within: Session) -> Iterable[Planned]:
    """Each of `planned` that joins groups, if their limits allow it after those before it; else with its failure."""
    held = Counter(within.records.certificate_counts(command.groups))
    for one in planned:
        joined = _groups_joined(one)
        full = [group for group in joined if _is_full(access, group, held[group])]
        if full:
            yield Planned(one.reference, error=_full(full[0]))
        else:
            held.update(joined)
            yield one


def _groups_joined(one: Planned) -> frozenset[str]:
    if one.change is None or one.certificate is None or one.certificate.renewed_by is not None:
        return frozenset()  # A renewed certificate is not counted.
    return frozenset(one.change.after.groups) - frozenset(one.certificate.groups)


def _is_full(access: Access, group: str, held: int) -> bool:
    limit = access.groups[group].settings.certificate_limit
    return limit is not None and held >= limit


def _full(group: str) -> GroupFullError:
    return GroupFullError(f"The certificate group {group} holds as many certificates as it may.")


# --- writing -------------------------------------------------------------------------------------------------------


def _done(command: BulkCommand, planned: Sequence[Planned], access: Access, *, within: Session) -> BulkReport:
    results: dict[int, BulkResult] = {place: one.outcome for place, one in enumerate(planned) if one.change is None}
    record_refusals(command, planned, access, within=within)

    def alone(reference: str, *, may_be_done: bool = False) -> BulkResult:
        return _alone(command, reference, may_be_done=may_be_done, within=within)

    def together(places: Sequence[int]) -> None:
        """Raises GroupFullError, with nothing done, where the limits may allow some of them."""
        ahead = [change for place in places if (change := planned[place].change) is not None]
        try:
            within.records.commit(
                *(change for one in ahead for change in one.changes),
                events=[event for one in ahead for event in one.events],
            )
        except GroupFullError:
            raise
        except SignetError as error:
            # One of them stands in the way, or has changed meanwhile: then each for itself, in the order asked.
            may_be_done = isinstance(error, CUT_SHORT)
            results.update({place: alone(planned[place].reference, may_be_done=may_be_done) for place in places})
        else:
            results.update({place: BulkResult(planned[place].reference, BulkOutcome.DONE) for place in places})

    def one_after_the_other(places: Sequence[int]) -> None:
        bundles = _bundles(command, places, planned)
        while bundles:
            try:
                together(bundles[0])
                bundles = bundles[1:]
            except GroupFullError:
                left = [place for bundle in bundles for place in bundle]
                now = _with_room(command, [planned[place] for place in left], access, within)
                full = {place: one.outcome for place, one in zip(left, now, strict=True) if one.error is not None}
                results.update(full)
                if full:
                    bundles = _bundles(command, [place for place in left if place not in full], planned)
                else:
                    # The group has fewer members again, or its limit was changed.
                    results.update({place: alone(planned[place].reference) for place in bundles[0]})
                    bundles = bundles[1:]

    waiting = [place for place, one in enumerate(planned) if one.change is not None]
    # Transactions that change the count of a group run one after the other: at the same time they would conflict.
    in_turn = [place for place in waiting if _counts(command, planned[place])]
    at_once = [place for place in waiting if not _counts(command, planned[place])]
    one_after_the_other(in_turn)
    _each(together, _bundles(command, at_once, planned))
    return BulkReport(tuple(results[place] for place in range(len(planned))))


def _alone(command: BulkCommand, reference: str, *, may_be_done: bool, within: Session) -> BulkResult:
    """With `may_be_done`, it was tried before, and no answer came: what is gone was deleted then."""

    def decide() -> BulkResult:
        snapshot = within.records.load(reference)
        if may_be_done and command.action is BulkAction.DELETE and snapshot.certificate is None:
            return BulkResult(reference, BulkOutcome.DONE)
        certificate = visible(snapshot, within)
        try:
            change = planned_change(
                command, snapshot, certificate, waiting_renewals(command, [snapshot], within), within=within
            )
        except NotAllowedError as error:
            refused = Planned(reference, error=error, certificate=certificate)
            record_refusals(command, [refused], snapshot.access, within=within)
            return refused.outcome
        if change is None:
            return BulkResult(reference, BulkOutcome.UNCHANGED)
        within.records.commit(*change.changes, events=change.events)
        return BulkResult(reference, BulkOutcome.DONE)

    try:
        return retry_on_conflict(decide)
    except SignetError as error:
        return BulkResult(reference, BulkOutcome.FAILED, error)


def _each(together: Callable[[Sequence[int]], None], bundles: Sequence[Sequence[int]]) -> None:
    if len(bundles) <= 1:
        for bundle in bundles:
            together(bundle)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(together, bundle) for bundle in bundles]:
            done.result()


def _counts(command: BulkCommand, one: Planned) -> bool:
    if command.action.names_groups:
        return True
    return command.action is BulkAction.DELETE and one.certificate is not None and bool(one.certificate.groups)


def _bundles(command: BulkCommand, places: Iterable[int], planned: Sequence[Planned]) -> list[list[int]]:
    """Neighbours, as many as one transaction takes."""
    bundles: list[list[int]] = []
    weight = 0
    for place in places:
        own = _weight(command, planned[place])
        if not bundles or weight + own > WRITES_AT_ONCE:
            bundles.append([])
            weight = 0
        bundles[-1].append(place)
        weight += own
    return bundles


def _weight(command: BulkCommand, one: Planned) -> int:
    """How many items its change writes, at most."""
    if one.certificate is None or one.change is None:
        return 0
    before, after = set(one.certificate.groups), set(one.change.after.groups)
    waits = one.certificate.pending_request is not None
    listed = len(before | after) + 1  # its owner's list, too
    # Two thumbprints and the serial number, by which it is found, tell who may see it and whether it is enabled.
    found_by = 3
    if command.action is BulkAction.DELETE:
        # Settings, X.509, counters, two names, key, event; of a renewal that waits the request, two names, key, event.
        return 7 + listed + found_by + len(before) + (5 if waits else 0)
    moved = len(before ^ after)
    # Settings, counters, event; the counts of groups; the renewal that waits is listed elsewhere.
    return 3 + listed + found_by + moved + (moved if waits else 0)
