"""What an alias may be, and what is made of what may not be one."""

import pytest

from signet.domain.certificates.alias import MAX_LENGTH, Alias, can_begin_alias
from signet.domain.errors import InvalidInputError


@pytest.mark.parametrize("text", ["r", "Release 2026", "x" * MAX_LENGTH, "straße", "...", "a.b", "my crt_1"])
def test_what_can_be_read_and_sent_in_a_path_is_an_alias(text: str) -> None:
    assert Alias.parse(text).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 128 characters, got 0"),
        ("x" * (MAX_LENGTH + 1), "got 129"),
        *[(f"a{character}b", "none of") for character in "/?#%\\"],
        ("a\u200bb", "U\\+200B"),
        (" a", "space"),
        ("a ", "space"),
        (".", "is not . or .."),
        ("..", "is not . or .."),
        ("CRT_1", "crt_"),
    ],
)
def test_what_a_path_an_id_or_an_eye_would_mistake_is_none(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as refused:
        Alias.parse(text, "aliases[3]")

    assert [error.field for error in refused.value.errors] == ["aliases[3]"]


def test_an_alias_is_kept_composed_and_is_unique_without_regard_to_case() -> None:
    assert Alias.parse("Cafe\u0301").text == "Caf\u00e9"
    assert Alias.parse("CAFE\u0301").key == Alias.parse("caf\u00e9").key
    assert Alias.parse("STRASSE").key == Alias.parse("stra\u00dfe").key


@pytest.mark.parametrize(
    ("candidates", "suggested"),
    [
        ((None, "", "Example"), "Example"),
        (("a/b%c",), "a-b-c"),
        ((" spaced ",), "spaced"),
        (("a\u200bb\tc",), "ab-c"),
        (("..", "crt_x", "third"), "third"),
        (("x" * 200,), "x" * MAX_LENGTH),
        ((None,), "otherwise"),
        (("\u200b\u200b",), "otherwise"),
    ],
)
def test_the_first_candidate_of_which_an_alias_can_be_made_is_suggested(
    candidates: tuple[str | None, ...], suggested: str
) -> None:
    assert Alias.suggested(*candidates, otherwise="otherwise").text == suggested


def test_the_last_resort_is_to_be_an_alias_itself() -> None:
    with pytest.raises(AssertionError, match="`otherwise` is an alias"):
        Alias.suggested("..", None, otherwise="crt_1")


@pytest.mark.parametrize(
    ("text", "number", "retired"),
    [
        ("release", 1, "release (until 2026-01-31)"),
        ("release", 2, "release (until 2026-01-31) 2"),
        ("x" * MAX_LENGTH, 1, "x" * 109 + " (until 2026-01-31)"),
        ("x" * 108 + " " + "y" * 19, 1, "x" * 108 + " (until 2026-01-31)"),
    ],
)
def test_an_alias_that_is_retired_says_until_when_and_fits(text: str, number: int, retired: str) -> None:
    assert Alias.parse(text).retired("2026-01-31", number).text == retired
    assert len(retired) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "begins"), [("rel", True), ("", True), (" rel", False), ("a/b", False), ("\0", False)]
)
def test_what_no_alias_begins_with_is_known(text: str, begins: bool) -> None:
    assert can_begin_alias(text) is begins
