"""Undo the password-based encryption of PKCS#8, PKCS#12 and old PEM keys (RFC 8018; RFC 7292, appendix B).

The libraries that could do it have no bound on the iteration counts that a file states, and those inside an encrypted
part are seen only once that part is open. So each derivation is counted against the file's budget, then done here.
The ciphers and hashes themselves are the libraries'.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from signet.adapters.certificate_reading import asn1, rc2, work
from signet.adapters.certificate_reading.asn1 import Asn1Error, Element
from signet.adapters.certificate_reading.work import WorkBudget
from signet.domain.errors import UnsupportedFormatError, WrongPasswordError

MAX_SALT = 4096
"""Bytes; the longest seen in a real file is 1,024."""
MAX_SCRYPT_MEMORY = 66 * 1024 * 1024
"""Bytes: N of 65,536 with r of 8, four times what OpenSSL uses, and a little for p."""
MIN_MAC_KEY, MAX_MAC_KEY = 20, 128
"""Bytes; RFC 9579 wants 20 at least, and recommends the length of the hash."""

HASHES = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
HMACS = {
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
    "1.2.840.113549.2.12": "sha512_224",
    "1.2.840.113549.2.13": "sha512_256",
}
_HMAC_WITH_SHA1 = "1.2.840.113549.2.7"
_PBES2 = "1.2.840.113549.1.5.13"
_PBKDF2 = "1.2.840.113549.1.5.12"
_PBMAC1 = "1.2.840.113549.1.5.14"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"


@dataclass(frozen=True, slots=True)
class Password:
    """A password in the two spellings that the derivations use."""

    utf8: bytes = field(repr=False)
    bmp: bytes = field(repr=False)
    """UTF-16, with the two zero bytes at its end (RFC 7292, B.1)."""

    @classmethod
    def readings(cls, text: str | None) -> tuple["Password", ...]:
        """What `text` may mean: no password and an empty one are written in either of two ways."""
        if not text:
            return cls(b"", b"\x00\x00"), cls(b"", b"")
        return (cls(text.encode("utf-8", "surrogatepass"), text.encode("utf-16-be", "surrogatepass") + b"\x00\x00"),)


@dataclass(frozen=True, slots=True)
class _Cipher:
    """A symmetric cipher, by the lengths it takes in bytes."""

    name: str
    key: int
    block: int
    """Also the length of the initialisation vector; 0 for a stream cipher."""
    effective_bits: int = 0


_AES, _3DES, _DES, _RC2, _RC4 = "AES", "3DES", "DES", "RC2", "RC4"
_PBES2_CIPHERS = {
    "2.16.840.1.101.3.4.1.2": _Cipher(_AES, 16, 16),
    "2.16.840.1.101.3.4.1.22": _Cipher(_AES, 24, 16),
    "2.16.840.1.101.3.4.1.42": _Cipher(_AES, 32, 16),
    "1.2.840.113549.3.7": _Cipher(_3DES, 24, 8),
    "1.3.14.3.2.7": _Cipher(_DES, 8, 8),
}
_RC2_CBC = "1.2.840.113549.3.2"
_RC2_VERSIONS = {160: 40, 120: 64, 58: 128}
"""RFC 8018, B.2.3: what `rc2ParameterVersion` says of the effective bits."""
_PKCS12_CIPHERS = {
    "1.2.840.113549.1.12.1.1": _Cipher(_RC4, 16, 0),
    "1.2.840.113549.1.12.1.2": _Cipher(_RC4, 5, 0),
    "1.2.840.113549.1.12.1.3": _Cipher(_3DES, 24, 8),
    "1.2.840.113549.1.12.1.4": _Cipher(_3DES, 16, 8),
    "1.2.840.113549.1.12.1.5": _Cipher(_RC2, 16, 8, 128),
    "1.2.840.113549.1.12.1.6": _Cipher(_RC2, 5, 8, 40),
}
_PBES1_CIPHERS = {
    "1.2.840.113549.1.5.3": ("md5", _Cipher(_DES, 8, 8)),
    "1.2.840.113549.1.5.6": ("md5", _Cipher(_RC2, 8, 8, 64)),
    "1.2.840.113549.1.5.10": ("sha1", _Cipher(_DES, 8, 8)),
    "1.2.840.113549.1.5.11": ("sha1", _Cipher(_RC2, 8, 8, 64)),
}
_PEM_CIPHERS = {
    "AES-128-CBC": _Cipher(_AES, 16, 16),
    "AES-192-CBC": _Cipher(_AES, 24, 16),
    "AES-256-CBC": _Cipher(_AES, 32, 16),
    "DES-EDE3-CBC": _Cipher(_3DES, 24, 8),
    "DES-CBC": _Cipher(_DES, 8, 8),
}

KEY_PURPOSE, IV_PURPOSE, MAC_PURPOSE = 1, 2, 3
"""What RFC 7292, B.3 derives a value for."""


def decrypt(algorithm: Element, ciphertext: bytes, readings: tuple[Password, ...], budget: WorkBudget) -> bytes:
    """The one ASN.1 SEQUENCE that `ciphertext` holds under the first of `readings` that opens it.

    Raises:
        WrongPasswordError: none of them does.
        UnsupportedFormatError: encrypted in a way that is not read here.
        UnreadableFileError: it asks for more work than is left in `budget`.
        Asn1Error: `algorithm` is not an AlgorithmIdentifier of its kind.
    """
    for password in readings:
        plain = _decrypt_with(algorithm, ciphertext, password, budget)
        if plain is not None and _is_one_sequence(plain):
            return plain
    raise WrongPasswordError("The password does not open the file or the key.")


def decrypt_pem(dek_info: str, ciphertext: bytes, password: Password, budget: WorkBudget) -> bytes:
    """The SEQUENCE that an old `Proc-Type: 4,ENCRYPTED` block holds, as OpenSSL writes it.

    Raises:
        WrongPasswordError: `password` does not open it.
        UnsupportedFormatError: another cipher than is read here.
        Asn1Error: `dek_info`, the header DEK-Info, is broken.
    """
    name, _, hex_iv = dek_info.partition(",")
    cipher = _PEM_CIPHERS.get(name.strip().upper())
    if cipher is None:
        raise UnsupportedFormatError("The key is encrypted in a way that is not read here.")
    try:
        iv = bytes.fromhex(hex_iv)
    except ValueError:
        raise Asn1Error("The initialisation vector is not in hex.") from None
    if len(iv) != cipher.block:
        raise Asn1Error("The initialisation vector has another length than the cipher's block.")
    key = digest = b""
    while len(key) < cipher.key:  # EVP_BytesToKey with MD5, one iteration and the vector's start as salt.
        digest = hashlib.md5(digest + password.utf8 + iv[:8], usedforsecurity=False).digest()
        key += digest
    plain = _run(cipher, key[: cipher.key], iv, ciphertext, budget)
    if plain is None or not _is_one_sequence(plain):
        raise WrongPasswordError("The password does not open the key.")
    return plain


def pbkdf2(parameters: Element, password: bytes, length: int, budget: WorkBudget) -> bytes:
    """PBKDF2 as its parameters say (RFC 8018, A.2); `length` bytes, which they must not contradict."""
    fields = parameters.fields()
    salt = _bounded_salt(fields.take().octets())
    iterations = positive(fields.take())
    stated = fields.take_if(asn1.INTEGER)
    prf = fields.take_if(asn1.SEQUENCE)
    hash_name = HMACS.get(asn1.algorithm(prf)[0] if prf else _HMAC_WITH_SHA1)
    if hash_name is None:
        raise UnsupportedFormatError("The key derivation uses a pseudo-random function that is not read here.")
    if stated is not None and stated.integer() != length:
        raise Asn1Error("The stated key length is not the cipher's.")
    blocks = -(-length // hashlib.new(hash_name).digest_size)
    budget.spend(iterations * blocks * work.PBKDF2_ITERATION[hash_name])
    return hashlib.pbkdf2_hmac(hash_name, password, salt, iterations, length)


def pkcs12_derivation(  # one formula, and these are its letters
    hash_name: str, password: bytes, salt: bytes, *, purpose: int, iterations: int, length: int, budget: WorkBudget
) -> bytes:
    """The derivation of RFC 7292, B.2, for `length` bytes."""
    if length == 0:
        return b""  # The initialisation vector of a stream cipher.
    algorithm: Callable[[bytes], hashlib._Hash] = getattr(hashlib, hash_name)
    empty = algorithm(b"")
    v, u = empty.block_size, empty.digest_size
    budget.spend(-(-length // u) * iterations * work.HASH_IN_A_LOOP)
    diversifier = bytes((purpose,)) * v
    blocks = _filled(_bounded_salt(salt), v) + _filled(password, v)
    derived = b""
    while True:
        digest = algorithm(diversifier + blocks).digest()
        for _ in range(iterations - 1):
            digest = algorithm(digest).digest()
        derived += digest
        if len(derived) >= length:
            return derived[:length]
        addend = int.from_bytes(_filled(digest, v)) + 1
        blocks = b"".join(
            ((int.from_bytes(blocks[at : at + v]) + addend) % (1 << 8 * v)).to_bytes(v)
            for at in range(0, len(blocks), v)
        )


@dataclass(frozen=True, slots=True)
class Mac:
    """What a PKCS#12 file says of its MAC (RFC 7292, 4)."""

    algorithm: Element
    digest: bytes
    salt: bytes
    iterations: int

    def is_of(self, content: bytes, readings: tuple[Password, ...], budget: WorkBudget) -> bool:
        """Whether it is the MAC of `content` under one of `readings`.

        Raises:
            UnsupportedFormatError: a MAC of a kind that is not read here.
            UnreadableFileError: it asks for more work than is left in `budget`.
            Asn1Error: the algorithm is broken.
        """
        for password in readings:
            key, hash_name = self._key(password, budget)
            if hmac.compare_digest(hmac.digest(key, content, hash_name), self.digest):
                return True
        return False

    def _key(self, password: Password, budget: WorkBudget) -> tuple[bytes, str]:
        """The key of the HMAC, and its hash."""
        oid, parameters = asn1.algorithm(self.algorithm)
        if oid == _PBMAC1:
            return _pbmac1_key(parameters, password, budget)
        if (hash_name := HASHES.get(oid)) is None:
            raise UnsupportedFormatError("The file's MAC is of a kind that is not read here.")
        length = hashlib.new(hash_name).digest_size
        key = pkcs12_derivation(
            hash_name, password.bmp, self.salt,
            purpose=MAC_PURPOSE, iterations=self.iterations, length=length, budget=budget,
        )  # fmt: skip
        return key, hash_name


