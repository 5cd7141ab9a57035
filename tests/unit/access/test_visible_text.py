"""Nothing that cannot be seen stands in a name, but the joiners that a language needs."""

import unicodedata

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from idna import idnadata

from signet.domain.certificates.alias import Alias, can_begin_alias, folded
from signet.domain.errors import InvalidInputError
from signet.domain.policies.policy import parse_reference
from signet.domain.policies.process_name import ProcessPattern
from signet.domain.text.display_name import parse_description
from signet.domain.text.joining_types import is_passed_over, joins_the_next, joins_the_one_before
from signet.domain.text.visible_text import says_nothing, unseen_in, without_unseen
from signet.domain.x509.distinguished_name import parse_subject

# Default_Ignorable_Code_Point, DerivedCoreProperties.txt of Unicode 17.0.
DEFAULT_IGNORABLE = """
00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8
1BCA0-1BCA3 1D173-1D17A E0000-E0FFF
"""
IGNORABLE = [
    code_point
    for entry in DEFAULT_IGNORABLE.split()
    for first, _, last in [entry.partition("-")]
    for code_point in range(int(first, 16), int(last or first, 16) + 1)
]
OTHERS_UNSEEN = (
    "\0\t\n\x1b\x7f\x85\u00a0\u2003\u2028\u2029\u202f\u205f\u3000\u2800\ue000\uffff\U0010fffd\ufffd\ud800\u0378"
)

PERSIAN = "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc"
"""Two words written together: heh joins what follows but for the non-joiner."""
HINDI = "क्\u200dष"
"""A half letter: behind the virama."""


@pytest.mark.parametrize("block", range(0, len(IGNORABLE), 512))
def test_no_default_ignorable_code_point_stands_in_a_name(block: int) -> None:
    for code_point in IGNORABLE[block : block + 512]:
        letter = chr(code_point)
        for text in (letter, f"a{letter}", f"{letter}a", f"a{letter}b"):
            assert unseen_in(text) is not None, f"U+{code_point:04X}"


@pytest.mark.parametrize("letter", OTHERS_UNSEEN, ids=lambda letter: f"U+{ord(letter):04X}")
def test_nothing_else_that_cannot_be_seen_does(letter: str) -> None:
    assert unseen_in(f"a{letter}b") is not None


@pytest.mark.parametrize(
    "text", ["release-2027", "Straße", "जर्मनी", "中文", "한국어", "😀 1.4", "a b", "עברית", PERSIAN, HINDI]
)
def test_what_people_write_does(text: str) -> None:
    assert unseen_in(text) is None


def test_the_text_names_what_was_found() -> None:
    assert str(unseen_in("a\u3164")).startswith("U+3164 HANGUL FILLER cannot stand in a name")


@given(st.text(alphabet="a\u0646\u0627\u0645\u0647\u06a9व्क\u0301\u064b\u200c\u200d", min_size=1, max_size=8))
def test_joiners_stand_just_where_rfc_5892_lets_them(text: str) -> None:
    text = unicodedata.normalize("NFC", text)

    allowed = all(idna.valid_contextj(text, place) for place, letter in enumerate(text) if letter in "\u200c\u200d")

    assert (unseen_in(text) is None) == allowed


def test_the_table_of_joining_types_is_the_one_of_the_package_idna() -> None:
    types = {
        code_point: kind
        for kind, ranges in idnadata.joining_types.items()
        for each in ranges
        for code_point in range(each >> 32, each & 0xFFFFFFFF)
    }
    for code_point in range(0x110000):
        letter, kind = chr(code_point), types.get(code_point)
        assert joins_the_next(letter) == (kind in {"D", "L"}), f"U+{code_point:04X}"
        assert joins_the_one_before(letter) == (kind in {"D", "R"}), f"U+{code_point:04X}"
        # Format characters stand in no name; U+1171E became a spacing mark in a newer Unicode than some Pythons have.
        if unicodedata.category(letter) not in {"Cf", "Cn"} and code_point != 0x1171E:
            assert is_passed_over(letter) == (kind == "T"), f"U+{code_point:04X}"


@given(st.text(max_size=40))
def test_a_name_that_is_taken_stays_one_however_it_is_found(text: str) -> None:
    if unseen_in(text) is None:
        assert unseen_in(folded(text)) is None


@given(st.text(max_size=40), st.sampled_from(["-", ""]))
def test_what_is_cleaned_has_nothing_unseen_but_what_joiners_lose_when_something_goes(text: str, instead: str) -> None:
    cleaned = without_unseen(without_unseen(text, instead), instead)

    assert all(unseen_in(letter) is None or letter in "\u200c\u200d" for letter in cleaned)


@pytest.mark.parametrize(
    "text", ["", " ", "\t\n", "\u00a0", "\u3164", "\u2800\u200b", "\0\x07", "\u200d", "\ufeff \u115f"]
)
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["x", " release 1.4 ", "\u200bx", ".", "中", "😀\ufe0f", PERSIAN])
def test_what_has_anything_to_see_says_something(text: str) -> None:
    assert not says_nothing(text)


# --- aliases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["release\u3164", "\u115frelease", "rel\ufe0fease", "rel\u200dease", "release\u2800"])
def test_an_alias_that_looks_like_another_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be seen"):
        Alias.parse(text)


def test_an_alias_that_is_suggested_is_cleaned_and_not_refused() -> None:
    assert Alias.suggested("rel\u3164ease\ufe0f\n1/2", otherwise="x").text == "release-1-2"
    assert Alias.suggested(PERSIAN, otherwise="x").text == PERSIAN
    assert Alias.suggested("a" * 127 + "\u0647\u200c\u0627", otherwise="x").text == "a" * 127 + "\u0647"
    assert Alias.suggested("\u3164\u2800", "Example", otherwise="x").text == "Example"


def test_an_alias_cut_at_a_joiner_can_be_retired() -> None:
    name = "\u0647\u200c\u0627" * 40

    for length in range(100, 121):
        assert Alias.parse(name[:length].rstrip("\u200c")).retired("2027-01-01").text.endswith(" (until 2027-01-01)")


# --- what else people write ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [PERSIAN, HINDI])
def test_joiners_stand_wherever_people_write_their_language(text: str) -> None:
    assert parse_description(text) == text
    assert parse_reference(text) == text
    assert can_begin_alias(text[:5]) is can_begin_alias(text) is True
    assert ProcessPattern.parse(text).text == text
    assert parse_subject({"common_name": text}).rdns[0][0].text == text


@pytest.mark.parametrize("text", ["sign\u3164tool", "signtool\ufe0f", "sign\u200dtool", "sign\u2800tool"])
def test_what_cannot_be_seen_stands_in_no_process_name_and_no_subject(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be seen"):
        ProcessPattern.parse(text)
    with pytest.raises(InvalidInputError, match="cannot be seen"):
        parse_subject({"common_name": text})
