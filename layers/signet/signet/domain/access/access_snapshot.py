"""Who may see, manage and use what, as of one revision of the policies, certificate groups and roles."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from signet.domain.access.built_in_roles import with_built_in
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission, Role
from signet.domain.access.role_in_force import role_in_force
from signet.domain.certificates.certificate import Certificate, Placed
from signet.domain.policies.policy import Policy, PolicyAction
from signet.domain.policies.policy_decision import (
    Circumstances,
    PolicyDecision,
    PolicySubject,
    Search,
    could_be_allowed,
    decide,
    names_certificate,
    visible_by_policy,
)
from signet.domain.policies.policy_index import PolicyIndex, Reach
from signet.domain.signing.sign_command import Application
from signet.domain.text.display_name import name_key


@dataclass(frozen=True, slots=True)
class AllowedUse:
    """What owner and policies say of one use."""

    allowed_by: str | None
    """`owner`, or the id of the policy that allows it."""
    policy: str | None
    """The policy that decided, also where it denies."""
    too_costly: bool = False
    """Whether the policies could not be asked: their regular expressions would have cost too much."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The certificates that somebody sees, as the lists to look in."""

    everything: bool
    user: str
    """What this user owns."""
    groups: frozenset[str]
    certificates: frozenset[str]
    """Ids that policies name: these certificates and their renewals."""

    def holds(self, certificate: Placed) -> bool:
        """Whether `certificate` is in one of those lists."""
        return (
            self.everything
            or certificate.owner == self.user
            or not self.groups.isdisjoint(certificate.groups)
            or not self.certificates.isdisjoint(certificate.own_and_renewed_ids)
        )


