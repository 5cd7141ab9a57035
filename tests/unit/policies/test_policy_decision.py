"""Which policy decides, and what explain says of the others."""

from signet.adapters.regular_expressions import search
from signet.domain.access.principal import Principal
from signet.domain.policies.policy_decision import Circumstances, PolicySubject, Verdict, decide
from signet.domain.policies.policy_index import PolicyIndex
from signet.domain.policies.step_budget import StepBudget
from tests.unit.policies.policy_examples import MONDAY, RELEASE, decided, policy


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
