"""Who can sign with a certificate, as far as that can be told without a use: for people who look, not for signing.

`policy_decision` decides a use. Here all that is not known of one is left open: from where it comes, when, and to which
other user groups the caller belongs. What is said of a user is what the policies that name the user say, and of a user
group what those say that name the group; whoever belongs to several is under all of their policies at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signet.domain.certificates.certificate import Certificate
from signet.domain.policies.policy import Policy, PolicyAction, PolicySettings
from signet.domain.policies.policy_decision import precedence
from signet.domain.policies.policy_opening import matches_wherever


class CanSign(StrEnum):
    """How far somebody is from a signature."""

    ALWAYS = "always"
    CONDITIONALLY = "conditionally"
    """A place, a time, the PIN or a reason stands before it."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Signer:
    """A user or a user group."""

    name: str
    can_sign: CanSign


@dataclass(frozen=True, slots=True)
class Signers:
    """All whom the policies about a certificate name."""

    users: tuple[Signer, ...]
    """The owner first, whether a policy names the owner or not."""
    user_groups: tuple[Signer, ...]


def signers_of(certificate: Certificate, policies: Sequence[Policy], at: datetime) -> Signers:
    """Who can sign with `certificate`; `policies` are those that name it, what it renews, or a group it is in.

    Nobody can with one that has no private key here, is disabled or has expired, not even its owner. One that is not
    yet valid will be, so that is a time that stands before it.
    """
    users = {name for policy in policies for name in policy.settings.who.users} - {certificate.owner}
    groups = {name for policy in policies for name in policy.settings.who.user_groups}

    now = [policy for policy in policies if policy.settings.enabled and not _is_over(policy.settings, at)]

    def judged(name: str, by_policies: CanSign) -> Signer:
        return Signer(name, _at_most(_of_the_certificate(certificate, at), by_policies))

    owner = [] if certificate.owner is None else [judged(certificate.owner, CanSign.ALWAYS)]
    return Signers(
        users=(
            *owner,
            *(judged(name, _allowed(p for p in now if name in p.settings.who.users)) for name in sorted(users)),
        ),
        user_groups=tuple(
            judged(name, _allowed(p for p in now if name in p.settings.who.user_groups)) for name in sorted(groups)
        ),
    )


def _of_the_certificate(certificate: Certificate, at: datetime) -> CanSign:
    """What it asks of everybody."""
    if not certificate.has_private_key or not certificate.enabled or at > certificate.facts.not_after:
        return CanSign.NEVER
    asks = certificate.pin_hash is not None or certificate.ask_for_reason or at < certificate.facts.not_before
    return CanSign.CONDITIONALLY if asks else CanSign.ALWAYS


def _is_over(settings: PolicySettings, at: datetime) -> bool:
    """Whether all its times are past."""
    return bool(settings.when) and all(window.is_over_at(at) for window in settings.when)


def _allowed(policies: Iterable[Policy]) -> CanSign:
    """What `policies`, which name one user or one user group, say together: the first that matches decides.

    ```text
    allow if X | allow             always
    deny if X  | allow             conditionally
    allow if X | nothing, or deny  conditionally, unless a deny before it matches wherever it does
    ```
    """
    denied: list[PolicySettings] = []
    sometimes = False
    for policy in sorted(policies, key=precedence):
        settings = policy.settings
        if any(matches_wherever(settings, deny) for deny in denied):
            continue
        unconditional = not settings.where and not settings.when
        if settings.action is PolicyAction.DENY:
            if unconditional:
                break
            denied.append(settings)
        elif unconditional:
            return CanSign.CONDITIONALLY if denied else CanSign.ALWAYS
        else:
            sometimes = True
    return CanSign.CONDITIONALLY if sometimes else CanSign.NEVER


def _at_most(*several: CanSign) -> CanSign:
    order = (CanSign.NEVER, CanSign.CONDITIONALLY, CanSign.ALWAYS)
    return min(several, key=order.index)
