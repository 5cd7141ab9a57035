"""What a change of a policy opens, with the decision as the judge; what cannot be shown to stay shut is opened."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.adapters.regular_expressions import objection_to, search
from signet.domain.access.principal import Principal
from signet.domain.policies.policy import Policy, PolicySettings, What
from signet.domain.policies.policy_decision import Circumstances, PolicySubject, decide, names_certificate
from signet.domain.policies.policy_opening import NOTHING, opened_by
from tests.unit.policies import reference_policies as reference
from tests.unit.policies.policy_examples import MONDAY, RELEASE, policy

CERTIFICATES = ("crt_a", "crt_b", "crt_c")
GROUPS = ("grp_a", "grp_b")
USERS = ("corp/alice", "corp/bob")
USER_GROUPS = ("corp/release", "corp/staff")
WORLD: dict[str, Any] = {
    "certificates": CERTIFICATES,
    "groups": GROUPS,
    "users": USERS,
    "user_groups": USER_GROUPS,
}

Plain = dict[str, Any]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Plain | None, Plain | None]:
    """A policy before and after: made, deleted, or some of its fields as another one has them."""
    before, other = draw(reference.policies(**WORLD)), draw(reference.policies(**WORLD))
    after = {name: draw(st.sampled_from((before, before, other)))[name] for name in before}
    pairs: list[tuple[Plain | None, Plain | None]] = [(before, after)] * 3 + [(None, after), (before, None)]
    change: tuple[Plain | None, Plain | None] = draw(st.sampled_from(pairs))
    return change


def made(plain: Plain, policy_id: str) -> Policy:
    return Policy(policy_id, PolicySettings.parse(plain, objection_to), MONDAY, "corp/alice", MONDAY)


def allows(policies: list[Policy], use: reference.Use) -> bool:
    subject = PolicySubject(frozenset(use.certificates), frozenset(use.groups))
    principal = Principal(use.user, frozenset(use.user_groups), use.source_ip)
    return decide(
        policies, subject, principal, Circumstances(use.at, use.process, use.command_line), search=search
    ).allowed


def check_that_nobody_gains(change: tuple[Plain | None, Plain | None], others: list[Plain], use: reference.Use) -> None:
    before, after = (None if plain is None else made(plain, "pol_5") for plain in change)
    rest = [made(plain, f"pol_{3 * number}") for number, plain in enumerate(others)]
    as_it_was, as_it_is = ([*rest, *([one] if one else [])] for one in (before, after))

    opened = opened_by(before, after, as_it_was)

    if allows(as_it_is, use) and not allows(as_it_was, use):
        subject = PolicySubject(frozenset(use.certificates), frozenset(use.groups))
        assert names_certificate(replace(policy().settings, what=opened), subject)


ONE_CHANGE = (changes(), st.lists(reference.policies(**WORLD), max_size=2), reference.uses(**WORLD))


@settings(max_examples=50)
@given(*ONE_CHANGE)
def test_nobody_gains_a_use_that_is_not_named_as_opened(
    change: tuple[Plain | None, Plain | None], others: list[Plain], use: reference.Use
) -> None:
    check_that_nobody_gains(change, others, use)


@pytest.mark.soak
@settings(max_examples=2000)
@given(*ONE_CHANGE)
def test_nobody_gains_a_use_by_any_of_many_changes(
    change: tuple[Plain | None, Plain | None], others: list[Plain], use: reference.Use
) -> None:
    check_that_nobody_gains(change, others, use)


def change_of(before: Plain, after: Plain, *others: Policy) -> What:
    one, other = policy("pol_5", **before), policy("pol_5", **after)
    return opened_by(one, other, [one, *others])


WHOLE = What(frozenset({RELEASE}))
DENY = {"action": "deny"}
ANYWHERE: Plain = {"where": {}}
OFFICE = {"where": {"source_networks": ["203.0.113.0/24"]}}
DESK = {"where": {"source_networks": ["203.0.113.7"]}}
WEEK = {"when": [{"days": ["mon", "tue", "wed"]}]}
HOURS = {"when": [{"days": ["mon", "tue"], "start_time": "08:00", "end_time": "18:00"}]}
NIGHT = {"when": [{"days": ["mon", "tue"], "start_time": "22:00", "end_time": "06:00"}]}

OPENING: dict[str, tuple[Plain, Plain]] = {
    "allowing": (DENY, {"action": "allow"}),
    "enabling": ({"enabled": False}, {}),
    "another user": ({}, {"who": {"users": ["corp/bob", "github/repo:acme/app"]}}),
    "a user group": ({}, {"who": {"users": ["github/repo:acme/app"], "user_groups": ["corp/release"]}}),
    "dropping where": (OFFICE, ANYWHERE),
    "a wider network": (DESK, OFFICE),
    "another network": (DESK, {"where": {"source_networks": ["203.0.113.7", "198.51.100.1"]}}),
    "any process": ({"where": {"processes": ["signtool"]}}, {"where": {"processes": ["*"]}}),
    "one kind of where less": (
        {"where": {"processes": ["signtool"], "source_networks": ["203.0.113.7"]}},
        {"where": {"processes": ["signtool"]}},
    ),
    "another command line": ({"where": {"command_lines": ["sha256"]}}, {"where": {"command_lines": ["sha"]}}),
    "dropping when": (HOURS, {"when": []}),
    "more days": (HOURS, {"when": [{"days": ["mon", "tue", "wed"], "start_time": "08:00", "end_time": "18:00"}]}),
    "more hours": (HOURS, {"when": [{"days": ["mon", "tue"], "start_time": "08:00", "end_time": "18:01"}]}),
    "another zone": (HOURS, {"when": [{**HOURS["when"][0], "time_zone": "Europe/Madrid"}]}),
    "a night for its days": ({"when": [{"days": ["mon", "tue"]}]}, NIGHT),
    "disabling a deny": (DENY, {**DENY, "enabled": False}),
    "a deny for fewer callers": (
        {**DENY, "who": {"users": ["corp/bob", "corp/eve"]}},
        {**DENY, "who": {"users": ["corp/bob"]}},
    ),
    "a deny in fewer places": ({**DENY, **ANYWHERE}, {**DENY, **OFFICE}),
    "a deny at fewer times": ({**DENY, **WEEK}, {**DENY, **HOURS}),
}


@pytest.mark.parametrize(("before", "after"), OPENING.values(), ids=OPENING)
def test_what_a_policy_names_is_opened_by(before: Plain, after: Plain) -> None:
    assert change_of(before, after) == WHOLE


SHUTTING: dict[str, tuple[Plain, Plain]] = {
    "a name": ({}, {"name": "Another", "description": "words"}),
    "denying": ({}, DENY),
    "disabling": ({}, {"enabled": False}),
    "asking where": (ANYWHERE, OFFICE),
    "a narrower network": (OFFICE, DESK),
    "one of all processes": ({"where": {"processes": ["*"]}}, {"where": {"processes": ["signtool"]}}),
    "asking when": ({"when": []}, HOURS),
    "fewer hours and days": (WEEK, HOURS),
    "a shorter night": (NIGHT, {"when": [{"days": ["tue"], "start_time": "23:00", "end_time": "05:00"}]}),
    "a later priority": ({"priority": 3}, {"priority": 30}),
    "an earlier priority with nothing between": ({"priority": 30}, {"priority": 3}),
    "what was disabled": ({"enabled": False}, {"enabled": False, **ANYWHERE, "priority": 0}),
    "a deny for more callers": (DENY, {**DENY, "who": {"users": ["corp/bob", "github/repo:acme/app"]}}),
    "a deny in more places": ({**DENY, **OFFICE}, {**DENY, **ANYWHERE}),
    "enabling a deny": ({**DENY, "enabled": False}, DENY),
}


@pytest.mark.parametrize(("before", "after"), SHUTTING.values(), ids=SHUTTING)
def test_nothing_is_opened_by(before: Plain, after: Plain) -> None:
    assert change_of(before, after) == NOTHING


def test_only_what_is_newly_named_is_opened_by_an_allow_that_names_more() -> None:
    more = {"what": {"certificates": [RELEASE, "crt_b"], "groups": ["grp_a"]}}

    assert change_of({}, more) == What(frozenset({"crt_b"}), frozenset({"grp_a"}))
    assert change_of(more, {}) == NOTHING


def test_only_what_it_leaves_is_opened_by_a_deny_that_names_less() -> None:
    more = {**DENY, "what": {"certificates": [RELEASE, "crt_b"], "groups": ["grp_a"]}}

    assert change_of(more, DENY) == What(frozenset({"crt_b"}), frozenset({"grp_a"}))
    assert change_of(DENY, more) == NOTHING


def test_an_allow_that_overtakes_a_deny_opens_what_it_names() -> None:
    deny = policy("pol_9", priority=20, **DENY)

    assert change_of({"priority": 30}, {"priority": 19}, deny) == WHOLE
    assert change_of({"priority": 30}, {"priority": 20}, deny) == NOTHING  # At equal priority the deny wins.
    assert change_of({"priority": 30}, {"priority": 21}, deny) == NOTHING
    assert change_of({"priority": 19}, {"priority": 3}, deny) == NOTHING
    off, another = policy("pol_9", priority=20, enabled=False, **DENY), {"users": ["corp/eve"]}
    assert change_of({"priority": 30}, {"priority": 3}, off) == NOTHING
    assert change_of({"priority": 30}, {"priority": 3}, policy("pol_9", priority=20, who=another, **DENY)) == NOTHING
    in_a_group = {"user_groups": ["corp/staff"]}
    assert change_of({"priority": 30}, {"priority": 3}, policy("pol_9", priority=20, who=in_a_group, **DENY)) == WHOLE


def test_a_deny_that_falls_behind_an_allow_opens_what_it_names() -> None:
    allow = policy("pol_9", priority=20)

    assert change_of({**DENY, "priority": 3}, {**DENY, "priority": 21}, allow) == WHOLE
    assert change_of({**DENY, "priority": 3}, {**DENY, "priority": 20}, allow) == NOTHING
    assert change_of({**DENY, "priority": 30}, {**DENY, "priority": 3}, allow) == NOTHING


def test_a_deny_that_goes_opens_what_it_named_and_an_allow_nothing() -> None:
    assert opened_by(policy(**DENY), None, []) == WHOLE
    assert opened_by(policy(), None, []) == NOTHING
    assert opened_by(None, policy(), []) == WHOLE
    assert opened_by(None, policy(**DENY), []) == NOTHING
