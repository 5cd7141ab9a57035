"""Which policy decides, and what explain says of the others."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.adapters.regular_expressions import objection_to, search
from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError
from signet.domain.policies.policy import Policy, PolicySettings
from signet.domain.policies.policy_decision import (
    Circumstances,
    PolicySubject,
    Verdict,
    could_be_allowed,
    decide,
    visible_by_policy,
)
from signet.domain.policies.policy_index import PolicyIndex
from signet.domain.policies.step_budget import LONGEST_COMMAND_LINE_BYTES, StepBudget
from tests.unit.policies import reference_policies as reference
from tests.unit.policies.policy_examples import MONDAY, PIPELINE, RELEASE, decided, policy

NAMES = {
    "certificates": ("crt_a", "crt_b", "crt_c"),
    "groups": ("grp_a", "grp_b"),
    "users": ("corp/alice", "corp/bob"),
    "user_groups": ("corp/release", "corp/ops"),
}
SOME_POLICIES = st.lists(reference.policies(**NAMES), max_size=6)

# --- which one decides -------------------------------------------------------------------------------------------


def test_without_a_policy_nothing_is_allowed() -> None:
    decision = decided()

    assert (decision.allowed, decision.decided_by, decision.because) == (False, None, "not_allowed_by_policy")


def test_a_policy_that_matches_allows() -> None:
    decision = decided(policy())

    assert (decision.allowed, decision.decided_by, decision.because) == (True, "pol_1", "policy")


def test_a_deny_decides_under_its_own_name() -> None:
    decision = decided(policy(action="deny"))

    assert (decision.allowed, decision.decided_by, decision.because) == (False, "pol_1", "not_allowed_by_policy")


def test_priority_0_is_asked_first() -> None:
    assert decided(policy("pol_1", action="deny", priority=1), policy("pol_2", priority=0)).decided_by == "pol_2"


def test_at_equal_priority_deny_wins_whatever_the_order() -> None:
    allowing, denying = policy("pol_1"), policy("pol_2", action="deny")

    assert decided(allowing, denying) == decided(denying, allowing)
    assert decided(allowing, denying).decided_by == "pol_2"


def test_among_equals_the_older_is_named() -> None:
    assert decided(policy("pol_2"), policy("pol_1")).decided_by == "pol_1"


def test_a_disabled_policy_does_not_decide() -> None:
    decision = decided(policy("pol_1", enabled=False, action="deny", priority=0), policy("pol_2"))

    assert decision.decided_by == "pol_2"
    assert decision.trace[0].verdict is Verdict.DISABLED


# --- what and who ------------------------------------------------------------------------------------------------


def test_a_policy_that_names_a_certificate_covers_its_renewals() -> None:
    assert decided(policy(), certificates=("crt_third", "crt_second", RELEASE)).allowed


def test_a_policy_that_names_a_renewal_does_not_cover_what_it_renewed() -> None:
    assert not decided(policy(what={"certificates": ["crt_second"]}), certificates=(RELEASE,)).allowed


def test_a_group_covers_the_certificates_in_it() -> None:
    by_group = policy(what={"groups": ["grp_1"]})

    assert decided(by_group, groups=("grp_2", "grp_1")).allowed
    assert not decided(by_group, groups=("grp_2",)).allowed


def test_a_user_group_covers_its_members() -> None:
    by_group = policy(who={"user_groups": ["corp/release"]})

    assert decided(by_group, by=Principal("corp/bob", frozenset({"corp/release"}))).allowed
    assert not decided(by_group, by=Principal("corp/bob", frozenset({"corp/ops"}))).allowed


def test_a_user_is_not_a_user_group() -> None:
    named = Principal("corp/release")

    assert not decided(policy(who={"user_groups": ["corp/release"]}), by=named).allowed


def test_the_case_of_a_user_counts() -> None:
    assert not decided(policy(who={"users": ["corp/alice"]}), by=Principal("corp/Alice")).allowed


# --- where -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("signtool", "signtool"),
        ("signtool", "SignTool.EXE"),
        ("SIGNTOOL.exe", "signtool"),
        ("signtool", r"C:\Program Files\Windows Kits\signtool.exe"),
        ("jarsigner", "/usr/bin/jarsigner"),
        ("sign*", "signtool"),
        ("*tool", "signtool"),
        ("*", "anything"),
        ("s*gn*l", "signtool"),
        ("**", "signtool"),
        (".exe", ".exe"),
        ("straße", "STRASSE.EXE"),
    ],
)
def test_a_process_matches(asked: str, stated: str) -> None:
    assert decided(policy(where={"processes": ["other", asked]}), process=stated).allowed


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("signtool", "signtool2"),
        ("signtool", "notsigntool"),
        ("signtool", "signtool.com"),
        ("signtool", "/usr/bin/signtool/"),
        ("ab*ba", "aba"),
        ("a*b*c", "acb"),
        ("a*b*c", "axc"),
        ("a*bc*c", "abc"),
        ("s?gntool", "signtool"),
        ("*", ""),
        ("*", None),
    ],
)
def test_a_process_does_not_match(asked: str, stated: str | None) -> None:
    assert not decided(policy(where={"processes": [asked]}), process=stated).allowed


def test_a_pattern_of_many_wildcards_matches_what_fits_in_any_way() -> None:
    asking = policy(where={"processes": ["*a" * 100 + "b"]})

    assert decided(asking, process="a" * 100_000 + "b").allowed
    assert not decided(asking, process="a" * 100_000).allowed


def test_a_command_line_is_searched_as_a_whole() -> None:
    asking = policy(where={"command_lines": ["^never$", "/fd sha(256|384)"]})

    assert decided(asking, command_line="signtool sign /fd sha384 setup.exe").allowed
    assert not decided(asking, command_line="signtool sign /fd sha1 setup.exe").allowed
    assert not decided(asking, command_line="").allowed
    assert not decided(asking).allowed


# --- the budget of a decision ------------------------------------------------------------------------------------

COSTLY = "[ab]*a[ab]{150}c"
"""What takes most of a decision's steps over the longest command line, and is never found there."""
LONGEST = "ab" * (LONGEST_COMMAND_LINE_BYTES // 2)


def costly(policy_id: str, number: int = 0, **fields: Any) -> Policy:
    return policy(policy_id, where={"command_lines": [f"{COSTLY}{number}"]}, **fields)


def test_one_policy_is_asked_whatever_the_command_line() -> None:
    decision = decided(costly("pol_1"), policy("pol_2", priority=900), command_line=LONGEST)

    assert (decision.allowed, decision.decided_by, decision.too_costly) == (True, "pol_2", False)


def test_several_that_cost_too_much_together_allow_nothing() -> None:
    policies = [costly("pol_1", 1), costly("pol_2", 2), policy("pol_3", priority=900)]

    for trace in (False, True):
        decision = decided(*policies, command_line=LONGEST, trace=trace)
        assert (decision.allowed, decision.decided_by, decision.too_costly) == (False, None, True)
        assert decision.because == "not_allowed_by_policy"
        assert decided(*policies, command_line="ab", trace=trace).decided_by == "pol_3"


def test_what_decides_before_the_budget_is_used_up_decides() -> None:
    policies = [costly("pol_1", 1), policy("pol_2", priority=200), costly("pol_3", 3, priority=300)]

    assert decided(*policies, command_line=LONGEST).decided_by == "pol_2"


def test_the_same_expression_is_searched_once_however_many_policies_have_it() -> None:
    policies = [costly(f"pol_{number}") for number in range(9)] + [policy("pol_9", priority=900)]

    assert decided(*policies, command_line=LONGEST).decided_by == "pol_9"


def test_a_policy_of_somebody_else_costs_nothing() -> None:
    others = [costly(f"pol_{number}", number, who={"users": ["corp/somebody"]}) for number in range(9)]

    decision = decided(*others, policy("pol_9", priority=900), command_line=LONGEST, trace=False)

    assert decision.decided_by == "pol_9"


def test_explain_tells_what_it_did_not_search_and_says_the_same_as_signing() -> None:
    policies = [costly(f"pol_{number}", number) for number in range(9)] + [policy("pol_9", priority=900)]

    decision = decided(*policies, command_line=LONGEST)

    assert decision.too_costly
    assert [entry.verdict for entry in decision.trace] == [Verdict.PASSED_OVER] * 9 + [Verdict.UNASKED]
    assert "not searched" in decision.trace[8].text
    assert not decision.trace[8].matched.where


def test_who_could_use_it_from_some_place_is_told_without_searching() -> None:
    def never(pattern: str, text: str, budget: StepBudget) -> bool:
        raise AssertionError(pattern)

    subject = PolicySubject(frozenset({RELEASE}))

    assert could_be_allowed([costly("pol_1")], subject, PIPELINE, MONDAY, search=never)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("203.0.113.0/24", "203.0.113.255"),
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.0/24", "::ffff:203.0.113.7"),
        ("::ffff:203.0.113.0/120", "203.0.113.7"),
        ("2001:db8::/32", "2001:DB8:0:1::7"),
        ("0.0.0.0/0", "198.51.100.1"),
        ("::/0", "2001:db8::1"),
    ],
)
def test_an_address_lies_in_a_network(network: str, address: str) -> None:
    asking = policy(where={"source_networks": ["192.0.2.0/24", network]})

    assert decided(asking, by=Principal(PIPELINE.user, source_ip=address)).allowed


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("203.0.113.0/24", "203.0.114.0"),
        ("203.0.113.0/24", "2001:db8::1"),
        ("::/0", "203.0.113.7"),
        ("0.0.0.0/0", "2001:db8::1"),
        ("0.0.0.0/0", ""),
        ("0.0.0.0/0", "unknown"),
    ],
)
def test_an_address_lies_outside(network: str, address: str) -> None:
    asking = policy(where={"source_networks": [network]})

    assert not decided(asking, by=Principal(PIPELINE.user, source_ip=address)).allowed


