"""What each change writes: the items of its transaction, with the conditions that make it safe.

Never look-then-write: whatever was looked at stands in a condition, and a condition that fails says what it means.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import singledispatch
from typing import Any

from pynamodb.expressions.condition import Condition

from signet.adapters.certificate_rows import (
    SETTINGS,
    USAGE,
    X509,
    listing_key,
    listing_rows,
    listings_of,
    settings_row,
    sorts_of,
    usage_row,
    x509_row,
)
from signet.adapters.database import Write, check, delete, put, update
from signet.adapters.tables import AccessRow, CertificateRow, PrivateKeyRow
from signet.domain.alias import Alias
from signet.domain.certificate import Certificate, Usage
from signet.domain.errors import AliasTakenError, CertificateExistsError, GroupFullError
from signet.domain.identifiers import with_prefix
from signet.domain.moments import rfc3339_micros
from signet.domain.wrapped_key import WrappedKey
from signet.operations.ports import (
    CertificateAdded,
    CertificateChanged,
    CertificateRemoved,
    CertificateUsed,
    PinFailed,
)

FIRST_KEY_VERSION = 1


@singledispatch
def writes_of(change: object) -> Iterator[Write]:
    """The items that `change` writes, in the order in which their refusals count."""
    raise TypeError(f"not a change: {type(change).__name__}")


@writes_of.register
def _(change: CertificateAdded) -> Iterator[Write]:
    certificate = change.certificate
    # The certificate itself first: the same file again is "exists" rather than "alias taken".
    yield put(
        _pointer(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint", certificate.id),
        CertificateRow.pk.does_not_exist(),
        CertificateExistsError(),
    )
    yield _claim_alias(certificate.alias, certificate.id)
    yield put(settings_row(certificate), CertificateRow.pk.does_not_exist())
    yield put(x509_row(certificate.id, change.x509))
    yield put(usage_row(certificate.id, Usage()))
    if change.wrapped_key is not None:
        yield _keep_key(certificate, change.wrapped_key, certificate.created_at)
    for row in listing_rows(certificate):
        yield put(row)
    for group in certificate.groups:
        yield _join(group)


@writes_of.register
def _(change: CertificateChanged) -> Iterator[Write]:
    before, after = change.before, change.after
    if after.alias.key != before.alias.key:
        yield _claim_alias(after.alias, after.id)
        yield delete(CertificateRow(alias_key(before.alias), "alias"))
    yield put(settings_row(after), CertificateRow.version == before.version)
    yield _behind_all_uses(after, new_pin=after.pin_hash != before.pin_hash)
    if change.wrapped_key is not None:
        yield _keep_key(after, change.wrapped_key, after.updated_at)
    if sorts_of(after) != sorts_of(before) or listings_of(after) != listings_of(before):
        for row in listing_rows(after):
            yield put(row)
        for listing in sorted(listings_of(before) - listings_of(after)):
            yield delete(CertificateRow(before.id, listing_key(listing)))
    for group in sorted(_counted(after) - _counted(before)):
        yield _join(group)
    for group in sorted(_counted(before) - _counted(after)):
        yield _leave(group)


@writes_of.register
def _(change: CertificateRemoved) -> Iterator[Write]:
    certificate = change.certificate
    yield delete(CertificateRow(certificate.id, SETTINGS), CertificateRow.version == certificate.version)
    yield delete(CertificateRow(certificate.id, X509))
    yield delete(CertificateRow(certificate.id, USAGE), _used_before(change.event_id))
    yield delete(CertificateRow(alias_key(certificate.alias), "alias"))
    yield delete(CertificateRow(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint"))
    yield delete(PrivateKeyRow(with_prefix("key", certificate.id)))
    for listing in sorted(listings_of(certificate)):
        yield delete(CertificateRow(certificate.id, listing_key(listing)))
    for group in sorted(_counted(certificate)):
        yield _leave(group)


@writes_of.register
def _(change: CertificateUsed) -> Iterator[Write]:
    # The counter first: it is what two signatures at once fight over.
    actions: list[Any] = [
        CertificateRow.usage_count.add(1),
        CertificateRow.last_used_at.set(rfc3339_micros(change.at)),
        CertificateRow.last_event.set(change.event_id),
    ]
    condition: Condition = CertificateRow.pk.exists()
    if change.pin_was_right:
        condition &= _pin_failures_are(change.usage)
        actions += [CertificateRow.pin_failures.set(0), CertificateRow.pin_locked_until.remove()]
    yield update(CertificateRow(change.certificate.id, USAGE), actions, condition)
    yield check(CertificateRow(change.certificate.id, SETTINGS), CertificateRow.version == change.certificate.version)


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
    yield check(CertificateRow(change.certificate.id, SETTINGS), CertificateRow.version == change.certificate.version)


def alias_key(alias: Alias) -> str:
    """The key of what makes an alias unique."""
    return f"alias#{alias.key}"


def thumbprint_key(thumbprint_sha256: str) -> str:
    """The key of what makes a certificate unique."""
    return f"thumbprint#{thumbprint_sha256}"


def count_key(group: str) -> str:
    """The key of how many certificates a group holds."""
    return f"count#{group}"


def _pointer(key: str, kind: str, target: str) -> CertificateRow:
    return CertificateRow(key, kind, target=target)


def _claim_alias(alias: Alias, target: str, *, held_by: str | None = None) -> Write:
    free = CertificateRow.pk.does_not_exist()
    if held_by is not None:
        free |= CertificateRow.target == held_by
    return put(_pointer(alias_key(alias), "alias", target), free, AliasTakenError("The alias is in use."))


def _keep_key(certificate: Certificate, wrapped: WrappedKey, at: datetime) -> Write:
    row = PrivateKeyRow(with_prefix("key", certificate.id), sealed=wrapped.sealed, created_at=rfc3339_micros(at))
    return put(row, PrivateKeyRow.pk.does_not_exist())


def _counted(certificate: Certificate) -> frozenset[str]:
    """The groups in whose count it is: a renewed certificate is in none."""
    return frozenset() if certificate.renewed_by else frozenset(certificate.groups)


def _join(group: str) -> Write:
    room_left = AccessRow.limit.does_not_exist() | (AccessRow.held < AccessRow.limit)
    return update(
        AccessRow(count_key(group), "count"),
        [AccessRow.held.add(1)],
        AccessRow.pk.exists() & room_left,
        GroupFullError(f"The certificate group {group} holds as many certificates as it may."),
    )


def _leave(group: str) -> Write:
    return update(AccessRow(count_key(group), "count"), [AccessRow.held.add(-1)], AccessRow.pk.exists())


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
