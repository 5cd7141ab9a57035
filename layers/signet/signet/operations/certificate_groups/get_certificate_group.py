"""GetCertificateGroup: its settings, and how many certificates it holds."""

from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.operations.certificate_group_visibility import visible_group
from signet.ports.listings import Listings
from signet.ports.session import Session


def get_certificate_group(identifier: str, *, within: Session, listings: Listings) -> CertificateGroup:
    """The certificate group with that id, with its count.

    Raises:
        NotFoundError: there is none that the caller sees.
    """
    group = visible_group(identifier, within.load().access, within, listings=listings)
    return replace(group, certificate_count=within.records.certificate_counts([group.id]).get(group.id, 0))
