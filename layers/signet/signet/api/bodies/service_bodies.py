"""What the service tells of itself, and a caller of themselves: JSON in `snake_case`."""

from typing import Any, Literal

import msgspec

from signet.api.bodies.fields import Mention
from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal


class GroupGrant(msgspec.Struct, frozen=True):
    """A certificate group that a role works in, and its rights there."""

    group: str
    rights: tuple[Literal["add", "remove", "assign"], ...]


class MeBody(msgspec.Struct, frozen=True):
    """Who the caller is, and what the caller may do."""

    user: str
    user_groups: tuple[str, ...]
    role: Mention | None
    permissions: tuple[str, ...]
    certificate_groups: Literal["all"] | tuple[GroupGrant, ...]

    @classmethod
    def of(cls, known: tuple[Principal, Access]) -> "MeBody":
        """What is shown of a caller, and of what who may do."""
        principal, access = known
        role = access.role_of(principal)
        groups: Any = role.settings.certificate_groups.plain() if role else []
        return cls(
            user=principal.user,
            user_groups=tuple(sorted(principal.user_groups)),
            role=None if role is None else Mention(role.id, role.settings.name),
            permissions=tuple(role.settings.plain()["permissions"]) if role else (),  # type: ignore[arg-type]
            certificate_groups=groups
            if isinstance(groups, str)
            else tuple(GroupGrant(grant["group"], tuple(grant["rights"])) for grant in groups),  # type: ignore[arg-type]
        )


class HealthBody(msgspec.Struct, frozen=True):
    """The service answers."""

    status: Literal["ok"] = "ok"
