"""What a role is, and what it lets its holders do with certificates and groups."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.access.built_in_roles import ADMINISTRATOR, VIEWER
from signet.domain.access.role import GroupRight, Permission, Role, RoleSettings
from signet.domain.errors import (
    GroupRequiredError,
    InvalidInputError,
    NotAllowedError,
    RequestTooLargeError,
)
from tests.unit.access import reference_roles as reference
from tests.unit.access.role_examples import GROUPS, USER_GROUPS, USERS, role, scoped


@given(reference.roles(groups=GROUPS, users=USERS, user_groups=USER_GROUPS))
def test_a_role_is_read_as_it_is_written(plain: dict[str, Any]) -> None:
    read = RoleSettings.parse(json.loads(json.dumps(plain)))

    assert read.plain() == plain
    assert RoleSettings.restore(json.loads(json.dumps(plain))) == read


def test_what_older_rules_accepted_of_a_role_is_still_read() -> None:
    stored = {**RoleSettings.parse({"name": "Releases"}).plain(), "users": ["no issuer"], "priority": -1}

    assert RoleSettings.restore(stored).plain() == stored


def test_without_certificate_groups_a_role_is_for_all() -> None:
    assert RoleSettings.parse({"name": "Releases"}).certificate_groups.is_all


def test_a_change_replaces_the_fields_it_names() -> None:
    before = role(users=["corp/alice"], certificate_groups=[{"group": "grp_a", "rights": []}]).settings

    after = before.changed({"priority": 3, "certificate_groups": "all"})

    assert (after.priority, after.certificate_groups.is_all) == (3, True)
    assert after.users == {"corp/alice"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"priority": -1}, "priority"),
        ({"permissions": ["certificates:sign"]}, "permissions[0]"),
        ({"certificate_groups": [{"group": "grp_a", "rights": ["add", "view"]}]}, "certificate_groups[0].rights[1]"),
        ({"certificate_groups": [{"group": "grp_a"}, {"group": "grp_a"}]}, "certificate_groups[1].group"),
        ({"users": ["alice"]}, "users[0]"),
        ({"user_groups": ["corp/"]}, "user_groups[0]"),
    ],
)
def test_a_bad_field_is_named_by_its_path(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        RoleSettings.parse({"name": "Releases", **fields})

    assert [error.field for error in refused.value.errors][:1] == [field]


def test_a_role_over_64_kb_is_refused() -> None:
    with pytest.raises(RequestTooLargeError, match="A role"):
        RoleSettings.parse({"name": "Releases", "users": [f"corp/{number:060}" for number in range(1000)]})


def test_the_permissions_are_those_of_the_contract() -> None:
    assert tuple(permission.value for permission in Permission) == reference.PERMISSIONS


@given(
    reference.roles(groups=GROUPS),
    st.sampled_from(reference.PERMISSIONS),
    st.lists(st.sampled_from(GROUPS), unique=True),
)
def test_every_answer_is_that_of_the_reference(plain: dict[str, Any], permission: str, groups: list[str]) -> None:
    asked = Role("rol_1", RoleSettings.parse(plain))

    assert asked.covers(groups) == reference.covers(plain, groups)
    assert asked.may(Permission(permission)) == (permission in plain["permissions"])
    assert asked.may(Permission(permission), groups) == (
        permission in plain["permissions"] and reference.covers(plain, groups)
    )
    for group in GROUPS:
        rights = reference.rights(plain, group)
        assert asked.rights_on(group) == set(rights)
        assert asked.may_add_to(group) == ("add" in rights)
        assert asked.may_place_in(group) == reference.may_place(plain, group)
        assert asked.may_assign_group(group) == ("assign" in rights)
        assert asked.may_remove_from(group, leaving=["grp_other"]) == ("remove" in rights)
    if groups or plain["certificate_groups"] == "all":
        assignable = any("assign" in reference.rights(plain, group) for group in groups or ["grp_a"])
        assert asked.may_assign_certificate(groups) == assignable


@given(
    reference.roles(groups=GROUPS),
    st.lists(st.sampled_from(GROUPS), unique=True),
    st.lists(st.sampled_from(GROUPS), unique=True),
)
def test_a_certificate_is_moved_by_whom_the_reference_lets(
    plain: dict[str, Any], before: list[str], after: list[str]
) -> None:
    asked = Role("rol_1", RoleSettings.parse(plain))

    assert asked.may_regroup(before, after) == reference.may_regroup(plain, before, after)


def test_who_places_what_is_new_moves_nothing_that_is_there() -> None:
    placing = role(permissions=["certificates:import", "signing_requests:create", "certificates:set_owner"])

    placing.check_placement(["grp_a"])
    assert not placing.may_regroup([], ["grp_a"])
    assert not placing.may_regroup(["grp_b"], ["grp_a", "grp_b"])


def test_who_may_edit_a_certificate_moves_it_only_into_groups_to_which_the_role_may_add() -> None:
    editing = scoped({"grp_a": [], "grp_b": ["add"], "grp_c": ["remove", "assign"]}, "certificates:edit")

    assert editing.may_regroup(["grp_a"], ["grp_a", "grp_b"])
    assert not editing.may_regroup(["grp_a"], ["grp_a", "grp_c"])
    assert not editing.may_regroup(["grp_a"], ["grp_a", "grp_b", "grp_c"])


def test_who_may_not_edit_a_certificate_pulls_it_into_no_group_of_theirs() -> None:
    adding = scoped({"grp_a": ["add"]}, "certificates:edit")

    assert not adding.may_regroup([], ["grp_a"])
    assert not adding.may_regroup(["grp_b"], ["grp_b", "grp_a"])
    assert not scoped({"grp_a": ["add"], "grp_b": []}, "certificates:view").may_regroup(["grp_b"], ["grp_b", "grp_a"])


def test_who_may_not_assign_a_group_names_nothing_of_it() -> None:
    adding = scoped({"grp_a": ["add", "remove"], "grp_b": ["assign"]}, "policies:create", "policies:edit")

    assert not adding.may_assign_group("grp_a")
    assert not adding.may_assign_certificate(["grp_a"])
    assert adding.may_assign_certificate(["grp_a", "grp_b"])


def test_a_role_with_groups_does_not_reach_a_certificate_in_none() -> None:
    assert not scoped({"grp_a": []}, "certificates:view").covers([])
    assert role().covers([])


def test_a_group_named_with_no_right_is_seen_and_nothing_more() -> None:
    looking = scoped({"grp_a": []}, *reference.PERMISSIONS)

    assert looking.sees_group("grp_a")
    assert not looking.sees_group("grp_b")
    assert looking.rights_on("grp_a") == frozenset()


def test_an_administrator_may_everything() -> None:
    assert all(ADMINISTRATOR.may(permission, ["grp_a"]) for permission in Permission)
    assert ADMINISTRATOR.rights_on("grp_a") == set(GroupRight)
    assert ADMINISTRATOR.may_assign_certificate([])


def test_a_viewer_sees_all_and_touches_nothing() -> None:
    assert {permission for permission in Permission if VIEWER.may(permission)} == {
        "certificates:view",
        "signing_requests:view",
        "policies:view",
        "events:view_all",
    }
    assert VIEWER.covers([])
    assert VIEWER.rights_on("grp_a") == frozenset()


def test_only_an_administrator_takes_a_certificate_out_of_its_last_group() -> None:
    assert not scoped({"grp_a": ["remove"]}).may_remove_from("grp_a", leaving=[])
    assert not role(permissions=["certificates:edit"]).may_remove_from("grp_a", leaving=[])
    assert ADMINISTRATOR.may_remove_from("grp_a", leaving=[])


def test_what_a_role_with_groups_brings_goes_into_one_that_it_may_add_to() -> None:
    working = scoped({"grp_a": ["add"], "grp_b": ["remove"]}, "certificates:import")

    working.check_placement(["grp_a"])
    for groups in ([], ["grp_b"]):
        with pytest.raises(GroupRequiredError):
            working.check_placement(groups)
    with pytest.raises(NotAllowedError):
        working.check_placement(["grp_a", "grp_b"])


def test_a_role_for_all_groups_needs_none() -> None:
    role(permissions=["certificates:import"]).check_placement([])
    with pytest.raises(NotAllowedError):
        role(permissions=["certificates:view"]).check_placement(["grp_a"])
