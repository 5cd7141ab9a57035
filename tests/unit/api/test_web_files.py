"""How the files of a web page are handed out: in which form, for how long, and never another file than they."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from signet.api.answering.answer import Answer
from signet.api.answering.web_files import WebFiles

SCRIPT = "assets/index-DiwrgTda.js"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRICKS = [
    "../secret.js",
    "assets/../../secret.js",
    "assets/../index.html",
    "..%2fsecret.js",
    "%2e%2e/secret.js",
    "assets%2findex-DiwrgTda.js",
    "..\\secret.js",
    "/etc/passwd",
    "//etc/passwd",
    "assets//index-DiwrgTda.js",
    "./index.html",
    "index.html\0.js",
    "assets/index-DiwrgTda.js\0",
    "index.html.br",
    "notes.json",
    "a" * 100_000,
    "a/" * 50_000,
    "\ud800",
    "~root/.ssh/id_rsa",
    "CON",
]

Ask = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves, and beside it what nobody is to get."""
    (tmp_path / "secret.js").write_bytes(b"secret")
    files = tmp_path / "files"
    for name, content in {
        "index.html": b"<!doctype html>",
        "index.html.br": b"page as br",
        "index.html.gz": b"page as gzip",
        SCRIPT: b"script",
        f"{SCRIPT}.br": b"script as br",
        f"{SCRIPT}.gz": b"script as gzip",
        "icons/solid/star.svg": b"<svg/>",
        "icon.svg": b"<svg id='icon'/>",
        "notes.json": b"{}",
    }.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_bytes(content)
    return files


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Asks for a path with the two headers that matter."""
    files = WebFiles(folder)

    def asked(path: str, encodings: str = "", known: str = "", talks_to: Sequence[str] = ()) -> Answer:
        return files.answer(path, encodings=encodings, known=known, talks_to=lambda: talks_to)

    return asked


@pytest.mark.parametrize(
    ("encodings", "expected"),
    [
        ("", ""),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("deflate, zstd", ""),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0.8,gzip;q=0.8", "br"),
        ("br; q=0, gzip", "gzip"),
        ("br;q=0.000, gzip;Q=0", ""),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.2, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("*;q=0", ""),  # nothing is accepted: it comes as it is
        ("br;q=2, gzip", "gzip"),  # no weight (RFC 9110, 12.4.2), so that br counts as not named
        ("br;q=nan, gzip;q=0.1", "gzip"),
        ("br;q=-1", ""),
        (";;;,,,=", ""),
        ("brotli, xgzip", ""),
    ],
)
def test_the_best_form_that_the_browser_takes(ask: Ask, encodings: str, expected: str) -> None:
    answer = ask(SCRIPT, encodings)

    assert answer.headers.get("Content-Encoding", "") == expected
    assert answer.body == (f"script as {expected}".encode() if expected else b"script")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_file_too_small_for_copies_comes_as_it_is(ask: Ask) -> None:
    answer = ask("icon.svg", "br, gzip")

    assert "Content-Encoding" not in answer.headers
    assert answer.body == b"<svg id='icon'/>"
    assert answer.content_type == "image/svg+xml"


def test_each_form_of_each_file_has_a_strong_tag_of_its_own(ask: Ask) -> None:
    tags = [ask(path, form).headers["ETag"] for path in ("", SCRIPT) for form in ("br", "gzip", "")]

    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r'"[0-9a-f]{32}"', tag) for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", ' "another" , {}', 'W/"x",W/{} ', "*", " * "])
def test_a_browser_that_has_the_file_gets_no_second_one(ask: Ask, form: str) -> None:
    first = ask(SCRIPT, "br")

    again = ask(SCRIPT, "br", form.format(first.headers["ETag"]))

    assert (again.status, again.body) == (304, None)
    # RFC 9110, 15.4.5: what a 200 would have said of keeping it.
    assert {name: again.headers[name] for name in ("ETag", "Vary", "Cache-Control")} == {
        name: first.headers[name] for name in ("ETag", "Vary", "Cache-Control")
    }


@pytest.mark.parametrize("form", ["", '""', '"another"', "{}x", "w/{}", "W/ {}", '"*"', "*, *"])
def test_a_browser_that_has_another_file_gets_this_one(ask: Ask, form: str) -> None:
    tag = ask(SCRIPT, "br").headers["ETag"]

    assert ask(SCRIPT, "br", form.format(tag)).status == 200


def test_the_tag_of_another_form_is_another_file(ask: Ask) -> None:
    assert ask(SCRIPT, "gzip", ask(SCRIPT, "br").headers["ETag"]).status == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (SCRIPT, "public, max-age=31536000, immutable"),
        ("icon.svg", "no-cache"),
        ("icons/solid/star.svg", "no-cache"),
        ("index.html", "no-store"),
        ("", "no-store"),
        ("certificates/some alias", "no-store"),
    ],
)
def test_only_a_name_that_holds_a_digest_is_kept(ask: Ask, path: str, expected: str) -> None:
    assert ask(path).headers["Cache-Control"] == expected


@pytest.mark.parametrize("path", ["", "certificates", "certificates/crt_1/x509", "policies/a.b", "me/", "assetsx/a.js"])
def test_every_other_path_is_the_pages(ask: Ask, path: str) -> None:
    answer = ask(path)

    assert (answer.status, answer.body) == (200, b"<!doctype html>")
    assert answer.content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["assets/index-OfBefore.js", "assets/", "assets", "assets/x", "icons/solid/none.svg", "icons/solid"]
)
def test_what_is_not_among_the_built_files_is_not_the_page(ask: Ask, path: str) -> None:
    answer = ask(path)

    assert (answer.status, answer.body) == (404, b"Not Found")


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_the_file_system_to_another_file(
    folder: Path, ask: Ask, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def note(path: Path) -> bytes:
        read.append(path)
        return b"<!doctype html>"

    monkeypatch.setattr(Path, "read_bytes", note)

    answer = ask(path, "br")

    assert answer.status in {200, 404}
    assert read in ([], [folder / "index.html.br"])


@pytest.mark.parametrize("path", ["", SCRIPT, "icon.svg", "assets/index-OfBefore.js"])
@pytest.mark.parametrize("known", ["", "*"])
def test_every_answer_carries_what_a_browser_keeps_to(ask: Ask, path: str, known: str) -> None:
    headers = ask(path, "br", known).headers

    assert SECURITY.items() <= headers.items()
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "*" not in headers["Content-Security-Policy"]


def test_the_pages_policy_lets_it_ask_its_own_origin_and_where_people_log_in(ask: Ask) -> None:
    policy = ask("", talks_to=["https://login.example.com", "https://keys.example.net:8443"]).headers[
        "Content-Security-Policy"
    ]

    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self' https://login.example.com https://keys.example.net:8443",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html default",
    ]
