"""The tags of the values that certificates and keys are made of (X.680, 8.4), as the octet that they are encoded in."""

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
UTF8_STRING = 0x0C
NUMERIC_STRING = 0x12
PRINTABLE_STRING = 0x13
TELETEX_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
VISIBLE_STRING = 0x1A
UNIVERSAL_STRING = 0x1C
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

CONSTRUCTED = 0x20
"""The bit that says that there are values inside (X.690, 8.1.2.5)."""
CONTEXT_SPECIFIC = 0x80
NUMBER = 0x1F
"""The five bits of the number. All of them set, the number follows in octets of its own (X.690, 8.1.2.4)."""

STRING_ENCODINGS = {
    UTF8_STRING: "utf-8",
    NUMERIC_STRING: "ascii",
    PRINTABLE_STRING: "ascii",
    TELETEX_STRING: "latin-1",  # T.61 in the standard, and Latin-1 in every program that still writes it.
    IA5_STRING: "ascii",
    VISIBLE_STRING: "ascii",
    UNIVERSAL_STRING: "utf-32-be",
    BMP_STRING: "utf-16-be",  # UCS-2 in the standard; Windows writes pairs of surrogates as well.
}
"""The tags of character strings, and how Python calls their encodings."""


def context(number: int, *, constructed: bool = True) -> int:
    """The tag `[number]`; where it stands IMPLICIT for a primitive type, it is not `constructed`."""
    return CONTEXT_SPECIFIC | number | (CONSTRUCTED if constructed else 0)
