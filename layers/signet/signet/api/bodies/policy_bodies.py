"""What is asked and answered about policies: JSON in `snake_case`.

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
from signet.domain.moments import rfc3339
from signet.domain.policies.policy import Policy

POLICY_PROBLEMS = (
    errors.NotFoundError,
    errors.NotAllowedError,
    errors.UnknownReferenceError,
    errors.UnknownIssuerError,
    errors.NameTakenError,
)
"""What is in the way of a new policy and of a changed one."""


class WhatBody(SentBody, frozen=True, kw_only=True):
    """The certificates that a policy is about: named themselves, or by their groups; at least one entry."""

    certificates: Texts | UnsetType | None = UNSET
    """Ids or aliases."""
    groups: Texts | UnsetType | None = UNSET
    """Ids or names of certificate groups."""


class WhoBody(SentBody, frozen=True, kw_only=True):
    """The callers that a policy is about; at least one entry."""

    users: Texts | UnsetType | None = UNSET
    user_groups: Texts | UnsetType | None = UNSET


class WhereBody(SentBody, frozen=True, kw_only=True):
    """What a use must come from: each kind that is given must have one entry that matches."""

    processes: Texts | UnsetType | None = UNSET
    """Names of executables, `*` as a wildcard. What the client states: a claim, not a proof."""
    command_lines: Texts | UnsetType | None = UNSET
    """Regular expressions (RE2), searched in what the client states: a claim, not a proof."""
    source_networks: Texts | UnsetType | None = UNSET
    """IPv4 and IPv6 in CIDR notation, against the address that API Gateway saw."""


class WindowBody(SentBody, frozen=True, kw_only=True):
    """A span of time that comes again."""

    days: Texts | UnsetType | None = UNSET
    start_date: str | UnsetType | None = UNSET
    end_date: str | UnsetType | None = UNSET
    """Inclusive."""
    start_time: str | UnsetType | None = UNSET
    end_time: str | UnsetType | None = UNSET
    """Exclusive; before `start_time` it is of the next day."""
    time_zone: str | UnsetType | None = UNSET


class ChangedPolicy(SentBody, frozen=True, kw_only=True):
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
    created_at: Moment
    created_by: str
    updated_at: Moment
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

    @classmethod
    def of(cls, page: tuple[Iterable[Policy], str | None]) -> "PolicyPage":
        """What is shown of `page`, and the cursor of the next."""
        return cls(tuple(map(PolicyBody.of, page[0])), page[1])
