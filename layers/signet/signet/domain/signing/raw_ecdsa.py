"""ECDSA signatures as two numbers side by side (RFC 7518, 3.4), and as the DER that everything else here speaks."""

from signet.domain.asn1 import tags
from signet.domain.asn1.reader import parse
from signet.domain.asn1.writer import element

_NUMBER_BYTES = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66}


def raw_of(signature: bytes, key_algorithm: str) -> bytes:
    """R and s of `signature`, Ecdsa-Sig-Value in DER (RFC 3279, 2.2.3), each as long as the order of the curve."""
    fields = parse(signature).fields()
    numbers = [fields.take().integer(), fields.take().integer()]
    return b"".join(number.to_bytes(_NUMBER_BYTES[key_algorithm]) for number in numbers)


def der_of(raw: bytes) -> bytes | None:
    """The Ecdsa-Sig-Value in DER of r and s side by side; None where there are no two of one length."""
    half, odd = divmod(len(raw), 2)
    if odd or half not in _NUMBER_BYTES.values():
        return None
    return element(tags.SEQUENCE, *(_integer(raw[at : at + half]) for at in (0, half)))


def _integer(octets: bytes) -> bytes:
    number = int.from_bytes(octets)
    return element(tags.INTEGER, number.to_bytes(number.bit_length() // 8 + 1))  # with room for the sign
