"""Write DER (X.690, 8 and 10)."""

from signet.domain.asn1.tags import OBJECT_IDENTIFIER

# A longer length is written as the number of its octets, with this bit set (X.690, 8.1.3.5).
_LONG_LENGTH = 0x80


def element(tag: int, *contents: bytes) -> bytes:
    """The encoding of a value with `tag` that holds `contents`, one after the other."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_LENGTH:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG_LENGTH | len(octets))) + octets + content


def object_identifier(dotted: str) -> bytes:
    """The encoding of the object identifier `dotted`, as in `2.5.4.3` (X.690, 8.19)."""
    first, second, *others = (int(arc) for arc in dotted.split("."))
    return element(OBJECT_IDENTIFIER, *(_base128(arc) for arc in (first * 40 + second, *others)))


def _base128(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))
