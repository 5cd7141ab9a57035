"""Logins, PINs and reasons as a program gives them to the agent, and whom the agent asks where it gives none."""

import pytest

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.agent import Agent
from signet_cli.pkcs11.program import Program
from signet_cli.pkcs11.prompts import NobodyToAskError
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.wire import Reader
from tests.support.programs.pkcs11_program import (
    PIN,
    Pkcs11Program,
    StandInService,
    byte_array,
    call_body,
    program_of,
    rsa_certificate,
    session_in,
    u32,
    u64,
)
from tests.unit.command.pkcs11.called_wrongly import DATA, refused

pytestmark = pytest.mark.usefixtures("nobody_to_ask")


@pytest.fixture
def protected(service: StandInService) -> StandInService:
    service.pins = {"release": PIN}
    return service


def test_a_key_with_a_pin_shows_only_after_the_login(protected: StandInService) -> None:
    program = program_of(protected)
    session = session_in(program)

    assert program.find(session, (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY)) == []
    program.log_in(session, PIN)
    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    assert isinstance(program.sign(session, DATA), bytes)

    program.call(19, u64(session))
    assert program.find(session, (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY)) == []


def test_a_wrong_pin_is_sent_once_however_often_the_program_tries(protected: StandInService) -> None:
    program = program_of(protected)
    session = session_in(program)
    program.log_in(session, "1111")
    key = program.private_key(session)

    for _ in range(3):
        program.begin(session, key, ck.CKM_SHA256_RSA_PKCS)
        assert refused(program, 43, u64(session), byte_array(DATA), u32(256)) == ck.CKR_PIN_INCORRECT
    again = (u64(session), u64(ck.CKU_USER), byte_array(b"1111"))
    assert refused(program, 18, *again) == ck.CKR_PIN_INCORRECT
    assert len(protected.received) == 1

    program.log_in(session, PIN)
    program.begin(session, key, ck.CKM_SHA256_RSA_PKCS)
    assert isinstance(program.sign(session, DATA), bytes)
    assert (len(protected.received), protected.signatures) == (2, 1)


def test_the_states_of_a_session_follow_its_logins(protected: StandInService) -> None:
    program = program_of(protected)
    session = session_in(program)

    def state() -> int:
        answer = program.call(13, u64(session))
        answer.ulong()
        return answer.ulong()

    assert state() == ck.CKS_RO_PUBLIC_SESSION
    program.log_in(session, PIN)
    assert state() == ck.CKS_RO_USER_FUNCTIONS
    again = (u64(session), u64(ck.CKU_USER), byte_array(PIN.encode()))
    assert refused(program, 18, *again) == ck.CKR_USER_ALREADY_LOGGED_IN
    assert refused(program, 18, u64(session), u64(0), byte_array(b"1234")) == ck.CKR_USER_TYPE_INVALID


def test_with_its_last_session_a_token_forgets_its_pin(protected: StandInService) -> None:
    program = program_of(protected)
    session = session_in(program)
    program.log_in(session, PIN)
    program.call(11, u64(session))

    assert program.find(session_in(program), (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY)) == []


def test_a_forked_child_initializes_again_and_begins_again(protected: StandInService) -> None:
    program = program_of(protected)
    session = session_in(program)
    program.log_in(session, PIN)

    program.initialize()

    assert refused(program, 13, u64(session)) == ck.CKR_SESSION_HANDLE_INVALID
    assert program.find(session_in(program), (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY)) == []


def test_the_pin_of_the_environment_serves_without_a_login_and_is_inherited_by_nobody(
    protected: StandInService, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("SIGNET_PIN", PIN)
    program = program_of(protected)
    session = session_in(program)

    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    assert isinstance(program.sign(session, DATA), bytes)
    assert "SIGNET_PIN" not in os.environ


def test_another_handshake_is_refused(service: StandInService) -> None:
    program = program_of(service)

    answer = Reader(program.agent.answer(call_body(1, byte_array(b"another protocol"))))
    assert (answer.u32(), answer.counted(), answer.ulong()) == (0, b"u", ck.CKR_GENERAL_ERROR)


def test_whoever_gave_no_reason_is_not_asked_again_for_the_same_signature(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def nobody(_: str, question: str, *, hidden: bool) -> str:
        asked.append((question, hidden))
        raise NobodyToAskError("No answer was given.")

    monkeypatch.setattr("signet_cli.pkcs11.slots.ask", nobody)
    service = StandInService({"release": rsa_certificate()}, reasons=frozenset({"release"}))
    program = program_of(service)
    session = session_in(program)
    key = program.private_key(session)

    for data in (DATA, DATA, b"other"):
        program.begin(session, key, ck.CKM_SHA256_RSA_PKCS)
        assert refused(program, 43, u64(session), byte_array(data), u32(1024)) == ck.CKR_FUNCTION_REJECTED

    assert len(asked) == 2
    assert "SIGNET_REASON" in capsys.readouterr().err
    assert service.signatures == 0


def test_a_key_that_was_looked_for_without_a_login_is_told_when_the_program_leaves(
    protected: StandInService, capsys: pytest.CaptureFixture[str]
) -> None:
    program = program_of(protected)
    session = session_in(program)

    assert program.find(session, (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY)) == []
    assert capsys.readouterr().err == ""
    program.call(2, byte_array(None))
    assert "Set SIGNET_PIN" in capsys.readouterr().err


@pytest.mark.parametrize(("display", "brings", "asks"), [(":1", False, True), (":1", True, False), ("", False, False)])
def test_a_program_leaves_the_pin_to_a_window_unless_it_may_have_it(
    display: str, brings: bool, asks: bool, protected: StandInService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    program = Pkcs11Program(Agent(Slots(protected, Program("openssl", "openssl dgst", may_bring_pin=brings))))
    program.initialize()
    (slot,) = program.slots()

    told = program.call(6, u64(slot))

    for _ in range(4):
        told.counted()
    assert bool(told.ulong() & ck.CKF_PROTECTED_AUTHENTICATION_PATH) is asks
