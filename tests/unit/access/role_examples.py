"""Roles for tests, and who has them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from signet.domain.access.built_in_roles import with_built_in
from signet.domain.access.principal import Principal
from signet.domain.access.role import ADMINISTRATOR_ID, Role, RoleSettings

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ADMINISTRATORS = "corp/signet-administrators"
GROUPS = ("grp_a", "grp_b", "grp_c")
USERS = ("corp/alice", "corp/bob")
USER_GROUPS = ("corp/release", "corp/ops", ADMINISTRATORS)

ALICE = Principal("corp/alice", frozenset({"corp/ops"}))


def role(role_id: str = "rol_1", *, age: int = 0, **fields: Any) -> Role:
    plain = {"name": "Releases", **fields}
    return Role(role_id, RoleSettings.parse(plain), EPOCH - timedelta(days=age), "corp/root", EPOCH)


def scoped(rights: dict[str, list[str]], *permissions: str) -> Role:
    grants = [{"group": group, "rights": given} for group, given in rights.items()]
    return role(permissions=permissions, certificate_groups=grants)


def administrators(**holders: Any) -> tuple[Role, ...]:
    return with_built_in([role(ADMINISTRATOR_ID, **holders)])