def _pbmac1_key(parameters: Element | None, password: Password, budget: WorkBudget) -> tuple[bytes, str]:
    """The MAC key and the hash of PBMAC1 (RFC 8018, A.5); RFC 9579, 4 makes the key length mandatory."""
    if parameters is None:
        raise Asn1Error("PBMAC1 has no parameters.")
    fields = parameters.fields()
    kdf, kdf_parameters = asn1.algorithm(fields.take(asn1.SEQUENCE))
    hash_name = HMACS.get(asn1.algorithm(fields.take(asn1.SEQUENCE))[0])
    if kdf != _PBKDF2 or kdf_parameters is None or hash_name is None:
        raise UnsupportedFormatError("The file's MAC is of a kind that is not read here.")
    lengths = [field.integer() for field in kdf_parameters.children() if field.tag == asn1.INTEGER][1:]
    if not lengths or not MIN_MAC_KEY <= lengths[0] <= MAX_MAC_KEY:
        raise Asn1Error("The MAC's key has no length, or none that is reasonable.")
    return pbkdf2(kdf_parameters, password.utf8, lengths[0], budget), hash_name


def _decrypt_with(algorithm: Element, ciphertext: bytes, password: Password, budget: WorkBudget) -> bytes | None:
    """The plain text without its padding; None where there is no padding, as after a wrong password."""
    oid, parameters = asn1.algorithm(algorithm)
    if parameters is None:
        raise Asn1Error("The encryption has no parameters.")
    if oid == _PBES2:
        return _decrypt_pbes2(parameters, ciphertext, password, budget)
    fields = parameters.fields()
    salt, iterations = fields.take().octets(), positive(fields.take())
    if cipher := _PKCS12_CIPHERS.get(oid):
        key, iv = (
            pkcs12_derivation(
                "sha1", password.bmp, salt, purpose=purpose, iterations=iterations, length=length, budget=budget
            )
            for purpose, length in ((KEY_PURPOSE, cipher.key), (IV_PURPOSE, cipher.block))
        )
        return _run(cipher, key, iv, ciphertext, budget)
    if oid in _PBES1_CIPHERS:
        hash_name, cipher = _PBES1_CIPHERS[oid]
        derived = _pbkdf1(hash_name, password.utf8, salt, iterations, budget)
        return _run(cipher, derived[:8], derived[8:16], ciphertext, budget)
    raise UnsupportedFormatError("The file or the key is encrypted in a way that is not read here.")


