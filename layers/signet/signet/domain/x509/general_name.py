"""Names that stand beside the subject: hosts, mail addresses, URIs, IP addresses (RFC 5280, 4.2.1.6)."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from signet.domain.asn1 import reader, tags
from signet.domain.asn1.writer import element
from signet.domain.errors import FieldError, InvalidInputError

MAX_NAMES = 250
"""Over all kinds; public CAs stop at 100."""
MAX_NAME_CHARACTERS = 2048

MAX_HOST_CHARACTERS = 253
"""RFC 1035, 2.3.4: 255 octets on the wire, of which two are not written."""
MAX_LOCAL_PART_CHARACTERS = 64
"""RFC 5321, 4.5.3.1.1."""

KIND_TAGS = {
    kind: tags.context(number, constructed=False) for kind, number in (("email", 1), ("dns", 2), ("uri", 6), ("ip", 7))
}
"""The four kinds that can be asked for, and their tags in GeneralName."""
DIRECTORY_NAME_TAG = tags.context(4)
_KINDS_BY_TAG = {tag: kind for kind, tag in KIND_TAGS.items()}

# The preferred name syntax (RFC 1034, 3.5; RFC 1123, 2.1), a wildcard for the whole first label (RFC 6125, 6.4.3).
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMERIC_END = re.compile(r"(?:.*\.)?[0-9]+")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 3986: a scheme, then its characters, percent signs only before two hex digits.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_AUTHORITY = re.compile(r"[^:]+://(?:[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]]+)(?::[0-9]*)?(?:[/?#].*)?")


class UnacceptableNameError(ValueError):
    """What is wrong with one name; becomes the message of a field."""


@dataclass(frozen=True, slots=True)
class GeneralName:
    """One alternative name, exactly as it is encoded."""

    encoded: bytes
    """DER of the whole GeneralName, so that kinds that cannot be asked for here are carried over by a renewal."""

    @property
    def kind(self) -> str | None:
        """`dns`, `email`, `uri` or `ip`; None for the kinds that can only be carried over."""
        return _KINDS_BY_TAG.get(self.encoded[0])

    @property
    def text(self) -> str | None:
        """As callers write it; None for the kinds that can only be carried over."""
        content = reader.parse(self.encoded).content
        if self.kind == "ip":
            return str(ipaddress.ip_address(content)) if len(content) in (4, 16) else None
        return content.decode("ascii", "replace") if self.kind else None

    @classmethod
    def parse(cls, kind: str, text: str) -> Self:
        """The name of `kind` that `text` says.

        Raises:
            UnacceptableNameError: it is none of that kind.
        """
        if len(text) > MAX_NAME_CHARACTERS:
            raise UnacceptableNameError(f"It is longer than {MAX_NAME_CHARACTERS} characters.")
        return cls(element(KIND_TAGS[kind], _PARSERS[kind](text)))


def parse_subject_alternative_names(
    names: Mapping[str, Sequence[str] | None], *, at: str = "subject_alternative_names"
) -> tuple[GeneralName, ...]:
    """The names given by kind, each once: `{"dns": ["example.com"], "ip": ["192.0.2.1"]}`.

    Raises:
        InvalidInputError: for each that is no name of its kind, at a path like `subject_alternative_names.ip[0]`.
    """
    errors = [
        FieldError(f"{at}.{kind}", f"must be one of {', '.join(_PARSERS)}") for kind in names if kind not in _PARSERS
    ]
    found: dict[GeneralName, None] = {}
    if sum(len(texts or ()) for texts in names.values()) > MAX_NAMES:
        raise InvalidInputError.at(at, f"must be at most {MAX_NAMES} names")
    for kind in _PARSERS:
        for index, text in enumerate(names.get(kind) or ()):
            try:
                found[GeneralName.parse(kind, text)] = None
            except UnacceptableNameError as error:
                errors.append(FieldError(f"{at}.{kind}[{index}]", str(error)))
    if errors:
        raise InvalidInputError(*errors)
    return tuple(found)


def texts_by_kind(names: Sequence[GeneralName]) -> dict[str, list[str]]:
    """The names as callers give them: `{"dns": [...], "email": [...], "uri": [...], "ip": [...]}`."""
    return {kind: [text for name in names if name.kind == kind and (text := name.text)] for kind in _PARSERS}


def _dns(text: str) -> bytes:
    if not text.isascii():
        # RFC 5280, 7.2 wants the ASCII form, and which one is for IDNA 2008 and the registry to say, not for us.
        raise UnacceptableNameError("must be a host name in its ASCII form; an international one begins with xn--")
    host = text.removeprefix("*.")
    if len(text) > MAX_HOST_CHARACTERS or not _HOST.fullmatch(host):
        raise UnacceptableNameError("must be a host name: letters, digits and hyphens, with dots between")
    if _NUMERIC_END.fullmatch(host):
        raise UnacceptableNameError("must be a host name; an address belongs under ip")
    return text.encode("ascii")


def _email(text: str) -> bytes:
    local, at, host = text.rpartition("@")
    if not at or not _DOT_ATOM.fullmatch(local) or len(local) > MAX_LOCAL_PART_CHARACTERS:
        raise UnacceptableNameError("must be a mail address in ASCII, as in name@example.com")
    if len(host) > MAX_HOST_CHARACTERS or not _HOST.fullmatch(host) or _NUMERIC_END.fullmatch(host):
        raise UnacceptableNameError("must have a host name in ASCII after the @")
    return text.encode("ascii")


def _uri(text: str) -> bytes:
    if not _URI.fullmatch(text):
        raise UnacceptableNameError("must be an absolute URI in ASCII, with a scheme, as in https://example.com/x")
    if text.partition(":")[2].startswith("//") and not _AUTHORITY.fullmatch(text):
        raise UnacceptableNameError("must have a host after //")
    return text.encode("ascii")


def _ip(text: str) -> bytes:
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise UnacceptableNameError("must be an IPv4 or IPv6 address, without a prefix length") from error
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise UnacceptableNameError("must be an address without a zone")
    return address.packed


_PARSERS: dict[str, Callable[[str], bytes]] = {"dns": _dns, "email": _email, "uri": _uri, "ip": _ip}