def test_every_kind_that_is_given_must_match() -> None:
    asking = policy(
        where={"processes": ["signtool"], "command_lines": ["sha256"], "source_networks": ["203.0.113.0/24"]}
    )

    assert decided(asking, process="signtool", command_line="/fd sha256").allowed
    assert not decided(asking, process="other", command_line="/fd sha256").allowed
    assert not decided(asking, process="signtool", command_line="/fd sha1").allowed
    assert not decided(
        asking, process="signtool", command_line="sha256", by=Principal(PIPELINE.user, source_ip="::1")
    ).allowed


@pytest.mark.parametrize("empty", [{}, None, {"processes": [], "command_lines": None}])
def test_an_empty_where_matches_always(empty: object) -> None:
    assert decided(policy(where=empty)).allowed


# --- what explain says -------------------------------------------------------------------------------------------


def test_the_trace_tells_a_person_what_did_not_match_and_why() -> None:
    far = policy(
        "pol_1",
        name="Office hours",
        what={"certificates": ["crt_other"]},
        who={"users": ["corp/alice"]},
        where={
            "processes": ["jarsigner"],
            "command_lines": [r"\d+"],
            "source_networks": [f"192.0.2.{n}/32" for n in range(7)],
        },
        when=[
            {"days": ["sat"], "start_time": "08:00", "end_time": "12:00", "time_zone": "Europe/Madrid"},
            {"end_date": "2026-01-31"},
        ],
    )

    (entry,) = decided(far, process=r"C:\signtool.exe", command_line="sign").trace

    assert not any((entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when))
    assert entry.name == "Office hours"
    assert entry.reasons == (
        "what: it names neither the certificate, nor one that this renews, nor a group it is in",
        "who: it names neither github/repo:acme/app nor one of the caller's user groups",
        "where: 203.0.113.7 is in none of 192.0.2.0/32, 192.0.2.1/32, 192.0.2.2/32, 192.0.2.3/32, 192.0.2.4/32, 2 more",
        'where: the process "signtool" is none of jarsigner',
        r"where: in the command line none is found of \d+",
        (
            "when: mon 2026-11-23 10:00 in Europe/Madrid, mon 2026-11-23 09:00 in UTC"
            " is in none of sat 08:00-12:00, Europe/Madrid | every day, until 2026-01-31, UTC"
        ),
    )
    assert entry.text.startswith("passed over: what: it names")


