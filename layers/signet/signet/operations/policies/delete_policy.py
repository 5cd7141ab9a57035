"""DeletePolicy: it no longer allows or denies anything."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.policies.policy_opening import NOTHING, opened_by
from signet.operations.access_changes import POLICY, check_version, commit_deleted
from signet.operations.authorisation import permitted_at_large
from signet.operations.policies.policy_visibility import check_references, visible_policy
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.store import Records


def delete_policy(
    identifier: str, *, if_match: frozenset[int] | None, by: Principal, records: Records, clock: Clock
) -> None:
    """Delete a policy; no use that begins once this is answered is decided by it.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not delete policies, or not assign what this one denies; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
    """

    def decide() -> None:
        access = records.load().access
        policy = visible_policy(identifier, access, by, records)
        permitted_at_large(
            Permission.DELETE_POLICIES,
            access,
            by,
            POLICY.deleted,
            records=records,
            clock=clock,
            detail=POLICY.mention(policy.id, policy.settings.name),
        )
        check_version(policy, if_match)
        check_references(
            NOTHING,
            NOTHING,
            None,
            access=access,
            by=by,
            intent=POLICY.deleted,
            records=records,
            clock=clock,
            detail=POLICY.mention(policy.id, policy.settings.name),
            opened=opened_by(policy, None, access.policies.policies),
        )
        commit_deleted(POLICY, policy, access=access, by=by, records=records, clock=clock)

    retry_on_conflict(decide)
