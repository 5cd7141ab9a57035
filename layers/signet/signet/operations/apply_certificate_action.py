"""ApplyCertificateAction: one action on many certificates; each stands for itself, and a failure stops no other."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from signet.domain.access import Access
from signet.domain.bulk_order import BulkAction, BulkOrder, BulkOutcome, BulkReport, BulkResult
from signet.domain.certificate import Certificate
from signet.domain.errors import (
    BusyError,
    GroupFullError,
    NotAllowedError,
    NotFoundError,
    SignetError,
    UnavailableError,
)
from signet.domain.event import refusal
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.domain.signing_request import SigningRequest
from signet.operations.afresh import afresh
from signet.operations.authorisation import visible
from signet.operations.deeds import Deed, added_to, removed, switched, taken_out_of
from signet.operations.import_certificate import check_groups
from signet.operations.ports import Clock, Once, Records, Sight, Sights
from signet.operations.repeats import answer_repeat
from signet.operations.unseen import refuse_unseen

AT_ONCE = 8
"""How many transactions are under way at the same time."""

WRITES_AT_ONCE = 90
"""How much is put into one transaction, of the 100 items that it may have."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be done to one certificate, or why nothing is."""

    reference: str
    deed: Deed | None = None
    error: SignetError | None = None
    certificate: Certificate | None = None
    unseen: Certificate | None = None
    """What the reference names, where `by` does not see it."""

    @property
    def outcome(self) -> BulkResult:
        if self.error is not None:
            return BulkResult(self.reference, BulkOutcome.FAILED, self.error)
        return BulkResult(self.reference, BulkOutcome.UNCHANGED if self.deed is None else BulkOutcome.DONE)


def apply_certificate_action(
    order: BulkOrder, *, by: Principal, once: Once | None, records: Records, clock: Clock
) -> BulkReport:
    """Do `order` to each of its certificates, by the same rules and with the same events as one by one.

    A dry run decides the same and does nothing.

    Raises:
        UnknownReferenceError: a certificate group that does not exist, or that `by` does not see.
    """

    def begin() -> tuple[Sights, Once | None]:
        sights = records.sight_of_many(order.certificates, by=by, once=once)
        # Who may do it to nothing, or no more, is given no kept answer: each certificate is refused afresh.
        promised = once if _may_at_all(order.action, sights.access, by) else None
        answer_repeat(promised, Sight(sights.access, kept=sights.kept))
        check_groups(order.groups, sights.access, by)
        if promised is not None:
            records.claim(promised)
        return sights, promised

    sights, promised = afresh(begin)
    try:
        planned = list(_plan(order, sights.sights, by=by, records=records, clock=clock))
        report = (
            _predicted(order, planned, sights.access, records)
            if order.dry_run
            else _done(order, planned, sights.access, by=by, records=records, clock=clock)
        )
        if promised is not None and not _is_cut_short(report):
            records.settle(promised, report)
        elif promised is not None:
            records.release(promised)
    except BaseException:
        if promised is not None:
            records.release(promised)
        raise
    return report


def _may_at_all(action: BulkAction, access: Access, by: Principal) -> bool:
    """Whether the role of `by` permits it to something."""
    match action:
        case BulkAction.DELETE:
            return access.may(by, Permission.DELETE_CERTIFICATES)
        case _:
            return access.may(by, Permission.EDIT_CERTIFICATES)


def _is_cut_short(report: BulkReport) -> bool:
    """Whether some failed for no reason of their own: a repeat is to do the rest."""
    return any(isinstance(result.error, BusyError | UnavailableError) for result in report.results)


def _plan(
    order: BulkOrder, sights: Iterable[Sight], *, by: Principal, records: Records, clock: Clock
) -> Iterable[_Planned]:
    mentioned: set[str] = set()
    sights = list(sights)
    waiting = _waiting(order, sights, by, records)
    for reference, sight in zip(order.certificates, sights, strict=True):
        try:
            certificate = visible(sight, by)
        except NotFoundError as error:
            yield _Planned(reference, error=error, unseen=sight.certificate)
            continue
        if certificate.id in mentioned:
            yield _Planned(reference)
            continue
        mentioned.add(certificate.id)
        try:
            deed = _deed(order, sight, certificate, waiting, by=by, clock=clock)
            yield _Planned(reference, deed, certificate=certificate)
        except SignetError as error:
            yield _Planned(reference, error=error, certificate=certificate)


