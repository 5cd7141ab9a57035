"""What is asked and answered about policies, certificate groups and roles: JSON in `snake_case`.

The structs give the shape, for the OpenAPI document and for whoever sends something else altogether; the values are
read by the domain, which tells everything that is wrong with them at once, field by field.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from signet.api.bodies.certificate_bodies import ApplicationBody
from signet.api.reading.queries import Cursor, Limit, moment
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.role import Permission, Role
from signet.domain.errors import InvalidInputError
from signet.domain.moments import rfc3339
from signet.domain.policies.explanation import Explanation, Question
from signet.domain.policies.policy import Policy, parse_address, parse_principal_name
from signet.domain.signing.use_decision import Application

Texts = tuple[str, ...]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class PageQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor | None = None


class _Sent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A body whose fields the domain reads."""

    def plain(self) -> dict[str, Any]:
        """The fields that were sent, as JSON has them."""
        sent: dict[str, Any] = msgspec.to_builtins(self)
        return sent


# --- certificate groups --------------------------------------------------------------------------------------------


class ChangedCertificateGroup(_Sent, frozen=True, kw_only=True):
    """Settings of a certificate group to change."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    certificate_limit: int | UnsetType | None = UNSET
    """How many certificates it may hold; null for any number."""


class NewCertificateGroup(ChangedCertificateGroup, frozen=True, kw_only=True):
    """Settings of a new certificate group."""

    name: str


class CertificateGroupBody(msgspec.Struct, frozen=True):
    """A certificate group."""

    id: str
    name: str
    description: str
    certificate_limit: int | None
    certificate_count: int
    """Certificates in it, renewed ones not counted."""
    created_at: Time
    created_by: str
    updated_at: Time
    version: int

    @classmethod
    def of(cls, group: CertificateGroup) -> "CertificateGroupBody":
        """What is shown of `group`."""
        return cls(
            id=group.id,
            name=group.settings.name,
            description=group.settings.description,
            certificate_limit=group.settings.certificate_limit,
            certificate_count=group.certificate_count,
            created_at=rfc3339(group.created_at),
            created_by=group.created_by,
            updated_at=rfc3339(group.updated_at),
            version=group.version,
        )


class CertificateGroupPage(msgspec.Struct, frozen=True):
    """One page of certificate groups, by name."""

    items: tuple[CertificateGroupBody, ...]
    next_cursor: str | None


# --- policies ------------------------------------------------------------------------------------------------------


class WhatBody(_Sent, frozen=True, kw_only=True):
    """The certificates that a policy is about: named themselves, or by their groups; at least one entry."""

    certificates: Texts | UnsetType | None = UNSET
    """Ids or aliases."""
    groups: Texts | UnsetType | None = UNSET
    """Ids or names of certificate groups."""


class WhoBody(_Sent, frozen=True, kw_only=True):
    """The callers that a policy is about; at least one entry."""

    users: Texts | UnsetType | None = UNSET
    user_groups: Texts | UnsetType | None = UNSET


class WhereBody(_Sent, frozen=True, kw_only=True):
    """What a use must come from: each kind that is given must have one entry that matches."""

    processes: Texts | UnsetType | None = UNSET
    """Names of executables, `*` as a wildcard. What the client states: a claim, not a proof."""
    command_lines: Texts | UnsetType | None = UNSET
    """Regular expressions (RE2), searched in what the client states: a claim, not a proof."""
    source_networks: Texts | UnsetType | None = UNSET
    """IPv4 and IPv6 in CIDR notation, against the address that API Gateway saw."""


class WindowBody(_Sent, frozen=True, kw_only=True):
    """A span of time that comes again."""

    days: Texts | UnsetType | None = UNSET
    start_date: str | UnsetType | None = UNSET
    end_date: str | UnsetType | None = UNSET
    """Inclusive."""
    start_time: str | UnsetType | None = UNSET
    end_time: str | UnsetType | None = UNSET
    """Exclusive; before `start_time` it is of the next day."""
    time_zone: str | UnsetType | None = UNSET


class ChangedPolicy(_Sent, frozen=True, kw_only=True):
    """Settings of a policy to change; each field that is sent takes the place of what was there."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    action: Literal["allow", "deny"] | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    """0 is asked first."""
    what: WhatBody | UnsetType = UNSET
    who: WhoBody | UnsetType = UNSET
    where: WhereBody | UnsetType | None = UNSET
    when: tuple[WindowBody, ...] | UnsetType | None = UNSET


class NewPolicy(ChangedPolicy, frozen=True, kw_only=True):
    """Settings of a new policy."""

    name: str
    action: Literal["allow", "deny"]
    what: WhatBody
    who: WhoBody


class WhatAnswer(msgspec.Struct, frozen=True):
    """The certificates that a policy is about, by id."""

    certificates: Texts
    groups: Texts


class WhoAnswer(msgspec.Struct, frozen=True):
    """The callers that a policy is about."""

    users: Texts
    user_groups: Texts


class WhereAnswer(msgspec.Struct, frozen=True):
    """What a use must come from."""

    processes: Texts
    command_lines: Texts
    source_networks: Texts


class WindowAnswer(msgspec.Struct, frozen=True):
    """A span of time that comes again."""

    days: Texts
    start_date: str | None
    end_date: str | None
    start_time: str | None
    end_time: str | None
    time_zone: str


class PolicyBody(msgspec.Struct, frozen=True):
    """A policy: who may sign with what, from where and when."""

    id: str
    name: str
    description: str
    enabled: bool
    action: Literal["allow", "deny"]
    priority: int
    what: WhatAnswer
    who: WhoAnswer
    where: WhereAnswer
    when: tuple[WindowAnswer, ...]
    created_at: Time
    created_by: str
    updated_at: Time
    version: int

    @classmethod
    def of(cls, policy: Policy) -> "PolicyBody":
        """What is shown of `policy`."""
        return msgspec.convert(
            {
                **policy.settings.plain(),
                "id": policy.id,
                "created_at": rfc3339(policy.created_at),
                "created_by": policy.created_by,
                "updated_at": rfc3339(policy.updated_at),
                "version": policy.version,
            },
            cls,
        )


class PolicyPage(msgspec.Struct, frozen=True):
    """One page of policies, in the order in which they are asked."""

    items: tuple[PolicyBody, ...]
    next_cursor: str | None


# --- roles ---------------------------------------------------------------------------------------------------------


class GrantBody(_Sent, frozen=True, kw_only=True):
    """A certificate group that a role works in, and its rights there; none lets look."""

    group: str
    """Id or name."""
    rights: tuple[Literal["add", "remove", "assign"], ...] | UnsetType | None = UNSET


class ChangedRole(_Sent, frozen=True, kw_only=True):
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
    created_at: Time | None
    """Null for a built-in role."""
    created_by: str | None
    updated_at: Time | None
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


# --- explain -------------------------------------------------------------------------------------------------------


class ExplainBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A use to explain: of which certificate, by whom, from where, when."""

    certificate: Annotated[str, Meta(min_length=1, max_length=512)]
    """Id or alias."""
    user: Annotated[str, Meta(max_length=300)]
    user_groups: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=2000)] | None = None
    application: ApplicationBody | None = None
    source_ip: Annotated[str, Meta(max_length=64)] | None = None
    """Without it, a policy that asks for a source network does not match."""
    at: Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})] | None = None
    """Now, unless it is given."""

    def question(self) -> Question:
        """Its fields, parsed."""
        if self.source_ip is not None and parse_address(self.source_ip) is None:
            raise InvalidInputError.at("source_ip", "must be an IPv4 or IPv6 address")
        groups = self.user_groups or ()
        return Question(
            certificate=self.certificate,
            user=_named("user", self.user),
            user_groups=frozenset(_named(f"user_groups[{place}]", name) for place, name in enumerate(groups)),
            application=self.application.application() if self.application else Application(),
            source_ip=self.source_ip or "",
            at=None if self.at is None else moment("at", self.at),
        )


