"""A signature as Vault's transit engine answers it."""

from typing import Any

from signet.api.dialects.transit import written_signature
from signet.domain.signing.key_algorithm import KeyFamily, family_of
from signet.domain.signing.raw_ecdsa import raw_of
from signet.domain.signing.signature import Signature


def signed(made: Signature, *, url_safe: bool) -> dict[str, Any]:
    """`made`, with the version that made it; `url_safe` for those of JWS, whose ECDSA is two numbers side by side."""
    if made.signature is None:
        raise TypeError("a dry run makes no signature, and this dialect has none")
    signature, key_algorithm = made.signature, made.certificate.facts.key_algorithm
    if url_safe and family_of(key_algorithm) is KeyFamily.ECDSA:
        signature = raw_of(signature, key_algorithm)
    place = made.certificate.place_in_line
    return {"signature": written_signature(place, signature, url_safe=url_safe), "key_version": place}
