"""The bytes of p11-kit's protocol: what it means, what is refused, and that nothing else can happen."""

import contextlib
import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.agent import CALLS, Agent, serve
from signet_cli.pkcs11.frames import Frame, agree_on_version, read_call, read_frame, write_frame
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.wire import Mechanism, Reader, WireError, Writer
from tests.support.programs.pkcs11_program import PROGRAM, StandInService, call_body, ec_certificate, pss, u32, u64

KEY = u64(3)


def test_a_frame_comes_out_as_it_went_in() -> None:
    sink = io.BytesIO()
    write_frame(sink, Frame(7, b"options", b"body"))

    assert read_frame(io.BytesIO(sink.getvalue())) == Frame(7, b"options", b"body")


def test_the_other_end_may_leave_between_two_frames_and_not_within_one() -> None:
    sink = io.BytesIO()
    write_frame(sink, Frame(7, b"", b"body"))

    assert read_frame(io.BytesIO(b"")) is None
    for length in range(1, len(sink.getvalue())):
        with pytest.raises(WireError):
            read_frame(io.BytesIO(sink.getvalue()[:length]))


def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_read() -> None:
    with pytest.raises(WireError, match="longer"):
        read_frame(io.BytesIO(struct.pack(">III", 1, 0xFFFFFFFF, 0xFFFFFFFF)))
    for options, body in ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0), (0, 0xFFFFFFFF)):
        with pytest.raises(WireError, match="longer"):
            read_call(io.BytesIO(struct.pack(">III", 1, options, body)))


@pytest.mark.parametrize(("theirs", "ours"), [(0, 0), (1, 1), (2, 2), (3, 2), (255, 2)])
def test_the_smaller_version_of_the_protocol_is_spoken(theirs: int, ours: int) -> None:
    sink = io.BytesIO()

    assert agree_on_version(io.BytesIO(bytes((theirs,))), sink)
    assert sink.getvalue() == bytes((ours,))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(u32(ck.CKM_RSA_PKCS), Mechanism(ck.CKM_RSA_PKCS), id="without parameter since 0.25.6"),
        pytest.param(u32(ck.CKM_RSA_PKCS) + b"\xff" * 4, Mechanism(ck.CKM_RSA_PKCS), id="without parameter before"),
        pytest.param(u32(ck.CKM_RSA_PKCS) + u32(0), Mechanism(ck.CKM_RSA_PKCS), id="an empty parameter before"),
        pytest.param(
            u32(ck.CKM_RSA_PKCS_PSS) + b"\0", Mechanism(ck.CKM_RSA_PKCS_PSS), id="PSS without parameter since 0.25.6"
        ),
        pytest.param(
            u32(ck.CKM_RSA_PKCS_PSS) + b"\1" + pss(256),
            Mechanism(ck.CKM_RSA_PKCS_PSS, pss(256)),
            id="PSS since 0.25.6",
        ),
        pytest.param(
            u32(ck.CKM_RSA_PKCS_PSS) + pss(384), Mechanism(ck.CKM_RSA_PKCS_PSS, pss(384)), id="PSS before 0.25.6"
        ),
        pytest.param(u32(0xFFFFFFFF), None, id="none, to cancel"),
    ],
)
def test_a_mechanism_is_read_as_every_release_of_p11_kit_writes_it(written: bytes, meant: Mechanism | None) -> None:
    reader = Reader(written + KEY)

    assert reader.mechanism() == meant
    assert reader.ulong() == 3


def test_attributes_come_out_as_they_went_in() -> None:
    writer = Writer().u32(4)
    writer.attribute(ck.CKA_CLASS, ck.CKO_CERTIFICATE).attribute(ck.CKA_TOKEN, value=True)
    writer.attribute(ck.CKA_LABEL, b"a label").attribute(ck.CKA_VALUE, None)

    assert Reader(writer.bytes()).attributes() == {
        ck.CKA_CLASS: ck.CKO_CERTIFICATE,
        ck.CKA_TOKEN: True,
        ck.CKA_LABEL: b"a label",
        ck.CKA_VALUE: None,
    }


def test_templates_within_templates_end_somewhere() -> None:
    asked = (u32(1) + u32(ck.CKA_WRAP_TEMPLATE) + u32(1)) * 10_000
    given_one = (u32(1) + u32(ck.CKA_WRAP_TEMPLATE) + b"\1" + u32(24)) * 10_000

    with pytest.raises(WireError):
        Reader(asked).attribute_rooms()
    with pytest.raises(WireError):
        Reader(given_one).attributes()


def test_more_attributes_than_any_object_has_are_refused() -> None:
    with pytest.raises(WireError):
        Reader(u32(257) + bytes(9 * 257)).attributes()
    with pytest.raises(WireError):
        Reader(u32(0xFFFFFFFF)).attribute_rooms()


def test_a_text_is_cut_between_two_characters() -> None:
    assert Writer().padded("ä" * 20, 31).bytes() == u32(31) + "ä".encode() * 15 + b" "


@settings(max_examples=150)
@given(
    number=st.sampled_from([*CALLS, 0, 999]),
    arguments=st.lists(
        st.sampled_from([u32(0), u32(1), u64(0), u64(1), u64(2**64 - 1), b"\0", b"\1", b"\xff" * 4])
        | st.binary(max_size=40),
        max_size=8,
    ),
)
def test_whatever_a_call_holds_it_is_answered_or_is_no_call(number: int, arguments: list[bytes]) -> None:
    service = StandInService({"release": ec_certificate()})
    agent = Agent(Slots(service, PROGRAM))
    agent.slots.refresh()

    try:
        answer = Reader(agent.answer(call_body(number, *arguments)))
    except WireError:
        return
    assert answer.u32() in {0, number}


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_garbage_on_the_agents_socket_ends_the_connection_and_nothing_else(garbage: bytes) -> None:
    service = StandInService({"release": ec_certificate()})
    sink = io.BytesIO()

    with contextlib.suppress(WireError):
        serve(io.BytesIO(garbage), sink, Agent(Slots(service, PROGRAM)))
    assert not service.received