class MatchedBody(msgspec.Struct, frozen=True):
    """Which of the four conditions of a policy hold."""

    what: bool
    who: bool
    where: bool
    when: bool


class TraceBody(msgspec.Struct, frozen=True):
    """How one policy fared."""

    policy: str
    """Its id."""
    name: str
    priority: int
    action: Literal["allow", "deny"]
    matched: MatchedBody
    verdict: str
    """The outcome, in words for a person."""
    reasons: Texts
    """For each condition that does not hold, why; for a person."""


class ExplanationBody(msgspec.Struct, frozen=True):
    """What signing would decide, apart from reason and PIN."""

    allowed: bool
    because: str
    """`owner`, `policy`, or the code of the refusal."""
    decided_by: str | None
    """`owner`, the id of the policy that decides, or null."""
    trace: tuple[TraceBody, ...]
    """The policies that name the certificate or the caller, in the order in which they are asked."""

    @classmethod
    def of(cls, explanation: Explanation) -> "ExplanationBody":
        """What is shown of `explanation`."""
        return cls(
            allowed=explanation.allowed,
            because=explanation.because,
            decided_by=explanation.decided_by,
            trace=tuple(
                TraceBody(
                    policy=entry.policy,
                    name=entry.name,
                    priority=entry.priority,
                    action=entry.action.value,
                    matched=MatchedBody(entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when),
                    verdict=entry.verdict.value,
                    reasons=entry.reasons,
                )
                for entry in explanation.trace
            ),
        )


def _named(field: str, text: str) -> str:
    try:
        return parse_principal_name(text)
    except ValueError as error:
        raise InvalidInputError.at(field, str(error)) from None
