"""How bodies and queries name certificates and certificate groups: by their ids, or by their names.

No name begins like an id, so that what is one is never the other. What does not exist and what the caller does not see
are one answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import GroupScope, RoleSettings
from signet.domain.certificates.certificate import MAX_GROUPS
from signet.domain.errors import FieldError, InvalidInputError, TooManyGroupsError, UnknownReferenceError
from signet.domain.field_errors import MAX_ERRORS_NAMED, check_size
from signet.domain.identifiers import is_id
from signet.domain.policies.policy import PolicySettings, What
from signet.ports.session import Session

NO_SUCH_GROUP = "There is no such certificate group that you can see."


def group_ids(references: Sequence[str], access: Access, within: Session, field: str = "groups") -> tuple[str, ...]:
    """The ids of the certificate groups that `references`, ids or names, are of; each once.

    Raises:
        TooManyGroupsError: more than a certificate can be in.
        UnknownReferenceError: the caller sees none of that id or name; with one field error for each.
    """
    if len(references) > MAX_GROUPS:
        raise TooManyGroupsError(f"A certificate is in at most {MAX_GROUPS} groups, got {len(references)}.")
    found = [_seen_group(reference, access, within) for reference in references]
    unknown = [FieldError(f"{field}[{place}]", NO_SUCH_GROUP) for place, group in enumerate(found) if group is None]
    if unknown:
        raise UnknownReferenceError(*unknown)
    return tuple(dict.fromkeys(group for group in found if group is not None))


def with_ids_in_what(settings: PolicySettings, access: Access, within: Session) -> PolicySettings:
    """`settings` with the ids of what the caller sees in place of its names; the rest stays as it is.

    A round trip or two where certificates are called by their aliases.

    Raises:
        RequestTooLargeError: with ids, it is over 64 KB.
    """
    aliases = [name for name in settings.what.certificates if not is_id("crt", name)]
    named = dict.fromkeys(settings.what.certificates)
    certificates: dict[str, str] = {name: name for name in named}
    for alias, snapshot in zip(
        aliases, within.records.load_many(aliases, by=within.caller).snapshots if aliases else (), strict=True
    ):
        if snapshot.certificate is not None and access.sees(within.caller, snapshot.certificate):
            certificates[alias] = snapshot.certificate.id
    groups = (_seen_group(name, access, within) or name for name in settings.what.groups)
    what = What(frozenset(certificates.values()), frozenset(groups))
    if what == settings.what:
        return settings
    found = replace(settings, what=what)
    check_size(found.plain(), "A policy")
    return found


def with_ids_of_groups(
    settings: RoleSettings, sent: Sequence[Mapping[str, Any]] | None, access: Access
) -> RoleSettings:
    """`settings` with the ids of its certificate groups; `sent` is the list as it came, whose order the errors go by.

    Raises:
        UnknownReferenceError: a certificate group does not exist; with one field error for each.
        InvalidInputError: one is named twice, by its id and by its name.
        RequestTooLargeError: with ids, it is over 64 KB.
    """
    rights = settings.certificate_groups.rights
    if rights is None:
        return settings
    ids = {name: access.group_called(name) for name in rights}
    unknown = {name for name, group in ids.items() if group is None}
    if unknown:
        raise UnknownReferenceError(*_at_grants(sent, unknown, "There is no such certificate group."))
    known = {group: rights[name] for name, group in ids.items() if group is not None}
    if len(known) < len(rights):
        twice = {name for name, group in ids.items() if list(ids.values()).count(group) > 1}
        raise InvalidInputError(*_at_grants(sent, twice, "is named twice"))
    if known == rights:
        return settings
    found = replace(settings, certificate_groups=GroupScope(known))
    check_size(found.plain(), "A role")
    return found


def _seen_group(reference: str, access: Access, within: Session) -> str | None:
    group = access.group_called(reference)
    return group if group is not None and access.sees_group(within.caller, group) else None


def _at_grants(sent: Sequence[Mapping[str, Any]] | None, names: set[str], message: str) -> list[FieldError]:
    errors = [
        FieldError(f"certificate_groups[{place}].group", message)
        for place, grant in enumerate(sent or ())
        if grant["group"] in names
    ]
    return errors[:MAX_ERRORS_NAMED]