def _waiting(
    order: BulkOrder, sights: Iterable[Sight], by: Principal, records: Records
) -> Mapping[str, SigningRequest]:
    """The renewals that wait, and that would be cancelled with their certificates, by certificate."""
    if order.action is not BulkAction.DELETE:
        return {}
    there = [(sight.access, sight.certificate) for sight in sights if sight.certificate is not None]
    # Of what is not seen nothing more is read: that would tell that it is there.
    seen = (certificate for access, certificate in there if access.sees(by, certificate))
    pending = {one.pending_request: one for one in seen if one.pending_request is not None}
    found = records.requests(pending) if pending else {}
    return {pending[request_id].id: request.renewing(pending[request_id]) for request_id, request in found.items()}


def _deed(
    order: BulkOrder,
    sight: Sight,
    certificate: Certificate,
    waiting: Mapping[str, SigningRequest],
    *,
    by: Principal,
    clock: Clock,
) -> Deed | None:
    """What `order` is for one certificate that `by` sees; None where it is so already.

    Raises:
        NotAllowedError: `by` may not.
        TooManyGroupsError: it would be in too many.
    """
    access = sight.access
    match order.action:
        case BulkAction.ENABLE | BulkAction.DISABLE:
            _require(Permission.EDIT_CERTIFICATES, access, certificate, by)
            return switched(certificate, sight.usage, enabled=order.action is BulkAction.ENABLE, by=by, clock=clock)
        case BulkAction.DELETE:
            _require(Permission.DELETE_CERTIFICATES, access, certificate, by)
            return removed(certificate, sight.usage, waiting=waiting.get(certificate.id), by=by, clock=clock)
        case BulkAction.ADD_TO_GROUPS:
            _require(Permission.EDIT_CERTIFICATES, access, certificate, by)
            return added_to(certificate, sight.usage, order.groups, access=access, by=by, clock=clock)
        case BulkAction.REMOVE_FROM_GROUPS:
            _require(Permission.EDIT_CERTIFICATES, access, certificate, by)
            return taken_out_of(certificate, sight.usage, order.groups, access=access, by=by, clock=clock)


def _require(permission: Permission, access: Access, certificate: Certificate, by: Principal) -> None:
    if not access.may(by, permission, certificate):
        raise NotAllowedError(f"Your role does not give you {permission.value} here.")


# --- a dry run -----------------------------------------------------------------------------------------------------


def _predicted(order: BulkOrder, planned: Sequence[_Planned], access: Access, records: Records) -> BulkReport:
    """What doing it would come to, with the groups filling up in the order asked."""
    if order.action is not BulkAction.ADD_TO_GROUPS:
        return BulkReport(tuple(one.outcome for one in planned))
    return BulkReport(tuple(one.outcome for one in _with_room(order, planned, access, records)))


def _with_room(order: BulkOrder, planned: Iterable[_Planned], access: Access, records: Records) -> Iterable[_Planned]:
    """Each of `planned` that joins groups, if they have room for it behind those before it; else with its failure."""
    held = Counter(records.certificate_counts(order.groups))
    for one in planned:
        joined = _groups_joined(one)
        full = [group for group in joined if _is_full(access, group, held[group])]
        if full:
            yield _Planned(one.reference, error=_full(full[0]))
        else:
            held.update(joined)
            yield one


def _groups_joined(one: _Planned) -> frozenset[str]:
    if one.deed is None or one.certificate is None or one.certificate.renewed_by is not None:
        return frozenset()  # A renewed certificate is not counted.
    return frozenset(one.deed.after.groups) - frozenset(one.certificate.groups)


def _is_full(access: Access, group: str, held: int) -> bool:
    limit = access.groups[group].settings.certificate_limit
    return limit is not None and held >= limit


def _full(group: str) -> GroupFullError:
    return GroupFullError(f"The certificate group {group} holds as many certificates as it may.")


# --- the deed itself -----------------------------------------------------------------------------------------------


