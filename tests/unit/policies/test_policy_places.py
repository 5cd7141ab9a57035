"""Where a policy applies: processes, command lines, addresses; and what searching may cost."""

from typing import Any

import pytest

from signet.domain.access.principal import Principal
from signet.domain.policies.policy import Policy
from signet.domain.policies.policy_decision import PolicySubject, Verdict, could_be_allowed
from signet.domain.policies.step_budget import LONGEST_COMMAND_LINE_BYTES, StepBudget
from tests.unit.policies.policy_examples import MONDAY, PIPELINE, RELEASE, decided, policy


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
