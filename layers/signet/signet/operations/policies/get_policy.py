"""GetPolicy: what a policy says."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.policies.policy import Policy
from signet.operations.authorisation import may_look
from signet.operations.policies.policy_visibility import visible_policy
from signet.ports.store import Records


def get_policy(identifier: str, *, by: Principal, records: Records) -> Policy:
    """The policy with that id.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` changes policies without letting look at them.
    """
    access = records.load().access
    policy = visible_policy(identifier, access, by, records)
    may_look(Permission.VIEW_POLICIES, access, by)
    return policy
