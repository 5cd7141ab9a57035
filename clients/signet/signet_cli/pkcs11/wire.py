"""The bytes of p11-kit's RPC protocol: frames, and the values in them.

Version byte each way, then frames: three big-endian 32-bit numbers (a code that the answer repeats, the length of the
options, the length of the body), the options, the body. A body is the number of the call, its signature as text, and
the arguments. What is read is bounded before anything is made of it; a frame that makes no sense is a WireError.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from signet_cli.pkcs11 import cryptoki as ck

VERSION: Final = 2
"""The newest version of the protocol that is spoken here; with an older client the older one."""

MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
MAX_ATTRIBUTES: Final = 256

NO_BUFFER: Final = 0
"""As the room at the other end: it only asks for the length."""
EMPTY_BUFFER: Final = 0xFFFFFFFF

AttributeValue = bytes | int | bool
"""Of an attribute: CK_ULONG as int, CK_BBOOL as bool, everything else as bytes."""

_NULL_MECHANISM: Final = 0xFFFFFFFF

_BOOLEANS: Final = frozenset(
    {
        ck.CKA_TOKEN,
        ck.CKA_PRIVATE,
        ck.CKA_TRUSTED,
        ck.CKA_SENSITIVE,
        ck.CKA_ENCRYPT,
        ck.CKA_DECRYPT,
        ck.CKA_WRAP,
        ck.CKA_UNWRAP,
        ck.CKA_SIGN,
        ck.CKA_SIGN_RECOVER,
        ck.CKA_VERIFY,
        ck.CKA_VERIFY_RECOVER,
        ck.CKA_DERIVE,
        ck.CKA_EXTRACTABLE,
        ck.CKA_LOCAL,
        ck.CKA_NEVER_EXTRACTABLE,
        ck.CKA_ALWAYS_SENSITIVE,
        ck.CKA_MODIFIABLE,
        ck.CKA_COPYABLE,
        0x200,  # CKA_SECONDARY_AUTH
        ck.CKA_ALWAYS_AUTHENTICATE,
        ck.CKA_WRAP_WITH_TRUSTED,
        0x302,  # CKA_RESET_ON_INIT
        0x303,  # CKA_HAS_RESET
        0x405,  # CKA_COLOR
    }
)
_NUMBERS: Final = frozenset(
    {
        ck.CKA_CLASS,
        ck.CKA_CERTIFICATE_TYPE,
        ck.CKA_CERTIFICATE_CATEGORY,
        0x088,  # CKA_JAVA_MIDP_SECURITY_DOMAIN
        ck.CKA_KEY_TYPE,
        ck.CKA_MODULUS_BITS,
        0x133,  # CKA_PRIME_BITS
        0x134,  # CKA_SUB_PRIME_BITS
        0x160,  # CKA_VALUE_BITS
        0x161,  # CKA_VALUE_LEN
        0x166,  # CKA_KEY_GEN_MECHANISM
        0x201,  # CKA_AUTH_PIN_FLAGS
        0x300,  # CKA_HW_FEATURE_TYPE
        0x400,  # CKA_PIXEL_X
        0x401,  # CKA_PIXEL_Y
        0x402,  # CKA_RESOLUTION
        0x403,  # CKA_CHAR_ROWS
        0x404,  # CKA_CHAR_COLUMNS
        0x406,  # CKA_BITS_PER_PIXEL
        0x500,  # CKA_MECHANISM_TYPE
    }
)
_ATTRIBUTE_ARRAYS: Final = frozenset({ck.CKA_WRAP_TEMPLATE, ck.CKA_UNWRAP_TEMPLATE, ck.CKA_DERIVE_TEMPLATE})
_MAX_NESTED: Final = 8


class WireError(Exception):
    """The other end sent what is no frame of this protocol; the connection ends."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What to sign with; `parameter` is as the protocol writes it, None where there is none."""

    type: int
    parameter: bytes | None = None


@dataclass(frozen=True, slots=True)
class AttributeRoom:
    """An attribute that is asked for, and the bytes that there is room for."""

    type: int
    room: int


