"""ListCertificateGroups: those that the caller sees, by name."""

from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.operations.access_pages import by_name, page_of
from signet.operations.certificate_group_visibility import visible_groups
from signet.ports.listings import Cursors, Listings
from signet.ports.session import Session


def list_certificate_groups(
    *, cursor: str | None, limit: int, within: Session, listings: Listings, cursors: Cursors
) -> tuple[tuple[CertificateGroup, ...], str | None]:
    """One page of the certificate groups that the caller sees, with their counts, and the cursor of the next.

    Raises:
        BadCursorError: `cursor` was not given to the caller for this list.
    """
    groups = visible_groups(within.load().access, within, listings=listings)
    page, following = page_of(
        groups, by_name, of="certificate groups", cursor=cursor, limit=limit, within=within, cursors=cursors
    )
    counts = within.records.certificate_counts(group.id for group in page)
    return tuple(replace(group, certificate_count=counts.get(group.id, 0)) for group in page), following
