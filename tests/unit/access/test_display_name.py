"""Names of policies, certificate groups and roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.text.display_name import name_key, parse_description, parse_name


@pytest.mark.parametrize(
    ("one", "other"),
    [("Release", "RELEASE"), ("Straße", "STRASSE"), ("Caf\u00e9", "cafe\u0301"), ("Σίσυφος", "ΣΊΣΥΦΟΣ")],
)
def test_names_that_differ_in_case_or_composition_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_names_that_differ_otherwise_are_two() -> None:
    assert name_key("Release") != name_key("Releases")


@given(st.text(max_size=20))
def test_case_never_tells_two_names_apart(name: str) -> None:
    assert name_key(name.casefold()) == name_key(name)


def test_a_name_is_kept_composed() -> None:
    assert parse_name("Cafe\u0301 1") == "Caf\u00e9 1"
    assert len(parse_name("e\u0301" * 128)) == 128


@pytest.mark.parametrize("text", ["", " a", "a ", "a" * 129])
def test_a_bad_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_name(text)


@pytest.mark.parametrize("text", ["a\u00a0", "a\tb", "a\u200bb", "a\u3164", "a\ufe0f", "a\u2800b"])
def test_a_name_with_what_is_not_seen_is_refused_and_told_what(text: str) -> None:
    with pytest.raises(ValueError, match=r"U\+[0-9A-F]{4} .*cannot be seen"):
        parse_name(text)


def test_a_description_may_have_lines() -> None:
    assert parse_description("one\r\n\ttwo") == "one\r\n\ttwo"


@pytest.mark.parametrize("text", ["a" * 1025, "a\0b"])
def test_a_bad_description_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_description(text)
