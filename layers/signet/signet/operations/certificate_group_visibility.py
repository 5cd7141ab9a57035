"""Which certificate groups a caller sees: by role, by policy, or because of a certificate in them."""

from signet.domain.access.access_snapshot import Access
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.certificates.certificate_query import CertificateQuery
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.domain.errors import FieldError, NotFoundError, UnknownReferenceError
from signet.domain.identifiers import is_id
from signet.operations.references import NO_SUCH_GROUP
from signet.ports.listings import Listings
from signet.ports.session import Session

CERTIFICATES_LOOKED_AT = 600
"""Through so many of the certificates that a caller sees, groups are looked for that neither role nor policy names.

Whoever sees more, and has no other way to a group, may miss it here; each certificate still names its groups.
"""

_PAGE = 200


def visible_groups(access: Access, within: Session, *, listings: Listings) -> tuple[CertificateGroup, ...]:
    """All certificate groups that exist for the caller."""
    named = access.groups_seen(within.caller, access.groups)
    missing = frozenset(access.groups) - named
    found = named | _groups_of_seen(access, within, missing, listings)
    return tuple(group for identifier, group in access.groups.items() if identifier in found)


def visible_group(identifier: str, access: Access, within: Session, *, listings: Listings) -> CertificateGroup:
    """The certificate group with that id.

    Raises:
        NotFoundError: there is none, or the caller does not see it; the two are one answer.
    """
    if not access.sees_group(within.caller, identifier) and not _groups_of_seen(
        access, within, frozenset({identifier}), listings
    ):
        raise NotFoundError
    return access.groups[identifier]


def group_sought(reference: str, access: Access, within: Session, *, listings: Listings) -> str:
    """The id of the certificate group that a filter calls by its id or name; an id finds what it finds.

    A name that exists and one that does not cost the same for a caller who can see neither of them.

    Raises:
        UnknownReferenceError: the caller sees none of that name.
    """
    if is_id("grp", reference):
        return reference
    group = access.group_called(reference)
    if group is not None and access.sees_group(within.caller, group):
        return group
    found = _groups_of_seen(access, within, frozenset({group or reference}), listings)
    if group is None or group not in found:
        raise UnknownReferenceError(FieldError("group", NO_SUCH_GROUP))
    return group


def _groups_of_seen(access: Access, within: Session, wanted: frozenset[str], listings: Listings) -> frozenset[str]:
    """Those of `wanted` that a certificate is in which the caller sees."""
    scope = access.scope_of(within.caller)
    if scope.everything or not wanted:
        return frozenset()

    def keep(listed: ListedCertificate) -> bool:
        return access.sees(within.caller, listed)

    found: frozenset[str] = frozenset()
    position = None
    looked_at = 0
    while looked_at < CERTIFICATES_LOOKED_AT and found != wanted:
        page = listings.certificates(
            CertificateQuery(), scope, after=position, limit=_PAGE, now=within.now, stages=(), keep=keep
        )
        for each in page.items:
            found |= wanted.intersection(access.existing(each.certificate.groups))
        looked_at += _PAGE
        position = page.next_position
        if position is None:
            break
    return found
