"""What each mechanism means in the words of the service: a signing algorithm, and the digest that is sent."""

from __future__ import annotations

import copy
import hashlib
import struct
from dataclasses import dataclass
from typing import Any, Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.der import RsaPublicKey
from signet_cli.pkcs11.wire import Mechanism

_PKCS1: Final = {ck.CKM_SHA256_RSA_PKCS: 256, ck.CKM_SHA384_RSA_PKCS: 384, ck.CKM_SHA512_RSA_PKCS: 512}
_PSS: Final = {ck.CKM_SHA256_RSA_PKCS_PSS: 256, ck.CKM_SHA384_RSA_PKCS_PSS: 384, ck.CKM_SHA512_RSA_PKCS_PSS: 512}
_ECDSA: Final = {ck.CKM_ECDSA_SHA256: 256, ck.CKM_ECDSA_SHA384: 384, ck.CKM_ECDSA_SHA512: 512}

RSA_MECHANISMS: Final = (ck.CKM_RSA_PKCS, ck.CKM_RSA_PKCS_PSS, *_PKCS1, *_PSS)
EC_MECHANISMS: Final = (ck.CKM_ECDSA, *_ECDSA)

_HASHES: Final = {ck.CKM_SHA256: 256, ck.CKM_SHA384: 384, ck.CKM_SHA512: 512}
_MASKS: Final = {ck.CKG_MGF1_SHA256: 256, ck.CKG_MGF1_SHA384: 384, ck.CKG_MGF1_SHA512: 512}

# DigestInfo of RFC 8017, 9.2, note 1: all but the digest.
_DIGEST_INFOS: Final = {
    bytes.fromhex("3031300d060960864801650304020105000420"): 256,
    bytes.fromhex("3041300d060960864801650304020205000430"): 384,
    bytes.fromhex("3051300d060960864801650304020305000440"): 512,
}
_OTHER_DIGEST_INFOS: Final = {
    bytes.fromhex("3021300906052b0e03021a05000414"): "SHA-1",
    bytes.fromhex("3020300c06082a864886f70d020505000410"): "MD5",
    bytes.fromhex("302d300d06096086480165030402040500041c"): "SHA-224",
}
_STRONG = "Signet signs SHA-256, SHA-384 and SHA-512 digests."


@dataclass(frozen=True, slots=True)
class Signing:
    """One digest to be signed."""

    algorithm: str
    """As the service calls it: `RSASSA_PSS_SHA_256`."""
    digest: bytes


class Operation:
    """A signature that is being made: begun, fed, and finished."""

    def __init__(self, mechanism: Mechanism, public_key: object) -> None:
        """Begin it.

        Raises:
            CryptokiError: the mechanism does not fit the key, is not known, or its parameter says what cannot be.
        """
        fits = RSA_MECHANISMS if isinstance(public_key, RsaPublicKey) else EC_MECHANISMS
        if mechanism.type not in fits:
            raise CryptokiError(ck.CKR_MECHANISM_INVALID, "The key cannot sign with this mechanism.")
        self.mechanism = mechanism
        self.multipart = False
        """Whether it was fed part by part."""
        self._pss_bits = _pss_bits(mechanism) if mechanism.type in {ck.CKM_RSA_PKCS_PSS, *_PSS} else 0
        bits = _PKCS1.get(mechanism.type) or _PSS.get(mechanism.type) or _ECDSA.get(mechanism.type)
        self._hash: Any = hashlib.new(f"sha{bits}") if bits else None
        self._raw = b""

    def copy(self) -> Operation:
        """The same as far as it was fed, to be fed on its own."""
        other = copy.copy(self)
        other._hash = None if self._hash is None else self._hash.copy()  # noqa: SLF001 - another of its own kind
        return other

    def feed(self, part: bytes) -> None:
        """Take more of what is to be signed."""
        if self._hash is not None:
            self._hash.update(part)
        elif len(self._raw) + len(part) > 1024:
            raise CryptokiError(ck.CKR_DATA_LEN_RANGE, "This mechanism takes a digest and not the data itself.")
        else:
            self._raw += part

    def finish(self) -> Signing:
        """What to have signed.

        Raises:
            CryptokiError: what was fed is no digest that the service signs.
        """
        kind = self.mechanism.type
        digest = self._hash.digest() if self._hash is not None else self._raw
        if kind in _PKCS1:
            return Signing(f"RSASSA_PKCS1_V1_5_SHA_{_PKCS1[kind]}", digest)
        if kind in _PSS:
            return Signing(f"RSASSA_PSS_SHA_{_PSS[kind]}", digest)
        if kind in _ECDSA:
            return Signing(f"ECDSA_SHA_{_ECDSA[kind]}", digest)
        if kind == ck.CKM_RSA_PKCS:
            return _of_digest_info(digest)
        bits = self._pss_bits if kind == ck.CKM_RSA_PKCS_PSS else {32: 256, 48: 384, 64: 512}.get(len(digest), 0)
        if not digest or len(digest) * 8 != bits:
            raise CryptokiError(ck.CKR_DATA_LEN_RANGE, f"These {len(digest)} bytes are no digest. {_STRONG}")
        return Signing(f"{'RSASSA_PSS' if self._pss_bits else 'ECDSA'}_SHA_{bits}", digest)


def _of_digest_info(raw: bytes) -> Signing:
    for prefix, bits in _DIGEST_INFOS.items():
        if raw.startswith(prefix) and len(raw) == len(prefix) + bits // 8:
            return Signing(f"RSASSA_PKCS1_V1_5_SHA_{bits}", raw[len(prefix) :])
    for prefix, name in _OTHER_DIGEST_INFOS.items():
        if raw.startswith(prefix):
            raise CryptokiError(ck.CKR_DATA_INVALID, f"A {name} digest is to be signed. {_STRONG}")
    raise CryptokiError(ck.CKR_DATA_INVALID, f"What is to be signed is no DigestInfo (RFC 8017, 9.2). {_STRONG}")


def _pss_bits(mechanism: Mechanism) -> int:
    """The hash of the parameters of PSS, CK_RSA_PKCS_PSS_PARAMS: the same for the mask, and the salt as long as it."""
    if mechanism.parameter is None or len(mechanism.parameter) != 24:
        raise CryptokiError(ck.CKR_MECHANISM_PARAM_INVALID, "PSS needs its parameters: hash, mask and salt length.")
    hash_algorithm, mask, salt = struct.unpack(">QQQ", mechanism.parameter)
    bits = _HASHES.get(hash_algorithm)
    if bits is None:
        raise CryptokiError(ck.CKR_MECHANISM_PARAM_INVALID, f"PSS with another hash is asked for. {_STRONG}")
    if _MASKS.get(mask) != bits:
        raise CryptokiError(ck.CKR_MECHANISM_PARAM_INVALID, "PSS with another hash for the mask is asked for.")
    if salt != bits // 8:
        text = f"The salt of PSS is as long as the digest, {bits // 8} bytes; {salt} are asked for."
        raise CryptokiError(ck.CKR_MECHANISM_PARAM_INVALID, text)
    if _PSS.get(mechanism.type, bits) != bits:
        raise CryptokiError(
            ck.CKR_MECHANISM_PARAM_INVALID, "The hash of the mechanism is not the one of its parameters."
        )
    return bits
