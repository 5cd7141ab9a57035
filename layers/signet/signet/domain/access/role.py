"""What a role lets its holders do: its permissions, and the certificate groups they hold in.

A role never allows signing, and a permission never reaches beyond the role's certificate groups.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from signet.domain.errors import GroupRequiredError, NotAllowedError
from signet.domain.field_errors import ObjectReader, changed, check_size
from signet.domain.policies.policy import (
    DEFAULT_PRIORITY,
    MAX_NAMED,
    MAX_PRIORITY,
    parse_principal_name,
    parse_reference,
)
from signet.domain.text.display_name import parse_description, parse_name

ALL = "all"


class Permission(StrEnum):
    """What a role can let its holders do."""

    VIEW_CERTIFICATES = "certificates:view"
    IMPORT_CERTIFICATES = "certificates:import"
    EDIT_CERTIFICATES = "certificates:edit"
    """Alias, description, reason, PIN, enable, disable."""
    SET_OWNER = "certificates:set_owner"
    DELETE_CERTIFICATES = "certificates:delete"
    VIEW_SIGNING_REQUESTS = "signing_requests:view"
    CREATE_SIGNING_REQUESTS = "signing_requests:create"
    """Renewals too."""
    DELETE_SIGNING_REQUESTS = "signing_requests:delete"
    VIEW_POLICIES = "policies:view"
    CREATE_POLICIES = "policies:create"
    EDIT_POLICIES = "policies:edit"
    DELETE_POLICIES = "policies:delete"
    VIEW_ALL_EVENTS = "events:view_all"
    VIEW_CERTIFICATE_EVENTS = "events:view_certificates"
    VIEW_OWN_EVENTS = "events:view_own"


class GroupRight(StrEnum):
    """What a role can let its holders do with a certificate group; to be named at all lets them see it."""

    ADD = "add"
    """Put certificates into it: new ones, and those that the role may edit."""
    REMOVE = "remove"
    """Take certificates out of it that the role may edit."""
    ASSIGN = "assign"
    """Name it, or a certificate in it, in a policy."""


_EVERY_RIGHT = frozenset(GroupRight)

# With all groups no right is spelled out, so each follows from the work it is needed for: who can only look gets none.
_RIGHT_COMES_WITH = {
    GroupRight.ADD: frozenset({Permission.EDIT_CERTIFICATES}),
    GroupRight.REMOVE: frozenset({Permission.EDIT_CERTIFICATES}),
    GroupRight.ASSIGN: frozenset({Permission.CREATE_POLICIES, Permission.EDIT_POLICIES}),
}

# With all groups these put what is new anywhere; they move nothing that is there already.
_PLACING = frozenset({Permission.IMPORT_CERTIFICATES, Permission.CREATE_SIGNING_REQUESTS})


@dataclass(frozen=True, slots=True)
class GroupScope:
    """The certificate groups a role works in."""

    rights: Mapping[str, frozenset[GroupRight]] | None = None
    """By group id; None for all groups, and certificates in none."""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.rights is None

    @classmethod
    def restore(cls, plain: Any) -> "GroupScope":
        """What `plain` made."""
        if plain == ALL:
            return ALL_GROUPS
        return cls({grant["group"]: frozenset(map(GroupRight, grant["rights"])) for grant in plain})

    def plain(self) -> object:
        """As JSON has it."""
        if self.rights is None:
            return ALL
        return [
            {"group": group, "rights": [right.value for right in GroupRight if right in rights]}
            for group, rights in sorted(self.rights.items())
        ]


ALL_GROUPS = GroupScope()


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """Everything of a role that people set."""

    name: str
    description: str = ""
    priority: int = DEFAULT_PRIORITY
    """The lowest is in force."""
    permissions: frozenset[Permission] = frozenset()
    certificate_groups: GroupScope = ALL_GROUPS
    users: frozenset[str] = frozenset()
    user_groups: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, plain: Mapping[str, Any]) -> "RoleSettings":
        """Accept the body of a role, plain values as JSON gives them, with the fields and types of a role.

        Without `certificate_groups` it is for all.

        Raises:
            RequestTooLargeError: over 64 KB.
            InvalidInputError: with the path of every field that is wrong, such as `certificate_groups[0].rights[1]`.
        """
        check_size(plain, "A role")
        reader = ObjectReader(plain)
        settings = cls(
            name=reader.text("name", parse_name, ""),
            description=reader.text("description", parse_description, ""),
            priority=reader.whole_number("priority", least=0, most=MAX_PRIORITY, default=DEFAULT_PRIORITY),
            permissions=frozenset(reader.choices("permissions", Permission)),
            certificate_groups=_read_scope(plain.get("certificate_groups"), reader),
            users=frozenset(reader.texts("users", parse_principal_name, most=MAX_NAMED)),
            user_groups=frozenset(reader.texts("user_groups", parse_principal_name, most=MAX_NAMED)),
        )
        reader.finish()
        return settings

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> "RoleSettings":
        """What `plain` made, read from where it was stored: it was judged when it was set, and is not judged again."""
        return cls(
            name=plain["name"],
            description=plain["description"],
            priority=plain["priority"],
            permissions=frozenset(map(Permission, plain["permissions"])),
            certificate_groups=GroupScope.restore(plain["certificate_groups"]),
            users=frozenset(plain["users"]),
            user_groups=frozenset(plain["user_groups"]),
        )

    def changed(self, changes: Mapping[str, Any]) -> "RoleSettings":
        """These settings with `changes`, of which only what is newly set is judged; raises as `parse` does."""
        check_size({**self.plain(), **changes}, "A role")
        return changed(self, changes, self.parse, {"name": "x"})

    def plain(self) -> dict[str, object]:
        """As JSON has it; `parse` makes the same settings of it."""
        return {
            "name": self.name,
            "description": self.description,
            "priority": self.priority,
            "permissions": [permission.value for permission in Permission if permission in self.permissions],
            "certificate_groups": self.certificate_groups.plain(),
            "users": sorted(self.users),
            "user_groups": sorted(self.user_groups),
        }


# In the form of every other id, and before all of them: no role is older.
ADMINISTRATOR_ID = "rol_000000000000000000000001"
VIEWER_ID = "rol_000000000000000000000002"

_BUILT_IN = frozenset({ADMINISTRATOR_ID, VIEWER_ID})
_ALWAYS_THERE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Role:
    """A role under its id."""

    id: str
    settings: RoleSettings
    created_at: datetime = _ALWAYS_THERE
    created_by: str = ""
    """Empty for the built-in roles."""
    updated_at: datetime = _ALWAYS_THERE
    version: int = 1

    @property
    def is_administrator(self) -> bool:
        """Whether it is the built-in role that may do everything, groups and roles included."""
        return self.id == ADMINISTRATOR_ID

    @property
    def is_built_in(self) -> bool:
        """Whether it is always there: only to whom it is given can be changed."""
        return self.id in _BUILT_IN

    def may(self, permission: Permission, certificate_groups: Iterable[str] | None = None) -> bool:
        """Whether it permits this, for a certificate in these groups if they are given."""
        return permission in self.settings.permissions and (
            certificate_groups is None or self.covers(certificate_groups)
        )

    def covers(self, certificate_groups: Iterable[str]) -> bool:
        """Whether a certificate in these groups is within its scope: then it is seen, whatever is permitted."""
        rights = self.settings.certificate_groups.rights
        return rights is None or any(group in rights for group in certificate_groups)

    def rights_on(self, group: str) -> frozenset[GroupRight]:
        """What it may do with a certificate group."""
        rights = self.settings.certificate_groups.rights
        if rights is not None:
            return rights.get(group, frozenset())
        if self.is_administrator:
            return _EVERY_RIGHT
        permissions = self.settings.permissions
        return frozenset(right for right, needs in _RIGHT_COMES_WITH.items() if not needs.isdisjoint(permissions))

    def sees_group(self, group: str) -> bool:
        """Whether it names the certificate group, with rights or none; seeing a certificate in it is another way."""
        return self.covers([group])

    def may_add_to(self, group: str) -> bool:
        """Whether it may put certificates into the group that it may edit."""
        return GroupRight.ADD in self.rights_on(group)

    def may_place_in(self, group: str) -> bool:
        """Whether it may put a new certificate or signing request into the group."""
        if self.settings.certificate_groups.is_all:
            return not _PLACING.isdisjoint(self.settings.permissions)
        return self.may_add_to(group)

    def may_regroup(self, before: Collection[str], after: Collection[str]) -> bool:
        """Whether it may move an existing certificate from the groups `before` to the groups `after`.

        A certificate that joins a group is under the group's policies and its managers at once, so who moves it must be
        one of those who may edit it, and may add to each group that it joins and remove from each that it leaves.
        """
        joined = [group for group in after if group not in before]
        left = [group for group in before if group not in after]
        return self.may(Permission.EDIT_CERTIFICATES, before) and (
            all(self.may_add_to(group) for group in joined)
            and all(self.may_remove_from(group, leaving=after) for group in left)
        )

    def may_assign_group(self, group: str) -> bool:
        """Whether it may name the group in a policy."""
        return GroupRight.ASSIGN in self.rights_on(group)

    def may_assign_certificate(self, certificate_groups: Iterable[str]) -> bool:
        """Whether it may name a certificate in these groups in a policy: the right on any of them is enough."""
        if self.settings.certificate_groups.is_all:
            return self.may_assign_group("")
        return any(self.may_assign_group(group) for group in certificate_groups)

    def may_remove_from(self, group: str, *, leaving: Collection[str]) -> bool:
        """Whether it may take a certificate out of the group; `leaving` are the groups it would still be in.

        Only an Administrator takes it out of its last one: in no group it would be out of every scope.
        """
        return GroupRight.REMOVE in self.rights_on(group) and (bool(leaving) or self.is_administrator)

    def check_placement(self, groups: Collection[str]) -> None:
        """Refuse a new certificate or signing request whose groups the role does not allow.

        Raises:
            GroupRequiredError: the role works in certain groups only, and may add to none of these.
            NotAllowedError: it may add to some of them, and not to all.
        """
        open_to_it = [group for group in groups if self.may_place_in(group)]
        if not open_to_it and not self.settings.certificate_groups.is_all:
            raise GroupRequiredError("Your role works in certificate groups: name one that you may add to.")
        if len(open_to_it) < len(groups):
            raise NotAllowedError("Your role may not add certificates to one of these certificate groups.")


def _read_scope(given: object, reader: ObjectReader) -> GroupScope:
    if given is None or given == ALL:
        return ALL_GROUPS
    rights: dict[str, frozenset[GroupRight]] = {}
    for grant in reader.nested_list("certificate_groups", most=MAX_NAMED):
        group = grant.text("group", parse_reference, "")
        if group in rights and group:
            grant.refuse("group", "is named twice")
        rights[group] = frozenset(grant.choices("rights", GroupRight))
    return GroupScope(rights)
