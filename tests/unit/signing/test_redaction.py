"""What is stored of an order has no PIN and no token in it, however its author wrote them."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signet.domain.signing.redaction import REPLACEMENT, redacted, without_tokens

JWT = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ"
    ".eyJzdWIiOiJhbGljZSIsImF1ZCI6InNpZ25ldCIsImV4cCI6MTc5NTY4MDAwMH0"
    ".dGhpcyBpcyBub3QgYSBzaWduYXR1cmUsIGJ1dCBhcyBsb25nIGFzIG9uZQ"
)
CLAIMS, SIGNATURE = JWT.split(".")[1:]


@pytest.mark.parametrize(
    ("text", "pin", "kept"),
    [
        ("signtool sign /p 2468 a.exe", "2468", "signtool sign /p *** a.exe"),
        ("tool --pin=2468", "2468", "tool --pin=***"),
        ("tool -p2468", "2468", "tool -p***"),
        ("2468", "2468", "***"),
        ("2468 2468,2468", "2468", "*** ***,***"),
        ('tool --pin "2468"', "2468", 'tool --pin "***"'),
        ('tool --pin=24""68', "2468", "tool --pin=***"),
        ("tool --pin=2^468", "2468", "tool --pin=***"),
        ("tool ?pin=%32%34%36%38&x", "2468", "tool ?pin=***&x"),
        ("tool ?pin=2%3468&x", "2468", "tool ?pin=***&x"),
        (r"tool {\"pin\": \"24\u00368\"}", "2468", r"tool {\"pin\": \"***\"}"),
        ("tool -p &#50;468;", "2468", "tool -p ***;"),
        ("tool -p &quot;a&amp;b&quot;", "a&b", "tool -p &quot;***&quot;"),
        ("tool -p Geheim", "geheim", "tool -p ***"),
        ("tool -p GEHEIM", "geheim", "tool -p ***"),
        ("tool -p cafe\u0301", "caf\u00e9", "tool -p ***"),
        ("tool -p caf%C3%A9", "caf\u00e9", "tool -p ***"),
        ('tool -p "a""b c"', 'a"b c', 'tool -p "***"'),
        (r"tool -p a\"b\\c", 'a"b\\c', "tool -p ***"),
        (r"C:\x64ab\tool", "x64ab", r"C:\***\tool"),
        ("tool -p a b c d", "a b c d", "tool -p ***"),
        ("tool -p MjQ2OA==", "2468", "tool -p ***=="),
        ("tool -p 32343638", "2468", "tool -p ***"),
        ("tool -p Straße", "STRASSE", "tool -p ***"),
        ("nothing of the kind", "2468", "nothing of the kind"),
        ("", "2468", ""),
    ],
)
def test_a_pin_is_replaced_however_it_is_written(text: str, pin: str, kept: str) -> None:
    assert redacted(text, pin=pin) == kept


@pytest.mark.parametrize(
    ("text", "pin", "kept"),
    [
        # What is left of a known word would tell what is missing.
        ("signtool sign a.exe", "sign", "*** *** a.exe"),
        ("release 20270131", "2027", "release ***"),
        ("sign /psign", "sign", "*** /***"),
    ],
)
def test_the_word_that_holds_a_pin_goes_with_it(text: str, pin: str, kept: str) -> None:
    assert redacted(text, pin=pin) == kept


def test_what_is_too_short_for_a_pin_is_replaced_where_it_stands_alone() -> None:
    assert redacted("tool -p 1 /n 11 v1.2", pin="1") == "tool -p *** /n 11 v***.2"
    assert redacted("a tool", pin=" ") == "a tool"


@pytest.mark.parametrize(
    "text",
    [
        f"tool /token {JWT} a.exe",
        f"tool /token={JWT}",
        f'tool "{JWT}"',
        f"Bearer {JWT}",
        f"https://x/?jwt={quote(JWT)}&y",
        f"tool {JWT.replace('.', '%2E')}",
        f"tool {JWT[:150]}\n  {JWT[150:]}",
        f"tool {JWT[:60]}^\n{JWT[60:]}",
        f"tool {JWT[:-20]}",
        f"tool {JWT[:40]}",
        f"tool {JWT}{JWT}",
        "tool ewogICJhbGciOiAiUlMyNTYiCn0.eyJhIjogMX0.c2lnbmF0dXJlc2lnbmF0dXJl",
    ],
)
def test_whatever_looks_like_a_token_is_replaced(text: str) -> None:
    kept = redacted(text)

    assert REPLACEMENT in kept
    for part in (CLAIMS[:40], SIGNATURE[-20:], "eyJ", "UlMyNTYi"):
        assert part not in kept


@pytest.mark.parametrize(
    "text",
    [
        JWT,
        SIGNATURE,
        f"tool {SIGNATURE}",
        JWT.upper(),
        " ".join(JWT[start : start + 5] for start in range(0, len(JWT), 5)),
        '"+"'.join(JWT[start : start + 30] for start in range(0, len(JWT), 30)),
    ],
)
def test_the_orders_own_token_is_replaced_in_pieces_too(text: str) -> None:
    kept = redacted(text, token=JWT)

    assert SIGNATURE.casefold() not in kept.replace(" ", "").casefold()
    assert len(kept) < 30


@pytest.mark.parametrize(
    "text",
    [
        "signtool sign /fd sha256 /v release-1.4.exe",
        "eyeJ and eyJ and keyJar",
        r"C:\Program Files\Windows Kits\10\bin\x64\signtool.exe",
        "100% \\ & ^ ` ' \" %zz \\u12 &#; \\",
        "Straße, Ελλάδα, 東京, 🔑",
        "sha256:" + "0af3" * 16,
    ],
)
def test_what_holds_no_secret_is_kept_as_it_is(text: str) -> None:
    assert redacted(text, pin="2468", token=JWT) == text


def test_texts_inside_of_lists_and_objects_are_looked_at() -> None:
    assert without_tokens({"a": [f"x {JWT}", 1, None], "b": {"c": "d"}}) == {"a": ["x ***", 1, None], "b": {"c": "d"}}


PINS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=4, max_size=20).filter(str.strip)


@example("", "00\u0124\u0316", "", str)
@given(st.text(max_size=30), PINS, st.text(max_size=30), st.sampled_from([str, quote]))
def test_no_pin_is_left_in_what_is_kept(before: str, pin: str, after: str, written: Callable[[str], str]) -> None:
    kept = redacted(f"{before}{written(pin)}{after}", pin=pin)

    assert REPLACEMENT in kept
    if not set(pin) <= set("*"):
        assert pin not in kept


@given(st.text(max_size=200), st.text(max_size=8))
def test_any_text_is_read(text: str, pin: str) -> None:
    assert isinstance(redacted(text, pin=pin, token=JWT), str)


@pytest.mark.parametrize("beginning", ["ewk", "ew0", "ewo"])
def test_an_identifier_that_holds_how_a_token_begins_is_none(beginning: str) -> None:
    identifier = f"cal_1m0mngcpxsdev9{beginning}6dvgbh"

    assert redacted(f"sign -c {identifier} app.exe") == f"sign -c {identifier} app.exe"
    assert without_tokens({"calendar_link_id": identifier}) == {"calendar_link_id": identifier}


@pytest.mark.parametrize("space", ["\t", "\r\n", "\n", "\n  ", " "])
def test_a_token_whose_header_is_set_out_in_lines_is_one(space: str) -> None:
    header = base64.urlsafe_b64encode(f'{{{space}"alg":{space}"RS256"}}'.encode()).decode().rstrip("=")

    assert redacted(f"sign {header}.eyJzdWIiOiJhIn0.c2ln") == "sign ***"


def test_octets_that_are_no_utf_8_are_read_one_by_one() -> None:
    assert redacted("tool -p %FFx%C3y", pin="\u00ffx\u00c3y") == "tool -p ***"
