"""The MAC of a PKCS#12 file, which tells whether a password is the right one (RFC 7292, 4; RFC 9579)."""

import hashlib
import hmac
from dataclasses import dataclass

from signet.adapters.certificate_files.keys.key_derivation import (
    HMACS,
    Password,
    first_that_opens,
    pbkdf2,
    pkcs12_derivation,
)
from signet.adapters.certificate_files.work import WorkBudget
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnsupportedFormatError

MIN_MAC_KEY, MAX_MAC_KEY = 20, 128
"""Bytes; RFC 9579 wants 20 at least, and recommends the length of the hash."""
MAC_PURPOSE = 3
"""What RFC 7292, B.3 derives a MAC key for."""

HASHES = {
    oids.MD5: "md5",
    oids.SHA1: "sha1",
    oids.SHA224: "sha224",
    oids.SHA256: "sha256",
    oids.SHA384: "sha384",
    oids.SHA512: "sha512",
}


@dataclass(frozen=True, slots=True)
class Mac:
    """What a PKCS#12 file says of its MAC (RFC 7292, 4)."""

    algorithm: Element
    digest: bytes
    salt: bytes
    iterations: int

    def readings_of(self, content: bytes, readings: tuple[Password, ...], budget: WorkBudget) -> tuple[Password, ...]:
        """Those of `readings` with which it is the MAC of `content`.

        Several may be left: a MAC uses only one of the two spellings of a password, and they may differ in the other.

        Raises:
            UnsupportedFormatError: a MAC of a kind that is not read here.
            UnreadableFileError: it asks for more work than is left in `budget`.
            Asn1Error: the algorithm is broken.
        """
        in_octets = reader.algorithm(self.algorithm)[0] == oids.PBMAC1

        def attempt(password: Password) -> Password | None:
            key, hash_name = self._key(password, budget)
            return password if hmac.compare_digest(hmac.digest(key, content, hash_name), self.digest) else None

        if (right := first_that_opens(readings, attempt, budget)) is None:
            return ()
        return tuple(each for each in readings if (each.octets == right.octets if in_octets else each.bmp == right.bmp))

    def _key(self, password: Password, budget: WorkBudget) -> tuple[bytes, str]:
        """The key of the HMAC, and its hash."""
        oid, parameters = reader.algorithm(self.algorithm)
        if oid == oids.PBMAC1:
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
    kdf, kdf_parameters = reader.algorithm(fields.take(tags.SEQUENCE))
    hash_name = HMACS.get(reader.algorithm(fields.take(tags.SEQUENCE))[0])
    if kdf != oids.PBKDF2 or kdf_parameters is None or hash_name is None:
        raise UnsupportedFormatError("The file's MAC is of a kind that is not read here.")
    lengths = [field.integer() for field in kdf_parameters.children() if field.tag == tags.INTEGER][1:]
    if not lengths or not MIN_MAC_KEY <= lengths[0] <= MAX_MAC_KEY:
        raise Asn1Error("The MAC's key has no length, or none that is reasonable.")
    return pbkdf2(kdf_parameters, password.octets, lengths[0], budget), hash_name
