"""Which texts may be an alias, and which of them are one and the same."""

import secrets
import unicodedata
from typing import Any

import pytest

from tests.support.certificates.issued import issue, unused_name
from tests.support.services.operations import ABSENT, SIGN
from tests.support.services.over_http import Client, Service, assert_refused, at

SCRIPTS = {
    "Latin": "Prüfstelle Ålesund",
    "Greek": "Υπογραφή",
    "Cyrillic": "Подпись выпуска",
    "Hebrew": "חתימה",
    "Arabic": "توقيع ١٢٣",
    "Devanagari": "हस्ताक्षर",
    "Thai": "ลายเซ็น",
    "Chinese": "簽名證書",
    "Japanese": "署名 リリース",
    "Korean": "서명",
    "Amharic": "ፊርማ",
    "emoji": "🔑🚀",
    "beyond the first plane": "\U00012000 \U00020000",
    "quotes": 'it\'s "quoted" `back`',
    "brackets": "<script>alert(1)</script>".replace("/", "|"),
    "semicolons": "a; DROP TABLE certificates;--",
    "signs": "!$&()*+,:;<=>@[]^_`{|}~",
    "plus": "a+b c",
    "like an id of another kind": "grp_000000000000000000000000",
    "an at sign": "@everyone",
    "one character": "\u0416",
    "a dot and more": ".hidden",
    "three dots": "...",
    "like an action": "actions",
    "like a shell": "$(id) `id` ${HOME}",
    "like a formula": "=1+1",
}


def unique(alias: str) -> str:
    """`alias` with what makes it unused; tests of a run share the service."""
    return f"{alias} {secrets.token_hex(4)}" if len(alias) > 1 else alias


@pytest.mark.one_in(5)
@pytest.mark.parametrize("alias", SCRIPTS.values(), ids=SCRIPTS)
def test_an_alias_is_kept_and_found_as_it_is_written(alias: str, admin: Client, alice: Client) -> None:
    alias = unique(alias)
    made = admin.import_certificate(alias=alias, owner="local/alice")

    assert made["alias"] == unicodedata.normalize("NFC", alias)
    for form in (alias, unicodedata.normalize("NFD", alias), alias.upper(), alias.casefold()):
        assert alice.get(at(form)).json["id"] == made["id"]
    assert alice.post(at(alias, "sign"), SIGN).json["certificate_id"] == made["id"]
    assert made["id"] in {one["id"] for one in admin.items("/certificates", q=alias[:128])}
    assert made["id"] in {one["certificate"]["id"] for one in admin.items("/events", certificate=alias)}
    for file_format in ("der", "pem", "pem_chain", "pkcs7"):
        got = alice.get(at(alias, "download"), format=file_format)
        assert got.status == 200
        assert got.headers["content-disposition"].isascii()
        assert "filename*=UTF-8''" in got.headers["content-disposition"]
        assert got.headers["content-disposition"].count('"') == 2


def test_an_alias_of_128_characters_fits_and_of_200_does_not(signet: Service, admin: Client, mine: Any) -> None:
    for letter in ("x", "\u0390", "\U0001f511", "e\u0301"):
        alias = unicodedata.normalize("NFC", letter * 120 + secrets.token_hex(4))
        assert admin.patch(at(mine["id"]), {"alias": alias}).json["alias"] == alias
        for form in (alias, unicodedata.normalize("NFD", alias)):
            assert admin.get(at(form)).json["id"] == mine["id"]
        with signet.nothing_stored():
            assert_refused(admin.patch(at(mine["id"]), {"alias": letter * 200}), 422, "invalid_input", "alias")


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    "alias",
    [
        "",
        " ",
        "\u00a0",
        " a",
        "a ",
        "a\u3000",
        "a\nb",
        "a\r",
        "a\tb",
        "a\0",
        "a\x7f",
        "a\u200bb",
        "a\u202eb",
        "\ufeffa",
        "a/b",
        "a?b",
        "a#b",
        "a%20b",
        "a\\b",
        ".",
        "..",
        "crt_x",
        "CRT_X",
        "Crt_",
        ABSENT,
        "x" * 129,
    ],
    ids=ascii,
)
def test_what_cannot_be_an_alias_is_refused(alias: str, signet: Service, admin: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        response = admin.patch(at(mine["id"]), {"alias": alias})

    assert_refused(response, 422, "invalid_input", "alias")


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Release {}", "release {}"),
        ("STRASSE {}", "stra\u00dfe {}"),
        ("Caf\u00e9 {}", "Cafe\u0301 {}"),
        ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 {}", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3 {}"),
        ("\u212a {}", "k {}"),
        ("\ud55c\uae00 {}", unicodedata.normalize("NFD", "\ud55c\uae00") + " {}"),
    ],
    ids=ascii,
)
def test_aliases_that_differ_in_case_or_composition_only_are_one(
    first: str, second: str, signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    mark = secrets.token_hex(4)
    made = admin.import_certificate(alias=first.format(mark))

    with signet.nothing_stored():
        taken = admin.patch(at(mine["id"]), {"alias": second.format(mark)})
        on_import = admin.post("/certificates", issue().body(alias=second.format(mark)))

    assert_refused(taken, 409, "alias_taken")
    assert_refused(on_import, 409, "alias_taken")
    assert admin.get(at(second.format(mark))).json["id"] == made["id"]


def test_an_alias_given_up_is_free_and_finds_no_longer(admin: Client, mine: dict[str, Any]) -> None:
    old, new = mine["alias"], unused_name()

    admin.good("PATCH", at(mine["id"]), {"alias": new})

    assert_refused(admin.get(at(old)), 404, "not_found")
    assert admin.import_certificate(alias=old)["alias"] == old
    assert admin.get(at(new)).json["id"] == mine["id"]


def test_the_same_alias_in_another_case_is_no_conflict_with_itself(admin: Client, mine: dict[str, Any]) -> None:
    changed = admin.good("PATCH", at(mine["id"]), {"alias": mine["alias"].upper()})

    assert changed["alias"] == mine["alias"].upper()
    assert admin.get(at(mine["alias"])).json["id"] == mine["id"]
