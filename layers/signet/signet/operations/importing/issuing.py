"""The issued certificate meets its signing request: one step that happens wholly or not at all.

Of a renewal:

    before   <alias>  ------> old certificate   (pending request)
    after    <alias>  ------> new certificate   with a copy of the old one's settings, under all its policies
             <alias> (until <its last day>) --> old certificate, as it was, and usable
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from signet.domain.access.role import Permission
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import MAX_GROUPS, Certificate, Usage, X509Body
from signet.domain.certificates.certificate_settings import KEEP, CertificateSettings, Keep, setting_changes
from signet.domain.certificates.import_command import Imported
from signet.domain.errors import AliasTakenError, CertificateExistsError, ChangedMeanwhileError, TooManyGroupsError
from signet.domain.events.event import Event, EventType, certificate_event, changed, next_event_id, request_event
from signet.domain.identifiers import made_at, with_prefix
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest
from signet.domain.x509.certificate_facts import CertificateFile
from signet.operations.authorisation import refuse, refuse_because
from signet.operations.importing.issued_answer import IssuedAnswer
from signet.ports.changes import CertificateAdded, CertificateChanged, Change, RequestEnded
from signet.ports.session import Session
from signet.ports.store import Snapshot

NAMES_IN_TURN = 10
"""So many names for a renewed certificate are tried in turn, then random ones: somebody may have taken many."""

MAX_GROUPS_EXCHANGED = 20
"""How many groups a renewal can join and leave at its import, so that it fits one transaction."""


@dataclass(frozen=True, slots=True)
class ImportOverrides:
    """What the import itself asks for, in place of what the request or the renewed certificate says."""

    owner: str | Keep | None = KEEP
    groups: tuple[str, ...] | Keep = KEEP
    pin_hash: str | Keep = KEEP
    ask_for_reason: bool = False
    disable_renewed: bool = False


@dataclass(frozen=True, slots=True)
class Issuing:
    """What is to be committed, and the certificate that it makes."""

    certificate: Certificate
    changes: tuple[Change, ...]
    events: tuple[Event, ...]


def complete(
    snapshot: Snapshot,
    request: SigningRequest,
    answer: IssuedAnswer,
    overrides: ImportOverrides,
    *,
    within: Session,
    attempt: int = 1,
) -> Issuing:
    """What completes `request`, seen in `snapshot`, by the certificate of `answer`; nothing is done yet.

    Args:
        snapshot: of the request, with the certificate that it would renew.
        request: a pending one, whose public key is the certificate's.
        answer: what the CA issued.
        overrides: what the import itself asks for.
        within: who asks, of which store.
        attempt: which alias to try for the renewed certificate, where earlier ones are taken.

    Raises:
        TooManyGroupsError: the renewal would change more groups than fit one transaction.
    """
    old = snapshot.certificate
    now = within.now
    imported_id = next_event_id(now, request.last_event, *((old.last_event, snapshot.usage.last_event) if old else ()))
    completed_id = next_event_id(now, imported_id)
    file = answer.file
    as_asked = _new_certificate(request, old, file, within, imported_id)
    certificate = _settled(as_asked, overrides)
    ended = replace(
        request,
        status=RequestStatus.COMPLETED,
        certificate_id=certificate.id,
        version=request.version + 1,
        updated_at=made_at(completed_id),
        last_event=completed_id,
    )
    changes: list[Change] = [
        CertificateAdded(
            certificate,
            X509Body(file.certificate, answer.chain),
            alias_held_by=old.id if old else request.id,
            keyless_duplicate=answer.keyless_duplicate,
        ),
        RequestEnded(request, ended),
    ]
    events = [
        certificate_event(
            EventType.CERTIFICATE_IMPORTED,
            certificate,
            within.caller,
            imported_id,
            detail={
                "has_private_key": True,
                "request_id": request.id,
                "renews": certificate.renews,
                "warnings": list(answer.warnings),
                **_other_than_asked(as_asked, certificate),
            },
            announcing={"warnings": list(answer.warnings)},
        ),
        request_event(EventType.SIGNING_REQUEST_COMPLETED, ended, within.caller, completed_id, certificate=certificate),
    ]
    if old is not None:
        if len(set(old.groups) ^ set(certificate.groups)) > MAX_GROUPS_EXCHANGED:
            raise TooManyGroupsError(
                f"A renewal joins and leaves at most {MAX_GROUPS_EXCHANGED} groups at its import; change others later."
            )
        renewed, event = _renewed(old, certificate, completed_id, overrides, within, snapshot.usage, attempt)
        changes.append(CertificateChanged(old, renewed, hands_on_alias=True))
        events.append(event)
    return Issuing(certificate, tuple(changes), tuple(events))


def _new_certificate(
    request: SigningRequest, old: Certificate | None, file: CertificateFile, within: Session, event_id: str
) -> Certificate:
    like: CertificateSettings = request if old is None else old
    moment = made_at(event_id)
    return Certificate(
        id=with_prefix("crt", request.id),
        enabled=True,
        **{**like.settings, "groups": like.groups[:MAX_GROUPS]},
        facts=file.facts,
        key_version=1,
        created_at=moment,
        created_by=within.caller.user,
        updated_at=moment,
        version=1,
        last_event=event_id,
        renewed_ids=() if old is None else old.own_and_renewed_ids,
        renews=None if old is None else old.id,
    )


def _settled(certificate: Certificate, overrides: ImportOverrides) -> Certificate:
    return replace(
        certificate,
        owner=certificate.owner if overrides.owner is KEEP else overrides.owner,
        groups=certificate.groups if overrides.groups is KEEP else overrides.groups,
        pin_hash=certificate.pin_hash if overrides.pin_hash is KEEP else overrides.pin_hash,
        ask_for_reason=certificate.ask_for_reason or overrides.ask_for_reason,
    )


def _other_than_asked(asked: Certificate, made: Certificate) -> Mapping[str, Any]:
    """What the import made other than the request, or the renewed certificate, had it."""
    changes = dict(setting_changes(asked, made))
    if asked.groups != made.groups:
        changes["groups"] = {"from": list(asked.groups), "to": list(made.groups)}
    return {"changes": changes} if changes else {}


def _renewed(
    old: Certificate,
    new: Certificate,
    after_event: str,
    overrides: ImportOverrides,
    within: Session,
    usage: Usage,
    attempt: int,
) -> tuple[Certificate, Event]:
    number = attempt if attempt <= NAMES_IN_TURN else secrets.randbelow(10**9)
    alias: Alias = old.alias.retired(old.facts.not_after.date().isoformat(), number)
    after = replace(
        old, alias=alias, enabled=old.enabled and not overrides.disable_renewed, renewed_by=new.id, pending_request=None
    )
    detail = {"renewed_by": new.id, "changes": {"alias": {"from": old.alias.text, "to": alias.text}}}
    if old.enabled and overrides.disable_renewed:
        detail["changes"]["status"] = {"from": "enabled", "to": "disabled"}  # type: ignore[index]
    # Behind the events of the new certificate, which come with it.
    behind = replace(usage, last_event=max(usage.last_event, after_event))
    return changed(
        EventType.CERTIFICATE_RENEWED,
        old,
        after,
        within.caller,
        within.now,
        usage=behind,
        detail=detail,
        announcing={"renewed_by": new.id},
    )


def commit_issuing(
    snapshot: Snapshot, answer: IssuedAnswer, overrides: ImportOverrides, *, within: Session
) -> Imported:
    """Complete the request of `snapshot` in one transaction, under the first free name for the renewed certificate.

    The same X.509 may be here without its key, imported by somebody who could not know of the request. That duplicate
    must not keep the request from its answer, and it stays as it is, since a change would tell of the request.

    Raises:
        NotAllowedError: `overrides` change what the caller's role may not; recorded.
        ChangedMeanwhileError: something of it is no longer as `snapshot` has it.
    """
    if snapshot.request is None:
        raise ValueError("a completion needs the snapshot of a request")
    _permitted_overrides(overrides, snapshot, snapshot.request, within)
    attempt = 0
    while True:
        attempt += 1
        completion = complete(snapshot, snapshot.request, answer, overrides, within=within, attempt=attempt)
        result = Imported(
            within.overview(completion.certificate, Usage(), snapshot.access), created=True, warnings=answer.warnings
        )
        try:
            within.commit(*completion.changes, events=completion.events, result=result)
        except AliasTakenError:
            continue  # That for the renewed certificate: its own is handed on.
        except CertificateExistsError as error:
            raise ChangedMeanwhileError("the same certificate was imported meanwhile") from error
        return result


def _permitted_overrides(
    overrides: ImportOverrides, snapshot: Snapshot, request: SigningRequest, within: Session
) -> None:
    """Nothing, if the caller may change what `overrides` change of the settings that wait for the certificate.

    A group that it was to go into is left with the right to remove from it. The other groups that it goes into were
    looked at before, as those of anything new.

    Raises:
        NotAllowedError: PIN, asking for a reason, owner or groups would be others, without the right to that; recorded.
    """
    settings: CertificateSettings = request if snapshot.certificate is None else snapshot.certificate
    role = snapshot.access.role_of(within.caller)
    intent = EventType.CERTIFICATE_IMPORTED
    asks_for_a_reason_now = overrides.ask_for_reason and not settings.ask_for_reason
    needed = {
        Permission.EDIT_CERTIFICATES: overrides.pin_hash is not KEEP or asks_for_a_reason_now,
        Permission.SET_OWNER: overrides.owner is not KEEP,
    }
    for permission, is_needed in needed.items():
        if is_needed and (role is None or not role.may(permission, settings.groups)):
            refuse(permission, within, intent, certificate=snapshot.certificate)
    if overrides.groups is KEEP or set(overrides.groups) == set(settings.groups):
        return
    old = snapshot.certificate
    if old is not None and not snapshot.access.may_regroup(within.caller, old, overrides.groups):
        # The renewal stands in for what it renews, under its alias: to move it is to move that.
        refuse_because(
            "Your role may not put this certificate's renewal into other certificate groups than its own.",
            within,
            intent,
            certificate=old,
        )
    left = [group for group in settings.groups if group not in overrides.groups]
    if role is None or not all(role.may_remove_from(group, leaving=overrides.groups) for group in left):
        refuse_because(
            "Your role may not take this certificate out of one of the certificate groups that it was to go into.",
            within,
            intent,
            certificate=old,
        )
