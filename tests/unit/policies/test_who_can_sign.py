"""Who can sign, told without a use, against the decision about every use there can be."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from signet.domain.access.principal import Principal
from signet.domain.policies.policy import Policy
from signet.domain.policies.who_can_sign import CanSign, Signers, signers_of
from tests.support.certificates.domain_examples import a_certificate
from tests.unit.policies.policy_examples import MONDAY, PIPELINE, RELEASE, decided, policy

CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"where": {"processes": ["signtool"]}},
    {"where": {"source_networks": ["203.0.113.0/24"]}},
    {"when": [{"days": ["mon"]}]},
    {"where": {"processes": ["signtool"]}, "when": [{"days": ["mon"]}]},
)
POLICIES = tuple({"action": action, **condition} for action, condition in product(("allow", "deny"), CONDITIONS))
USES = tuple(
    (process, address, MONDAY + timedelta(days=days))
    for process, address, days in product((None, "signtool", "jarsigner"), ("203.0.113.7", "10.0.0.1"), (0, 1))
)


def signers(*policies: Policy, **settings: Any) -> Signers:
    given = {"id": RELEASE, "owner": None, "key_version": 1, "not_after": MONDAY + timedelta(days=9), **settings}
    return signers_of(a_certificate(**given), policies, MONDAY)


def found_out(*policies: Policy) -> CanSign:
    """What deciding every use says."""
    decisions = {
        decided(*policies, by=Principal(PIPELINE.user, source_ip=address), process=process, at=at).allowed
        for process, address, at in USES
    }
    if len(decisions) == 2:
        return CanSign.CONDITIONALLY
    return CanSign.ALWAYS if decisions.pop() else CanSign.NEVER


@pytest.mark.parametrize("priority", [4, 5])
def test_what_is_told_of_a_user_is_what_every_use_would_be_decided_as(priority: int) -> None:
    for first, second in product(POLICIES, POLICIES):
        both = policy("pol_1", priority=priority, **first), policy("pol_2", priority=5, **second)

        assert [one.can_sign for one in signers(*both).users] == [found_out(*both)], (first, second)


def test_a_disabled_policy_opens_and_denies_nothing() -> None:
    allow, deny = policy("pol_1"), policy("pol_2", action="deny", enabled=False, priority=0)

    assert signers(allow, deny).users[0].can_sign is CanSign.ALWAYS
    assert signers(policy(enabled=False)).users[0].can_sign is CanSign.NEVER


def test_a_time_that_is_over_for_good_is_never() -> None:
    assert signers(policy(when=[{"end_date": "2026-11-21"}])).users[0].can_sign is CanSign.NEVER
    assert signers(policy(when=[{"end_date": "2026-11-24"}])).users[0].can_sign is CanSign.CONDITIONALLY


def test_the_owner_comes_first_and_once_whatever_the_policies_say() -> None:
    deny = policy(action="deny", who={"users": ["corp/alice", "corp/zoe"], "user_groups": ["corp/all"]})
    told = signers(deny, owner="corp/zoe")

    assert [(one.name, one.can_sign.value) for one in told.users] == [("corp/zoe", "always"), ("corp/alice", "never")]
    assert [(one.name, one.can_sign.value) for one in told.user_groups] == [("corp/all", "never")]


@pytest.mark.parametrize(
    ("settings", "can_sign"),
    [
        ({"pin_hash": "x"}, CanSign.CONDITIONALLY),
        ({"ask_for_reason": True}, CanSign.CONDITIONALLY),
        ({"enabled": False}, CanSign.NEVER),
        ({"key_version": 0}, CanSign.NEVER),
        ({"not_after": MONDAY - timedelta(seconds=1)}, CanSign.NEVER),
    ],
)
def test_what_the_certificate_asks_holds_for_all(settings: dict[str, Any], can_sign: CanSign) -> None:
    told = signers(policy(who={"users": ["corp/bob"], "user_groups": ["corp/all"]}), owner="corp/zoe", **settings)

    assert {one.can_sign for one in (*told.users, *told.user_groups)} == {can_sign}
