"""What a certificate's key is for (RFC 5280, 4.2.1.12)."""

from collections.abc import Sequence

from signet.domain.errors import FieldError, InvalidInputError
from signet.domain.x509.object_identifier import is_object_identifier

EXTENDED_KEY_USAGES = {
    "any_extended_key_usage": "2.5.29.37.0",
    "server_auth": "1.3.6.1.5.5.7.3.1",
    "client_auth": "1.3.6.1.5.5.7.3.2",
    "code_signing": "1.3.6.1.5.5.7.3.3",
    "email_protection": "1.3.6.1.5.5.7.3.4",
    "time_stamping": "1.3.6.1.5.5.7.3.8",
    "ocsp_signing": "1.3.6.1.5.5.7.3.9",
    "document_signing": "1.3.6.1.5.5.7.3.36",  # RFC 9336
}
"""The names of RFC 5280 in snake_case, and that of RFC 9336, to their identifiers."""

_NAMES_BY_OID = {oid: name for name, oid in EXTENDED_KEY_USAGES.items()}

MAX_EXTENDED_KEY_USAGES = 50


def name_of_usage(oid: str) -> str:
    """What callers call the usage: its name where it has one, else its identifier."""
    return _NAMES_BY_OID.get(oid, oid)


def parse_extended_key_usage(names: Sequence[str], *, at: str = "extended_key_usage") -> tuple[str, ...]:
    """The identifiers of the usages called `names`, each once, in the order given.

    Raises:
        InvalidInputError: for each that is neither a known name nor an identifier.
    """
    if len(names) > MAX_EXTENDED_KEY_USAGES:
        raise InvalidInputError.at(at, f"must be at most {MAX_EXTENDED_KEY_USAGES} usages, got {len(names)}")
    errors = [
        FieldError(f"{at}[{index}]", f"must be a dotted identifier or one of {', '.join(EXTENDED_KEY_USAGES)}")
        for index, name in enumerate(names)
        if name not in EXTENDED_KEY_USAGES and not is_object_identifier(name)
    ]
    if errors:
        raise InvalidInputError(*errors)
    return tuple(dict.fromkeys(EXTENDED_KEY_USAGES.get(name, name) for name in names))
