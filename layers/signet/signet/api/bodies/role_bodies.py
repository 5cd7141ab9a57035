"""What is asked and answered about roles: JSON in `snake_case`.

The structs give the shape, for the OpenAPI document and for whoever sends something else altogether; the values are
read by the domain, which tells everything that is wrong with them at once, field by field.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from signet.api.bodies.fields import Moment, Texts
from signet.api.bodies.sent_body import SentBody
from signet.domain import errors
from signet.domain.access.role import Permission, Role
from signet.domain.moments import rfc3339

ROLE_PROBLEMS = (
    errors.NotFoundError,
    errors.NotAllowedError,
    errors.UnknownReferenceError,
    errors.UnknownIssuerError,
    errors.NameTakenError,
    errors.LastAdministratorError,
)
"""What is in the way of a new role and of a changed one."""


class GrantBody(SentBody, frozen=True, kw_only=True):
    """A certificate group that a role works in, and its rights there; none lets look."""

    group: str
    """Id or name."""
    rights: tuple[Literal["add", "remove", "assign"], ...] | UnsetType | None = UNSET


class ChangedRole(SentBody, frozen=True, kw_only=True):
    """Settings of a role to change; each field that is sent takes the place of what was there."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    priority: int | UnsetType = UNSET
    """Of several roles given in the same way, the lowest is in force."""
    permissions: tuple[Permission, ...] | UnsetType | None = UNSET
    certificate_groups: Literal["all"] | tuple[GrantBody, ...] | UnsetType = UNSET
    users: Texts | UnsetType | None = UNSET
    user_groups: Texts | UnsetType | None = UNSET


class NewRole(ChangedRole, frozen=True, kw_only=True):
    """Settings of a new role; without `certificate_groups` it is for all."""

    name: str


class GrantAnswer(msgspec.Struct, frozen=True):
    """A certificate group that a role works in, and its rights there."""

    group: str
    rights: tuple[Literal["add", "remove", "assign"], ...]


class RoleBody(msgspec.Struct, frozen=True):
    """A role: permissions for managing, the certificate groups they hold in, and to whom it is given."""

    id: str
    name: str
    description: str
    built_in: bool
    """Whether it is always there, and only to whom it is given can be changed."""
    priority: int
    permissions: tuple[Permission, ...]
    certificate_groups: Literal["all"] | tuple[GrantAnswer, ...]
    users: Texts
    user_groups: Texts
    created_at: Moment | None
    """Null for a built-in role."""
    created_by: str | None
    updated_at: Moment | None
    """Null for a built-in role that never changed."""
    version: int

    @classmethod
    def of(cls, role: Role) -> "RoleBody":
        """What is shown of `role`."""
        untouched = role.is_built_in and role.version == 1
        return msgspec.convert(
            {
                **role.settings.plain(),
                "id": role.id,
                "built_in": role.is_built_in,
                "created_at": None if role.is_built_in else rfc3339(role.created_at),
                "created_by": None if role.is_built_in else role.created_by,
                "updated_at": None if untouched else rfc3339(role.updated_at),
                "version": role.version,
            },
            cls,
        )


class RolePage(msgspec.Struct, frozen=True):
    """One page of roles, by name."""

    items: tuple[RoleBody, ...]
    next_cursor: str | None

    @classmethod
    def of(cls, page: tuple[Iterable[Role], str | None]) -> "RolePage":
        """What is shown of `page`, and the cursor of the next."""
        return cls(tuple(map(RoleBody.of, page[0])), page[1])
