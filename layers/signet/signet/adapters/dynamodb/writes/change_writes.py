"""What each change writes: the items of its transaction, with the conditions that make it safe.

Never look-then-write: whatever was looked at stands in a condition, and a condition that fails says what it means.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatch
from typing import Any

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.calendar_links import calendar_link_writes
from signet.adapters.dynamodb.database import Write, check, delete, put, update
from signet.adapters.dynamodb.rows.access_rows import count_key
from signet.adapters.dynamodb.rows.certificate_rows import (
    SETTINGS,
    USAGE,
    X509,
    in_group,
    listing_key,
    listing_rows,
    listings_of,
    lookup_keys,
    lookup_rows,
    lookup_sort,
    settings_row,
    sorts_of,
    usage_row,
    x509_row,
)
from signet.adapters.dynamodb.rows.request_rows import entry_in_group, request_listing_rows, request_row
from signet.adapters.dynamodb.tables import AccessRow, CertificateRow, PrivateKeyRow
from signet.adapters.dynamodb.writes.access_writes import access_writes
from signet.adapters.dynamodb.writes.pointers import (
    alias_key,
    claim_alias,
    claim_thumbprint,
    forget_issuer,
    forget_thumbprint,
    offer_as_issuer,
    pending_key,
    pointer,
    renewal_key,
)
from signet.domain.certificates.certificate import EXPIRED_STAGE, Certificate, Usage
from signet.domain.errors import GroupFullError, RenewalPendingError
from signet.domain.identifiers import with_prefix
from signet.domain.moments import rfc3339_micros
from signet.domain.signing.wrapped_key import WrappedKey
from signet.ports.changes import (
    AccessChanged,
    CalendarLinkChanged,
    CertificateAdded,
    CertificateChanged,
    CertificateFlagged,
    CertificateRemoved,
    CertificateUsed,
    PinFailed,
    RequestAdded,
    RequestEnded,
)

FIRST_KEY_VERSION = 1


@dataclass(frozen=True, slots=True)
class JoinedGroup:
    """One certificate more, or fewer, in a group. A transaction has each item once, so these are added up first."""

    group: str
    by: int


def all_writes_of(changes: Iterable[object], limits: Mapping[str, int | None]) -> Iterator[Write]:
    """The items that `changes` write together, in the order in which their refusals count.

    `limits` are those of the certificate groups as last read.
    """
    members: Counter[str] = Counter()
    for change in changes:
        for write in writes_of(change):
            if isinstance(write, JoinedGroup):
                members[write.group] += write.by
            else:
                yield write
    for group, by in sorted(members.items()):
        if by > 0:
            yield _join(group, by, limits.get(group))
        elif by < 0:
            yield _leave(group, -by)


@singledispatch
def writes_of(change: object) -> Iterator[Write | JoinedGroup]:
    """The items that `change` writes, in the order in which their refusals count."""
    raise TypeError(f"not a change: {type(change).__name__}")


writes_of.register(AccessChanged, access_writes)


@writes_of.register
def _(change: CertificateAdded) -> Iterator[Write | JoinedGroup]:
    certificate = change.certificate
    # The certificate itself first: the same file again is "exists" rather than "alias taken".
    yield claim_thumbprint(certificate, keyless_duplicate=change.keyless_duplicate)
    yield claim_alias(certificate.alias, certificate.id, held_by=change.alias_held_by)
    yield put(settings_row(certificate), CertificateRow.pk.does_not_exist())
    yield put(x509_row(certificate.id, change.x509))
    yield put(usage_row(certificate.id, Usage()))
    if change.wrapped_key is not None:
        yield _keep_key(certificate, change.wrapped_key, certificate.created_at)
    for row in (*listing_rows(certificate), *lookup_rows(certificate)):
        yield put(row)
    yield from offer_as_issuer(certificate)
    for group in certificate.groups:
        yield JoinedGroup(group, 1)


@writes_of.register
def _(change: CertificateChanged) -> Iterator[Write | JoinedGroup]:
    before, after = change.before, change.after
    yield from _x509_writes(change)
    if after.alias.key != before.alias.key:
        yield claim_alias(after.alias, after.id)
        if not change.hands_on_alias:
            yield delete(CertificateRow(alias_key(before.alias), "alias"))
    yield put(settings_row(after), _is_still(before))
    yield _behind_all_uses(after, new_pin=after.pin_hash != before.pin_hash)
    if change.wrapped_key is not None:
        yield _keep_key(after, change.wrapped_key, after.updated_at)
    yield from _entry_writes(before, after)
    if after.pending_request is not None and after.pending_request == before.pending_request:
        # The renewal that waits is seen by whose role covers the certificate, and is listed where they look.
        for group in sorted(set(after.groups) - set(before.groups)):
            yield put(entry_in_group(after.pending_request, group))
        for group in sorted(set(before.groups) - set(after.groups)):
            yield delete(entry_in_group(after.pending_request, group))
    for group in sorted(_counted(after) - _counted(before)):
        yield JoinedGroup(group, 1)
    for group in sorted(_counted(before) - _counted(after)):
        yield JoinedGroup(group, -1)


def _entry_writes(before: Certificate, after: Certificate) -> Iterator[Write]:
    """Its entries in lists and by what it is found, where they tell anything else than before."""
    left = _entered(before) - listings_of(after)
    lost = lookup_keys(before) - lookup_keys(after)
    if sorts_of(after) == sorts_of(before) and listings_of(after) == _entered(before) and not lost:
        return
    for row in (*listing_rows(after), *lookup_rows(after)):
        yield put(row)
    for listing in sorted(left):
        yield delete(CertificateRow(before.id, listing_key(listing)))
    for key in sorted(lost):
        yield delete(CertificateRow(key, lookup_sort(before.id)))


def _x509_writes(change: CertificateChanged) -> Iterator[Write]:
    """The X.509 where it is another, and by what it is found."""
    before, after = change.before, change.after
    if change.x509 is not None:
        yield put(x509_row(after.id, change.x509))
    if after.facts.thumbprint_sha256 != before.facts.thumbprint_sha256:
        yield claim_thumbprint(after, keyless_duplicate=change.keyless_duplicate)
        yield forget_thumbprint(before)
        yield from offer_as_issuer(after)
        yield from forget_issuer(before, sorted({*before.facts.issuer_keys} - {*after.facts.issuer_keys}))


@writes_of.register
def _(change: CertificateRemoved) -> Iterator[Write | JoinedGroup]:
    certificate = change.certificate
    yield delete(CertificateRow(certificate.id, SETTINGS), _is_still(certificate))
    yield delete(CertificateRow(certificate.id, X509))
    yield delete(CertificateRow(certificate.id, USAGE), _used_before(change.event_id))
    yield delete(CertificateRow(alias_key(certificate.alias), "alias"))
    yield forget_thumbprint(certificate)
    yield from forget_issuer(certificate, certificate.facts.issuer_keys)
    yield delete(PrivateKeyRow(with_prefix("key", certificate.id)))
    for listing in sorted(_entered(certificate)):
        yield delete(CertificateRow(certificate.id, listing_key(listing)))
    for key in sorted(lookup_keys(certificate)):
        yield delete(CertificateRow(key, lookup_sort(certificate.id)))
    for group in sorted(_counted(certificate)):
        yield JoinedGroup(group, -1)


@writes_of.register
def _(change: RequestAdded) -> Iterator[Write]:
    request = change.request
    if request.renews is None:
        yield claim_alias(request.alias, request.id)
    else:
        yield put(
            pointer(renewal_key(request.renews), "renewal", request.id),
            CertificateRow.pk.does_not_exist(),
            RenewalPendingError("A renewal of this certificate waits for the CA already."),
        )
    pending = pointer(pending_key(request.spki_sha256), "pending", request.id)
    pending.renews = request.renews
    yield put(pending, CertificateRow.pk.does_not_exist())
    yield put(request_row(request), CertificateRow.pk.does_not_exist())
    for row in request_listing_rows(request):
        yield put(row)
    key_id = with_prefix("key", request.id)
    wrapped = PrivateKeyRow(
        key_id, ciphertext=change.wrapped_key.ciphertext, created_at=rfc3339_micros(request.created_at)
    )
    yield put(wrapped, PrivateKeyRow.pk.does_not_exist())


@writes_of.register
def _(change: RequestEnded) -> Iterator[Write]:
    before, after = change.before, change.after
    yield put(request_row(after), CertificateRow.version == before.version)
    yield delete(CertificateRow(pending_key(before.spki_sha256), "pending"))
    if after.certificate_id is None:
        yield delete(PrivateKeyRow(with_prefix("key", before.id)))
        if before.renews is None:
            yield delete(CertificateRow(alias_key(before.alias), "alias"), CertificateRow.target == before.id)
        else:
            yield delete(CertificateRow(renewal_key(before.renews), "renewal"), CertificateRow.target == before.id)
    elif before.renews is not None:
        yield put(
            pointer(renewal_key(before.renews), "renewal", after.certificate_id), CertificateRow.target == before.id
        )


@writes_of.register
def _(change: CertificateFlagged) -> Iterator[Write]:
    actions: list[Any] = [
        CertificateRow.flagged_stage.set(change.stage),
        CertificateRow.flagged_at.set(rfc3339_micros(change.at)),
        CertificateRow.last_event.set(change.event_id),
    ]
    if change.stage == EXPIRED_STAGE:
        actions.append(CertificateRow.expiry_watch.remove())
    yield update(CertificateRow(change.before.id, SETTINGS), actions, _is_still(change.before))
    yield check(CertificateRow(change.before.id, USAGE), _used_before(change.event_id))


@writes_of.register
def _(change: CalendarLinkChanged) -> Iterator[Write]:
    yield from calendar_link_writes(change)


@writes_of.register
def _(change: CertificateUsed) -> Iterator[Write]:
    # The counter first: two signatures at once conflict over it. The newest use is the one with the highest id,
    # whichever of two is written first: else a change could sort before a use that it followed.
    actions: list[Any] = [CertificateRow.usage_count.add(1)]
    condition: Condition = CertificateRow.pk.exists()
    if change.pin_was_right:
        condition &= _pin_failures_are(change.usage)
        actions += [CertificateRow.pin_failures.set(0), CertificateRow.pin_locked_until.remove()]
    newest = [
        CertificateRow.last_used_at.set(rfc3339_micros(change.at)),
        CertificateRow.last_event.set(change.event_id),
    ]
    usage = CertificateRow(change.certificate.id, USAGE)
    yield replace(
        update(usage, [*actions, *newest], condition & _used_before(change.event_id)),
        otherwise=lambda: update(usage, actions, condition & (CertificateRow.last_event > change.event_id)),
    )
    yield check(CertificateRow(change.certificate.id, SETTINGS), _is_still(change.certificate))


@writes_of.register
def _(change: PinFailed) -> Iterator[Write]:
    locked_until = change.after.pin_locked_until
    lock = CertificateRow.pin_locked_until
    yield update(
        CertificateRow(change.certificate.id, USAGE),
        [
            CertificateRow.pin_failures.set(change.after.pin_failures),
            lock.remove() if locked_until is None else lock.set(rfc3339_micros(locked_until)),
        ],
        _pin_failures_are(change.before),
    )
    yield check(CertificateRow(change.certificate.id, SETTINGS), _is_still(change.certificate))


def _keep_key(certificate: Certificate, wrapped: WrappedKey, at: datetime) -> Write:
    row = PrivateKeyRow(
        with_prefix("key", certificate.id), ciphertext=wrapped.ciphertext, created_at=rfc3339_micros(at)
    )
    return put(row, PrivateKeyRow.pk.does_not_exist())


def _entered(certificate: Certificate) -> frozenset[str]:
    """The listings that it has an entry in, those of deleted groups among them."""
    return listings_of(certificate) | {in_group(group) for group in certificate.former_groups}


def _counted(certificate: Certificate) -> frozenset[str]:
    """The groups in whose count it is: a renewed certificate is in none."""
    return frozenset() if certificate.renewed_by else frozenset(certificate.groups)


def _join(group: str, by: int, limit: int | None) -> Write:
    no_limit: Condition = AccessRow.limit.does_not_exist()
    if by == 1:
        room_left = no_limit | (AccessRow.held < AccessRow.limit)
    elif limit is None:
        room_left = no_limit
    else:
        # A condition cannot add: several at once insist on the limit as it was read.
        room_left = (AccessRow.limit == limit) & (AccessRow.held <= limit - by)
    return update(
        AccessRow(count_key(group), "count"),
        [AccessRow.held.add(by)],
        AccessRow.pk.exists() & room_left,
        GroupFullError(f"The certificate group {group} holds as many certificates as it may."),
    )


def _leave(group: str, by: int) -> Write:
    return update(AccessRow(count_key(group), "count"), [AccessRow.held.add(-by)], AccessRow.pk.exists())


def _is_still(certificate: Certificate) -> Condition:
    """Nothing about it changed: neither what people set, which the version counts, nor what was announced of it."""
    same: Condition = (CertificateRow.version == certificate.version) & (
        CertificateRow.last_event == certificate.last_event
    )
    return same


def _used_before(event_id: str) -> Condition:
    """The newest use sorts before `event_id`: a use that came between the look and the change would sort behind it."""
    behind: Condition = CertificateRow.last_event.does_not_exist() | (CertificateRow.last_event < event_id)
    return behind


def _behind_all_uses(certificate: Certificate, *, new_pin: bool) -> Write:
    usage = CertificateRow(certificate.id, USAGE)
    if not new_pin:
        return check(usage, _used_before(certificate.last_event))
    return update(
        usage,
        [CertificateRow.pin_failures.set(0), CertificateRow.pin_locked_until.remove()],
        _used_before(certificate.last_event),
    )


def _pin_failures_are(usage: Usage) -> Condition:
    """No PIN was tried since `usage` was read."""
    lock = CertificateRow.pin_locked_until
    locked = lock.does_not_exist() if usage.pin_locked_until is None else lock == rfc3339_micros(usage.pin_locked_until)
    untried: Condition = (CertificateRow.pin_failures == usage.pin_failures) & locked
    return untried
