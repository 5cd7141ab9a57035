"""What a certificate's key is for (RFC 5280, 4.2.1.12)."""

from collections.abc import Sequence

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1.object_identifiers import is_object_identifier
from signet.domain.errors import FieldError, InvalidInputError

EXTENDED_KEY_USAGES = {
    "any_extended_key_usage": oids.ANY_EXTENDED_KEY_USAGE,
    "server_auth": oids.KP_SERVER_AUTH,
    "client_auth": oids.KP_CLIENT_AUTH,
    "code_signing": oids.KP_CODE_SIGNING,
    "email_protection": oids.KP_EMAIL_PROTECTION,
    "time_stamping": oids.KP_TIME_STAMPING,
    "ocsp_signing": oids.KP_OCSP_SIGNING,
    "document_signing": oids.KP_DOCUMENT_SIGNING,
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
