"""Roles once more, slow and obvious: who holds which, and what each lets its holders do.

Everything here works on roles as JSON has them, so that the same ones can be given out in a running service. A role
that was made is known by its place in the list: the first is the oldest. The built-in ones are `administrator` and
`viewer`.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]

PERMISSIONS = (
    "certificates:view",
    "certificates:import",
    "certificates:edit",
    "certificates:set_owner",
    "certificates:delete",
    "signing_requests:view",
    "signing_requests:create",
    "signing_requests:delete",
    "policies:view",
    "policies:create",
    "policies:edit",
    "policies:delete",
    "events:view_all",
    "events:view_certificates",
    "events:view_own",
)
RIGHTS = ("add", "remove", "assign")


def in_force(roles: dict[str, Plain], user: str, user_groups: Sequence[str], administrator_group: str) -> str | None:
    """The id of the one role that counts; `roles` by id, oldest first, `administrator` among them."""
    if administrator_group in user_groups:
        return "administrator"
    direct = [role_id for role_id in roles if user in roles[role_id]["users"]]
    if direct:
        return _first(direct, roles)
    through_groups = [
        role_id for role_id in roles if any(group in roles[role_id]["user_groups"] for group in user_groups)
    ]
    return _first(through_groups, roles) if through_groups else None


def _first(candidates: list[str], roles: dict[str, Plain]) -> str:
    lowest = min(roles[role_id]["priority"] for role_id in candidates)
    return next(role_id for role_id in candidates if roles[role_id]["priority"] == lowest)


def covers(role: Plain, certificate_groups: Sequence[str]) -> bool:
    """Whether a certificate in these groups is in the role's scope."""
    if role["certificate_groups"] == "all":
        return True
    return any(grant["group"] in certificate_groups for grant in role["certificate_groups"])


def rights(role: Plain, group: str) -> list[str]:
    """What the role may do with a certificate group."""
    if role["certificate_groups"] != "all":
        return [right for grant in role["certificate_groups"] if grant["group"] == group for right in grant["rights"]]
    permissions = role["permissions"]
    editing = "certificates:edit" in permissions
    assigning = "policies:create" in permissions or "policies:edit" in permissions
    return [right for right, given in zip(RIGHTS, (editing, editing, assigning), strict=True) if given]


def may_place(role: Plain, group: str) -> bool:
    """Whether what is new may go into the group."""
    if role["certificate_groups"] != "all":
        return "add" in rights(role, group)
    return "certificates:import" in role["permissions"] or "signing_requests:create" in role["permissions"]


def may_regroup(role: Plain, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a certificate in the groups `before` may be moved to the groups `after`; of nobody who may everything."""
    if "certificates:edit" not in role["permissions"] or not covers(role, before) or (before and not after):
        return False
    joins = ["add" in rights(role, group) for group in after if group not in before]
    leaves = ["remove" in rights(role, group) for group in before if group not in after]
    return all(joins + leaves)


@st.composite
def roles(
    draw: st.DrawFn, *, groups: Sequence[str], users: Sequence[str] = (), user_groups: Sequence[str] = ()
) -> Plain:
    """The body of a role over some of these certificate groups, or all, given to some of these people."""
    named = draw(st.lists(st.sampled_from(groups), unique=True, max_size=3))
    grants = [{"group": group, "rights": _in_order(draw(_some(RIGHTS)), RIGHTS)} for group in sorted(named)]
    return {
        "name": draw(st.text("abcdefgh", min_size=8, max_size=12)),
        "description": "",
        "priority": draw(st.integers(0, 3)),
        "permissions": _in_order(draw(_some(PERMISSIONS)), PERMISSIONS),
        "certificate_groups": draw(st.sampled_from(("all", grants, grants))),
        "users": sorted(draw(_some(users))),
        "user_groups": sorted(draw(_some(user_groups))),
    }


def _some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=4) if values else st.just([])


def _in_order(chosen: list[str], order: Sequence[str]) -> list[str]:
    return sorted(chosen, key=order.index)
