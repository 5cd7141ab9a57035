"""Signatures that the service has counted and whose answer never came: had by a program that asks for the same again.

A proxy cuts the answers off, or the agent is killed before it has them.
"""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from signet_cli.pkcs11 import cryptoki as ck
from tests.support.certificates.issued import Issued
from tests.support.programs.agents import Proxy, program_with, proxy_to
from tests.support.programs.pkcs11_program import Pkcs11Program, RefusedCallError
from tests.support.programs.signing_programs import DATA, Programs, owned, usage
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak


@pytest.fixture
def proxy(signet: Service) -> Iterator[Proxy]:
    with proxy_to(signet.stack.url) as made:
        yield made


@pytest.fixture
def environment(programs: Programs, proxy: Proxy) -> dict[str, str]:
    """Of an agent that calls through the proxy."""
    return {**programs.environment, "SIGNET_ADDR": proxy.url}


def begun(program: Pkcs11Program, certificate: dict[str, Any]) -> int:
    session = program.open_session(program.slot_of(certificate["alias"]))
    program.begin(session, program.private_key(session), ck.CKM_ECDSA_SHA256)
    return session


def assert_good(issued: Issued, signature: bytes | int) -> None:
    assert isinstance(signature, bytes)
    numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    issued.key.public_key().verify(utils.encode_dss_signature(*numbers), DATA, ec.ECDSA(hashes.SHA256()))


def notes(programs: Programs) -> list[str]:
    return [path.name for path in programs.folder.rglob("unanswered/*")]


def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(
    environment: dict[str, str], admin: Client, proxy: Proxy
) -> None:
    issued, certificate = owned(admin, "ECC_NIST_P256")
    agent, program = program_with(environment)
    session = begun(program, certificate)
    proxy.answers_to_drop = 2
    signature = program.sign(session, DATA)
    agent.end()

    assert_good(issued, signature)
    assert proxy.signatures_asked == 3
    assert usage(admin, certificate) == 1


def test_answers_that_are_all_lost_are_told_and_a_repeat_has_the_signature_that_was_counted(
    environment: dict[str, str], programs: Programs, admin: Client, proxy: Proxy
) -> None:
    issued, certificate = owned(admin, "ECC_NIST_P256")
    agent, program = program_with(environment)
    session = begun(program, certificate)
    proxy.answers_to_drop = 99
    with pytest.raises(RefusedCallError) as caught:
        program.sign(session, DATA)
    assert caught.value.rv == ck.CKR_DEVICE_ERROR
    assert usage(admin, certificate) == 1
    proxy.answers_to_drop = 0

    signature = program.sign(begun(program, certificate), DATA)

    assert "cannot be reached" in agent.end()[1]
    assert_good(issued, signature)
    assert usage(admin, certificate) == 1
    assert notes(programs) == []


def test_what_an_agent_was_killed_over_the_next_one_has(
    environment: dict[str, str], programs: Programs, admin: Client, proxy: Proxy
) -> None:
    issued, certificate = owned(admin, "ECC_NIST_P256")
    killed, program = program_with(environment)
    session = begun(program, certificate)
    proxy.answers_to_drop = 1
    proxy.when_dropped = lambda: killed.process.send_signal(signal.SIGKILL)
    with pytest.raises(AssertionError):
        program.sign(session, DATA)
    assert killed.end()[0] == -signal.SIGKILL
    assert usage(admin, certificate) == 1

    agent, program = program_with(environment)
    signature = program.sign(begun(program, certificate), DATA)
    agent.end()

    assert_good(issued, signature)
    assert usage(admin, certificate) == 1
    assert notes(programs) == []


def test_who_signs_the_same_twice_has_two_signatures(
    environment: dict[str, str], programs: Programs, admin: Client
) -> None:
    issued, certificate = owned(admin, "ECC_NIST_P256")
    signatures = set()
    for _ in range(2):
        agent, program = program_with(environment)
        for _ in range(2):
            signature = program.sign(begun(program, certificate), DATA)
            assert_good(issued, signature)
            signatures.add(signature)
        agent.end()

    assert len(signatures) == usage(admin, certificate) == 4
    assert notes(programs) == []
