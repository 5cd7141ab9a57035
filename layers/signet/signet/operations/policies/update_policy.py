"""UpdatePolicy: another What, Who, Where or When, name, description, action, priority; or enabled or not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signet.domain.access.known_issuers import added_to_who, check_added
from signet.domain.access.role import Permission
from signet.domain.policies.policy import ObjectionTo, Policy
from signet.domain.policies.policy_opening import opened_by
from signet.operations.access_changes import POLICY, check_version, commit_changed
from signet.operations.authorisation import permitted_at_large
from signet.operations.policies.policy_visibility import check_references, visible_policy
from signet.operations.references import with_ids_in_what
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def update_policy(
    identifier: str,
    changes: Mapping[str, Any],
    *,
    objection_to: ObjectionTo,
    if_match: frozenset[int] | None,
    within: Session,
) -> Policy:
    """Put the fields of `changes`, as JSON has them, in place of what a policy says there.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller may not edit policies, or not assign what this one would newly name, or what
            the change may open; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        InvalidInputError, RequestTooLargeError: as `PolicySettings.changed`.
        UnknownReferenceError: it would name a certificate or certificate group that the caller does not see.
        UnknownIssuerError: it would newly name somebody of an issuer that is not trusted.
        NameTakenError: another policy has the name.
    """

    def decide() -> Policy:
        access = within.load().access
        before = visible_policy(identifier, access, within)
        detail = POLICY.mention(before.id, before.settings.name)
        permitted_at_large(Permission.EDIT_POLICIES, access, within, POLICY.updated, detail=detail)
        check_version(before, if_match)
        settings = before.settings.changed(changes, objection_to)
        after = replace(before, settings=with_ids_in_what(settings, access, within))
        check_references(
            after.settings.what,
            before.settings.what,
            changes.get("what"),
            access=access,
            within=within,
            intent=POLICY.updated,
            detail=detail,
            opened=opened_by(before, after, access.policies.policies),
        )
        who = before.settings.who
        check_added(added_to_who(changes.get("who"), who.users, who.user_groups), access.issuers)
        return commit_changed(POLICY, before, after, access=access, within=within)

    return retry_on_conflict(decide)
