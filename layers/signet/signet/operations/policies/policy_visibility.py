"""Which policies a caller sees, and what a caller may name in one.

A policy exists for those whose role has something to do with policies and covers all that the policy names: one that
also names what the role does not reach would tell of it, and changing it would reach there. Certificates that are gone
hide nothing; of what is left, the role must cover at least one thing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import Permission, Role
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import FieldError, NotFoundError, UnknownReferenceError
from signet.domain.events.event import EventType
from signet.domain.field_errors import MAX_ERRORS_NAMED
from signet.domain.identifiers import NOBODYS, is_id
from signet.domain.policies.policy import Policy, What
from signet.domain.policies.policy_opening import NOTHING
from signet.operations.authorisation import refuse_because
from signet.ports.session import Session

_ABOUT_POLICIES = frozenset(
    {Permission.VIEW_POLICIES, Permission.CREATE_POLICIES, Permission.EDIT_POLICIES, Permission.DELETE_POLICIES}
)

CERTIFICATES_LOOKED_AT = 1000
"""So many named certificates are looked up for one page of a list, or those of one policy where it names more."""


def visible_policy(identifier: str, access: Access, within: Session) -> Policy:
    """The policy with that id.

    Raises:
        NotFoundError: there is none, or the caller does not see it; the two are one answer.
    """
    policy = next((policy for policy in access.policies.policies if policy.id == identifier), None)
    covered = _covered([] if policy is None else [policy], access.role_of(within.caller), within)
    if not covered:
        raise NotFoundError
    return covered[0]


def policies_seen(access: Access, within: Session) -> Callable[[str], bool]:
    """Whether a policy exists for the caller now."""

    def sees(identifier: str) -> bool:
        try:
            visible_policy(identifier, access, within)
        except NotFoundError:
            return False
        return True

    return sees


def visible_policies(ahead: Sequence[Policy], access: Access, within: Session) -> tuple[list[Policy], int]:
    """Those of the first few of `ahead` that exist for the caller, and how many were looked at."""
    role = access.role_of(within.caller)
    if role is None or role.settings.certificate_groups.is_all:
        return _covered(ahead, role, within), len(ahead)
    named: set[str] = set()
    looked_at = 0
    for policy in ahead:
        named |= policy.settings.what.certificates
        if looked_at and len(named) > CERTIFICATES_LOOKED_AT:
            break
        looked_at += 1
    return _covered(ahead[:looked_at], role, within), looked_at


def _covered(policies: Iterable[Policy], role: Role | None, within: Session) -> list[Policy]:
    if role is None or _ABOUT_POLICIES.isdisjoint(role.settings.permissions):
        return []
    if role.settings.certificate_groups.is_all:
        return list(policies)
    candidates = [policy for policy in policies if all(map(role.sees_group, policy.settings.what.groups))]
    named = [name for policy in candidates for name in policy.settings.what.certificates]
    # Where there is nothing to look up something is, too: else a policy that is not seen would cost more than none.
    found = within.records.certificates(named or [NOBODYS])
    return [policy for policy in candidates if _covers_all(role, policy.settings.what, found)]


def _covers_all(role: Role, what: What, found: Mapping[str, Certificate]) -> bool:
    there = [found[name] for name in what.certificates if name in found]
    return bool(there or what.groups) and all(role.covers(certificate.groups) for certificate in there)


def check_references(
    what: What,
    before: What,
    sent: Mapping[str, Any] | None,
    *,
    access: Access,
    within: Session,
    intent: EventType,
    detail: Mapping[str, object],
    opened: What = NOTHING,
) -> None:
    """Refuse it where the caller names what is not seen or may not be assigned, or opens what may not be assigned.

    Of what `before` named and `what` names still, only what is `opened` is asked about again.

    `sent` is `what` as it came, whose order the errors go by.

    Raises:
        UnknownReferenceError: what is named does not exist for the caller; with one field error for each.
        NotAllowedError: the caller's role may not assign it; recorded.
    """
    groups = what.groups - before.groups
    certificates = what.certificates - before.certificates
    assigned = What(certificates | opened.certificates, groups | opened.groups)
    named = [name for name in assigned.certificates if is_id("crt", name)]
    found = within.records.certificates(named)
    groups_seen = access.groups_seen(within.caller, groups)
    seen = {name for name, certificate in found.items() if access.sees(within.caller, certificate)}
    unknown = [
        *_unknown("certificates", certificates - seen, sent, "There is no such certificate that you can see."),
        *_unknown("groups", groups - groups_seen, sent, "There is no such certificate group that you can see."),
    ]
    if unknown:
        raise UnknownReferenceError(*unknown[:MAX_ERRORS_NAMED])
    role = access.role_of(within.caller)
    covered = dict(found)
    if role is not None and not role.settings.certificate_groups.is_all:
        # A policy covers the renewals of what it names, and those may have gone to other groups since.
        covered.update(within.records.renewals_of(named))
    if role is None or not (
        all(role.may_assign_group(group) for group in assigned.groups)
        and all(role.may_assign_certificate(certificate.groups) for certificate in covered.values())
    ):
        refuse_because(
            "Your role may not assign all of these certificates and certificate groups in a policy.",
            within,
            intent,
            detail=detail,
        )


def _unknown(
    field: str, names: frozenset[str] | set[str], sent: Mapping[str, Any] | None, message: str
) -> list[FieldError]:
    return [
        FieldError(f"what.{field}[{place}]", message)
        for place, name in enumerate((sent or {}).get(field) or ())
        if name in names
    ]
