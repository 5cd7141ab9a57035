"""What query strings can ask of lists."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from unicodedata import category, normalize

import msgspec
from msgspec import Meta

from signet.domain.certificates.alias import FORBIDDEN, MAX_LENGTH, can_begin_alias, folded
from signet.domain.certificates.certificate import CertificateStatus, ExpiryState
from signet.domain.certificates.certificate_marks import parse_serial_number, parse_thumbprint
from signet.domain.certificates.certificate_query import NOBODY, CertificateQuery, CertificateSort
from signet.domain.errors import InvalidInputError
from signet.domain.moments import parse_rfc3339
from signet.domain.policies.policy import parse_principal_name

Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(extra_json_schema={"maxLength": 4096})]
AliasSought = Annotated[str, Meta(max_length=4 * MAX_LENGTH)]
"""It is compared in NFC, and may be sent decomposed: as many as four characters for one."""
TextSought = Annotated[str, Meta(max_length=1024)]
Time = Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})]


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[-+ ][0-9]{2}:[0-9]{2})"
)


def moment(field: str, text: str) -> datetime:
    """The moment that `text` names, RFC 3339 with an offset, or InvalidInputError at `field`."""
    try:
        # A plus sign in a query string is decoded as a space, and no caller means a space there.
        return parse_rfc3339(text.replace(" ", "+").upper() if _RFC3339.fullmatch(text) else "")
    except (ValueError, OverflowError):
        raise InvalidInputError.at(
            field, "must be an RFC 3339 date and time with an offset, as in 2026-11-22T13:00:00Z"
        ) from None


def user_name(field: str, text: str) -> str:
    """`text` as a user, with its issuer alias, or InvalidInputError at `field`: nobody else could be found by it."""
    try:
        return parse_principal_name(text)
    except ValueError as error:
        raise InvalidInputError.at(field, str(error)) from None


class CertificatesQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Filters over certificates, all of which must match, and the order."""

    status: Literal["enabled", "disabled"] | None = None
    expiry: Literal["not_yet_valid", "valid", "expiring", "expired"] | None = None
    owner: Annotated[str, Meta(max_length=300)] | None = None
    """A user, or `none`."""
    group: AliasSought | None = None
    """Id or name of a certificate group; a name that you can see none of is refused."""
    q: AliasSought | None = None
    """How the alias begins, whatever the case."""
    expires_before: Time | None = None
    renewal: Literal["pending"] | None = None
    thumbprint: Annotated[str, Meta(max_length=256)] | None = None
    """Only the one with this SHA-1 or SHA-256: hexadecimal, whatever the case, with or without colons."""
    serial_number: Annotated[str, Meta(max_length=256)] | None = None
    """Only those with this serial number: hexadecimal, whatever the case, with or without colons."""
    subject: TextSought | None = None
    """A part of the subject, whatever the case."""
    issuer: TextSought | None = None
    """A part of the issuer, whatever the case."""
    contains: TextSought | None = None
    """A part of alias, subject or issuer, whatever the case."""
    usable: Literal["true"] | None = None
    """Only those the caller could sign with now: enabled, valid, owned or allowed, whatever place, reason and PIN."""
    include: Literal["certificate"] | None = None
    """`certificate`: each with its X.509 too."""
    count: Literal["true"] | None = None
    """Tell how many there are on all pages together."""
    sort: Literal["alias", "valid_to", "created_at"] = "alias"
    order: Literal["asc", "desc"] = "asc"
    limit: Limit = 50
    cursor: Cursor | None = None

    def query(self) -> CertificateQuery:
        """Its fields, parsed."""
        if self.q is not None and len(normalize("NFC", self.q)) > MAX_LENGTH:
            raise InvalidInputError.at("q", f"an alias has at most {MAX_LENGTH} characters")
        if self.q is not None and not can_begin_alias(self.q):
            raise InvalidInputError.at("q", f"no alias begins so: it is printable and has none of {FORBIDDEN}")
        return CertificateQuery(
            sort=CertificateSort(self.sort),
            descending=self.order == "desc",
            status=None if self.status is None else CertificateStatus(self.status),
            expiry=None if self.expiry is None else ExpiryState(self.expiry),
            owner=self.owner if self.owner in (None, NOBODY) else user_name("owner", self.owner),
            group=self.group,
            alias_start=folded(self.q) if self.q else None,
            expires_before=None if self.expires_before is None else moment("expires_before", self.expires_before),
            renewal_pending=self.renewal == "pending",
            thumbprint=_parsed("thumbprint", self.thumbprint, parse_thumbprint),
            serial_number=_parsed("serial_number", self.serial_number, parse_serial_number),
            subject=_parsed("subject", self.subject, _part_of_text),
            issuer=_parsed("issuer", self.issuer, _part_of_text),
            contains=_parsed("contains", self.contains, _part_of_text),
            usable=self.usable == "true",
        )


def _parsed(field: str, text: str | None, parse: Callable[[str], str]) -> str | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidInputError.at(field, str(error)) from None


def _part_of_text(text: str) -> str:
    """`text` after NFC and case folding; a control character is in no alias, and in no name but escaped."""
    if any(category(letter) == "Cc" for letter in text):
        raise ValueError("must have no control characters: a name has them escaped, as in RFC 4514")
    return folded(text)