class Reader:
    """Takes values off the body of a call, in order."""

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are not yet taken."""
        return len(self._body) - self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > self.left:
            raise WireError("a value is longer than its frame")
        value = bytes(self._body[self._at : self._at + count])
        self._at += count
        return value

    def byte(self) -> int:
        """`y`."""
        return self.take(1)[0]

    def u32(self) -> int:
        """A 32-bit number, as lengths are."""
        return int.from_bytes(self.take(4), "big")

    def ulong(self) -> int:
        """`u`, a CK_ULONG."""
        return int.from_bytes(self.take(8), "big")

    def counted(self) -> bytes:
        """Bytes behind their length; none where the length is that of a null pointer."""
        length = self.u32()
        return b"" if length == EMPTY_BUFFER else self.take(length)

    def byte_array(self) -> bytes | None:
        """`ay`; None for a null pointer."""
        if self.byte():
            return self.counted()
        self.u32()
        return None

    def room(self) -> int:
        """`fy` or `fu`: how much the other end has room for."""
        return self.u32()

    def mechanism(self) -> Mechanism | None:
        """`M`, where a key (a CK_ULONG) and nothing else follows; None where an operation is to be cancelled.

        How a mechanism is written changed in p11-kit 0.25.6, whatever version of the protocol was agreed on: before,
        the parameter followed as it is, `ffffffff` where there was none; since, a mechanism that never has one is the
        type alone, and any other has a byte that says whether one follows. What is left before the key tells which.
        """
        kind = self.u32()
        rest = self.take(self.left - 8) if self.left >= 8 else b""
        if kind == _NULL_MECHANISM:
            return None
        if rest in {b"", b"\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x01\xff\xff\xff\xff"}:
            return Mechanism(kind)
        if len(rest) % 8 == 1:
            rest = rest[1:]
        return Mechanism(kind, rest)

    def attributes(self, depth: int = 0) -> dict[int, AttributeValue | None]:
        """`aA`; None for a value that is not valid."""
        count = self.u32()
        if count > MAX_ATTRIBUTES or depth > _MAX_NESTED:
            raise WireError("more attributes than any object has")
        found: dict[int, AttributeValue | None] = {}
        for _ in range(count):
            kind = self.u32()
            if not self.byte():
                found[kind] = None
                continue
            self.u32()  # The length that the value has in memory.
            found[kind] = self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> AttributeValue:
        if kind in _BOOLEANS:
            return self.byte() != 0
        if kind in _NUMBERS:
            return self.ulong()
        if kind in _ATTRIBUTE_ARRAYS:
            self.attributes(depth + 1)
            return b""
        if kind == ck.CKA_ALLOWED_MECHANISMS:
            return self.take(8 * min(self.u32(), MAX_FRAME_BYTES))
        return self.counted()

    def attribute_rooms(self, depth: int = 0) -> list[AttributeRoom]:
        """`fA`: the attributes asked for."""
        count = self.u32()
        if count > MAX_ATTRIBUTES or depth > _MAX_NESTED:
            raise WireError("more attributes than any object has")
        asked = []
        for _ in range(count):
            kind, room = self.u32(), self.u32()
            if kind in _ATTRIBUTE_ARRAYS and room:
                self.attribute_rooms(depth + 1)
            asked.append(AttributeRoom(kind, room))
        return asked

    def end(self) -> None:
        """Nothing may be left."""
        if self.left:
            raise WireError("a call has more arguments than its signature says")


class Writer:
    """Puts the values of an answer together, in order."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def raw(self, value: bytes) -> Writer:
        """Bytes as they are."""
        self._parts.append(value)
        return self

    def byte(self, value: int) -> Writer:
        """`y`."""
        return self.raw(bytes((value,)))

    def u32(self, value: int) -> Writer:
        """A 32-bit number."""
        return self.raw(value.to_bytes(4, "big"))

    def ulong(self, *values: int) -> Writer:
        """`u`, as often as there are values."""
        return self.raw(b"".join(value.to_bytes(8, "big") for value in values))

    def counted(self, value: bytes) -> Writer:
        """Bytes behind their length."""
        return self.u32(len(value)).raw(value)

    def version(self, major: int, minor: int) -> Writer:
        """`v`, a CK_VERSION."""
        return self.raw(bytes((major, minor)))

    def padded(self, text: str, length: int) -> Writer:
        """`s`: `text` in UTF-8, cut between two characters and filled up with spaces."""
        encoded = text.encode()[:length].decode(errors="ignore").encode()
        return self.counted(encoded.ljust(length))

    def byte_array(self, value: bytes) -> Writer:
        """`ay`."""
        return self.byte(1).counted(value)

    def byte_length(self, length: int) -> Writer:
        """`ay` of which only the length is told: it was asked for, or the room is too small."""
        return self.byte(0).u32(length)

    def ulongs(self, values: Sequence[int], *, room: int) -> Writer:
        """`au`: the values, or where there is no room for them how many they are."""
        if len(values) > room:
            return self.byte(0).u32(len(values))
        return self.byte(1).u32(len(values)).ulong(*values)

    def attribute(self, kind: int, value: AttributeValue | None) -> Writer:
        """One attribute of `aA`; None where it has no value to show."""
        self.u32(kind)
        if value is None:
            return self.byte(0)
        self.byte(1).u32(length_of(value))
        if isinstance(value, bool):
            return self.byte(int(value))
        if isinstance(value, int):
            return self.ulong(value)
        return self.counted(value)

    def bytes(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


def length_of(value: AttributeValue) -> int:
    """How many bytes `value` has in the memory of the program: CK_BBOOL 1, CK_ULONG 8."""
    if isinstance(value, bool):
        return 1
    return 8 if isinstance(value, int) else len(value)


@dataclass(frozen=True, slots=True)
class Frame:
    """One call, or its answer."""

    code: int
    options: bytes
    body: bytes


def agree_on_version(source: BinaryIO, sink: BinaryIO) -> bool:
    """Exchange the version bytes; False where the other end left before it said a word."""
    theirs = source.read(1)
    if not theirs:
        return False
    sink.write(bytes((min(theirs[0], VERSION),)))
    sink.flush()
    return True


def read_frame(source: BinaryIO) -> Frame | None:
    """The next frame; None where the other end has left.

    Raises:
        WireError: it breaks off in the middle, or is longer than any call.
    """
    head = source.read(12)
    if not head:
        return None
    if len(head) < 12:
        raise WireError("the connection ended within a frame")
    code, options_length, body_length = struct.unpack(">III", head)
    if options_length + body_length > MAX_FRAME_BYTES:
        raise WireError("a frame is longer than any call")
    options, body = source.read(options_length), source.read(body_length)
    if len(options) < options_length or len(body) < body_length:
        raise WireError("the connection ended within a frame")
    return Frame(code, options, body)


def write_frame(sink: BinaryIO, frame: Frame) -> None:
    """Send `frame`, at once."""
    sink.write(struct.pack(">III", frame.code, len(frame.options), len(frame.body)) + frame.options + frame.body)
    sink.flush()
