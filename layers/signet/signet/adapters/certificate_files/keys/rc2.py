"""RC2 (RFC 2268), decryption only: 40-bit RC2 still wraps the certificates in many PKCS#12 files.

The cryptography package offers it with 128-bit keys alone. It protects nothing here; it is read, never written.
"""

_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)
BLOCK = 8


def _expand(key: bytes, effective_bits: int) -> list[int]:
    """The 64 words of the key schedule (RFC 2268, 2)."""
    table = bytearray(key) + bytearray(128 - len(key))
    for at in range(len(key), 128):
        table[at] = _PI[(table[at - 1] + table[at - len(key)]) & 0xFF]
    size = (effective_bits + 7) // 8
    table[128 - size] = _PI[table[128 - size] & (0xFF >> (8 * size - effective_bits))]
    for at in range(127 - size, -1, -1):
        table[at] = _PI[table[at + 1] ^ table[at + size]]
    return [table[at] | table[at + 1] << 8 for at in range(0, 128, 2)]


def _decrypt_block(block: bytes, k: list[int]) -> bytes:
    """RFC 2268, 4: sixteen mixing rounds backwards, with a mashing round after the fifth and the eleventh."""
    a, b, c, d = (block[at] | block[at + 1] << 8 for at in range(0, BLOCK, 2))
    for number in range(15, -1, -1):
        j = 4 * number
        d = ((d >> 5 | d << 11) - k[j + 3] - (c & b) - (~c & a)) & 0xFFFF
        c = ((c >> 3 | c << 13) - k[j + 2] - (b & a) - (~b & d)) & 0xFFFF
        b = ((b >> 2 | b << 14) - k[j + 1] - (a & d) - (~a & c)) & 0xFFFF
        a = ((a >> 1 | a << 15) - k[j] - (d & c) - (~d & b)) & 0xFFFF
        if number in {11, 5}:
            d = (d - k[c & 63]) & 0xFFFF
            c = (c - k[b & 63]) & 0xFFFF
            b = (b - k[a & 63]) & 0xFFFF
            a = (a - k[d & 63]) & 0xFFFF
    return bytes((a & 0xFF, a >> 8, b & 0xFF, b >> 8, c & 0xFF, c >> 8, d & 0xFF, d >> 8))


def decrypt_cbc(ciphertext: bytes, key: bytes, iv: bytes, *, effective_bits: int) -> bytes:
    """The plain text, padding included; `ciphertext` is whole blocks, `key` 1 to 128 bytes."""
    schedule = _expand(key, effective_bits)
    plain = bytearray()
    previous = iv
    for at in range(0, len(ciphertext), BLOCK):
        block = ciphertext[at : at + BLOCK]
        plain += bytes(x ^ y for x, y in zip(_decrypt_block(block, schedule), previous, strict=True))
        previous = block
    return bytes(plain)
