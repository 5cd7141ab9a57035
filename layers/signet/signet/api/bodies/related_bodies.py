"""What a certificate has to do with, as JSON."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from signet.api.bodies.fields import Mention
from signet.domain.certificates.overview import Named
from signet.domain.policies.policy import Policy
from signet.domain.policies.who_can_sign import Signer, Signers


class RelatedPolicy(msgspec.Struct, frozen=True):
    """A policy about the certificate."""

    id: str
    name: str
    action: Literal["allow", "deny"]
    enabled: bool
    priority: int

    @classmethod
    def of(cls, policy: Policy) -> "RelatedPolicy":
        """What is shown of `policy`."""
        settings = policy.settings
        return cls(policy.id, settings.name, settings.action.value, settings.enabled, settings.priority)


class RelatedSigner(msgspec.Struct, frozen=True):
    """A user or user group that a policy about the certificate names, or its owner."""

    name: str
    can_sign: Literal["always", "conditionally", "never"]
    """As far as the policies say that name it; `conditionally`: a place, a time, the PIN or a reason stands before it.

    `never` for all while the certificate is disabled, has expired, or is here without its private key."""

    @classmethod
    def of(cls, signer: Signer) -> "RelatedSigner":
        """What is shown of `signer`."""
        return cls(signer.name, signer.can_sign.value)


class RelatedBody(msgspec.Struct, frozen=True):
    """What a certificate has to do with."""

    groups: tuple[Mention, ...]
    """Those it is in."""
    policies: tuple[RelatedPolicy, ...]
    """Those that name it, what it descends from, or one of its groups, in the order in which they are asked."""
    users: tuple[RelatedSigner, ...]
    """The owner first, then whom those policies name."""
    user_groups: tuple[RelatedSigner, ...]

    @classmethod
    def of(cls, groups: Iterable[Named], policies: Iterable[Policy], signers: Signers) -> "RelatedBody":
        """What is shown of them."""
        return cls(
            tuple(Mention(group.id, group.name) for group in groups),
            tuple(map(RelatedPolicy.of, policies)),
            tuple(map(RelatedSigner.of, signers.users)),
            tuple(map(RelatedSigner.of, signers.user_groups)),
        )
