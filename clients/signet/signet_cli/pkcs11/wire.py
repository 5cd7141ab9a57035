"""The values in a call of p11-kit's RPC protocol, and in its answer.

The body of a frame is the number of the call, its signature as text, and the arguments. What is read is bounded before
anything is made of it; what makes no sense is a WireError.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from signet_cli.pkcs11 import cryptoki as ck

MAX_KEPT_BYTES: Final = 16 * 1024 * 1024
"""How much of one call is in memory at most. Data that is to be signed may be longer, and is hashed as it comes."""
PART_BYTES: Final = 1024 * 1024
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
    """Takes values off the body of a call, in order: of one that is in memory, or of one that still comes in."""

    def __init__(self, body: bytes | BinaryIO, length: int = 0) -> None:
        """Read `body`; where it still comes in, the next `length` bytes of it."""
        self._body = io.BytesIO(body) if isinstance(body, bytes) else body
        self.left = len(body) if isinstance(body, bytes) else length
        """How many bytes are not yet taken."""
        self._kept = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self._kept += count
        if self._kept > MAX_KEPT_BYTES:
            raise WireError("a frame is longer than any call")
        return self._next(count)

    def _next(self, count: int) -> bytes:
        if count > self.left:
            raise WireError("a value is longer than its frame")
        value = self._body.read(count)
        if len(value) < count:
            raise WireError("the connection ended within a frame")
        self.left -= count
        return value

    def skip(self) -> None:
        """Pass over what is left."""
        while self.left:
            self._next(min(self.left, PART_BYTES))

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

    def parts(self) -> Iterator[bytes]:
        """`ay` of any length, part by part; all of it is to be taken before what follows it."""
        given, length = self.byte(), self.u32()
        if not given or length == EMPTY_BUFFER:
            return
        if length > self.left:
            raise WireError("a value is longer than its frame")
        while length:
            part = self._next(min(length, PART_BYTES))
            length -= len(part)
            yield part

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
            return self.take(8 * min(self.u32(), MAX_KEPT_BYTES))
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
