"""The console as the gateway answers for it: no token, no table, and nothing but its own files."""

import re

import pytest

from tests.support.programs.built_console import FILES, needs_console
from tests.support.services.over_http import Client, Response, Service

SECURITY_HEADERS = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
}

pytestmark = needs_console


def ask(signet: Service, path: str, method: str = "GET", **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(signet.stack.url, None).send(method, path, None, sent)


def scripts(signet: Service) -> list[str]:
    """The scripts that the page names."""
    return re.findall(r'src="(/console/assets/[^"]+\.js)"', ask(signet, "/console/").body.decode())


def test_the_root_leads_to_the_console_and_the_console_is_its_page(signet: Service) -> None:
    answer = ask(signet, "/")
    assert (answer.status, answer.headers["location"]) == (307, "/console/")

    page = (FILES / "index.html").read_bytes()
    for path in ("/console", "/console/", "/console/certificates/a%20b", "/console/?code=x&state=y"):
        assert ask(signet, path).body == page, path


def test_the_page_names_scripts_that_are_there_and_kept_for_good(signet: Service) -> None:
    (script,) = scripts(signet)

    answer = ask(signet, script, accept_encoding="gzip, br")

    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = ask(signet, script, accept_encoding="gzip, br", if_none_match=f"W/{answer.headers['etag']}")
    assert (again.status, again.body) == (304, b"")


def test_every_name_below_assets_holds_a_digest(signet: Service) -> None:
    names = [path.name for path in (FILES / "assets").iterdir() if path.suffix not in {".br", ".gz"}]

    assert names
    for name in names:
        assert "immutable" in ask(signet, f"/console/assets/{name}").headers["cache-control"], name


def test_every_answer_carries_every_security_header(signet: Service) -> None:
    (script,) = scripts(signet)
    answers = [
        ask(signet, "/"),
        ask(signet, "/console"),
        ask(signet, script),
        ask(signet, script, if_none_match="*"),
        ask(signet, "/console/icon.svg"),
        ask(signet, "/console/assets/index-OfBefore.js"),
    ]

    assert [answer.status for answer in answers] == [307, 200, 200, 304, 200, 404]
    for answer in answers:
        assert set(answer.headers) >= SECURITY_HEADERS, answer
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_the_page_may_talk_to_the_issuers_that_the_interface_names(signet: Service) -> None:
    policy = ask(signet, "/console/").headers["content-security-policy"]
    issuers = ask(signet, "/v1/auth-config").json["issuers"]

    (connect,) = (part.split()[1:] for part in policy.split("; ") if part.startswith("connect-src "))
    assert set(connect) == {"'self'", *("/".join(each["issuer"].split("/")[:3]) for each in issuers)}


@pytest.mark.parametrize(
    "path",
    [
        "/console/../app.py",
        "/console/%2e%2e/%2e%2e",
        "/console/..%2fapp.py",
        "/console/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/console/%5c..%5capp.py",
        "/console/app.py",
        "/console/index.html%00.js",
        "/console//etc/passwd",
        "/console/files/index.html",
        "/console/" + "a" * 7000,
    ],
)
def test_a_path_that_tries_tricks_gets_the_page(signet: Service, path: str) -> None:
    answer = ask(signet, path)

    assert (answer.status, answer.body) == (200, (FILES / "index.html").read_bytes())


@pytest.mark.parametrize("path", ["/console/assets/..%2f..%2fapp.py", "/console/assets/%00", "/console/icons/none.svg"])
def test_below_the_folders_of_the_build_there_is_nothing_else(signet: Service, path: str) -> None:
    assert ask(signet, path).status == 404


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_the_console_is_there_for_reading_only(signet: Service, method: str) -> None:
    # As of an HTTP API's route with one method: any other has no route, a HEAD neither.
    assert ask(signet, "/console/", method).status == 404


def test_a_token_makes_no_difference(signet: Service) -> None:
    plain = ask(signet, "/console/certificates")

    for token in ("Bearer x", f"Bearer {signet.caller('alice').token}"):
        assert ask(signet, "/console/certificates", authorization=token).body == plain.body
