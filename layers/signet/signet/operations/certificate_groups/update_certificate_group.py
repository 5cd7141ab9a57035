"""UpdateCertificateGroup: name, description, and how many certificates it may hold."""

from collections.abc import Mapping
from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.principal import Principal
from signet.operations.access_changes import CERTIFICATE_GROUP, check_version, commit_changed
from signet.operations.authorisation import only_administrators
from signet.operations.certificate_group_visibility import visible_group
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.listings import Listings
from signet.ports.store import Records


def update_certificate_group(
    identifier: str,
    changes: Mapping[str, object],
    *,
    if_match: frozenset[int] | None,
    by: Principal,
    records: Records,
    listings: Listings,
    clock: Clock,
) -> CertificateGroup:
    """Change settings of a certificate group; answered with its count.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` is no Administrator; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        InvalidInputError: as `CertificateGroupSettings.changed`.
        NameTakenError: another group has the name.
        LimitBelowCountError: it holds more certificates than the new limit.
    """

    def decide() -> CertificateGroup:
        access = records.load().access
        before = visible_group(identifier, access, by, listings=listings, clock=clock)
        only_administrators(
            access,
            by,
            CERTIFICATE_GROUP.updated,
            records=records,
            clock=clock,
            detail=CERTIFICATE_GROUP.mention(before.id, before.settings.name),
        )
        check_version(before, if_match)
        after = commit_changed(
            CERTIFICATE_GROUP,
            before,
            replace(before, settings=before.settings.changed(changes)),
            access=access,
            by=by,
            records=records,
            clock=clock,
        )
        return replace(after, certificate_count=records.certificate_counts([after.id]).get(after.id, 0))

    return retry_on_conflict(decide)
