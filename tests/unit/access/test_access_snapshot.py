"""What a role shows and lets move, and what is shown where more is to be looked up than a page may."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from signet.domain.access.access_snapshot import Access
from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.access.principal import Principal
from signet.domain.access.role import GroupRight, GroupScope, Permission, Role, RoleSettings
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.policies.explanation import Question
from signet.domain.policies.policy import Policy, PolicyAction, PolicySettings, What, Who
from signet.domain.x509.certificate_facts import CertificateFacts
from signet.operations import certificate_group_visibility
from signet.operations.access_pages import PAGE_BYTES, first_of
from signet.operations.certificate_group_visibility import visible_groups
from signet.operations.policies import policy_visibility
from signet.operations.policies.explain_policies import MOST_TOLD, explain_policies
from signet.operations.policies.list_policies import list_policies
from signet.ports.listings import FoundCertificate, Page
from signet.ports.session import Session
from signet.ports.store import Snapshot

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
BOB = Principal("local/bob")


class Now:
    def now(self) -> datetime:
        return NOW


class PlainCursors:
    def make(self, position: str | None, *, query: object, by: Principal) -> str | None:
        return position

    def open(self, cursor: str | None, *, query: object, by: Principal) -> str | None:
        return cursor


class InMemoryRecords:
    """Knows `access` and `held`, and counts what is looked up."""

    def __init__(self, access: Access, *held: Certificate) -> None:
        self.access = access
        self.held = {certificate.id: certificate for certificate in held}
        self.looked_up: list[int] = []

    def load(self, reference: str | None = None, **_: Any) -> Snapshot:
        return Snapshot(self.access, certificate=self.held.get(reference or ""))

    def certificates(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        wanted = set(ids)
        self.looked_up.append(len(wanted))
        return {name: self.held[name] for name in wanted if name in self.held}


class InMemoryListings:
    """All of `held`."""

    def __init__(self, *held: Certificate) -> None:
        self.held = held

    def certificates(
        self, query: Any, scope: Any, *, after: str | None, limit: int, keep: Callable[[Any], bool], **_: Any
    ) -> Page[FoundCertificate]:
        end = int(after or 0) + limit
        page = tuple(FoundCertificate(one, Usage()) for one in self.held[end - limit : end] if keep(one))
        return Page(page, str(end) if end < len(self.held) else None)


def certificate(number: int, *groups: str, owner: str | None = None) -> Certificate:
    facts = CertificateFacts("CN=a", "CN=b", "a", "01", "AA", "BB", "RSA_2048", "CC", NOW, NOW)
    return Certificate(
        id=f"crt_{number:024}",
        alias=Alias(f"certificate {number}"),
        description="",
        owner=owner,
        enabled=True,
        ask_for_reason=False,
        pin_hash=None,
        groups=groups,
        facts=facts,
        key_version=1,
        created_at=NOW,
        created_by="local/admin",
        updated_at=NOW,
        version=1,
        last_event="",
    )


def policy(number: int, *certificates: str, users: Iterable[str] = ("local/eve",)) -> Policy:
    settings = PolicySettings(
        f"policy {number}", PolicyAction.ALLOW, What(certificates=frozenset(certificates)), Who(frozenset(users))
    )
    return Policy(f"pol_{number:024}", settings, NOW, "local/admin", NOW)


def access_of(
    *policies: Policy,
    groups: Iterable[str] = (),
    role: GroupScope | None = None,
    permission: Permission = Permission.VIEW_POLICIES,
) -> Access:
    """With a role for Bob that gives `permission` in the groups of `role`, if there is one."""
    settings = RoleSettings(
        "Reader",
        permissions=frozenset({permission}),
        certificate_groups=role or GroupScope({}),
        users=frozenset({BOB.user}),
    )
    return Access.of(
        "",
        "",
        roles=[] if role is None else [Role("rol_1", settings)],
        policies=policies,
        groups=[CertificateGroup(name, CertificateGroupSettings(name), NOW, "", NOW) for name in groups],
        search=lambda pattern, text, budget: False,
    )


def session_of(records: Any = None) -> Session:
    return Session(BOB, records, Now())


def pages(records: InMemoryRecords, limit: int) -> list[list[str]]:
    found, cursor = [], None
    while True:
        page, cursor = list_policies(
            cursor=cursor,
            limit=limit,
            within=session_of(records),
            cursors=PlainCursors(),
        )
        found.append([one.id for one in page])
        if cursor is None:
            return found


def test_a_role_shows_what_is_in_its_groups_and_nothing_else() -> None:
    access = access_of(groups=["grp_a", "grp_b"], role=GroupScope({"grp_a": frozenset()}))

    assert access.sees(BOB, certificate(1, "grp_a"))
    assert access.sees(BOB, certificate(2, owner=BOB.user))
    assert not access.sees(BOB, certificate(3, "grp_b"))
    assert not access.sees(BOB, certificate(4))
    assert not access.sees(Principal("local/eve"), certificate(1, "grp_a"))


def test_who_may_not_assign_takes_nothing_out_of_reach_of_a_deny() -> None:
    denying = replace(policy(1), settings=replace(policy(1).settings, action=PolicyAction.DENY))
    about_a = replace(denying, settings=replace(denying.settings, what=What(groups=frozenset({"grp_a"}))))
    moving = frozenset({GroupRight.ADD, GroupRight.REMOVE})
    scope = GroupScope({"grp_a": moving, "grp_b": moving})
    held = certificate(1, "grp_a")

    editing = access_of(about_a, groups=["grp_a", "grp_b"], role=scope, permission=Permission.EDIT_CERTIFICATES)
    assert not editing.may_regroup(BOB, held, ["grp_b"])
    assert editing.may_regroup(BOB, held, ["grp_a", "grp_b"])

    free = access_of(groups=["grp_a", "grp_b"], role=scope, permission=Permission.EDIT_CERTIFICATES)
    assert free.may_regroup(BOB, held, ["grp_b"])


def test_a_page_looks_up_no_more_certificates_than_it_may_and_is_short_rather_than_late() -> None:
    held = [certificate(number, "grp_1" if number % 2 else "grp_2") for number in range(8)]
    policies = [policy(number, held[number].id, *(f"gone {number} {n}" for n in range(300))) for number in range(8)]
    records = InMemoryRecords(access_of(*policies, role=GroupScope({"grp_1": frozenset()})), *held)

    found = pages(records, limit=50)

    assert [one for page in found for one in page] == [one.id for one in policies[1::2]]
    assert len(found) > 1
    assert all(count <= policy_visibility.CERTIFICATES_LOOKED_AT for count in records.looked_up)


def test_a_policy_that_alone_names_more_is_looked_up_all_the_same() -> None:
    held = certificate(1, "grp_1")
    much = policy(1, held.id, *(f"gone {n}" for n in range(policy_visibility.CERTIFICATES_LOOKED_AT + 1)))
    records = InMemoryRecords(access_of(much, role=GroupScope({"grp_1": frozenset()})), held)

    assert pages(records, limit=1) == [[much.id]]


def test_a_page_is_cut_where_an_answer_would_not_hold_more() -> None:
    users = [f"local/{'x' * 240}{number:03}" for number in range(240)]
    large = [policy(number, "crt_1", users=users) for number in range(40)]
    one = len("x" * 250) * 240

    page = first_of(large, 200)

    assert page == tuple(large[: len(page)])
    assert PAGE_BYTES - 2 * one < len(page) * one <= PAGE_BYTES
    assert first_of(large, 3) == tuple(large[:3])
    assert first_of([], 3) == ()


def test_a_groups_visibility_is_looked_for_page_by_page_until_nothing_is_left_to_find() -> None:
    held = [certificate(number, f"grp_{number}", owner=BOB.user) for number in range(450)]
    names = [f"grp_{number}" for number in range(450)]
    listings: Any = InMemoryListings(*held)

    found = visible_groups(access_of(groups=[*names, "grp_none"]), session_of(), listings=listings)
    assert [group.id for group in found] == names
    found = visible_groups(access_of(groups=names[:1]), session_of(), listings=listings)
    assert [group.id for group in found] == names[:1]


def test_a_groups_visibility_is_looked_for_no_further_than_its_bound() -> None:
    most = certificate_group_visibility.CERTIFICATES_LOOKED_AT
    held = [certificate(number, "grp_1", owner=BOB.user) for number in range(most)]
    late = certificate(most, "grp_2", owner=BOB.user)
    listings: Any = InMemoryListings(*held, late)

    found = visible_groups(access_of(groups=["grp_1", "grp_2"]), session_of(), listings=listings)

    assert [group.id for group in found] == ["grp_1"]


def test_a_trace_that_would_not_end_tells_of_the_policies_that_name_the_certificate() -> None:
    held = certificate(1)
    near = [policy(number, "crt_elsewhere", users=["local/eve"]) for number in range(MOST_TOLD)]
    about = policy(MOST_TOLD, held.id)
    records: Any = InMemoryRecords(access_of(*near, about, role=GroupScope()), held)

    told = explain_policies(Question(held.id, "local/eve", at=NOW), within=session_of(records))

    assert told.allowed
    assert [entry.policy for entry in told.trace] == [about.id]
