"""A certificate that is here already comes again, and gains what it lacks: its private key, more of its path."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import MAX_GROUPS, Certificate, X509Body
from signet.domain.certificates.certificate_settings import setting_changes
from signet.domain.certificates.import_command import ImportCommand, Imported
from signet.domain.errors import CertificateExistsError, NotFoundError, TooManyGroupsError
from signet.domain.events.event import EventType, changed
from signet.domain.identifiers import with_prefix
from signet.domain.signing.use_decision import usage_after
from signet.domain.x509.certificate_facts import CertificateFile, CertificatePath
from signet.operations.authorisation import permitted, refuse_because
from signet.operations.importing.path_finding import PathFinder
from signet.ports.changes import CertificateChanged
from signet.ports.keys import KeyWrapper, PinHasher
from signet.ports.session import Session
from signet.ports.store import Snapshot


def import_again(
    snapshot: Snapshot,
    file: CertificateFile,
    command: ImportCommand,
    *,
    asked: CertificatePath,
    within: Session,
    finder: PathFinder,
    wrapper: KeyWrapper,
    pins: PinHasher,
) -> Imported:
    """The certificate of `snapshot` gains of `file` what it lacks, if the caller may import it and edit it.

    `snapshot` has the issuers that `asked`, the path of the file, misses.

    Settings of `command` are then as in an update, each with the right that it asks for; the groups are added.

    Raises:
        CertificateExistsError: there is nothing that it lacks, or the caller may not import and edit it.
        NotAllowedError: the caller may not change one of the settings, or not add it to one of the groups; recorded.
        AliasTakenError: the alias is in use.
        UnknownIssuerError: the owner would be another one, of an issuer that is not trusted.
    """
    before, x509 = snapshot.certificate, snapshot.x509
    if before is None or x509 is None:
        raise NotFoundError
    access = snapshot.access
    sees = access.sees(within.caller, before)
    may = sees and all(
        access.may(within.caller, each, before)
        for each in (Permission.IMPORT_CERTIFICATES, Permission.EDIT_CERTIFICATES)
    )
    if not may:
        raise CertificateExistsError(before.id if sees else None)
    gains_key = file.private_key is not None and not before.has_private_key
    chain = finder.of_held(x509.certificate, x509.chain, file.chain, snapshot=snapshot, asked=asked)
    if not gains_key and chain == x509.chain:
        raise CertificateExistsError(before.id)
    intent = EventType.CERTIFICATE_IMPORTED
    for permission in command.settings.needs:
        permitted(permission, snapshot, within, intent)
    check_owner(command.settings.owner, access.issuers, before=before.owner)
    groups = _joining(snapshot, before, command.groups, within)
    wrapped = None
    if file.private_key is not None and gains_key:
        wrapped = wrapper.wrap(file.private_key, of=with_prefix("key", before.id))
    wanted = replace(
        command.settings.applied_to(before, pins.hash),
        groups=groups,
        key_version=1 if gains_key else before.key_version,
    )
    changes: dict[str, Any] = dict(setting_changes(before, wanted))
    if gains_key:
        changes["has_private_key"] = {"from": False, "to": True}
    if groups != before.groups:
        changes["groups"] = {"from": list(before.groups), "to": list(groups)}
    changes.update(path_changes(x509.chain, chain))
    after, event = changed(
        intent,
        before,
        wanted,
        within.caller,
        within.now,
        usage=snapshot.usage,
        detail={"has_private_key": wanted.has_private_key, "warnings": [], "changes": changes},
        announcing={"warnings": []},
    )
    result = Imported(within.overview(after, usage_after(before, after, snapshot.usage), access), created=False)
    body = None if chain == x509.chain else X509Body(x509.certificate, chain)
    within.commit(CertificateChanged(before, after, wrapped, body), events=[event], result=result)
    return result


def path_changes(before: Sequence[bytes], after: Sequence[bytes]) -> Mapping[str, Any]:
    """What changed in the path above a certificate, by the thumbprints of its certificates."""
    if tuple(before) == tuple(after):
        return {}
    return {"chain": {"from": _thumbprints(before), "to": _thumbprints(after)}}


def _thumbprints(chain: Sequence[bytes]) -> list[str]:
    return [hashlib.sha256(each).hexdigest().upper() for each in chain]


def _joining(snapshot: Snapshot, before: Certificate, groups: Sequence[str], within: Session) -> tuple[str, ...]:
    """The groups that it is in, and `groups`; to add it asks for the right to, beside that to edit it."""
    after = (*before.groups, *(group for group in groups if group not in before.groups))
    if after != before.groups and not snapshot.access.may_regroup(within.caller, before, after):
        refuse_because(
            "Your role may not add certificates to one of these certificate groups.",
            within,
            EventType.CERTIFICATE_IMPORTED,
            certificate=before,
        )
    if len(after) > MAX_GROUPS:
        raise TooManyGroupsError(f"A certificate is in at most {MAX_GROUPS} groups.")
    return after
