"""`signet-pkcs11`: answers the calls of one program, one after the other, until it leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from signet_cli.core_files import forbid_core_files
from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.caller import Caller
from signet_cli.pkcs11.calls import library, objects, sessions, signing
from signet_cli.pkcs11.conversation import Conversation
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.frames import Frame, agree_on_version, read_call, write_frame
from signet_cli.pkcs11.program import parent_program
from signet_cli.pkcs11.prompts import tell
from signet_cli.pkcs11.service import Service
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.wire import Reader, WireError, Writer


class Agent:
    """Answers the calls of one program by their number, each from what the program has said before."""

    def __init__(self, slots: Slots) -> None:
        """Answer for the certificates in `slots`."""
        self.slots = slots
        self._conversation = Conversation(slots)

    def answer(self, body: bytes) -> bytes:
        """The body of the answer to the call in `body`; raises as `answer_to` does."""
        return self.answer_to(Reader(body))

    def answer_to(self, reader: Reader) -> bytes:
        """The body of the answer to the call that `reader` reads.

        Raises:
            WireError: it is no call of this protocol.
        """
        number = reader.u32()
        reader.counted()  # The signature of the arguments, which is the call's and no news.
        known = CALLS.get(number)
        handler, signature = known or (_not_supported, b"")
        try:
            written = handler(self._conversation, reader)
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


def _failed(rv: int) -> bytes:
    return Writer().u32(0).counted(b"u").ulong(rv).bytes()


def _not_supported(_: Conversation, __: Reader) -> Writer:
    raise CryptokiError(ck.CKR_FUNCTION_NOT_SUPPORTED)


CALLS: Final[Mapping[int, tuple[Callable[[Conversation, Reader], Writer], bytes]]] = {
    1: (library.initialize, b""),
    2: (library.finalize, b""),
    3: (library.get_info, b"vsusv"),
    4: (library.get_slot_list, b"au"),
    5: (library.get_slot_info, b"ssuvv"),
    6: (library.get_token_info, b"ssssuuuuuuuuuuuvvs"),
    7: (library.get_mechanism_list, b"au"),
    8: (library.get_mechanism_info, b"uuu"),
    10: (sessions.open_session, b"u"),
    11: (sessions.close_session, b""),
    12: (sessions.close_all_sessions, b""),
    13: (sessions.get_session_info, b"uuuu"),
    18: (sessions.log_in, b""),
    19: (sessions.log_out, b""),
    23: (objects.get_object_size, b"u"),
    24: (objects.get_attribute_value, b"aAu"),
    26: (objects.find_objects_init, b""),
    27: (objects.find_objects, b"au"),
    28: (objects.find_objects_final, b""),
    42: (signing.sign_init, b""),
    43: (signing.sign, b"ay"),
    44: (signing.sign_update, b""),
    45: (signing.sign_final, b"ay"),
    64: (library.seed_random, b""),
    65: (library.generate_random, b"ay"),
    68: (signing.session_cancel, b""),
}
"""By the number of the call in p11-kit's protocol: what answers it, and the signature of the answer."""


def serve(source: BinaryIO, sink: BinaryIO, agent: Agent) -> None:
    """Answer until the program leaves.

    Raises:
        WireError: it sent what is no call.
    """
    if not agree_on_version(source, sink):
        return
    while (call := read_call(source)) is not None:
        answer = agent.answer_to(call.arguments)
        call.arguments.skip()  # What a refused call still sends; the program reads no answer before it is done.
        write_frame(sink, Frame(call.code, b"", answer))
        agent.slots.was_handed_on()
    agent.slots.tell_what_was_not_seen()


def main() -> int:
    """The agent's entry point; standard input and output belong to the program that started it."""
    forbid_core_files()
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
