"""Logging in with the command: in a browser, on another device, in a pipeline; and what the doctor finds."""

import base64
import json
import re
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.programs.logins import request
from tests.support.programs.signet_command import Command
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak


def test_a_person_logs_in_on_the_page_of_the_identity_provider(stranger: Command) -> None:
    login = stranger.start("login", "--issuer", "local", "--no-browser")
    assert login.stderr
    while not (page := login.stderr.readline().strip()).startswith("http"):
        assert login.poll() is None
    parts = urlsplit(page)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    callback = asked["redirect_uri"]
    forged, _ = request("GET", f"{callback}?code=stolen&state=another")

    signed_in, location = request(
        "POST", page.partition("?")[0], {**asked, "user": "alice", "groups": "administrators"}
    )
    answered, _ = request("GET", location)
    _, told = login.communicate(timeout=60)

    assert (forged, signed_in, answered) == (400, 302, 200)
    assert (login.returncode, "alice" in told) == (0, True)
    assert stranger.good("whoami", "-o", "name").out == "local/alice\n"
    renewed = stranger.good("token", "--renew").out
    assert stranger.good("token").out == renewed
    stranger.good("logout")
    assert stranger("whoami").exit_code == 4


def test_a_person_logs_in_on_another_device(stranger: Command) -> None:
    login = stranger.start("login", "--issuer", "local", "--device")
    assert login.stderr
    told = ""
    while not (code := re.search(r"enter the code (\S+)", told)):
        told += login.stderr.readline()
        assert login.poll() is None, told
    page = re.search(r"http\S+", told)
    assert page
    form = {"user_code": code[1], "user": "bob", "groups": "", "answer": "sign-in"}
    request("POST", page[0].partition("?")[0], form)
    login.communicate(timeout=120)

    assert login.returncode == 0
    assert stranger.good("whoami", "-o", "name").out == "local/bob\n"


def test_a_token_comes_on_standard_input_and_lies_where_only_its_owner_reads(
    stranger: Command, signet: Service
) -> None:
    token = signet.stack.issuer.token("alice", [])

    ended = stranger.good("login", "--token-stdin", given=f"{token}\n")

    assert token not in ended.out + ended.words
    (kept,) = stranger.home.rglob("*.tokens.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert not [path for path in stranger.home.rglob("*.toml") if token in path.read_text()]


def test_a_token_that_the_service_does_not_accept_is_not_kept(stranger: Command, signet: Service) -> None:
    expired = signet.stack.issuer.token("alice", [], expires_in=-3600)

    assert stranger("login", "--token-stdin", given=expired).exit_code == 4
    assert stranger("login", "--token-stdin", given="no token").exit_code == 4
    assert stranger("login", "--token-stdin").exit_code == 2
    assert list(stranger.home.rglob("*.tokens.json")) == []


def test_a_job_of_a_pipeline_needs_no_login(stranger: Command, signet: Service) -> None:
    url = f"{signet.stack.url}/local/ci/token?environment=production"
    job = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of the job"}

    me = stranger.good("whoami", "-o", "json", **job).json
    assert me["user"].startswith("ci/repo:acme/app:")
    assert "ci/environment:production" in me["user_groups"]

    token = stranger.good("token", **job).out.strip()
    assert stranger.good("whoami", "-o", "name", SIGNET_ID_TOKEN=token).out.strip() == me["user"]
    broken = {**job, "ACTIONS_ID_TOKEN_REQUEST_URL": f"{signet.stack.url}/v1/nothing"}
    assert stranger("whoami", **broken).exit_code == 4


def test_the_doctor_is_content_where_all_is_well(command: Command) -> None:
    told = command.good("doctor").words

    assert "BAD" not in told
    assert "local/alice" in told


def test_the_doctor_finds_what_is_wrong(stranger: Command, signet: Service, tmp_path: Path) -> None:
    issuer = signet.stack.issuer
    job = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{signet.stack.url}/local/ci/token"}
    foreign = _with_another_issuer(issuer.token("alice", []))
    findings = {
        "wrong address": stranger("doctor", SIGNET_ADDR="http://127.0.0.1:9"),
        "not Signet": stranger("doctor", SIGNET_ADDR=f"{signet.stack.url}/local/issuer"),
        "nobody": stranger("doctor"),
        "expired": stranger("doctor", SIGNET_ID_TOKEN=issuer.token("alice", [], expires_in=-3600)),
        "groups": stranger("doctor", SIGNET_ID_TOKEN=issuer.token("alice", [])),
        "issuer": stranger("doctor", SIGNET_ID_TOKEN=foreign),
        "audience": stranger("doctor", ACTIONS_ID_TOKEN_REQUEST_TOKEN="of the job", SIGNET_AUDIENCE="elsewhere", **job),
    }

    bad = {name: [line for line in ended.words.splitlines() if "BAD" in line] for name, ended in findings.items()}
    assert "cannot be reached" in bad["wrong address"][0]
    assert "not Signet" in bad["not Signet"][0]
    assert "signet login" in bad["nobody"][0]
    assert "expired" in bad["expired"][0]
    assert "no user groups" in bad["groups"][0]
    assert "issuer" in bad["issuer"][0]
    assert "audience" in bad["audience"][0]
    codes = {name: ended.exit_code for name, ended in findings.items()}
    assert codes == {
        "wrong address": 7, "not Signet": 7, "nobody": 4, "expired": 4, "groups": 3, "issuer": 4, "audience": 4,
    }  # fmt: skip


def _with_another_issuer(token: str) -> str:
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["iss"] = "https://login.example.net"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"
