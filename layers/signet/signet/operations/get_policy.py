"""GetPolicy: what a policy says."""

from signet.domain.policy import Policy
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.authorisation import may_look
from signet.operations.policy_sight import visible_policy
from signet.operations.ports import Records


def get_policy(identifier: str, *, by: Principal, records: Records) -> Policy:
    """The policy with that id.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` changes policies without letting look at them.
    """
    access = records.sight().access
    policy = visible_policy(identifier, access, by, records)
    may_look(Permission.VIEW_POLICIES, access, by)
    return policy
