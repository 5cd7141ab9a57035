"""`signet-pkcs11`: answers the calls of one program, one after the other, until it leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.caller import Caller
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.mechanisms import EC_MECHANISMS, Operation
from signet_cli.pkcs11.program import parent_program
from signet_cli.pkcs11.prompts import tell
from signet_cli.pkcs11.service import Service
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.tokens import Object, Token
from signet_cli.pkcs11.wire import (
    EMPTY_BUFFER,
    NO_BUFFER,
    AttributeRoom,
    Frame,
    Reader,
    WireError,
    Writer,
    agree_on_version,
    length_of,
    read_frame,
    write_frame,
)

HANDSHAKE: Final = b"PRIVATE-GNOME-KEYRING-PKCS11-PROTOCOL-V-1"
MANUFACTURER: Final = "Signet"
MAX_SESSIONS: Final = 4096
MAX_RANDOM_BYTES: Final = 64 * 1024
LONGEST_PIN: Final = 64
SHORTEST_PIN: Final = 4


@dataclass
class Session:
    """What one session of the program is about."""

    slot: int
    writable: bool
    found: list[int] | None = None
    """Handles that a search found and that were not yet told; None while no search is under way."""
    operation: Operation | None = None
    key: Token | None = None
    """What `operation` signs with: the certificate that was looked at, also if it is renewed meanwhile."""


@dataclass
class Agent:
    """The calls, by number; each takes its arguments off a Reader and answers with a Writer."""

    slots: Slots
    sessions: dict[int, Session] = field(default_factory=dict)
    _next_session: int = 1

    def answer(self, body: bytes) -> bytes:
        """The body of the answer to the call in `body`.

        Raises:
            WireError: it is no call of this protocol.
        """
        reader = Reader(body)
        number = reader.u32()
        reader.counted()  # The signature of the arguments, which is the call's and no news.
        known = CALLS.get(number)
        handler, signature = known or (_not_supported, b"")
        try:
            written = handler(self, reader)
        except CryptokiError as error:
            if error.text:
                tell(error.text)
            return _failed(error.rv)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of the agent ends one call, not the program's session
            # Its kind and no more: what it says may hold what was handed over.
            tell(f"The agent failed in call {number}: {type(error).__name__}.")
            return _failed(ck.CKR_GENERAL_ERROR)
        return Writer().u32(number).counted(signature).raw(written.bytes()).bytes()

    # --- the library, slots and tokens -----------------------------------------------------------------------------

    def initialize(self, call: Reader) -> Writer:
        """C_Initialize: again for a forked child, which begins anew."""
        if call.byte_array() != HANDSHAKE:
            raise CryptokiError(ck.CKR_GENERAL_ERROR)
        return self._begin_anew()

    def finalize(self, _: Reader) -> Writer:
        """C_Finalize."""
        return self._begin_anew()

    def _begin_anew(self) -> Writer:
        self.sessions.clear()
        self.slots.forget_pins()
        return Writer()

    def get_info(self, _: Reader) -> Writer:
        """C_GetInfo."""
        return Writer().version(2, 40).padded(MANUFACTURER, 32).ulong(0).padded("Signet agent", 32).version(1, 0)

    def get_slot_list(self, call: Reader) -> Writer:
        """C_GetSlotList: asks the service again when the program asks how many there are."""
        with_token, room = bool(call.byte()), call.room()
        if room == NO_BUFFER or not self.slots.numbers(with_token=False):
            self.slots.refresh()
        return Writer().ulongs(self.slots.numbers(with_token=with_token), room=room)

    def get_slot_info(self, call: Reader) -> Writer:
        """C_GetSlotInfo."""
        slot = call.ulong()
        present = self.slots.holds_token(slot)
        alias = self.slots.token(slot).alias if present else "empty"
        return (
            Writer()
            .padded(f"Signet: {alias}", 64)
            .padded(MANUFACTURER, 32)
            .ulong(ck.CKF_TOKEN_PRESENT if present else 0)
            .version(1, 0)
            .version(1, 0)
        )

    def get_token_info(self, call: Reader) -> Writer:
        """C_GetTokenInfo."""
        token = self.slots.token(call.ulong())
        flags = ck.CKF_TOKEN_INITIALIZED | ck.CKF_WRITE_PROTECTED
        if token.asks_for_login:
            flags |= ck.CKF_LOGIN_REQUIRED | ck.CKF_USER_PIN_INITIALIZED
        unknown = ck.CK_UNAVAILABLE_INFORMATION
        return (
            Writer()
            .padded(token.alias, 32)
            .padded(MANUFACTURER, 32)
            .padded("Signet", 16)
            .padded(token.serial_number, 16)
            .ulong(flags, 0, len(self.sessions), 0, 0, LONGEST_PIN, SHORTEST_PIN, unknown, unknown, unknown, unknown)
            .version(1, 0)
            .version(1, 0)
            .padded("", 16)
        )

    def get_mechanism_list(self, call: Reader) -> Writer:
        """C_GetMechanismList."""
        token, room = self.slots.token(call.ulong()), call.room()
        return Writer().ulongs(token.mechanisms, room=room)

    def get_mechanism_info(self, call: Reader) -> Writer:
        """C_GetMechanismInfo."""
        token, mechanism = self.slots.token(call.ulong()), call.ulong()
        if mechanism not in token.mechanisms:
            raise CryptokiError(ck.CKR_MECHANISM_INVALID)
        flags = ck.CKF_HW | ck.CKF_SIGN
        if mechanism in EC_MECHANISMS:
            return Writer().ulong(256, 521, flags | ck.CKF_EC_F_P | ck.CKF_EC_NAMEDCURVE | ck.CKF_EC_UNCOMPRESS)
        return Writer().ulong(2048, 4096, flags)

    # --- sessions --------------------------------------------------------------------------------------------------

    def open_session(self, call: Reader) -> Writer:
        """C_OpenSession."""
        slot, flags = call.ulong(), call.ulong()
        self.slots.token(slot)
        if not flags & ck.CKF_SERIAL_SESSION:
            raise CryptokiError(0xB4)  # CKR_SESSION_PARALLEL_NOT_SUPPORTED
        if len(self.sessions) >= MAX_SESSIONS:
            raise CryptokiError(0xB1)  # CKR_SESSION_COUNT
        handle = self._next_session
        self._next_session += 1
        self.sessions[handle] = Session(slot, bool(flags & ck.CKF_RW_SESSION))
        return Writer().ulong(handle)

    def close_session(self, call: Reader) -> Writer:
        """C_CloseSession; with the last one of a token its PIN is forgotten."""
        handle = call.ulong()
        session = self._session(handle)
        del self.sessions[handle]
        self._forget_pin_without_sessions(session.slot)
        return Writer()

    def close_all_sessions(self, call: Reader) -> Writer:
        """C_CloseAllSessions."""
        slot = call.ulong()
        self.sessions = {handle: each for handle, each in self.sessions.items() if each.slot != slot}
        self._forget_pin_without_sessions(slot)
        return Writer()

    def get_session_info(self, call: Reader) -> Writer:
        """C_GetSessionInfo."""
        session = self._session(call.ulong())
        inside = self.slots.is_logged_in(self.slots.token(session.slot))
        if session.writable:
            state = ck.CKS_RW_USER_FUNCTIONS if inside else ck.CKS_RW_PUBLIC_SESSION
        else:
            state = ck.CKS_RO_USER_FUNCTIONS if inside else ck.CKS_RO_PUBLIC_SESSION
        flags = ck.CKF_SERIAL_SESSION | (ck.CKF_RW_SESSION if session.writable else 0)
        return Writer().ulong(session.slot, state, flags, 0)

    def log_in(self, call: Reader) -> Writer:
        """C_Login: a PIN cannot be checked without a signature, so it is only kept."""
        session, user, pin = self._session(call.ulong()), call.ulong(), call.byte_array()
        if user not in {ck.CKU_USER, ck.CKU_CONTEXT_SPECIFIC}:
            raise CryptokiError(ck.CKR_USER_TYPE_INVALID)
        token = self.slots.token(session.slot)
        inside = self.slots.is_logged_in(token) and not self.slots.may_log_in_again(token)
        if user == ck.CKU_USER and inside:
            raise CryptokiError(ck.CKR_USER_ALREADY_LOGGED_IN)
        self.slots.log_in(token, pin)
        return Writer()

    def log_out(self, call: Reader) -> Writer:
        """C_Logout."""
        session = self._session(call.ulong())
        self.slots.log_out(self.slots.token(session.slot))
        return Writer()

    def _session(self, handle: int) -> Session:
        session = self.sessions.get(handle)
        if session is None:
            raise CryptokiError(ck.CKR_SESSION_HANDLE_INVALID)
        return session

    def _forget_pin_without_sessions(self, slot: int) -> None:
        if not any(each.slot == slot for each in self.sessions.values()) and self.slots.holds_token(slot):
            self.slots.log_out(self.slots.token(slot))

    # --- objects ---------------------------------------------------------------------------------------------------

    def find_objects_init(self, call: Reader) -> Writer:
        """C_FindObjectsInit."""
        session, template = self._session(call.ulong()), call.attributes()
        if session.found is not None:
            raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
        session.found = [handle for handle, each in self._visible(session).items() if each.matches(template)]
        return Writer()

    def find_objects(self, call: Reader) -> Writer:
        """C_FindObjects."""
        session, room = self._session(call.ulong()), call.room()
        if session.found is None:
            raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
        told, session.found = session.found[:room], session.found[room:]
        return Writer().ulongs(told, room=max(room, len(told)))

    def find_objects_final(self, call: Reader) -> Writer:
        """C_FindObjectsFinal."""
        session = self._session(call.ulong())
        if session.found is None:
            raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
        session.found = None
        return Writer()

    def get_attribute_value(self, call: Reader) -> Writer:
        """C_GetAttributeValue: all that were asked for, in order, and then how it ended."""
        session, handle, asked = self._session(call.ulong()), call.ulong(), call.attribute_rooms()
        found = self._object(session, handle)
        answer = Writer().u32(len(asked))
        ended = ck.CKR_OK
        for each in asked:
            ended = _write_attribute(answer, found, each) or ended
        return answer.ulong(ended)

    def get_object_size(self, call: Reader) -> Writer:
        """C_GetObjectSize."""
        session, handle = self._session(call.ulong()), call.ulong()
        return Writer().ulong(sum(length_of(value) for value in self._object(session, handle).attributes.values()))

    def _visible(self, session: Session) -> Mapping[int, Object]:
        """The objects of the session's token by handle; what is private shows only after a login."""
        token = self.slots.with_chain(session.slot)
        inside = self.slots.is_logged_in(token)
        return {place: each for place, each in enumerate(token.objects, 1) if inside or not each.is_private}

    def _object(self, session: Session, handle: int) -> Object:
        found = self._visible(session).get(handle)
        if found is None:
            raise CryptokiError(ck.CKR_OBJECT_HANDLE_INVALID)
        return found

    # --- signing ---------------------------------------------------------------------------------------------------

    def sign_init(self, call: Reader) -> Writer:
        """C_SignInit; without a mechanism it cancels."""
        session, mechanism, key = self._session(call.ulong()), call.mechanism(), call.ulong()
        if mechanism is None:
            session.operation = session.key = None
            return Writer()
        if session.operation is not None:
            raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
        found = self._visible(session).get(key)
        if found is None or found.kind != ck.CKO_PRIVATE_KEY:
            raise CryptokiError(ck.CKR_KEY_HANDLE_INVALID)
        token = self.slots.token(session.slot)
        session.operation, session.key = Operation(mechanism, token.public_key), token
        return Writer()

    def sign(self, call: Reader) -> Writer:
        """C_Sign: all at once. To ask for the length costs no signature."""
        session, data, room = self._session(call.ulong()), call.byte_array(), call.room()
        operation, token = _begun(session)
        if operation.multipart:
            raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
        if _has_no_room(token, room):
            return Writer().byte_length(token.signature_bytes)
        return self._finish(session, operation, token, data or b"")

    def sign_update(self, call: Reader) -> Writer:
        """C_SignUpdate."""
        session, part = self._session(call.ulong()), call.byte_array()
        operation, _ = _begun(session)
        operation.multipart = True
        try:
            operation.feed(part or b"")
        except CryptokiError:
            session.operation = session.key = None
            raise
        return Writer()

    def sign_final(self, call: Reader) -> Writer:
        """C_SignFinal."""
        session, room = self._session(call.ulong()), call.room()
        operation, token = _begun(session)
        if _has_no_room(token, room):
            return Writer().byte_length(token.signature_bytes)
        return self._finish(session, operation, token, b"")

    def _finish(self, session: Session, operation: Operation, token: Token, data: bytes) -> Writer:
        # Whatever comes of it, the operation is over (PKCS#11, 5.13.2): it is not sent twice.
        session.operation = session.key = None
        operation.feed(data)
        return Writer().byte_array(self.slots.sign(token, operation.finish()))

    def session_cancel(self, call: Reader) -> Writer:
        """C_SessionCancel."""
        session = self._session(call.ulong())
        session.operation = session.key = session.found = None
        return Writer()

    def generate_random(self, call: Reader) -> Writer:
        """C_GenerateRandom, from the operating system."""
        self._session(call.ulong())
        room = call.room()
        if room in {NO_BUFFER, EMPTY_BUFFER}:
            return Writer().byte_length(0)
        return Writer().byte_array(os.urandom(min(room, MAX_RANDOM_BYTES)))

    def seed_random(self, _: Reader) -> Writer:
        """C_SeedRandom: the operating system needs no help."""
        return Writer()


