"""Regular expressions of policies cannot stall the service."""

import time

import pytest

from signet.adapters.regular_expressions import MAX_PATTERN_LENGTH, objection_to, search


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
        ("(?:[ab]{0,900}a){1}[ab]{50}c", "1856 instructions"),
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
def test_what_stalls_a_backtracking_engine_is_answered_at_once(pattern: str) -> None:
    assert objection_to(pattern) is None
    began = time.perf_counter()

    search(pattern, "a" * 50_000 + "!")

    assert time.perf_counter() - began < 0.5


def test_the_worst_expression_that_is_accepted_ends_too() -> None:
    worst = "[ab]*a[ab]{980}c"
    assert objection_to(worst) is None
    began = time.perf_counter()

    search(worst, "abbabaaab" * 5_000)

    assert time.perf_counter() - began < 5