def test_the_trace_says_what_the_client_does_not_state() -> None:
    asking = policy(where={"processes": ["a"], "command_lines": ["a"], "source_networks": ["10.0.0.0/8"]})

    (entry,) = decided(asking, by=Principal(PIPELINE.user)).trace

    assert entry.matched.what
    assert entry.matched.who
    assert not entry.matched.where
    assert entry.matched.when
    assert entry.reasons == (
        "where: it asks for a source network, and the caller's address is not known",
        "where: it asks for a process, and the client states none",
        "where: it asks for a command line, and the client states none",
    )


def test_the_trace_tells_who_came_too_late() -> None:
    decision = decided(
        policy("pol_1", priority=7),
        policy("pol_2", priority=5),
        policy("pol_3", priority=5, action="deny"),
        policy("pol_4", priority=5, action="deny"),
    )

    assert [(entry.policy, entry.text) for entry in decision.trace] == [
        ("pol_3", "decides"),
        ("pol_4", "matches, but an earlier one decided"),
        ("pol_2", "matches, but a deny of the same priority decided"),
        ("pol_1", "matches, but an earlier one decided"),
    ]


@pytest.mark.clock
@pytest.mark.parametrize("at", [datetime(1899, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_moment_that_some_zone_does_not_have_is_refused(at: datetime) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Circumstances(at)

    assert [error.field for error in refused.value.errors] == ["at"]


# --- held to the reference ---------------------------------------------------------------------------------------


def in_domain(bodies: list[dict[str, Any]]) -> list[Policy]:
    return [
        Policy(f"pol_{number}", PolicySettings.parse(plain, objection_to), MONDAY, "corp/alice", MONDAY)
        for number, plain in enumerate(bodies)
    ]


def question(use: reference.Use) -> tuple[PolicySubject, Principal, Circumstances]:
    return (
        PolicySubject(frozenset(use.certificates), frozenset(use.groups)),
        Principal(use.user, frozenset(use.user_groups), use.source_ip),
        Circumstances(use.at, use.process, use.command_line),
    )


many = settings(max_examples=100)


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_every_decision_is_that_of_the_slow_reference(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    decision = decide(in_domain(bodies), *question(use), search=search, trace=True)

    plain = {f"pol_{number}": body for number, body in enumerate(bodies)}
    assert (decision.allowed, decision.decided_by) == reference.decision(plain, use)
    for entry in decision.trace:
        seen = (entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when)
        assert seen == reference.matched(plain[entry.policy], use)
        assert (entry.verdict is Verdict.DECIDES) == (entry.policy == decision.decided_by)
        assert bool(entry.reasons) == (not all(seen))


@many
@given(SOME_POLICIES, reference.uses(**NAMES), st.randoms())
def test_signing_and_explain_decide_alike(bodies: list[dict[str, Any]], use: reference.Use, chance: Any) -> None:
    policies = in_domain(bodies)
    explained = decide(policies, *question(use), search=search, trace=True)
    chance.shuffle(policies)
    index = PolicyIndex.of(policies)
    subject, principal, _ = question(use)

    for seen in (policies, index.between(subject, principal), index.concerning(subject, principal)):
        signed = decide(seen, *question(use), search=search)
        assert (signed.allowed, signed.decided_by) == (explained.allowed, explained.decided_by)
        assert signed.trace == ()


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_the_index_finds_what_a_look_at_each_policy_finds(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    policies = in_domain(bodies)
    index = PolicyIndex.of(policies)
    subject, principal, _ = question(use)
    plain = {f"pol_{number}": body for number, body in enumerate(bodies)}

    def ids(found: tuple[Policy, ...]) -> set[str]:
        return {policy.id for policy in found}

    naming = {policy_id for policy_id, body in plain.items() if reference.what(body, use)}
    calling = {policy_id for policy_id, body in plain.items() if reference.who(body, use)}
    assert ids(index.naming(subject)) == naming
    assert ids(index.between(subject, principal)) == naming & calling
    assert ids(index.concerning(subject, principal)) == naming | calling
    assert ids(index.naming_group("grp_a")) == {
        policy_id for policy_id, body in plain.items() if "grp_a" in body["what"]["groups"]
    }


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_a_certificate_is_seen_by_an_enabled_allow_policy_that_names_both(
    bodies: list[dict[str, Any]], use: reference.Use
) -> None:
    policies = in_domain(bodies)
    subject, principal, _ = question(use)

    seen = visible_by_policy(policies, subject, principal)

    assert seen == any(
        body["enabled"] and body["action"] == "allow" and reference.what(body, use) and reference.who(body, use)
        for body in bodies
    )
    assert PolicyIndex.of(policies).opening_to(principal).holds(subject) == seen


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_could_be_allowed_asks_no_where(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    anywhere: dict[str, list[str]] = {"processes": [], "command_lines": [], "source_networks": []}
    elsewhere = {
        f"pol_{number}": body | {"where": anywhere}
        for number, body in enumerate(bodies)
        if not (body["action"] == "deny" and any(body["where"].values()))
    }
    subject, principal, _ = question(use)

    possible = could_be_allowed(in_domain(bodies), subject, principal, use.at, search=search)

    assert possible == reference.decision(elsewhere, use)[0]


@given(reference.uses(**NAMES))
def test_a_use_can_be_put_to_a_running_service(use: reference.Use) -> None:
    body = use.explain_body()

    assert datetime.fromisoformat(body["at"]) == use.at
    assert {"certificate", "user", "user_groups", "at"} <= body.keys()
    assert all(body.get("application", {"process": "x"}).values())


def test_of_a_thousand_policies_only_those_are_asked_that_name_both() -> None:
    hours = [{"days": ["mon"], "start_time": "08:00", "end_time": "18:00", "time_zone": "Europe/Madrid"}]
    policies = [
        policy(
            f"pol_{n:04}",
            priority=n,
            what={"groups": [f"grp_{n % 50}"]},
            who={"user_groups": [f"corp/team-{n % 20}"]},
            where={"processes": ["signtool"]},
            when=hours,
        )
        for n in range(1000)
    ]
    subject = PolicySubject(frozenset({RELEASE}), frozenset({"grp_7", "grp_47"}))
    caller = Principal("corp/bob", frozenset({"corp/team-7", "corp/team-8"}))
    index = PolicyIndex.of(policies)
    circumstances = Circumstances(MONDAY, "signtool")

    asked: list[str] = []

    def counted(pattern: str, text: str, budget: StepBudget) -> bool:
        asked.append(pattern)
        return search(pattern, text, budget)

    concerned = index.between(subject, caller)
    assert len(concerned) == 20
    assert decide(concerned, subject, caller, circumstances, search=counted).allowed
    assert not asked
