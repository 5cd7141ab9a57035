"""ListCertificates: what the caller may look at, filtered and sorted."""

from dataclasses import dataclass, replace

from signet.domain.certificates.certificate import Usage
from signet.domain.certificates.certificate_query import CertificateQuery
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.domain.certificates.overview import Overview
from signet.operations.certificate_group_visibility import group_sought
from signet.ports.listings import CertificateCount, Cursors, Listings
from signet.ports.session import Session


@dataclass(frozen=True, slots=True)
class CertificateList:
    """One page of certificates."""

    certificates: tuple[tuple[Overview, bytes | None], ...]
    """Each with its DER, where that was asked for."""
    next_cursor: str | None
    count: CertificateCount | None
    """Of all pages, where that was asked for."""


def list_certificates(
    query: CertificateQuery,
    *,
    cursor: str | None,
    limit: int,
    with_x509: bool,
    with_count: bool,
    within: Session,
    listings: Listings,
    cursors: Cursors,
) -> CertificateList:
    """One page of the certificates that the caller may look at and that match `query`, and the cursor of the next.

    Raises:
        InvalidInputError: two filters of `query` exclude each other.
        UnknownReferenceError: the caller sees no certificate group of the name that `query` has.
        BadCursorError: `cursor` was not given to the caller for this query.
    """
    access = within.load().access
    now = within.now
    if cursor is None:
        query.check(now)  # What could match when the first page was asked for is followed to its end.
    if query.group is not None:
        query = replace(query, group=group_sought(query.group, access, within, listings=listings))
    scope = access.scope_of(within.caller)

    def keep(listed: ListedCertificate) -> bool:
        if not scope.everything and not (access.sees(within.caller, listed) and access.may_read(within.caller, listed)):
            return False
        if query.group is not None and query.group not in access.groups:
            return False  # Deleted, and certificates that were in it are told so when they next change.
        return not query.usable or access.usable_by(listed, within.caller, now)

    page = listings.certificates(
        query,
        scope,
        after=cursors.open(cursor, query=query, by=within.caller),
        limit=limit,
        now=now,
        stages=within.stages,
        keep=keep,
        weigh=lambda certificate: within.overview(certificate, Usage(), access).weight,
        with_x509=with_x509,
    )
    count = None
    if with_count:
        count = listings.count_certificates(query, scope, now=now, stages=within.stages, keep=keep)
    return CertificateList(
        tuple((within.overview(found.certificate, found.usage, access), found.der) for found in page.items),
        cursors.make(page.next_position, query=query, by=within.caller),
        count,
    )
