"""What a change of policies, certificate groups and roles writes; every one of them moves the revision."""

from collections.abc import Iterator

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.database import Write, delete, put, update
from signet.adapters.dynamodb.rows.access_rows import (
    REVISION_COPIES,
    count_key,
    group_row,
    name_row,
    policy_row,
    revision_row,
    role_row,
)
from signet.adapters.dynamodb.tables import AccessRow
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.role import Role
from signet.domain.errors import LimitBelowCountError, NameTakenError
from signet.domain.policies.policy import Policy
from signet.ports.changes import AccessChanged, Administered


def access_writes(change: AccessChanged) -> Iterator[Write]:
    """The items that `change` writes: its name and its limit first, since what they refuse is for the caller."""
    before, after = change.before, change.after
    yield from _name_writes(before, after)
    if isinstance(before, CertificateGroup) or isinstance(after, CertificateGroup):
        yield from _count_writes(before, after)
    if after is not None:
        yield put(_row(after), _still(before))
    elif before is not None:
        yield delete(_row(before), _still(before))
    unmoved = AccessRow.revision == change.revision if change.revision else AccessRow.pk.does_not_exist()
    for copy in range(REVISION_COPIES):
        yield put(revision_row(copy, change.next_revision, before, after), unmoved)


def _row(thing: Administered) -> AccessRow:
    match thing:
        case Policy():
            return policy_row(thing)
        case Role():
            return role_row(thing)
        case CertificateGroup():
            return group_row(thing)


def _still(before: Administered | None) -> Condition:
    """Nothing else was stored since `before` was read."""
    absent: Condition = AccessRow.pk.does_not_exist()
    if before is None:
        return absent
    unchanged: Condition = AccessRow.version == before.version
    # A built-in role is stored with its first change.
    return absent | unchanged if isinstance(before, Role) and before.is_built_in else unchanged


def _name_writes(before: Administered | None, after: Administered | None) -> Iterator[Write]:
    # Built-in roles have no such item: theirs are names that no other role is given to begin with.
    if isinstance(before, Role) and before.is_built_in:
        return
    old = None if before is None else name_row(before)
    new = None if after is None else name_row(after)
    if old is not None and new is not None and old.pk == new.pk:
        return
    if new is not None:
        yield put(new, AccessRow.pk.does_not_exist(), NameTakenError("The name is in use, in this or another case."))
    if old is not None:
        yield delete(old)


def _count_writes(before: Administered | None, after: Administered | None) -> Iterator[Write]:
    old = before if isinstance(before, CertificateGroup) else None
    new = after if isinstance(after, CertificateGroup) else None
    if new is None and old is not None:
        yield delete(AccessRow(count_key(old.id), "count"))
    elif new is not None and old is None:
        row = AccessRow(count_key(new.id), "count", held=0, limit=new.settings.certificate_limit)
        yield put(row, AccessRow.pk.does_not_exist())
    elif new is not None and old is not None and new.settings.certificate_limit != old.settings.certificate_limit:
        limit = new.settings.certificate_limit
        row = AccessRow(count_key(new.id), "count")
        if limit is None:
            yield update(row, [AccessRow.limit.remove()], AccessRow.pk.exists())
        else:
            yield update(
                row,
                [AccessRow.limit.set(limit)],
                AccessRow.held <= limit,
                LimitBelowCountError(f"The certificate group holds more than {limit} certificates."),
            )
