"""Whatever the policies and the use, the decision is that of a slow and simple reference."""

from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signet.adapters.regular_expressions import objection_to, search
from signet.domain.access.principal import Principal
from signet.domain.policies.policy import Policy, PolicySettings
from signet.domain.policies.policy_decision import (
    Circumstances,
    PolicySubject,
    Verdict,
    could_be_allowed,
    decide,
    visible_by_policy,
)
from signet.domain.policies.policy_index import PolicyIndex
from tests.unit.policies import reference_policies as reference
from tests.unit.policies.policy_examples import MONDAY

NAMES = {
    "certificates": ("crt_a", "crt_b", "crt_c"),
    "groups": ("grp_a", "grp_b"),
    "users": ("corp/alice", "corp/bob"),
    "user_groups": ("corp/release", "corp/ops"),
}
SOME_POLICIES = st.lists(reference.policies(**NAMES), max_size=6)


def in_domain(bodies: list[dict[str, Any]]) -> list[Policy]:
    return [
        Policy(f"pol_{number}", PolicySettings.parse(plain, objection_to), MONDAY, "corp/alice", MONDAY)
        for number, plain in enumerate(bodies)
    ]


def question(use: reference.Use) -> tuple[PolicySubject, Principal, Circumstances]:
    return (
        PolicySubject(frozenset(use.certificates), frozenset(use.groups)),
        Principal(use.user, frozenset(use.user_groups), use.source_ip),
        Circumstances(use.at, use.process, use.command_line),
    )


many = settings(max_examples=100)


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_every_decision_is_that_of_the_slow_reference(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    decision = decide(in_domain(bodies), *question(use), search=search, trace=True)

    plain = {f"pol_{number}": body for number, body in enumerate(bodies)}
    assert (decision.allowed, decision.decided_by) == reference.decision(plain, use)
    for entry in decision.trace:
        seen = (entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when)
        assert seen == reference.matched(plain[entry.policy], use)
        assert (entry.verdict is Verdict.DECIDES) == (entry.policy == decision.decided_by)
        assert bool(entry.reasons) == (not all(seen))


@many
@given(SOME_POLICIES, reference.uses(**NAMES), st.randoms())
def test_signing_and_explain_decide_alike(bodies: list[dict[str, Any]], use: reference.Use, chance: Any) -> None:
    policies = in_domain(bodies)
    explained = decide(policies, *question(use), search=search, trace=True)
    chance.shuffle(policies)
    index = PolicyIndex.of(policies)
    subject, principal, _ = question(use)

    for seen in (policies, index.between(subject, principal), index.concerning(subject, principal)):
        signed = decide(seen, *question(use), search=search)
        assert (signed.allowed, signed.decided_by) == (explained.allowed, explained.decided_by)
        assert signed.trace == ()


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_the_index_finds_what_a_look_at_each_policy_finds(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    policies = in_domain(bodies)
    index = PolicyIndex.of(policies)
    subject, principal, _ = question(use)
    plain = {f"pol_{number}": body for number, body in enumerate(bodies)}

    def ids(found: tuple[Policy, ...]) -> set[str]:
        return {policy.id for policy in found}

    naming = {policy_id for policy_id, body in plain.items() if reference.what(body, use)}
    calling = {policy_id for policy_id, body in plain.items() if reference.who(body, use)}
    assert ids(index.naming(subject)) == naming
    assert ids(index.between(subject, principal)) == naming & calling
    assert ids(index.concerning(subject, principal)) == naming | calling
    assert ids(index.naming_group("grp_a")) == {
        policy_id for policy_id, body in plain.items() if "grp_a" in body["what"]["groups"]
    }


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_a_certificate_is_seen_by_an_enabled_allow_policy_that_names_both(
    bodies: list[dict[str, Any]], use: reference.Use
) -> None:
    policies = in_domain(bodies)
    subject, principal, _ = question(use)

    seen = visible_by_policy(policies, subject, principal)

    assert seen == any(
        body["enabled"] and body["action"] == "allow" and reference.what(body, use) and reference.who(body, use)
        for body in bodies
    )
    assert PolicyIndex.of(policies).opening_to(principal).holds(subject) == seen


@many
@given(SOME_POLICIES, reference.uses(**NAMES))
def test_could_be_allowed_asks_no_where(bodies: list[dict[str, Any]], use: reference.Use) -> None:
    anywhere: dict[str, list[str]] = {"processes": [], "command_lines": [], "source_networks": []}
    elsewhere = {
        f"pol_{number}": body | {"where": anywhere}
        for number, body in enumerate(bodies)
        if not (body["action"] == "deny" and any(body["where"].values()))
    }
    subject, principal, _ = question(use)

    possible = could_be_allowed(in_domain(bodies), subject, principal, use.at, search=search)

    assert possible == reference.decision(elsewhere, use)[0]


@given(reference.uses(**NAMES))
def test_a_use_can_be_put_to_a_running_service(use: reference.Use) -> None:
    body = use.explain_body()

    assert datetime.fromisoformat(body["at"]) == use.at
    assert {"certificate", "user", "user_groups", "at"} <= body.keys()
    assert all(body.get("application", {"process": "x"}).values())
