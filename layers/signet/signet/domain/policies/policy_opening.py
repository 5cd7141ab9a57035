"""What a change of a policy may open: uses that were not allowed before it, and may be after it.

Found out from the settings alone, for every caller, certificate and moment. Where it cannot be shown that nothing
opens, something does: a `where` is narrower than another only if each of its entries is one of the other's, or lies
inside one.

A use is opened in one of two ways. An `allow` reaches it that did not, or one that did comes before a `deny` now; or a
`deny` that reached it does no more, or comes behind an `allow` now. A change that does neither leaves the first policy
that matches any use as it was, or puts a `deny` before it.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from signet.domain.policies.policy import Network, Policy, PolicyAction, PolicySettings, What, Where
from signet.domain.policies.policy_decision import precedence
from signet.domain.policies.process_name import ProcessPattern
from signet.domain.policies.time_window import TimeWindow

T = TypeVar("T")

NOTHING = What()


def opened_by(before: Policy | None, after: Policy | None, policies: Iterable[Policy]) -> What:
    """The certificates and groups of which some use may be opened when `before` becomes `after`; None for no policy.

    `policies` are all of that moment; which of them is the changed one is known by its id.
    """
    changed = before or after
    others = [policy for policy in policies if changed is not None and policy.id != changed.id]
    allowed, allows = _in_force(before, PolicyAction.ALLOW), _in_force(after, PolicyAction.ALLOW)
    denied, denies = _in_force(before, PolicyAction.DENY), _in_force(after, PolicyAction.DENY)
    reached = NOTHING if allows is None else _reached(allowed, allows, others)
    released = NOTHING if denied is None else _released(denied, denies, others)
    return What(reached.certificates | released.certificates, reached.groups | released.groups)


def _reached(before: Policy | None, after: Policy, others: Iterable[Policy]) -> What:
    """Of what `after` allows, that which `before` did not, or which a `deny` kept from it."""
    what = after.settings.what
    if before is None or not _narrower_but_for_what(after.settings, before.settings):
        return what
    denies = _about_the_same_callers(others, after, PolicyAction.DENY)
    if any(precedence(after) < precedence(deny) < precedence(before) for deny in denies):
        return what
    return _without(what, before.settings.what)


def _released(before: Policy, after: Policy | None, others: Iterable[Policy]) -> What:
    """Of what `before` denies, that which `after` does not, or which an `allow` decides first now."""
    what = before.settings.what
    if after is None or not _narrower_but_for_what(before.settings, after.settings):
        return what
    allows = _about_the_same_callers(others, before, PolicyAction.ALLOW)
    if any(precedence(before) < precedence(allow) < precedence(after) for allow in allows):
        return what
    return _without(what, after.settings.what)


def _in_force(policy: Policy | None, action: PolicyAction) -> Policy | None:
    return policy if policy is not None and _acts(policy, action) else None


def _about_the_same_callers(policies: Iterable[Policy], changed: Policy, action: PolicyAction) -> Iterable[Policy]:
    """Those in force that may name a caller whom `changed` names; who is in a user group is not known here."""
    who = changed.settings.who
    return (
        policy
        for policy in policies
        if _acts(policy, action)
        and (who.user_groups or policy.settings.who.user_groups or who.users & policy.settings.who.users)
    )


def _acts(policy: Policy, action: PolicyAction) -> bool:
    return policy.settings.enabled and policy.settings.action is action


def _without(what: What, other: What) -> What:
    return What(what.certificates - other.certificates, what.groups - other.groups)


def _narrower_but_for_what(narrow: PolicySettings, wide: PolicySettings) -> bool:
    """Whether `wide` matches every caller, place and moment that `narrow` does."""
    return (
        narrow.who.users <= wide.who.users
        and narrow.who.user_groups <= wide.who.user_groups
        and matches_wherever(narrow, wide)
    )


def matches_wherever(narrow: PolicySettings, wide: PolicySettings) -> bool:
    """Whether `wide` surely matches every place and moment that `narrow` does, whoever asks for what."""
    return _place_within(narrow.where, wide.where) and _moment_within(narrow.when, wide.when)


def _place_within(narrow: Where, wide: Where) -> bool:
    def processes(one: ProcessPattern, other: ProcessPattern) -> bool:
        # What `*` matches is every process, and a policy that asks for one asks that there be one.
        return one == other or other.text == "*"

    def networks(one: Network, other: Network) -> bool:
        return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]

    return (
        _each_within(narrow.processes, wide.processes, processes)
        and _each_within(narrow.command_lines, wide.command_lines, str.__eq__)
        and _each_within(narrow.source_networks, wide.source_networks, networks)
    )


def _moment_within(narrow: tuple[TimeWindow, ...], wide: tuple[TimeWindow, ...]) -> bool:
    return _each_within(narrow, wide, TimeWindow.lies_within)


def _each_within(narrow: tuple[T, ...], wide: tuple[T, ...], within: Callable[[T, T], bool]) -> bool:
    """Whether whatever matches one of `narrow` matches one of `wide`; none at all match everything."""
    return not wide or (bool(narrow) and all(any(within(one, other) for other in wide) for one in narrow))
