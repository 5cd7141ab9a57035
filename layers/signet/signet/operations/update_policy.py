"""UpdatePolicy: another What, Who, Where or When, name, description, action, priority; or enabled or not."""

from collections.abc import Mapping
from dataclasses import replace

from signet.domain.policy import ObjectionTo, Policy, PolicyAction, PolicySettings
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.access_changes import POLICY, check_version, commit_changed
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted_at_large
from signet.operations.policy_sight import check_references, visible_policy
from signet.operations.ports import Clock, Records


def update_policy(
    identifier: str,
    changes: Mapping[str, object],
    *,
    objection_to: ObjectionTo,
    if_match: frozenset[int] | None,
    by: Principal,
    records: Records,
    clock: Clock,
) -> Policy:
    """Put the fields of `changes`, as JSON has them, in place of what a policy says there.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not edit policies, or not assign what this one would name besides, or what it would
            open to more callers; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
        InvalidInputError, RequestTooLargeError: as `PolicySettings.changed`.
        UnknownReferenceError: it would name a certificate or certificate group that `by` does not see.
        NameTakenError: another policy has the name.
    """

    def decide() -> Policy:
        access = records.sight().access
        before = visible_policy(identifier, access, by, records)
        detail = POLICY.mention(before.id, before.settings.name)
        permitted_at_large(
            Permission.EDIT_POLICIES, access, by, POLICY.updated, records=records, clock=clock, detail=detail
        )
        check_version(before, if_match)
        settings = before.settings.changed(changes, objection_to)
        check_references(
            settings.what,
            before.settings.what,
            changes.get("what"),
            access=access,
            by=by,
            intent=POLICY.updated,
            records=records,
            clock=clock,
            detail=detail,
            opens=_opens(before.settings, settings),
        )
        after = replace(before, settings=settings)
        return commit_changed(POLICY, before, after, access=access, by=by, records=records, clock=clock)

    return afresh(decide)


def _opens(before: PolicySettings, after: PolicySettings) -> bool:
    """Whether it allows somebody whom it did not allow: that assigns to them what it names, whoever named it."""

    def allows(settings: PolicySettings) -> bool:
        return settings.enabled and settings.action is PolicyAction.ALLOW

    more = not (after.who.users <= before.who.users and after.who.user_groups <= before.who.user_groups)
    return allows(after) and (more or not allows(before))