@dataclass(frozen=True, slots=True)
class Access:
    """Built once for each revision, then read by every request of a warm function; never changed."""

    revision: str
    administrator_group: str
    roles: Mapping[str, Role]
    """By id; the built-in ones are always among them."""
    policies: PolicyIndex
    groups: Mapping[str, CertificateGroup]
    """By id."""
    group_names: Mapping[str, str]
    """Their ids, by what their names are unique by."""
    search: Search
    issuers: frozenset[str] = frozenset()
    """The aliases of the trusted issuers, whose users and user groups can be named."""

    @classmethod
    def of(
        cls,
        revision: str,
        administrator_group: str,
        *,
        roles: Iterable[Role],
        policies: Iterable[Policy],
        groups: Iterable[CertificateGroup],
        search: Search,
        issuers: frozenset[str] = frozenset(),
    ) -> "Access":
        """Lay out what was read."""
        by_id = {group.id: group for group in groups}
        return cls(
            revision,
            administrator_group,
            {role.id: role for role in with_built_in(roles)},
            PolicyIndex.of(policies),
            by_id,
            {name_key(group.settings.name): group.id for group in by_id.values()},
            search,
            issuers,
        )

    # --- roles -----------------------------------------------------------------------------------------------------

    def role_of(self, principal: Principal) -> Role | None:
        """The one role in force for `principal`."""
        return role_in_force(principal, self.roles.values(), self.administrator_group)

    def is_administrator(self, principal: Principal) -> bool:
        """Whether `principal` may do everything."""
        role = self.role_of(principal)
        return role is not None and role.is_administrator

    def may(self, principal: Principal, permission: Permission, certificate: Placed | None = None) -> bool:
        """Whether the role of `principal` permits this: to `certificate`, or to something at all."""
        role = self.role_of(principal)
        return role is not None and role.may(permission, None if certificate is None else certificate.groups)

    def names(self, principal: Principal) -> bool:
        """Whether a role or a policy knows of `principal`: to all others the service is a stranger's."""
        return self.role_of(principal) is not None or self.policies.names(principal)

    def sees_all_roles(self, principal: Principal) -> bool:
        """Whether `principal` is an Administrator or a Viewer: to others their own role is told, and no other."""
        role = self.role_of(principal)
        return role is not None and role.is_built_in

    def sees_role(self, principal: Principal, identifier: str) -> bool:
        """Whether the role exists for `principal`."""
        own = self.role_of(principal)
        return identifier in self.roles and (
            self.sees_all_roles(principal) or (own is not None and own.id == identifier)
        )

    def may_regroup(self, principal: Principal, certificate: Certificate, after: Collection[str]) -> bool:
        """Whether the role of `principal` may move `certificate` to exactly the groups `after`.

        Taking it out of reach of a `deny` opens it to those who were denied, so that also asks for `assign`.
        """
        role = self.role_of(principal)
        if role is None or not role.may_regroup(certificate.groups, after):
            return False
        moved = PolicySubject(frozenset(certificate.own_and_renewed_ids), frozenset(after))
        return role.may_assign_certificate(certificate.groups) or not any(
            policy.settings.enabled
            and policy.settings.action is PolicyAction.DENY
            and not names_certificate(policy.settings, moved)
            for policy in self.policies_about(certificate)
        )

    # --- visibility ------------------------------------------------------------------------------------------------

    def sees(self, principal: Principal, certificate: Placed) -> bool:
        """Whether `certificate` exists for `principal`: covered by the role, owned, or allowed by a policy."""
        role = self.role_of(principal)
        return (
            certificate.owner == principal.user
            or (role is not None and role.covers(certificate.groups))
            or self._sees_by_policy(principal, certificate)
        )

    def may_read(self, principal: Principal, certificate: Placed) -> bool:
        """Whether `principal`, who sees it, may look at it: everybody but whose role covers it without letting look."""
        return (
            certificate.owner == principal.user
            or self.may(principal, Permission.VIEW_CERTIFICATES, certificate)
            or self._sees_by_policy(principal, certificate)
        )

    def _sees_by_policy(self, principal: Principal, certificate: Placed) -> bool:
        subject = _subject(certificate)
        return visible_by_policy(self.policies.between(subject, principal), subject, principal)

    def scope_of(self, principal: Principal) -> Scope:
        """Where to look for all that `principal` may look at."""
        role = self.role_of(principal)
        reach: Reach = self.policies.opening_to(principal)
        covered: frozenset[str] = frozenset()
        everything = False
        if role is not None and role.may(Permission.VIEW_CERTIFICATES):
            everything = role.settings.certificate_groups.is_all
            covered = frozenset(role.settings.certificate_groups.rights or ())
        groups = frozenset(group for group in covered | reach.groups if group in self.groups)
        return Scope(everything, principal.user, groups, reach.certificates)

    def sees_group(self, principal: Principal, group: str) -> bool:
        """Whether the certificate group exists for `principal` by role or policy; seeing a member is another way."""
        return bool(self.groups_seen(principal, [group]))

    def groups_seen(self, principal: Principal, groups: Iterable[str]) -> frozenset[str]:
        """Those of `groups` that exist for `principal` by role or policy."""
        role = self.role_of(principal)
        opened = self.policies.opening_to(principal).groups
        return frozenset(
            group
            for group in groups
            if group in self.groups and (group in opened or (role is not None and role.sees_group(group)))
        )

    def group_called(self, reference: str) -> str | None:
        """The id of the certificate group that `reference`, its id or name, is of, whoever sees it."""
        return reference if reference in self.groups else self.group_names.get(name_key(reference))

    # --- use -------------------------------------------------------------------------------------------------------

    def use(self, certificate: Certificate, principal: Principal, application: Application, at: datetime) -> AllowedUse:
        """Whether `principal` owns it or the policies allow this use of it."""
        if certificate.owner == principal.user:
            return AllowedUse("owner", None)
        decision = self.decision(certificate, principal, application, at)
        return AllowedUse(
            decision.decided_by if decision.allowed else None, decision.decided_by, too_costly=decision.too_costly
        )

    def decision(
        self,
        certificate: Certificate,
        principal: Principal,
        application: Application,
        at: datetime,
        *,
        trace: bool = False,
    ) -> PolicyDecision:
        """What the policies say of this use, whoever owns it; with `trace`, of every policy that names either."""
        subject = _subject(certificate)
        concerned = self.policies.concerning if trace else self.policies.between
        return decide(
            concerned(subject, principal),
            subject,
            principal,
            Circumstances(at, application.process, application.command_line),
            search=self.search,
            trace=trace,
        )

    def usable_by(self, certificate: Placed, principal: Principal, at: datetime) -> bool:
        """Whether `principal` could sign with it now from some place, whatever `where`, reason and PIN ask."""
        if certificate.owner == principal.user:
            return True
        subject = _subject(certificate)
        return could_be_allowed(self.policies.between(subject, principal), subject, principal, at, search=self.search)

    # --- what belongs to a certificate -----------------------------------------------------------------------------

    def existing(self, groups: Iterable[str]) -> tuple[str, ...]:
        """Those of `groups` that have not been deleted since a certificate joined them."""
        return tuple(group for group in groups if group in self.groups)

    def groups_of(self, certificate: Certificate) -> tuple[CertificateGroup, ...]:
        """The groups that `certificate` is in."""
        return tuple(self.groups[group] for group in self.existing(certificate.groups))

    def policies_about(self, certificate: Certificate) -> tuple[Policy, ...]:
        """The policies that name `certificate`, what it descends from, or a group it is in."""
        return self.policies.naming(_subject(certificate))


def _subject(certificate: Placed) -> PolicySubject:
    return PolicySubject(frozenset(certificate.own_and_renewed_ids), frozenset(certificate.groups))