def _done(
    order: BulkOrder, planned: Sequence[_Planned], access: Access, *, by: Principal, records: Records, clock: Clock
) -> BulkReport:
    results: dict[int, BulkResult] = {place: one.outcome for place, one in enumerate(planned) if one.deed is None}
    _record_refusals(order, planned, access, by=by, records=records, clock=clock)

    def alone(reference: str) -> BulkResult:
        return _alone(order, reference, by=by, records=records, clock=clock)

    def together(places: Sequence[int]) -> None:
        """Raises GroupFullError, with nothing done, where there may be room for some of them."""
        deeds = [deed for place in places if (deed := planned[place].deed) is not None]
        try:
            records.commit(
                *(change for deed in deeds for change in deed.changes),
                events=[event for deed in deeds for event in deed.events],
            )
        except GroupFullError:
            raise
        except SignetError:
            # One of them stands in the way, or has changed meanwhile: then each for itself, in the order asked.
            results.update({place: alone(planned[place].reference) for place in places})
        else:
            results.update({place: BulkResult(planned[place].reference, BulkOutcome.DONE) for place in places})

    def one_after_the_other(places: Sequence[int]) -> None:
        bundles = _bundles(order, places, planned)
        while bundles:
            try:
                together(bundles[0])
                bundles = bundles[1:]
            except GroupFullError:
                left = [place for bundle in bundles for place in bundle]
                now = _with_room(order, [planned[place] for place in left], access, records)
                full = {place: one.outcome for place, one in zip(left, now, strict=True) if one.error is not None}
                results.update(full)
                if full:
                    bundles = _bundles(order, [place for place in left if place not in full], planned)
                else:
                    # There is room again, or the limit was changed.
                    results.update({place: alone(planned[place].reference) for place in bundles[0]})
                    bundles = bundles[1:]

    waiting = [place for place, one in enumerate(planned) if one.deed is not None]
    # Whatever changes the count of a group goes one transaction after the other: at once they would fight over it.
    in_turn = [place for place in waiting if _counts(order, planned[place])]
    at_once = [place for place in waiting if not _counts(order, planned[place])]
    one_after_the_other(in_turn)
    _each(together, _bundles(order, at_once, planned))
    return BulkReport(tuple(results[place] for place in range(len(planned))))


def _alone(order: BulkOrder, reference: str, *, by: Principal, records: Records, clock: Clock) -> BulkResult:
    def decide() -> BulkResult:
        sight = records.sight(reference)
        certificate = visible(sight, by)
        try:
            deed = _deed(order, sight, certificate, _waiting(order, [sight], by, records), by=by, clock=clock)
        except NotAllowedError as error:
            refused = _Planned(reference, error=error, certificate=certificate)
            _record_refusals(order, [refused], sight.access, by=by, records=records, clock=clock)
            return refused.outcome
        if deed is None:
            return BulkResult(reference, BulkOutcome.UNCHANGED)
        records.commit(*deed.changes, events=deed.events)
        return BulkResult(reference, BulkOutcome.DONE)

    try:
        return afresh(decide)
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


def _counts(order: BulkOrder, one: _Planned) -> bool:
    if order.action.names_groups:
        return True
    return order.action is BulkAction.DELETE and one.certificate is not None and bool(one.certificate.groups)


def _bundles(order: BulkOrder, places: Iterable[int], planned: Sequence[_Planned]) -> list[list[int]]:
    """Neighbours, as many as one transaction takes."""
    bundles: list[list[int]] = []
    weight = 0
    for place in places:
        own = _weight(order, planned[place])
        if not bundles or weight + own > WRITES_AT_ONCE:
            bundles.append([])
            weight = 0
        bundles[-1].append(place)
        weight += own
    return bundles


def _weight(order: BulkOrder, one: _Planned) -> int:
    """How many items its deed writes, at most."""
    if one.certificate is None or one.deed is None:
        return 0
    before, after = set(one.certificate.groups), set(one.deed.after.groups)
    waits = one.certificate.pending_request is not None
    listed = len(before | after) + 1  # its owner's list, too
    if order.action is BulkAction.DELETE:
        # Settings, X.509, counters, two names, key, event; of a renewal that waits the request, two names, key, event.
        return 7 + listed + len(before) + (5 if waits else 0)
    moved = len(before ^ after)
    # Settings, counters, event; the counts of groups; the renewal that waits is listed elsewhere.
    return 3 + listed + moved + (moved if waits else 0)


def _record_refusals(
    order: BulkOrder, planned: Sequence[_Planned], access: Access, *, by: Principal, records: Records, clock: Clock
) -> None:
    refused = [
        refusal(order.action.intent, by, clock.now(), one.error.code, certificate=one.certificate)
        for one in planned
        if isinstance(one.error, NotAllowedError)
    ]
    for start in range(0, len(refused), WRITES_AT_ONCE):
        records.commit(events=refused[start : start + WRITES_AT_ONCE])
    unseen = {one.reference: one.unseen for one in planned if isinstance(one.error, NotFoundError)}
    refuse_unseen(order.action.intent, list(unseen.items()), access=access, by=by, records=records, clock=clock)
