"""Which role is in force, what the built-in ones are, and who stays an administrator."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.access.built_in_roles import ADMINISTRATOR, VIEWER, check_built_in, with_built_in
from signet.domain.access.principal import Principal
from signet.domain.access.role import ADMINISTRATOR_ID, Role, RoleSettings
from signet.domain.access.role_in_force import check_administrators, role_in_force
from signet.domain.errors import (
    BuiltInRoleError,
    LastAdministratorError,
)
from signet.domain.identifiers import is_id
from tests.unit.access import reference_roles as reference
from tests.unit.access.role_examples import (
    ADMINISTRATORS,
    ALICE,
    EPOCH,
    GROUPS,
    USER_GROUPS,
    USERS,
    administrators,
    role,
)


@given(
    st.lists(reference.roles(groups=GROUPS, users=USERS, user_groups=USER_GROUPS), max_size=5),
    st.sampled_from(USERS),
    st.lists(st.sampled_from(USER_GROUPS), unique=True),
    st.randoms(),
)
def test_the_role_in_force_is_that_of_the_reference(
    bodies: list[dict[str, Any]], user: str, user_groups: list[str], chance: Any
) -> None:
    made = [
        Role(f"rol_{number}", RoleSettings.parse(plain), EPOCH + timedelta(days=number // 2))
        for number, plain in enumerate(bodies)
    ]
    by_age = {f"rol_{number}": plain for number, plain in enumerate(bodies)}
    chance.shuffle(made)

    found = role_in_force(Principal(user, frozenset(user_groups)), with_built_in(made), ADMINISTRATORS)

    expected = reference.in_force(by_age, user, user_groups, ADMINISTRATORS)
    assert (found and found.id) == (ADMINISTRATOR_ID if expected == "administrator" else expected)


def test_to_whom_nothing_is_given_no_role_is_in_force() -> None:
    assert role_in_force(ALICE, with_built_in([]), ADMINISTRATORS) is None


def test_members_of_the_administrator_group_are_administrators_whatever_else_they_are_given() -> None:
    caller = Principal("corp/alice", frozenset({ADMINISTRATORS}))
    given = role(users=["corp/alice"], priority=0, age=100_000)

    assert role_in_force(caller, [given], ADMINISTRATORS) == ADMINISTRATOR
    assert role_in_force(caller, with_built_in([given]), ADMINISTRATORS) == ADMINISTRATOR


def test_without_an_administrator_group_nobody_is_a_member_of_it() -> None:
    assert role_in_force(Principal("corp/alice", frozenset({""})), with_built_in([]), "") is None


def test_administrator_beats_every_other_role_that_is_given_in_the_same_way() -> None:
    roles = with_built_in(
        [role("rol_1", users=["corp/alice"], priority=0, age=1), role(ADMINISTRATOR_ID, users=["corp/alice"])]
    )

    assert role_in_force(ALICE, roles, ADMINISTRATORS) == roles[0]


def test_the_older_role_is_the_one_made_earlier() -> None:
    older = role("rol_2", users=["corp/alice"], age=1)

    assert role_in_force(ALICE, [role("rol_1", users=["corp/alice"]), older], ADMINISTRATORS) == older


def test_a_role_given_to_the_user_beats_administrator_given_to_a_group() -> None:
    roles = with_built_in(
        [role("rol_1", users=["corp/alice"], priority=9), role(ADMINISTRATOR_ID, user_groups=["corp/ops"])]
    )

    assert role_in_force(ALICE, roles, ADMINISTRATORS) == roles[2]


def test_the_built_in_roles_have_ids_like_all_others() -> None:
    assert all(is_id("rol", built_in.id) and built_in.is_built_in for built_in in (ADMINISTRATOR, VIEWER))
    assert not role().is_built_in


def test_of_a_stored_built_in_role_only_its_holders_count() -> None:
    stored = role(ADMINISTRATOR_ID, name="Old", permissions=[], users=["corp/alice"], user_groups=["corp/ops"])

    administrator, viewer, other = with_built_in([role("rol_1"), stored])

    assert administrator.settings == ADMINISTRATOR.settings.changed(
        {"users": ["corp/alice"], "user_groups": ["corp/ops"]}
    )
    assert (viewer, other) == (VIEWER, role("rol_1"))


def test_a_built_in_role_may_be_given_to_others() -> None:
    check_built_in(VIEWER, VIEWER.settings.changed({"user_groups": ["corp/auditors"]}))
    check_built_in(ADMINISTRATOR, ADMINISTRATOR.settings.changed({"users": ["corp/alice"]}))


def test_other_roles_may_change_as_they_like() -> None:
    check_built_in(role(), role(name="Other").settings)


@pytest.mark.parametrize("change", [{"permissions": []}, {"certificate_groups": []}])
def test_administrator_cannot_be_made_less(change: dict[str, Any]) -> None:
    with pytest.raises(LastAdministratorError):
        check_built_in(ADMINISTRATOR, ADMINISTRATOR.settings.changed(change))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Looker"},
        {"description": "Looks"},
        {"priority": 1},
        {"permissions": []},
        {"certificate_groups": [{"group": "grp_a"}]},
    ],
)
def test_nothing_else_of_a_built_in_role_can_be_changed(change: dict[str, Any]) -> None:
    with pytest.raises(BuiltInRoleError):
        check_built_in(VIEWER, VIEWER.settings.changed(change))


def check(roles: tuple[Role, ...], changer: Principal = ALICE) -> None:
    check_administrators(roles, changer, ADMINISTRATORS, {"corp", "github"})


def test_a_member_of_the_administrator_group_stays_an_administrator() -> None:
    check(with_built_in([]), Principal("corp/alice", frozenset({ADMINISTRATORS})))


def test_an_administrator_by_role_may_leave_when_another_user_is_named() -> None:
    check(administrators(users=["corp/bob"]))


def test_an_administrator_by_role_may_leave_only_then() -> None:
    with pytest.raises(LastAdministratorError):
        check(administrators())
    # Nobody is known to be in it.
    with pytest.raises(LastAdministratorError):
        check(administrators(user_groups=["corp/others"]))
    # No user of that issuer can sign in.
    with pytest.raises(LastAdministratorError):
        check(administrators(users=["former/bob", "automation/com.example"]))


def test_another_role_of_their_own_can_cost_an_administrator_by_group_theirs() -> None:
    ops = role(ADMINISTRATOR_ID, user_groups=["corp/ops"])

    check(with_built_in([ops]))
    with pytest.raises(LastAdministratorError):
        check(with_built_in([ops, role(users=["corp/alice"])]))


def test_without_the_built_in_roles_nobody_is_named() -> None:
    with pytest.raises(LastAdministratorError):
        check(())
