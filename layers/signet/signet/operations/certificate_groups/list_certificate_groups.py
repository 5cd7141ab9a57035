"""ListCertificateGroups: those that the caller sees, by name."""

from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.principal import Principal
from signet.operations.access_pages import by_name, page_of
from signet.operations.certificate_group_visibility import visible_groups
from signet.ports.clock import Clock
from signet.ports.listings import Cursors, Listings
from signet.ports.store import Records


def list_certificate_groups(
    *,
    cursor: str | None,
    limit: int,
    by: Principal,
    records: Records,
    listings: Listings,
    cursors: Cursors,
    clock: Clock,
) -> tuple[tuple[CertificateGroup, ...], str | None]:
    """One page of the certificate groups that `by` sees, with their counts, and the cursor of the next.

    Raises:
        BadCursorError: `cursor` was not given to `by` for this list.
    """
    groups = visible_groups(records.load().access, by, listings=listings, clock=clock)
    page, following = page_of(
        groups, by_name, of="certificate groups", cursor=cursor, limit=limit, by=by, cursors=cursors
    )
    counts = records.certificate_counts(group.id for group in page)
    return tuple(replace(group, certificate_count=counts.get(group.id, 0)) for group in page), following