def _decrypt_pbes2(parameters: Element, ciphertext: bytes, password: Password, budget: WorkBudget) -> bytes | None:
    """RFC 8018, 6.2."""
    fields = parameters.fields()
    kdf, kdf_parameters = asn1.algorithm(fields.take(asn1.SEQUENCE))
    cipher, iv = _pbes2_cipher(fields.take(asn1.SEQUENCE))
    if kdf_parameters is None:
        raise Asn1Error("The key derivation has no parameters.")
    if kdf == _PBKDF2:
        key = pbkdf2(kdf_parameters, password.utf8, cipher.key, budget)
    elif kdf == _SCRYPT:
        key = _scrypt(kdf_parameters, password.utf8, cipher.key, budget)
    else:
        raise UnsupportedFormatError("The key derivation is of a kind that is not read here.")
    return _run(cipher, key, iv, ciphertext, budget)


def _pbes2_cipher(algorithm: Element) -> tuple[_Cipher, bytes]:
    """The cipher and its initialisation vector (RFC 8018, B.2)."""
    oid, parameters = asn1.algorithm(algorithm)
    if parameters is None:
        raise Asn1Error("The cipher has no parameters.")
    if cipher := _PBES2_CIPHERS.get(oid):
        iv = parameters.octets()
    elif oid == _RC2_CBC:
        fields = parameters.fields()
        version = fields.take_if(asn1.INTEGER)
        bits = _RC2_VERSIONS.get(version.integer(), 0) if version else 32
        iv = fields.take().octets()
        cipher = _Cipher(_RC2, bits // 8, 8, bits)
        if not bits:
            raise UnsupportedFormatError("RC2 is used with a number of effective bits that is not read here.")
    else:
        raise UnsupportedFormatError("The file or the key is encrypted with a cipher that is not read here.")
    if len(iv) != cipher.block:
        raise Asn1Error("The initialisation vector has another length than the cipher's block.")
    return cipher, iv


def _scrypt(parameters: Element, password: bytes, length: int, budget: WorkBudget) -> bytes:
    """RFC 7914, 7; N, r and p are bounded in what they cost in time and in memory."""
    fields = parameters.fields()
    salt = _bounded_salt(fields.take().octets())
    n, r, p = (positive(fields.take()) for _ in range(3))
    if n & (n - 1) or n == 1:
        raise Asn1Error("N of scrypt is not a power of two.")
    budget.spend(n * r * p * work.SCRYPT_BLOCK)
    if 128 * r * (n + p) > MAX_SCRYPT_MEMORY:
        budget.spend(float("inf"))
    try:
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=2 * MAX_SCRYPT_MEMORY)
    except ValueError:
        raise Asn1Error("The numbers of scrypt do not go together.") from None


