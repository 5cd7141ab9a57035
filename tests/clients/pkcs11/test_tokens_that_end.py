"""A token that ends while an agent runs: it asks for another once, and signs; else it says so.

A proxy sends an expired token in the place of the one that the agent has, as if time had passed.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from signet_cli.pkcs11 import cryptoki as ck
from tests.support.certificates.issued import issue
from tests.support.programs.agents import Proxy, program_with, proxy_to
from tests.support.programs.logins import log_in_in_a_browser
from tests.support.programs.pkcs11_program import Pkcs11Program, RefusedCallError
from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import DATA, Programs, owned, usage
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak


@pytest.fixture
def proxy(signet: Service) -> Iterator[Proxy]:
    with proxy_to(signet.stack.url) as made:
        yield made


@pytest.fixture
def environment(programs: Programs, proxy: Proxy) -> dict[str, str]:
    """Of an agent whose token comes from a login, and which calls through the proxy."""
    return {**programs.environment, "SIGNET_ADDR": proxy.url, "SIGNET_ID_TOKEN": ""}


def begun(program: Pkcs11Program, certificate: dict[str, Any]) -> int:
    session = program.open_session(program.slot_of(certificate["alias"]))
    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    return session


def let_end(proxy: Proxy, token: str, signet: Service) -> None:
    proxy.tokens[token.strip()] = signet.stack.issuer.token("alice", [], expires_in=-3600)


def test_a_login_is_renewed_once_and_signs(
    environment: dict[str, str], stranger: Command, admin: Client, proxy: Proxy, signet: Service
) -> None:
    issued, certificate = owned(admin)
    log_in_in_a_browser(stranger, "alice")
    before = stranger.good("token").out
    agent, program = program_with(environment)
    session = begun(program, certificate)
    let_end(proxy, before, signet)

    signature = program.sign(session, DATA)
    again = program.sign(begun(program, certificate), DATA)
    exit_code, words = agent.end()

    assert isinstance(signature, bytes)
    issued.key.public_key().verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
    assert again == signature
    assert (exit_code, words) == (0, "")
    assert proxy.signatures_asked == 3, "the first with the token that had ended"
    assert usage(admin, certificate) == 2
    assert stranger.good("token").out != before


def test_a_job_of_a_pipeline_fetches_another_token_and_signs(
    environment: dict[str, str], stranger: Command, admin: Client, proxy: Proxy, signet: Service
) -> None:
    url = f"{signet.stack.url}/local/ci/token?environment=production"
    job = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of the job"}
    caller = stranger.good("whoami", "-o", "name", **job).out.strip()
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner=caller)
    agent, program = program_with({**environment, **job})
    session = begun(program, certificate)
    ended = signet.stack.issuer.token("alice", [], expires_in=-3600)
    proxy.next_token = ended

    signature = program.sign(session, DATA)

    assert isinstance(signature, bytes)
    assert agent.end() == (0, "")
    assert usage(admin, certificate) == 1


@pytest.mark.parametrize("why", ["it has no refresh token", "the provider has taken it back"])
def test_where_it_cannot_be_renewed_it_is_said_what_to_do(
    why: str, environment: dict[str, str], stranger: Command, admin: Client, proxy: Proxy, signet: Service
) -> None:
    _, certificate = owned(admin)
    if why == "it has no refresh token":
        stranger.good("login", "--local", "alice")
    else:
        log_in_in_a_browser(stranger, "alice")
        (kept,) = stranger.home.rglob("*.tokens.json")
        kept.write_text(json.dumps({**json.loads(kept.read_text()), "refresh_token": "given up"}))
    token = stranger.good("token").out
    agent, program = program_with(environment)
    session = begun(program, certificate)
    let_end(proxy, token, signet)

    with pytest.raises(RefusedCallError) as caught:
        program.sign(session, DATA)
    _, words = agent.end()

    assert caught.value.rv == ck.CKR_DEVICE_ERROR
    assert "signet login" in words
    assert token.strip() not in words
    assert proxy.signatures_asked == 1
    assert usage(admin, certificate) == 0
