"""All policies of one moment, laid out so that those that matter to a request are found without the rest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signet.domain.access.principal import Principal
from signet.domain.policies.policy import Policy, PolicyAction
from signet.domain.policies.policy_decision import PolicySubject, precedence

_NONE: frozenset[int] = frozenset()

_Places = Mapping[str, frozenset[int]]
"""A name to the places, in the order of being asked, of the policies that have it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the policies open to somebody, whatever `where` and `when` ask."""

    certificates: frozenset[str]
    """Ids that policies name: these certificates and their renewals."""
    groups: frozenset[str]

    def holds(self, subject: PolicySubject) -> bool:
        """Whether `subject` is among it."""
        return not (self.certificates.isdisjoint(subject.certificates) and self.groups.isdisjoint(subject.groups))


@dataclass(frozen=True, slots=True)
class PolicyIndex:
    """Built once for each access revision, then read by every request of a warm function; never changed."""

    policies: tuple[Policy, ...]
    """In the order in which they are asked."""
    _by_certificate: _Places
    _by_group: _Places
    _by_user: _Places
    _by_user_group: _Places

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "PolicyIndex":
        """Lay out `policies`, disabled ones too."""
        ordered = tuple(sorted(policies, key=precedence))
        by_certificate: dict[str, set[int]] = defaultdict(set)
        by_group: dict[str, set[int]] = defaultdict(set)
        by_user: dict[str, set[int]] = defaultdict(set)
        by_user_group: dict[str, set[int]] = defaultdict(set)
        for place, policy in enumerate(ordered):
            what, who = policy.settings.what, policy.settings.who
            for names, places in (
                (what.certificates, by_certificate),
                (what.groups, by_group),
                (who.users, by_user),
                (who.user_groups, by_user_group),
            ):
                for name in names:
                    places[name].add(place)
        return cls(ordered, *(_frozen(places) for places in (by_certificate, by_group, by_user, by_user_group)))

    def between(self, subject: PolicySubject, principal: Principal) -> tuple[Policy, ...]:
        """The policies that name both: all that can decide a use, so `decide` on them is `decide` on all."""
        return self._at(self._naming_subject(subject) & self._naming_caller(principal))

    def concerning(self, subject: PolicySubject, principal: Principal) -> tuple[Policy, ...]:
        """The policies that name either: what `explain` shows, the near misses with the rest."""
        return self._at(self._naming_subject(subject) | self._naming_caller(principal))

    def naming(self, subject: PolicySubject) -> tuple[Policy, ...]:
        """The policies that name the certificate, one that it renews, or a group it is in."""
        return self._at(self._naming_subject(subject))

    def naming_group(self, group: str) -> tuple[Policy, ...]:
        """The policies that name the certificate group."""
        return self._at(self._by_group.get(group, _NONE))

    def names(self, principal: Principal) -> bool:
        """Whether any policy names `principal`, whatever it does."""
        return bool(self._naming_caller(principal))

    def opening_to(self, principal: Principal) -> Reach:
        """What `principal` sees by policy: what the enabled `allow` policies that name the caller name."""
        allowing = [
            policy.settings.what
            for policy in self._at(self._naming_caller(principal))
            if policy.settings.enabled and policy.settings.action is PolicyAction.ALLOW
        ]
        return Reach(
            certificates=frozenset().union(*(what.certificates for what in allowing)),
            groups=frozenset().union(*(what.groups for what in allowing)),
        )

    def _naming_subject(self, subject: PolicySubject) -> frozenset[int]:
        return _union(self._by_certificate, subject.certificates) | _union(self._by_group, subject.groups)

    def _naming_caller(self, principal: Principal) -> frozenset[int]:
        return self._by_user.get(principal.user, _NONE) | _union(self._by_user_group, principal.user_groups)

    def _at(self, places: frozenset[int]) -> tuple[Policy, ...]:
        return tuple(self.policies[place] for place in sorted(places))


def _frozen(places: Mapping[str, set[int]]) -> _Places:
    return {name: frozenset(found) for name, found in places.items()}


def _union(places: _Places, names: Iterable[str]) -> frozenset[int]:
    return _NONE.union(*(places[name] for name in names if name in places))