def _pbkdf1(hash_name: str, password: bytes, salt: bytes, iterations: int, budget: WorkBudget) -> bytes:
    """RFC 8018, 5.1."""
    budget.spend(iterations * work.HASH_IN_A_LOOP)
    algorithm: Callable[[bytes], hashlib._Hash] = getattr(hashlib, hash_name)
    digest = password + _bounded_salt(salt)
    for _ in range(iterations):
        digest = algorithm(digest).digest()
    return digest


def _run(cipher: _Cipher, key: bytes, iv: bytes, ciphertext: bytes, budget: WorkBudget) -> bytes | None:
    """Decrypt, and take the padding off (RFC 5652, 6.3); None where there is none."""
    # Only who reads an encrypted file needs them, and they cost every cold start.
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    if cipher.name == _RC4:
        return Cipher(ARC4(key), None).decryptor().update(ciphertext)
    if not ciphertext or len(ciphertext) % cipher.block:
        raise Asn1Error("The encrypted part is not made of whole blocks.")
    if cipher.name == _RC2:
        budget.spend(len(ciphertext) // rc2.BLOCK * work.RC2_BLOCK)
        plain = rc2.decrypt_cbc(ciphertext, key, iv, effective_bits=cipher.effective_bits)
    else:
        if cipher.name == _DES:
            key = key * 3
        elif cipher.name == _3DES:
            key = (key + key)[:24]  # Of two keys, the first is the third as well.
        algorithm: CipherAlgorithm = AES(key) if cipher.name == _AES else TripleDES(key)
        plain = Cipher(algorithm, modes.CBC(iv)).decryptor().update(ciphertext)
    padding = plain[-1]
    if not 1 <= padding <= cipher.block or plain[-padding:] != bytes((padding,)) * padding:
        return None
    return plain[:-padding]


def _is_one_sequence(plain: bytes) -> bool:
    try:
        return asn1.parse(plain, ber=True).tag == asn1.SEQUENCE
    except Asn1Error:
        return False


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
    """`data` repeated up to a multiple of `v` bytes; nothing of nothing."""
    length = v * -(-len(data) // v)
    return (data * (length // len(data) + 1))[:length] if data else b""
