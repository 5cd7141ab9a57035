"""What a certification request is to say (contract, section 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from signet.domain.errors import FieldError, InvalidInputError
from signet.domain.signing.key_algorithm import GENERATED_KEY_ALGORITHMS, KeyFamily, family_of
from signet.domain.x509.distinguished_name import DistinguishedName, parse_subject
from signet.domain.x509.distinguished_name_text import parse_distinguished_name
from signet.domain.x509.extended_key_usage import parse_extended_key_usage
from signet.domain.x509.general_name import GeneralName, parse_subject_alternative_names

HASHES = {"SHA_256": "sha256", "SHA_384": "sha384", "SHA_512": "sha512"}
"""The hashes a request can be signed with, as callers name them, to their names in hashlib."""

DEFAULT_HASH = "SHA_256"

NAMES_LEFT_OUT = "names_left_out"
USAGES_LEFT_OUT = "usages_left_out"
KEY_USAGE_LEFT_OUT = "key_usage_left_out"
LEFT_OUT = (NAMES_LEFT_OUT, USAGES_LEFT_OUT, KEY_USAGE_LEFT_OUT)
"""The warnings of a renewal: alternative names, extended usages or the KeyUsage of the old certificate, or some of
them, cannot be read, and are not asked for."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CsrCommand:
    """Everything in a certification request but the key."""

    key_algorithm: str
    """One of `GENERATED_KEY_ALGORITHMS`."""
    subject: DistinguishedName
    subject_alternative_names: tuple[GeneralName, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    """Identifiers."""
    hash: str = DEFAULT_HASH
    """One of `HASHES`. Ed25519 and ML-DSA hash in ways of their own (RFC 8032, FIPS 204), and pass it over."""
    extended_key_usage_is_critical: bool = False
    """As in the certificate that is renewed: a time-stamping one must have it so (RFC 3161, 2.3)."""
    key_usage: bytes | None = None
    """DER of the KeyUsage of the certificate that is renewed."""
    left_out: tuple[str, ...] = ()
    """Of `LEFT_OUT`: what of the certificate that is renewed could not be read, and is not asked for."""


def parse_csr_order(
    *,
    key_algorithm: str | None = None,
    hash: str | None = None,  # noqa: A002 - the field's name
    subject: Mapping[str, str | None] | None = None,
    distinguished_name: str | None = None,
    subject_alternative_names: Mapping[str, Sequence[str] | None] | None = None,
    extended_key_usage: Sequence[str] | None = None,
    renewed: CsrCommand | None = None,
) -> CsrCommand:
    """The order that the fields of a body make; None is a field that was not given.

    What is not given comes from `renewed`, the order that the certificate to renew amounts to, if there is one; what is
    given takes the place of the whole of it.

    Raises:
        InvalidInputError: all that is wrong with all fields, each under its path.
    """
    errors: list[FieldError] = []

    def accepted(parse: Callable[..., T], *given: object) -> T | None:
        try:
            return parse(*given, renewed)
        except InvalidInputError as error:
            errors.extend(error.errors)
            return None

    wanted_key = accepted(_key_algorithm, key_algorithm)
    wanted_hash = accepted(_hash, hash)
    wanted_subject = accepted(_subject, subject, distinguished_name)
    wanted_names = accepted(_subject_alternative_names, subject_alternative_names)
    wanted_usages = accepted(_extended_key_usage, extended_key_usage)
    if (
        wanted_key is None
        or wanted_hash is None
        or wanted_subject is None
        or wanted_names is None
        or wanted_usages is None
    ):
        raise InvalidInputError(*errors)

    command = CsrCommand(wanted_key, wanted_subject, wanted_names, wanted_usages, wanted_hash)
    if renewed is None:
        return command
    # What a key of another family may be used for is other than what the old certificate said (RFC 3279, 2.3; RFC
    # 8410, 5; RFC 9881, 5), so its KeyUsage is then left to the CA.
    same_family = family_of(wanted_key) is family_of(renewed.key_algorithm)
    carried_over = {
        NAMES_LEFT_OUT: subject_alternative_names is None,
        USAGES_LEFT_OUT: extended_key_usage is None,
        KEY_USAGE_LEFT_OUT: same_family,
    }
    return replace(
        command,
        key_usage=renewed.key_usage if same_family else None,
        extended_key_usage_is_critical=extended_key_usage is None and renewed.extended_key_usage_is_critical,
        left_out=tuple(each for each in renewed.left_out if carried_over[each]),
    )


def _key_algorithm(given: str | None, renewed: CsrCommand | None) -> str:
    if given is None and renewed:
        return renewed.key_algorithm
    if given not in GENERATED_KEY_ALGORITHMS:
        raise InvalidInputError.at("key_algorithm", f"must be one of {', '.join(GENERATED_KEY_ALGORITHMS)}")
    return given


def _hash(given: str | None, renewed: CsrCommand | None) -> str:
    if given is None:
        return renewed.hash if renewed else DEFAULT_HASH
    if given not in HASHES:
        raise InvalidInputError.at("hash", f"must be one of {', '.join(HASHES)}")
    return given


def _subject(parts: Mapping[str, str | None] | None, text: str | None, renewed: CsrCommand | None) -> DistinguishedName:
    if parts is not None and text is not None:
        raise InvalidInputError.at("distinguished_name", "must not come beside subject: give one of the two")
    if text is not None:
        return parse_distinguished_name(text)
    if parts is not None:
        return parse_subject(parts)
    if renewed is None:
        raise InvalidInputError.at("subject", "is required, or distinguished_name in its place")
    return renewed.subject


def _subject_alternative_names(
    given: Mapping[str, Sequence[str] | None] | None, renewed: CsrCommand | None
) -> tuple[GeneralName, ...]:
    if given is None:
        return renewed.subject_alternative_names if renewed else ()
    return parse_subject_alternative_names(given)


def _extended_key_usage(given: Sequence[str] | None, renewed: CsrCommand | None) -> tuple[str, ...]:
    if given is None:
        return renewed.extended_key_usage if renewed else ()
    return parse_extended_key_usage(given)


def nearest_generated(key_algorithm: str) -> str:
    """The key algorithm to renew with: the same, or for an unusual RSA length the next longer that is made here."""
    if key_algorithm in GENERATED_KEY_ALGORITHMS or family_of(key_algorithm) is not KeyFamily.RSA:
        return key_algorithm
    bits = int(key_algorithm.removeprefix("RSA_"))
    return next((f"RSA_{length}" for length in (2048, 3072, 4096) if length >= bits), "RSA_4096")