def _failed(rv: int) -> bytes:
    return Writer().u32(0).counted(b"u").ulong(rv).bytes()


def _not_supported(_: Agent, __: Reader) -> Writer:
    raise CryptokiError(ck.CKR_FUNCTION_NOT_SUPPORTED)


def _begun(session: Session) -> tuple[Operation, Token]:
    if session.operation is None or session.key is None:
        raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
    return session.operation, session.key


def _has_no_room(token: Token, room: int) -> bool:
    return room == EMPTY_BUFFER or room < token.signature_bytes


def _write_attribute(answer: Writer, found: Object, asked: AttributeRoom) -> int:
    """Put one attribute into `answer`; CKR_OK, or why its value is not there."""
    if found.hides(asked.type):
        answer.attribute(asked.type, None)
        return ck.CKR_ATTRIBUTE_SENSITIVE
    value = found.attributes.get(asked.type)
    answer.attribute(asked.type, value)
    if value is None:
        return ck.CKR_ATTRIBUTE_TYPE_INVALID
    return ck.CKR_BUFFER_TOO_SMALL if 0 < asked.room < length_of(value) else ck.CKR_OK


CALLS: Final[Mapping[int, tuple[Callable[[Agent, Reader], Writer], bytes]]] = {
    1: (Agent.initialize, b""),
    2: (Agent.finalize, b""),
    3: (Agent.get_info, b"vsusv"),
    4: (Agent.get_slot_list, b"au"),
    5: (Agent.get_slot_info, b"ssuvv"),
    6: (Agent.get_token_info, b"ssssuuuuuuuuuuuvvs"),
    7: (Agent.get_mechanism_list, b"au"),
    8: (Agent.get_mechanism_info, b"uuu"),
    10: (Agent.open_session, b"u"),
    11: (Agent.close_session, b""),
    12: (Agent.close_all_sessions, b""),
    13: (Agent.get_session_info, b"uuuu"),
    18: (Agent.log_in, b""),
    19: (Agent.log_out, b""),
    23: (Agent.get_object_size, b"u"),
    24: (Agent.get_attribute_value, b"aAu"),
    26: (Agent.find_objects_init, b""),
    27: (Agent.find_objects, b"au"),
    28: (Agent.find_objects_final, b""),
    42: (Agent.sign_init, b""),
    43: (Agent.sign, b"ay"),
    44: (Agent.sign_update, b""),
    45: (Agent.sign_final, b"ay"),
    64: (Agent.seed_random, b""),
    65: (Agent.generate_random, b"ay"),
    68: (Agent.session_cancel, b""),
}
"""By the number of the call in p11-kit's protocol: what answers it, and the signature of the answer."""


def serve(source: BinaryIO, sink: BinaryIO, agent: Agent) -> None:
    """Answer until the program leaves.

    Raises:
        WireError: it sent what is no call.
    """
    if not agree_on_version(source, sink):
        return
    while (frame := read_frame(source)) is not None:
        write_frame(sink, Frame(frame.code, b"", agent.answer(frame.body)))


def main() -> int:
    """The agent's entry point; standard input and output belong to the program that started it."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # Whatever prints by mistake must not reach the protocol.
    try:
        serve(source, sink, Agent(Slots(Service(Caller()), parent_program())))
    except WireError as error:
        tell(f"The program sent what is no call: {error}.")
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
