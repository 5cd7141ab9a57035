"""A call whose frame is longer than what is kept of any: data to be signed is hashed as it comes in."""

import hashlib
import io
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.agent import Agent, serve
from signet_cli.pkcs11.frames import Frame, read_frame, write_frame
from signet_cli.pkcs11.wire import MAX_KEPT_BYTES, Reader, WireError
from tests.support.programs.pkcs11_program import (
    Pkcs11Program,
    RefusedCallError,
    StandInService,
    byte_array,
    call_body,
    program_of,
    rsa_certificate,
    session_in,
    u32,
    u64,
)

LONG = bytes(MAX_KEPT_BYTES) + b"release 1.4"
SIGN, UPDATE = 43, 44


@pytest.fixture
def service() -> StandInService:
    return StandInService({"release": rsa_certificate()})


def agent_of(program: Pkcs11Program) -> Agent:
    assert isinstance(program.agent, Agent)
    return program.agent


def answers(program: Pkcs11Program, *bodies: bytes) -> list[Reader]:
    """What the agent answers to frames that come in one after the other."""
    source, sink = io.BytesIO(), io.BytesIO()
    source.write(b"\2")
    for body in bodies:
        write_frame(source, Frame(1, b"", body))
    source.seek(0)
    serve(source, sink, agent_of(program))
    sink.seek(1)
    told = []
    while (frame := read_frame(sink)) is not None:
        told.append(Reader(frame.body))
    return told


def begun(program: Pkcs11Program, mechanism: int) -> int:
    session = session_in(program)
    program.begin(session, program.private_key(session), mechanism)
    return session


def test_long_data_is_signed_in_one_call_and_to_ask_for_the_length_costs_no_signature(service: StandInService) -> None:
    program = program_of(service)
    session = begun(program, ck.CKM_SHA256_RSA_PKCS)

    asked, signed = answers(
        program,
        call_body(SIGN, u64(session), byte_array(LONG), u32(0)),
        call_body(SIGN, u64(session), byte_array(LONG), u32(256)),
    )

    assert (asked.u32(), asked.counted(), asked.byte(), asked.u32()) == (SIGN, b"ay", 0, 256)
    assert (signed.u32(), signed.counted(), signed.byte()) == (SIGN, b"ay", 1)
    rsa_certificate().key.public_key().verify(signed.counted(), LONG, padding.PKCS1v15(), hashes.SHA256())
    assert [each.digest for each in service.received] == [hashlib.sha256(LONG).digest()]


@pytest.mark.parametrize(
    ("number", "rv"),
    [(SIGN, ck.CKR_DATA_LEN_RANGE), (UPDATE, ck.CKR_DATA_LEN_RANGE), (29, ck.CKR_FUNCTION_NOT_SUPPORTED)],
)
def test_a_long_call_that_is_refused_is_read_to_its_end(
    number: int, rv: int, service: StandInService, capsys: pytest.CaptureFixture[str]
) -> None:
    program = program_of(service)
    session = begun(program, ck.CKM_RSA_PKCS)

    refused, following = answers(
        program, call_body(number, u64(session), byte_array(LONG), u32(256)), call_body(13, u64(session))
    )

    assert (refused.u32(), refused.counted(), refused.ulong()) == (0, b"u", rv)
    assert following.u32() == 13
    assert ("takes a digest and not the data itself" in capsys.readouterr().err) is (number != 29)
    assert service.received == []


def test_a_long_call_that_breaks_off_signs_nothing(service: StandInService) -> None:
    program = program_of(service)
    session = begun(program, ck.CKM_SHA256_RSA_PKCS)
    body = call_body(SIGN, u64(session), byte_array(LONG), u32(256))

    for length in (100, len(LONG) // 2, len(body) - 1):
        source = io.BytesIO(b"\2" + struct.pack(">III", 1, 0, len(body)) + body[:length])
        with pytest.raises(WireError, match="ended within a frame"):
            serve(source, io.BytesIO(), agent_of(program))
    assert service.received == []


def test_nothing_but_data_to_be_signed_may_be_long(service: StandInService) -> None:
    program = program_of(service)
    body = call_body(1, byte_array(LONG))

    with pytest.raises(WireError, match="longer than any call"):
        serve(io.BytesIO(b"\2" + struct.pack(">III", 1, 0, len(body)) + body), io.BytesIO(), agent_of(program))


def test_a_refused_part_ends_the_operation(service: StandInService) -> None:
    program = program_of(service)
    session = begun(program, ck.CKM_RSA_PKCS)

    told = []
    for _ in range(2):
        with pytest.raises(RefusedCallError) as caught:
            program.call(UPDATE, u64(session), byte_array(bytes(2000)))
        told.append(caught.value.rv)
    assert told == [ck.CKR_DATA_LEN_RANGE, ck.CKR_OPERATION_NOT_INITIALIZED]
