"""Regular expressions of policies cannot stall the service."""

import pytest

from signet.adapters import regular_expressions
from signet.adapters.regular_expressions import MAX_PATTERN_LENGTH, objection_to, steps_of
from signet.domain.policies.step_budget import DECISION_STEPS, LONGEST_COMMAND_LINE_BYTES, StepBudget, TooManyStepsError

STATE_EXPLOSION = "(?:(?:a|b)?(?:a|b)?){240}c"


def search(pattern: str, text: str) -> bool:
    return regular_expressions.search(pattern, text, StepBudget())


@pytest.mark.parametrize(
    "pattern", ["sha256", "(?i)^signtool .*/fd\\s+sha(256|384)", "(a+)+$", "[[:alpha:]]{1,20}", "ñ"]
)
def test_a_sane_expression_is_accepted(pattern: str) -> None:
    assert objection_to(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "objection"),
    [
        ("", "1 to 1024 characters"),
        ("a" * (MAX_PATTERN_LENGTH + 1), "1 to 1024 characters"),
        ("(", "missing )"),
        ("(?=a)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("a{1001}", "invalid repetition size"),
        ("(a{100}){100}", "re"),
        ("(?:[ab]{0,900}a){1}[ab]{50}c", "it takes 60877444 steps"),
        ("\ud800", "surrogates"),
    ],
)
def test_an_expression_that_cannot_be_used_is_told_why(pattern: str, objection: str) -> None:
    assert objection in (objection_to(pattern) or "")


def test_it_is_searched_anywhere() -> None:
    assert search("sha256", "signtool /fd sha256 x")
    assert not search("^sha256", "signtool /fd sha256 x")


def test_case_counts_unless_it_says_otherwise() -> None:
    assert not search("sha256", "SHA256")
    assert search("(?i)sha256", "SHA256")


def test_characters_are_not_bytes() -> None:
    assert search("^.ñ.$", "aña")


def test_half_a_character_in_the_text_is_no_failure() -> None:
    assert not search("^a$", "a\ud800")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", "([a-z]+)*=", "(.*)(.*)(.*)(.*)(.*)[^a!]"])
def test_what_stalls_a_backtracking_engine_costs_no_more_than_anything_of_its_length(pattern: str) -> None:
    assert objection_to(pattern) is None

    search(pattern, "a" * LONGEST_COMMAND_LINE_BYTES)

    assert steps_of(pattern, LONGEST_COMMAND_LINE_BYTES) < DECISION_STEPS / 5


@pytest.mark.parametrize(
    "pattern", [STATE_EXPLOSION, "[ab]*a[ab]{200}c", r"(?:\S{0,30}\s{0,30}){10}!", ".{0,40}", r"\pL"]
)
def test_what_could_use_up_a_decision_alone_is_refused(pattern: str) -> None:
    assert "steps" in (objection_to(pattern) or "")


def test_what_could_use_it_up_together_is_refused_though_each_is_accepted() -> None:
    patterns = [f"(?:(?:a|b)?(?:a|b)?){{12}}c{number}" for number in range(5)]

    assert all(objection_to(pattern) is None for pattern in patterns)
    assert "together" in (objection_to(*patterns) or "")


def test_several_plain_ones_are_accepted_together() -> None:
    assert objection_to(*(f"/n release-{number}$" for number in range(10))) is None
    assert objection_to(*(rf"sign .*/n {number}\b" for number in range(8))) is None


def test_steps_grow_with_the_expression_and_with_the_bytes_of_the_text_and_no_faster() -> None:
    small, large = steps_of("[ab]{10}", 0), steps_of("[ab]{110}", 0)
    assert 0 < small < large
    for pattern in ("[ab]{10}", "[ab]{110}"):
        each = steps_of(pattern, 1) - steps_of(pattern, 0)
        assert steps_of(pattern, 1000) == steps_of(pattern, 0) + 1000 * each
        assert each <= 150


def test_nothing_is_searched_that_the_budget_does_not_hold() -> None:
    text = "ab" * 500
    budget = StepBudget(2 * steps_of("[ab]c", len(text)))

    for _ in range(2):
        assert not regular_expressions.search("[ab]c", text, budget)
    assert budget.left == 0
    with pytest.raises(TooManyStepsError):
        regular_expressions.search("[ab]c", text, budget)


def test_a_text_is_counted_in_bytes() -> None:
    budget, other = StepBudget(), StepBudget()
    regular_expressions.search("[ab]c", "é" * 100, budget)
    regular_expressions.search("[ab]c", "e" * 200, other)

    assert budget.left == other.left
