"""What the agent does when things go wrong between a program and the service.

Each refusal has its return value and a text for the person; nothing is counted that was not signed, and nothing signed
that is not counted.
"""

import random
import signal
import sys
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.frames import Frame, write_frame
from tests.support.certificates.issued import Issued, in_base64, issue
from tests.support.programs.agents import AgentProcess, program_with, proxy_to
from tests.support.programs.pkcs11_program import Pkcs11Program, RefusedCallError, byte_array, call_body, u32, u64
from tests.support.programs.signet_command import CHECKOUT
from tests.support.programs.signing_programs import DATA, MODULE, PIN, Programs, ended, needs, owned, usage, verified
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, Service, at

pytestmark = pytest.mark.soak

SIGN = 43


def begun(program: Pkcs11Program, certificate: dict[str, Any], pin: str | None = None) -> int:
    """A session in which a signature is begun."""
    session = program.open_session(program.slot_of(certificate["alias"]))
    if pin is not None:
        program.log_in(session, pin)
    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    return session


def refused(program: Pkcs11Program, session: int) -> int:
    with pytest.raises(RefusedCallError) as caught:
        program.sign(session, DATA)
    return caught.value.rv


def assert_signed(issued: Issued, signature: bytes | int) -> None:
    assert isinstance(signature, bytes)
    issued.key.public_key().verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())


def test_what_became_of_a_certificate_since_it_was_looked_at_decides(programs: Programs, admin: Client) -> None:
    agent, program = program_with(programs.environment)
    told = {}
    for change in ("disable", "delete"):
        _, certificate = owned(admin)
        session = begun(program, certificate)
        if change == "delete":
            admin.good("DELETE", at(certificate["id"]))
        else:
            admin.good("POST", at(certificate["id"], change))
        told[change] = refused(program, session)

    _, words = agent.end()

    assert told == {"disable": ck.CKR_KEY_FUNCTION_NOT_PERMITTED, "delete": ck.CKR_KEY_HANDLE_INVALID}
    assert words.count("did not sign: ") == 2


