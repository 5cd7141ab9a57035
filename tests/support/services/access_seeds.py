"""Certificate groups and policies put straight into the tables of a service in this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from signet.adapters.dynamodb.database import Write, put
from signet.adapters.dynamodb.rows.access_rows import REVISION_COPIES, group_row, policy_row, revision_key
from signet.adapters.dynamodb.tables import AccessRow
from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.identifiers import new_id
from signet.domain.policies.policy import Policy, PolicySettings
from signet.wiring import wiring


def stored_group(name: str = "Release", limit: int | None = None) -> str:
    """A new certificate group's id."""
    now = datetime.now(UTC)
    group = CertificateGroup(new_id("grp", now), CertificateGroupSettings(name, "", limit), now, "local/admin", now)
    count = AccessRow(f"count#{group.id}", "count", held=0, limit=limit)
    _store([put(group_row(group)), put(count)])
    return group.id


def stored_policies(bodies: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of new policies, each as its body would make it."""
    now = datetime.now(UTC)
    policies = [Policy(new_id("pol", now), PolicySettings.restore(body), now, "local/admin", now) for body in bodies]
    for start in range(0, len(policies), 50):
        _store([put(policy_row(policy)) for policy in policies[start : start + 50]])
    return [policy.id for policy in policies]


def _store(writes: list[Write]) -> None:
    revision = new_id("rev", datetime.now(UTC))
    copies = [put(AccessRow(revision_key(n), "revision", revision=revision)) for n in range(REVISION_COPIES)]
    wiring().database.commit([*writes, *copies])
