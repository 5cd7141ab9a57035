"""Undo the password-based encryption of PKCS#8, PKCS#12 and old PEM keys (RFC 8018; RFC 7292, appendix B).

Each derivation is counted against the file's budget before it is done. The ciphers themselves are the library's.
"""

import hashlib
from dataclasses import dataclass

from signet.adapters.certificate_files import ber, work
from signet.adapters.certificate_files.keys import rc2
from signet.adapters.certificate_files.keys.key_derivation import (
    Password,
    first_that_opens,
    pbkdf1,
    pbkdf2,
    pkcs12_derivation,
    positive,
    scrypt,
)
from signet.adapters.certificate_files.work import WorkBudget
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnsupportedFormatError, WrongPasswordError


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
    oids.AES128_CBC: _Cipher(_AES, 16, 16),
    oids.AES192_CBC: _Cipher(_AES, 24, 16),
    oids.AES256_CBC: _Cipher(_AES, 32, 16),
    oids.DES_EDE3_CBC: _Cipher(_3DES, 24, 8),
    oids.DES_CBC: _Cipher(_DES, 8, 8),
}
_RC2_VERSIONS = {160: 40, 120: 64, 58: 128}
"""RFC 8018, B.2.3: what `rc2ParameterVersion` says of the effective bits."""
_PKCS12_CIPHERS = {
    oids.PBE_WITH_SHA_AND_128_BIT_RC4: _Cipher(_RC4, 16, 0),
    oids.PBE_WITH_SHA_AND_40_BIT_RC4: _Cipher(_RC4, 5, 0),
    oids.PBE_WITH_SHA_AND_3_KEY_TRIPLE_DES_CBC: _Cipher(_3DES, 24, 8),
    oids.PBE_WITH_SHA_AND_2_KEY_TRIPLE_DES_CBC: _Cipher(_3DES, 16, 8),
    oids.PBE_WITH_SHA_AND_128_BIT_RC2_CBC: _Cipher(_RC2, 16, 8, 128),
    oids.PBE_WITH_SHA_AND_40_BIT_RC2_CBC: _Cipher(_RC2, 5, 8, 40),
}
_PBES1_CIPHERS = {
    oids.PBE_WITH_MD5_AND_DES_CBC: ("md5", _Cipher(_DES, 8, 8)),
    oids.PBE_WITH_MD5_AND_RC2_CBC: ("md5", _Cipher(_RC2, 8, 8, 64)),
    oids.PBE_WITH_SHA1_AND_DES_CBC: ("sha1", _Cipher(_DES, 8, 8)),
    oids.PBE_WITH_SHA1_AND_RC2_CBC: ("sha1", _Cipher(_RC2, 8, 8, 64)),
}
_PEM_CIPHERS = {
    "AES-128-CBC": _Cipher(_AES, 16, 16),
    "AES-192-CBC": _Cipher(_AES, 24, 16),
    "AES-256-CBC": _Cipher(_AES, 32, 16),
    "DES-EDE3-CBC": _Cipher(_3DES, 24, 8),
    "DES-CBC": _Cipher(_DES, 8, 8),
}

KEY_PURPOSE, IV_PURPOSE = 1, 2
"""What RFC 7292, B.3 derives a value for."""


def decrypt(algorithm: Element, ciphertext: bytes, readings: tuple[Password, ...], budget: WorkBudget) -> bytes:
    """The one ASN.1 SEQUENCE that `ciphertext` holds under the first of `readings` that opens it.

    Raises:
        WrongPasswordError: none of them does.
        UnsupportedFormatError: encrypted in a way that is not read here.
        UnreadableFileError: it asks for more work than is left in `budget`.
        Asn1Error: `algorithm` is not an AlgorithmIdentifier of its kind.
    """

    def attempt(password: Password) -> bytes | None:
        plain = _decrypt_with(algorithm, ciphertext, password, budget)
        return plain if plain is not None and _is_one_sequence(plain) else None

    if (plain := first_that_opens(readings, attempt, budget)) is None:
        raise WrongPasswordError("The password does not open the file or the key.")
    return plain


def decrypt_pem(dek_info: str, ciphertext: bytes, readings: tuple[Password, ...], budget: WorkBudget) -> bytes:
    """The SEQUENCE that an old `Proc-Type: 4,ENCRYPTED` block holds, as OpenSSL writes it.

    Raises:
        WrongPasswordError: none of `readings` opens it.
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

    def attempt(password: Password) -> bytes | None:
        key = digest = b""
        while len(key) < cipher.key:  # EVP_BytesToKey with MD5, one iteration and the vector's start as salt.
            digest = hashlib.md5(digest + password.octets + iv[:8], usedforsecurity=False).digest()
            key += digest
        plain = _run(cipher, key[: cipher.key], iv, ciphertext, budget)
        return plain if plain is not None and _is_one_sequence(plain) else None

    if (plain := first_that_opens(readings, attempt, budget)) is None:
        raise WrongPasswordError("The password does not open the key.")
    return plain


def _decrypt_with(algorithm: Element, ciphertext: bytes, password: Password, budget: WorkBudget) -> bytes | None:
    """The plain text without its padding; None where there is no padding, as after a wrong password."""
    oid, parameters = reader.algorithm(algorithm)
    if parameters is None:
        raise Asn1Error("The encryption has no parameters.")
    if oid == oids.PBES2:
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
        derived = pbkdf1(hash_name, password.octets, salt, iterations, budget)
        return _run(cipher, derived[:8], derived[8:16], ciphertext, budget)
    raise UnsupportedFormatError("The file or the key is encrypted in a way that is not read here.")


def _decrypt_pbes2(parameters: Element, ciphertext: bytes, password: Password, budget: WorkBudget) -> bytes | None:
    """RFC 8018, 6.2."""
    fields = parameters.fields()
    kdf, kdf_parameters = reader.algorithm(fields.take(tags.SEQUENCE))
    cipher, iv = _pbes2_cipher(fields.take(tags.SEQUENCE))
    if kdf_parameters is None:
        raise Asn1Error("The key derivation has no parameters.")
    if kdf == oids.PBKDF2:
        key = pbkdf2(kdf_parameters, password.octets, cipher.key, budget)
    elif kdf == oids.SCRYPT:
        key = scrypt(kdf_parameters, password.octets, cipher.key, budget)
    else:
        raise UnsupportedFormatError("The key derivation is of a kind that is not read here.")
    return _run(cipher, key, iv, ciphertext, budget)


def _pbes2_cipher(algorithm: Element) -> tuple[_Cipher, bytes]:
    """The cipher and its initialisation vector (RFC 8018, B.2)."""
    oid, parameters = reader.algorithm(algorithm)
    if parameters is None:
        raise Asn1Error("The cipher has no parameters.")
    if cipher := _PBES2_CIPHERS.get(oid):
        iv = parameters.octets()
    elif oid == oids.RC2_CBC:
        fields = parameters.fields()
        version = fields.take_if(tags.INTEGER)
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
        return ber.parse(plain).tag == tags.SEQUENCE
    except Asn1Error:
        return False
