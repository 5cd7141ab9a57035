"""The path above a certificate: put together from its file, the path that was known before, and what is held."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from signet.adapters.certificate_files.path import CertificateSet
from signet.adapters.certificate_files.work import WorkBudget
from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.names import comparable
from signet.domain.asn1.reader import Asn1Error
from signet.domain.errors import UnreadableFileError
from signet.domain.x509.certificate_facts import CertificatePath
from signet.domain.x509.distinguished_name import DistinguishedName

MAX_CONSIDERED = 1000
"""A path is made from so many certificates at most: those named first. A file can hold about as many."""
MAX_STORED_BYTES = 256 * 1024
"""Of a certificate with its path: as much as a file can bring, and less than an item of a table holds (400 KB)."""
JOINING_SECONDS = 0.4
"""What checking signatures may come to, by the estimates of `WorkBudget`: beside the reading of a file it must fit the
2 seconds of the contract, section 3."""


def complete_path(certificate: bytes, *known: Sequence[bytes], at: datetime) -> CertificatePath:
    """The longest path above `certificate` that the certificates `known`, DER, give; those named first go first.

    `known[0]` is the path as it was. Another is taken only if it is longer, or if it is as long and all of it is in
    force at the moment `at`, while something in the path before is not.
    """
    lowest = X509Certificate.read(certificate)
    before = [X509Certificate.read(each) for each in known[0]] if known else []
    others = [x509 for pool in known[1:] for each in pool if (x509 := _read(each)) is not None]
    path = before
    if others:
        together = CertificateSet([lowest, *before, *others][:MAX_CONSIDERED], WorkBudget(JOINING_SECONDS))
        try:
            found = together.path_from(lowest, at=at)
        except UnreadableFileError:
            found = []  # Joining what is held would take too much work, so the path stays as it was.
        better = (len(found), _in_force(found, at)) > (len(before), _in_force(before, at))
        if better and sum(len(each.der) for each in (lowest, *found)) <= MAX_STORED_BYTES:
            path = found
    top = path[-1] if path else lowest
    return CertificatePath(
        tuple(each.der for each in path),
        () if top.is_self_issued else _keys(top.issuer, top.authority_key_identifier),
    )


def issuer_keys(certificate: X509Certificate) -> tuple[str, ...]:
    """By which keys `certificate` is found as the issuer of others; none unless it is a CA's."""
    if not certificate.is_authority:
        return ()
    return _keys(certificate.subject, certificate.subject_key_identifier)


def _keys(name: DistinguishedName, key_identifier: bytes | None) -> tuple[str, ...]:
    """The name with the key identifier, since a CA may have several keys; and the name alone, where none is stated."""
    told = [
        sorted([oid, value.hex() if isinstance(value, bytes) else value] for oid, value in rdn)
        for rdn in comparable(name)
    ]
    parts: list[object] = [told]
    keys = [_digest(parts)]
    if key_identifier is not None:
        keys.insert(0, _digest([*parts, key_identifier.hex()]))
    return tuple(keys)


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _in_force(path: Sequence[X509Certificate], at: datetime) -> bool:
    return all(each.is_in_force(at) for each in path)


def _read(der: bytes) -> X509Certificate | None:
    try:
        return X509Certificate.read(der)
    except Asn1Error:
        return None
