"""Policies and uses for tests, with everything that a test does not speak of already right."""

from datetime import UTC, datetime
from typing import Any

from signet.adapters.regular_expressions import objection_to, search
from signet.domain.access.principal import Principal
from signet.domain.errors import FieldError, InvalidInputError
from signet.domain.policies.policy import Policy, PolicySettings
from signet.domain.policies.policy_decision import Circumstances, PolicyDecision, PolicySubject, decide

# A Monday, 10:00 in Madrid.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

RELEASE = "crt_release"
PIPELINE = Principal("github/repo:acme/app", source_ip="203.0.113.7")


def body(**fields: Any) -> dict[str, Any]:
    """A policy that lets the pipeline sign with the release certificate."""
    return {
        "name": "CI may sign releases",
        "action": "allow",
        "priority": 10,
        "what": {"certificates": [RELEASE]},
        "who": {"users": [PIPELINE.user]},
        **fields,
    }


def policy(policy_id: str = "pol_1", **fields: Any) -> Policy:
    return Policy(policy_id, PolicySettings.parse(body(**fields), objection_to), MONDAY, "corp/alice", MONDAY)


def decided(
    *policies: Policy,
    by: Principal = PIPELINE,
    certificates: tuple[str, ...] = (RELEASE,),
    groups: tuple[str, ...] = (),
    at: datetime = MONDAY,
    process: str | None = None,
    command_line: str | None = None,
    trace: bool = True,
) -> PolicyDecision:
    return decide(
        policies,
        PolicySubject(frozenset(certificates), frozenset(groups)),
        by,
        Circumstances(at, process, command_line),
        search=search,
        trace=trace,
    )


def errors_in(plain: dict[str, Any]) -> dict[str, str]:
    """What is wrong with the body of a policy, by field."""
    try:
        PolicySettings.parse(plain, objection_to)
    except InvalidInputError as error:
        return by_field(error.errors)
    return {}


def by_field(errors: tuple[FieldError, ...]) -> dict[str, str]:
    return {error.field: error.message for error in errors}
