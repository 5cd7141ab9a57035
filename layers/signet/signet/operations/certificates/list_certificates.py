"""ListCertificates: what the caller may look at, filtered and sorted."""

from dataclasses import replace

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.certificates.certificate_query import CertificateQuery
from signet.domain.certificates.overview import Overview, overview
from signet.domain.signing.use_decision import unusable_for_all
from signet.operations.certificate_group_visibility import group_sought
from signet.ports.clock import Clock
from signet.ports.listings import Cursors, Listings
from signet.ports.store import Records


def list_certificates(
    query: CertificateQuery,
    *,
    cursor: str | None,
    limit: int,
    stages: tuple[int, ...],
    by: Principal,
    records: Records,
    listings: Listings,
    cursors: Cursors,
    clock: Clock,
) -> tuple[tuple[Overview, ...], str | None]:
    """One page of the certificates that `by` may look at and that match `query`, and the cursor of the next.

    Raises:
        UnknownReferenceError: `by` sees no certificate group of the name that `query` has.
        BadCursorError: `cursor` was not given to `by` for this query.
    """
    access = records.load().access
    now = clock.now()
    if query.group is not None:
        query = replace(query, group=group_sought(query.group, access, by, listings=listings, clock=clock))

    def keep(certificate: Certificate) -> bool:
        if not access.sees(by, certificate) or not access.may_read(by, certificate):
            return False
        if query.group is not None and query.group not in access.groups:
            return False  # Deleted, and certificates that were in it are told so when they next change.
        return not query.usable or (
            unusable_for_all(certificate, now) is None and access.usable_by(certificate, by, now)
        )

    page = listings.certificates(
        query,
        access.scope_of(by),
        after=None if cursor is None else cursors.open(cursor, query=query, by=by),
        limit=limit,
        now=now,
        stages=stages,
        keep=keep,
        weigh=lambda certificate: overview(certificate, Usage(), access, by).weight,
    )
    following = None if page.next_position is None else cursors.seal(page.next_position, query=query, by=by)
    return tuple(overview(certificate, usage, access, by) for certificate, usage in page.items), following
