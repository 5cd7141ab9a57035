"""Derive keys from passwords: the derivations of RFC 8018, RFC 7292 and RFC 7914, each counted before it is done.

The libraries that could derive keys do not bound the iteration counts that a file states, and the counts inside an
encrypted part are seen only once that part is open. So each derivation is counted against the file's budget, and then
done here. The hashes themselves are the library's.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from signet.adapters.certificate_files import work
from signet.adapters.certificate_files.work import WorkBudget
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnreadableFileError, UnsupportedFormatError

MAX_SALT = 4096
"""Bytes; the longest seen in a real file is 1,024."""
MAX_SCRYPT_MEMORY = 66 * 1024 * 1024
"""Bytes: N of 65,536 with r of 8, four times what OpenSSL uses, and a little for p, whose blocks are held twice."""

T = TypeVar("T")

HMACS = {
    oids.HMAC_WITH_SHA1: "sha1",
    oids.HMAC_WITH_SHA224: "sha224",
    oids.HMAC_WITH_SHA256: "sha256",
    oids.HMAC_WITH_SHA384: "sha384",
    oids.HMAC_WITH_SHA512: "sha512",
    oids.HMAC_WITH_SHA512_224: "sha512_224",
    oids.HMAC_WITH_SHA512_256: "sha512_256",
}


@dataclass(frozen=True, slots=True)
class Password:
    """A password in the two spellings that the derivations use."""

    octets: bytes = field(repr=False)
    """What PBKDF2, scrypt and the old derivations of PEM keys take."""
    bmp: bytes = field(repr=False)
    """UTF-16, with the two zero bytes at its end (RFC 7292, B.1)."""

    @classmethod
    def readings(cls, text: str | None) -> tuple["Password", ...]:
        """What `text` may mean, the likeliest first.

        Some programs write an absent or an empty password as two zero bytes, others as none. Of a password that is not
        ASCII, OpenSSL before 1.1 took each byte of the terminal's encoding for one letter, and that encoding may be
        UTF-8, Latin-1 or Windows' code page. GnuTLS composes letters and accents (RFC 8265); macOS writes them apart.
        """
        if not text:
            return cls(b"", b"\x00\x00"), cls(b"", b"")
        utf8 = text.encode("utf-8", "surrogatepass")
        readings = [cls(utf8, _bmp(text))]
        if not text.isascii():
            readings.append(cls(utf8, _bmp(utf8.decode("latin-1"))))
            composed = unicodedata.normalize("NFC", text)
            readings.append(cls(composed.encode("utf-8", "surrogatepass"), _bmp(composed)))
            for encoding in ("latin-1", "cp1252"):
                try:
                    readings.append(cls(composed.encode(encoding), _bmp(composed)))
                except UnicodeEncodeError:
                    continue
        return tuple(dict.fromkeys(readings))


def _bmp(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass") + b"\x00\x00"


def first_that_opens(
    readings: tuple[Password, ...], attempt: Callable[[Password], T | None], budget: WorkBudget
) -> T | None:
    """The first result of `attempt` that is not None, over the `readings` in their order.

    Every reading but the first is a guess, and is tried only while the budget lasts.

    Raises:
        UnreadableFileError: the budget is not enough for the first.
    """
    for number, password in enumerate(readings):
        try:
            found = attempt(password)
        except UnreadableFileError:
            if number == 0 or not budget.is_spent:
                raise
            return None
        if found is not None:
            return found
    return None


def pbkdf2(parameters: Element, password: bytes, length: int, budget: WorkBudget) -> bytes:
    """PBKDF2 as its parameters say (RFC 8018, A.2): `length` bytes. A length that they state must be the same."""
    fields = parameters.fields()
    salt = _bounded_salt(fields.take().octets())
    iterations = positive(fields.take())
    stated = fields.take_if(tags.INTEGER)
    prf = fields.take_if(tags.SEQUENCE)
    hash_name = HMACS.get(reader.algorithm(prf)[0] if prf else oids.HMAC_WITH_SHA1)
    if hash_name is None:
        raise UnsupportedFormatError("The key derivation uses a pseudo-random function that is not read here.")
    if stated is not None and stated.integer() != length:
        raise Asn1Error("The stated key length is not the cipher's.")
    blocks = -(-length // hashlib.new(hash_name).digest_size)
    return budget.derive(
        iterations * blocks * work.PBKDF2_ITERATION[hash_name],
        ("pbkdf2", hash_name, password, salt, iterations, length),
        lambda: hashlib.pbkdf2_hmac(hash_name, password, salt, iterations, length),
    )


def pkcs12_derivation(  # one formula, and these are its letters
    hash_name: str, password: bytes, salt: bytes, *, purpose: int, iterations: int, length: int, budget: WorkBudget
) -> bytes:
    """The derivation of RFC 7292, B.2, for `length` bytes."""
    if length == 0:
        return b""  # The initialisation vector of a stream cipher.
    algorithm: Callable[[bytes], hashlib._Hash] = getattr(hashlib, hash_name)
    empty = algorithm(b"")
    v, u = empty.block_size, empty.digest_size
    diversifier = bytes((purpose,)) * v
    start = _filled(_bounded_salt(salt), v) + _filled(password, v)

    def derived() -> bytes:
        blocks, output = start, b""
        while True:
            digest = algorithm(diversifier + blocks).digest()
            for _ in range(iterations - 1):
                digest = algorithm(digest).digest()
            output += digest
            if len(output) >= length:
                return output[:length]
            addend = int.from_bytes(_filled(digest, v)) + 1
            blocks = b"".join(
                ((int.from_bytes(blocks[at : at + v]) + addend) % (1 << 8 * v)).to_bytes(v)
                for at in range(0, len(blocks), v)
            )

    return budget.derive(
        -(-length // u) * iterations * work.HASH_IN_A_LOOP[hash_name],
        ("pkcs12", hash_name, password, salt, purpose, iterations, length),
        derived,
    )


def scrypt(parameters: Element, password: bytes, length: int, budget: WorkBudget) -> bytes:
    """RFC 7914, 7; N, r and p are bounded in what they cost in time and in memory."""
    fields = parameters.fields()
    salt = _bounded_salt(fields.take().octets())
    n, r, p = (positive(fields.take()) for _ in range(3))
    if n & (n - 1) or n == 1:
        raise Asn1Error("N of scrypt is not a power of two.")
    seconds = r * p * (n * work.SCRYPT_BLOCK + work.SCRYPT_OUTPUT)
    if 128 * r * (n + 2 * p) > MAX_SCRYPT_MEMORY:
        seconds = float("inf")

    def derived() -> bytes:
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=2 * MAX_SCRYPT_MEMORY)

    try:
        return budget.derive(seconds, ("scrypt", password, salt, n, r, p, length), derived)
    except ValueError:
        raise Asn1Error("The numbers of scrypt do not go together.") from None


def pbkdf1(hash_name: str, password: bytes, salt: bytes, iterations: int, budget: WorkBudget) -> bytes:
    """RFC 8018, 5.1."""
    algorithm: Callable[[bytes], hashlib._Hash] = getattr(hashlib, hash_name)
    start = password + _bounded_salt(salt)

    def derived() -> bytes:
        digest = start
        for _ in range(iterations):
            digest = algorithm(digest).digest()
        return digest

    seconds = iterations * work.HASH_IN_A_LOOP[hash_name]
    return budget.derive(seconds, ("pbkdf1", hash_name, password, salt, iterations), derived)


def positive(element: Element) -> int:
    """An iteration count, or another number from 1 up."""
    value = element.integer()
    if not 0 < value < 1 << 64:
        raise Asn1Error("A count is not positive, or beyond reason.")
    return value


def _bounded_salt(salt: bytes) -> bytes:
    if len(salt) > MAX_SALT:
        raise Asn1Error("The salt is longer than any program writes.")
    return salt


def _filled(data: bytes, v: int) -> bytes:
    """`data` repeated up to a multiple of `v` bytes; empty where `data` is."""
    length = v * -(-len(data) // v)
    return (data * (length // len(data) + 1))[:length] if data else b""
