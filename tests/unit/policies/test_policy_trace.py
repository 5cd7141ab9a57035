"""What explain says of the policies that did not decide."""

from datetime import UTC, datetime

import pytest

from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError
from signet.domain.policies.policy_decision import Circumstances
from tests.unit.policies.policy_examples import PIPELINE, decided, policy


def test_the_trace_tells_a_person_what_did_not_match_and_why() -> None:
    far = policy(
        "pol_1",
        name="Office hours",
        what={"certificates": ["crt_other"]},
        who={"users": ["corp/alice"]},
        where={
            "processes": ["jarsigner"],
            "command_lines": [r"\d+"],
            "source_networks": [f"192.0.2.{n}/32" for n in range(7)],
        },
        when=[
            {"days": ["sat"], "start_time": "08:00", "end_time": "12:00", "time_zone": "Europe/Madrid"},
            {"end_date": "2026-01-31"},
        ],
    )

    (entry,) = decided(far, process=r"C:\signtool.exe", command_line="sign").trace

    assert not any((entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when))
    assert entry.name == "Office hours"
    assert entry.reasons == (
        "what: it names neither the certificate, nor one that this renews, nor a group it is in",
        "who: it names neither github/repo:acme/app nor one of the caller's user groups",
        "where: 203.0.113.7 is in none of 192.0.2.0/32, 192.0.2.1/32, 192.0.2.2/32, 192.0.2.3/32, 192.0.2.4/32, 2 more",
        'where: the process "signtool" is none of jarsigner',
        r"where: in the command line none is found of \d+",
        (
            "when: mon 2026-11-23 10:00 in Europe/Madrid, mon 2026-11-23 09:00 in UTC"
            " is in none of sat 08:00-12:00, Europe/Madrid | every day, until 2026-01-31, UTC"
        ),
    )
    assert entry.text.startswith("passed over: what: it names")


def test_the_trace_says_what_the_client_does_not_state() -> None:
    asking = policy(where={"processes": ["a"], "command_lines": ["a"], "source_networks": ["10.0.0.0/8"]})

    (entry,) = decided(asking, by=Principal(PIPELINE.user)).trace

    assert entry.matched.what
    assert entry.matched.who
    assert not entry.matched.where
    assert entry.matched.when
    assert entry.reasons == (
        "where: it asks for a source network, and the caller's address is not known",
        "where: it asks for a process, and the client states none",
        "where: it asks for a command line, and the client states none",
    )


def test_the_trace_tells_who_came_too_late() -> None:
    decision = decided(
        policy("pol_1", priority=7),
        policy("pol_2", priority=5),
        policy("pol_3", priority=5, action="deny"),
        policy("pol_4", priority=5, action="deny"),
    )

    assert [(entry.policy, entry.text) for entry in decision.trace] == [
        ("pol_3", "decides"),
        ("pol_4", "matches, but an earlier one decided"),
        ("pol_2", "matches, but a deny of the same priority decided"),
        ("pol_1", "matches, but an earlier one decided"),
    ]


@pytest.mark.clock
@pytest.mark.parametrize("at", [datetime(1899, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_moment_that_some_zone_does_not_have_is_refused(at: datetime) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Circumstances(at)

    assert [error.field for error in refused.value.errors] == ["at"]
