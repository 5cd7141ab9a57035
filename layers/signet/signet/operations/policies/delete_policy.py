"""DeletePolicy: it no longer allows or denies anything."""

from signet.domain.access.role import Permission
from signet.domain.policies.policy_opening import NOTHING, opened_by
from signet.operations.access_changes import POLICY, check_version, commit_deleted
from signet.operations.authorisation import permitted_at_large
from signet.operations.policies.policy_visibility import check_references, visible_policy
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def delete_policy(identifier: str, *, if_match: frozenset[int] | None, within: Session) -> None:
    """Delete a policy; no use that begins once this is answered is decided by it.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller may not delete policies, or not assign what this one denies; recorded.
        StaleVersionError: it is at none of the versions `if_match`.
    """

    def decide() -> None:
        access = within.load().access
        policy = visible_policy(identifier, access, within)
        permitted_at_large(
            Permission.DELETE_POLICIES,
            access,
            within,
            POLICY.deleted,
            detail=POLICY.mention(policy.id, policy.settings.name),
        )
        check_version(policy, if_match)
        check_references(
            NOTHING,
            NOTHING,
            None,
            access=access,
            within=within,
            intent=POLICY.deleted,
            detail=POLICY.mention(policy.id, policy.settings.name),
            opened=opened_by(policy, None, access.policies.policies),
        )
        commit_deleted(POLICY, policy, access=access, within=within)

    retry_on_conflict(decide)
