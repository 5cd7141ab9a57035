"""GetCertificateGroup: its settings, and how many certificates it holds."""

from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.principal import Principal
from signet.operations.certificate_group_visibility import visible_group
from signet.ports.clock import Clock
from signet.ports.listings import Listings
from signet.ports.store import Records


def get_certificate_group(
    identifier: str, *, by: Principal, records: Records, listings: Listings, clock: Clock
) -> CertificateGroup:
    """The certificate group with that id, with its count.

    Raises:
        NotFoundError: there is none that `by` sees.
    """
    group = visible_group(identifier, records.load().access, by, listings=listings, clock=clock)
    return replace(group, certificate_count=records.certificate_counts([group.id]).get(group.id, 0))
