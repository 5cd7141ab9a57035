"""GetPolicy: what a policy says."""

from signet.domain.access.role import Permission
from signet.domain.policies.policy import Policy
from signet.operations.authorisation import may_look
from signet.operations.policies.policy_visibility import visible_policy
from signet.ports.session import Session


def get_policy(identifier: str, *, within: Session) -> Policy:
    """The policy with that id.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role changes policies without letting look at them.
    """
    access = within.load().access
    policy = visible_policy(identifier, access, within)
    may_look(Permission.VIEW_POLICIES, access, within)
    return policy
