"""ListPolicies: those that the caller sees, in the order in which they are asked."""

from signet.domain.access.role import Permission
from signet.domain.policies.policy import Policy
from signet.domain.policies.policy_decision import precedence
from signet.operations.access_pages import first_of
from signet.operations.authorisation import may_look
from signet.operations.policies.policy_visibility import visible_policies
from signet.ports.listings import Cursors
from signet.ports.session import Session

_LIST = "policies"


def list_policies(
    *, cursor: str | None, limit: int, within: Session, cursors: Cursors
) -> tuple[tuple[Policy, ...], str | None]:
    """One page of the policies that the caller sees, and the cursor of the next.

    For a role of certain groups each policy is looked up certificate by certificate, so many for each page, which may
    then be short.

    Raises:
        NotAllowedError: the caller's role does not let look at policies.
        BadCursorError: `cursor` was not given to the caller for this list.
    """
    access = within.load().access
    may_look(Permission.VIEW_POLICIES, access, within)
    after = cursors.open(cursor, query=_LIST, by=within.caller)
    ahead = [policy for policy in access.policies.policies if after is None or _place(policy) > after]
    visible, looked_at = visible_policies(ahead, access, within)
    page = first_of(visible, limit)
    if len(visible) > len(page):
        last = page[-1]
    elif looked_at < len(ahead):
        last = ahead[looked_at - 1]
    else:
        return page, None
    return page, cursors.make(_place(last), query=_LIST, by=within.caller)


def _place(policy: Policy) -> str:
    """Sorts as the policies are asked."""
    priority, allows, identifier = precedence(policy)
    return f"{priority:07}{allows:d}{identifier}"
