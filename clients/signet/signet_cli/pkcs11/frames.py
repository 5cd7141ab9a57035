"""The frames of p11-kit's RPC protocol.

Version byte each way, then frames: three big-endian 32-bit numbers (a code that the answer repeats, the length of the
options, the length of the body), the options, the body.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from signet_cli.pkcs11.wire import MAX_KEPT_BYTES, Reader, WireError

VERSION: Final = 2
"""The newest version of the protocol that is spoken here; with an older client the older one."""

MAX_FRAME_BYTES: Final = MAX_KEPT_BYTES
"""Of a frame that is read as a whole."""
MAX_CALL_BYTES: Final = 0x8000_0000
"""The stock client takes data of less than 2 GiB into one call."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call, or its answer."""

    code: int
    options: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What a program asks. Where its frame is long, the arguments still come in while they are read."""

    code: int
    arguments: Reader


def agree_on_version(source: BinaryIO, sink: BinaryIO) -> bool:
    """Exchange the version bytes; False where the other end left before it said a word."""
    theirs = source.read(1)
    if not theirs:
        return False
    sink.write(bytes((min(theirs[0], VERSION),)))
    sink.flush()
    return True


def read_call(source: BinaryIO) -> Call | None:
    """The next call; None where the other end has left.

    Raises:
        WireError: it breaks off in the middle, or is longer than any call.
    """
    head = _head(source)
    if head is None:
        return None
    code, options_length, body_length = head
    if options_length + body_length <= MAX_FRAME_BYTES:
        _, body = _rest(source, options_length, body_length)
        return Call(code, Reader(body))
    # All that can be this long is data to be signed. It is not kept, so there is no need to have it as a whole.
    if options_length > MAX_FRAME_BYTES or body_length > MAX_CALL_BYTES:
        raise WireError("a frame is longer than any call")
    _rest(source, options_length, 0)
    return Call(code, Reader(source, body_length))


def read_frame(source: BinaryIO) -> Frame | None:
    """The next frame, whole; None and errors as those of `read_call`."""
    head = _head(source)
    if head is None:
        return None
    code, options_length, body_length = head
    if options_length + body_length > MAX_FRAME_BYTES:
        raise WireError("a frame is longer than any call")
    return Frame(code, *_rest(source, options_length, body_length))


def _head(source: BinaryIO) -> tuple[int, int, int] | None:
    head = source.read(12)
    if not head:
        return None
    if len(head) < 12:
        raise WireError("the connection ended within a frame")
    code, options_length, body_length = struct.unpack(">III", head)
    return code, options_length, body_length


def _rest(source: BinaryIO, options_length: int, body_length: int) -> tuple[bytes, bytes]:
    options, body = source.read(options_length), source.read(body_length)
    if len(options) < options_length or len(body) < body_length:
        raise WireError("the connection ended within a frame")
    return options, body


def write_frame(sink: BinaryIO, frame: Frame) -> None:
    """Send `frame`, at once."""
    sink.write(struct.pack(">III", frame.code, len(frame.options), len(frame.body)) + frame.options + frame.body)
    sink.flush()
