"""Policies, certificate groups and roles as rows of AccessTable, and back."""

from collections.abc import Iterable
from typing import Any

from signet.adapters.dynamodb.tables import AccessRow
from signet.adapters.regular_expressions import search
from signet.domain.access.access_snapshot import Access
from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.access.role import Role, RoleSettings
from signet.domain.moments import parse_rfc3339, rfc3339_micros
from signet.domain.policies.policy import Policy, PolicySettings
from signet.domain.text.display_name import name_key
from signet.ports.changes import Administered

ACCESS = "access"
"""The partition of all policies, certificate groups and roles."""

REVISION_COPIES = 4
"""Every request reads the revision, strongly consistent, and one item gives 3,000 such reads a second. Copies in
partitions of their own, written together and read one at random, multiply that; each costs a write at every change
of policies, groups or roles, of which there are few."""


_KINDS: dict[type, str] = {Policy: "policy", CertificateGroup: "group", Role: "role"}


def revision_key(copy: int) -> str:
    """The partition of one copy of the revision."""
    return f"revision#{copy}"


def revision_row(copy: int, revision: str, before: Administered | None, after: Administered | None) -> AccessRow:
    """One copy of `revision`, and what tells whether the change that made it can be seen."""
    thing = after or before
    return AccessRow(
        revision_key(copy),
        "revision",
        revision=revision,
        target=None if thing is None else thing.id,
        version=None if after is None else after.version,
    )


def revision_of(row: AccessRow | None) -> str:
    """The revision that a copy tells; empty before the first change."""
    return "" if row is None or row.revision is None else row.revision


def shows_change(rows: Iterable[AccessRow], moved: AccessRow | None) -> bool:
    """Whether `rows`, all of the partition, are as the change left them that made the revision `moved`."""
    if moved is None or moved.target is None:
        return True
    return next((row.version for row in rows if row.sk == moved.target), None) == moved.version


def count_key(group: str) -> str:
    """The partition of how many certificates a group holds."""
    return f"count#{group}"


def policy_row(policy: Policy) -> AccessRow:
    """The row of `policy`."""
    return _row(policy)


def group_row(group: CertificateGroup) -> AccessRow:
    """The row of `group`; its count is kept apart."""
    return _row(group)


def role_row(role: Role) -> AccessRow:
    """The row of `role`."""
    return _row(role)


def name_row(thing: Administered) -> AccessRow:
    """The row that makes the name of `thing` unique among its kind."""
    kind = _KINDS[type(thing)]
    return AccessRow(f"name#{kind}#{name_key(thing.settings.name)}", "name", target=thing.id)


def _row(thing: Administered) -> AccessRow:
    return AccessRow(
        ACCESS,
        thing.id,
        kind=_KINDS[type(thing)],
        version=thing.version,
        document={
            "settings": thing.settings.plain(),
            "created_at": rfc3339_micros(thing.created_at),
            "created_by": thing.created_by,
            "updated_at": rfc3339_micros(thing.updated_at),
        },
    )


def access_of(rows: Iterable[AccessRow], revision: str, administrator_group: str, issuers: frozenset[str]) -> Access:
    """What `rows`, all of the partition, say together."""
    policies, groups, roles = [], [], []
    for row in rows:
        document: dict[str, Any] = row.document
        common: dict[str, Any] = {
            "id": row.sk,
            "created_at": parse_rfc3339(document["created_at"]),
            "created_by": document["created_by"],
            "updated_at": parse_rfc3339(document["updated_at"]),
            "version": int(row.version or 1),
        }
        if row.kind == "policy":
            policies.append(Policy(settings=PolicySettings.restore(document["settings"]), **common))
        elif row.kind == "group":
            groups.append(CertificateGroup(settings=CertificateGroupSettings.restore(document["settings"]), **common))
        else:
            roles.append(Role(settings=RoleSettings.restore(document["settings"]), **common))
    return Access.of(
        revision, administrator_group, roles=roles, policies=policies, groups=groups, search=search, issuers=issuers
    )
