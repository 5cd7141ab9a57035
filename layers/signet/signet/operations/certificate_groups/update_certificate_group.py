"""UpdateCertificateGroup: name, description, and how many certificates it may hold."""

from collections.abc import Mapping
from dataclasses import replace

from signet.domain.access.certificate_group import CertificateGroup
from signet.operations.access_changes import CERTIFICATE_GROUP, check_version, commit_changed
from signet.operations.authorisation import only_administrators
from signet.operations.certificate_group_visibility import visible_group
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.listings import Listings
from signet.ports.session import Session


def update_certificate_group(
    identifier: str,
    changes: Mapping[str, object],
    *,
    if_match: frozenset[int] | None,
    within: Session,
    listings: Listings,
) -> CertificateGroup:
    """Change settings of a certificate group; answered with its count.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller is no Administrator; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        InvalidInputError: as `CertificateGroupSettings.changed`.
        NameTakenError: another group has the name.
        LimitBelowCountError: it holds more certificates than the new limit.
    """

    def decide() -> CertificateGroup:
        access = within.load().access
        before = visible_group(identifier, access, within, listings=listings)
        only_administrators(
            access, within, CERTIFICATE_GROUP.updated, detail=CERTIFICATE_GROUP.mention(before.id, before.settings.name)
        )
        check_version(before, if_match)
        after = commit_changed(
            CERTIFICATE_GROUP,
            before,
            replace(before, settings=before.settings.changed(changes)),
            access=access,
            within=within,
        )
        return replace(after, certificate_count=within.records.certificate_counts([after.id]).get(after.id, 0))

    return retry_on_conflict(decide)