def test_after_a_renewal_it_signs_with_what_was_looked_at(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    agent, program = program_with(programs.environment)
    session = begun(program, certificate)
    request = admin.good("POST", at(certificate["id"], "renew"), {})
    answer = issue(public_key=x509.load_pem_x509_csr(request["csr"].encode()).public_key())
    content = {"content": in_base64(answer.pem)}
    renewed = admin.good("POST", f"/signing-requests/{request['id']}/certificate", content)

    signature = program.sign(session, DATA)
    agent.end()

    assert_signed(issued, signature)
    assert (usage(admin, certificate), usage(admin, renewed)) == (1, 0)


def test_a_token_that_ends_in_mid_run_is_told(programs: Programs, admin: Client, signet: Service) -> None:
    _, certificate = owned(admin)
    with proxy_to(signet.stack.url) as proxy:
        agent, program = program_with({**programs.environment, "SIGNET_ADDR": proxy.url})
        session = begun(program, certificate)
        ended_token = signet.stack.issuer.token("alice", [], expires_in=-3600)
        proxy.tokens[programs.environment["SIGNET_ID_TOKEN"]] = ended_token

        assert refused(program, session) == ck.CKR_DEVICE_ERROR

        _, words = agent.end()
    assert "expired" in words
    assert "signet login" in words
    assert ended_token not in words
    assert usage(admin, certificate) == 0


def test_a_service_that_goes_out_of_reach_in_mid_session_is_told(
    programs: Programs, admin: Client, signet: Service
) -> None:
    issued, certificate = owned(admin)
    with proxy_to(signet.stack.url) as proxy:
        agent, program = program_with({**programs.environment, "SIGNET_ADDR": proxy.url})
        session = begun(program, certificate)
        proxy.is_gone = True
        assert refused(program, session) == ck.CKR_DEVICE_ERROR
        assert usage(admin, certificate) == 0

        proxy.is_gone = False
        assert_signed(issued, program.sign(begun(program, certificate), DATA))
        assert "cannot be reached" in agent.end()[1]
    assert usage(admin, certificate) == 1


def test_a_wrong_pin_is_sent_once_by_each_program_and_five_lock_it(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin, pin=PIN)
    agent, program = program_with(programs.environment)
    session = program.open_session(program.slot_of(certificate["alias"]))
    told = []
    for pin in ("111111", "111111", "222222", "333333", "444444", "555555", PIN):
        try:
            program.log_in(session, pin)
            program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
            told.append(refused(program, session))
        except RefusedCallError as error:
            told.append(error.rv)

    _, words = agent.end()

    assert told == [*[ck.CKR_PIN_INCORRECT] * 6, ck.CKR_PIN_LOCKED]
    events = admin.items("/events", certificate=certificate["id"], outcome="refused")
    assert sorted(event["code"] for event in events) == ["pin_locked", *["pin_wrong"] * 5]
    assert "locked" in words.lower()
    assert PIN not in words
    assert usage(admin, certificate) == 0


@needs("pkcs11-tool")
def test_two_programs_sign_at_once(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    sign = ("pkcs11-tool", "--module", MODULE, "--sign", "--mechanism", "SHA256-RSA-PKCS")
    words = (*sign, "--token-label", certificate["alias"], "--input-file", "data", "--output-file")

    running = [programs.start(*words, name) for name in ("signature", "other")]

    assert [ended(each).returncode for each in running] == [0, 0]
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert (programs.folder / "other").read_bytes() == (programs.folder / "signature").read_bytes()
    assert usage(admin, certificate) == 2


@needs("openssl")
def test_a_forked_child_and_its_parent_each_sign_by_an_agent_of_their_own(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    program = CHECKOUT / "tests" / "support" / "programs" / "cryptoki_program.py"

    signatures = programs.run(sys.executable, program, "fork", MODULE, certificate["alias"]).stdout.split()

    assert len(signatures) == 2
    for signature in signatures:
        (programs.folder / "signature").write_bytes(bytes.fromhex(signature))
        assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert len(programs.agents.read_text().split()) == 2
    assert usage(admin, certificate) == 2


def test_an_agent_whose_program_was_killed_ends_and_signs_nothing_more(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    agent, program = program_with(programs.environment)
    session = begun(program, certificate)

    # The program dies with its call in the pipe: nobody waits for the answer.
    agent.process.send_signal(signal.SIGSTOP)
    write_frame(agent.sink, Frame(1, b"", call_body(SIGN, u64(session), byte_array(DATA), u32(1024))))
    agent.sink.close()
    agent.source.close()
    agent.process.send_signal(signal.SIGCONT)

    assert agent.process.wait(ANSWER_TIMEOUT_SECONDS) in {0, 1}
    assert agent.process.stderr is not None
    with agent.process.stderr as told:
        assert b"Traceback" not in told.read()
    assert usage(admin, certificate) == 0


def test_garbage_on_its_socket_ends_an_agent_without_a_signature(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    chance = random.Random(2711)
    good = b"".join(_framed(body) for body in (call_body(3), call_body(4, b"\1", u32(9)), call_body(SIGN, u64(1))))
    for number in range(24):
        garbage = chance.randbytes(chance.randrange(1, 4000))
        if number % 3 == 0:
            place = chance.randrange(len(good))
            garbage = good[:place] + bytes((chance.randrange(256),)) + good[place + 1 :]
        elif number % 3 == 1:
            garbage = good[: chance.randrange(len(good))] + garbage

        exit_code, words = AgentProcess(programs.environment).end(b"\2" + garbage)

        assert exit_code in {0, 1}, (number, words)
        assert "Traceback" not in words, number
    assert usage(admin, certificate) == 0


def _framed(body: bytes) -> bytes:
    return u32(1) + u32(0) + u32(len(body)) + body
