"""Patterns match as EventBridge's do."""

from typing import Any

import pytest

from local.event_sources.event_pattern import matches

EVENT = {
    "source": "signet",
    "detail-type": "Certificate Expiring",
    "detail": {
        "days": 7,
        "ratio": 0.5,
        "final": True,
        "owner": None,
        "groups": ["Release", "Nightly"],
        "address": "10.1.2.3",
        "empty": [],
        "people": [{"name": "alice"}, {"name": "bob"}],
    },
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({}, True),
        ({"source": ["signet"]}, True),
        ({"source": ["Signet"]}, False),
        ({"source": ["other", "signet"]}, True),
        ({"source": ["signet"], "detail-type": ["Role Created"]}, False),
        ({"absent": ["x"]}, False),
        ({"absent": {"deeper": ["x"]}}, False),
        ({"detail": {"days": [7]}}, True),
        ({"detail": {"days": ["7"]}}, False),
        ({"detail": {"final": [True]}}, True),
        ({"detail": {"final": [1]}}, False),
        ({"detail": {"owner": [None]}}, True),
        ({"detail": {"owner": [""]}}, False),
        ({"detail": {"groups": ["Nightly"]}}, True),
        ({"detail": {"groups": ["Other"]}}, False),
        ({"detail": {"people": {"name": ["bob"]}}}, True),
        ({"detail": {"people": {"name": ["carol"]}}}, False),
        ({"detail-type": [{"prefix": "Certificate "}]}, True),
        ({"detail-type": [{"prefix": "certificate "}]}, False),
        ({"detail-type": [{"prefix": {"equals-ignore-case": "certificate "}}]}, True),
        ({"detail-type": [{"suffix": "Expiring"}]}, True),
        ({"detail-type": [{"equals-ignore-case": "CERTIFICATE EXPIRING"}]}, True),
        ({"detail-type": [{"wildcard": "Cert*Exp*ing"}]}, True),
        ({"detail-type": [{"wildcard": "*Role*"}]}, False),
        ({"detail-type": [{"anything-but": "Role Created"}]}, True),
        ({"detail-type": [{"anything-but": ["Certificate Expiring"]}]}, False),
        ({"detail-type": [{"anything-but": {"prefix": "Role"}}]}, True),
        ({"detail-type": [{"anything-but": {"suffix": ["ing", "ed"]}}]}, False),
        ({"absent": [{"anything-but": "x"}]}, False),
        ({"detail": {"days": [{"numeric": ["=", 7]}]}}, True),
        ({"detail": {"days": [{"numeric": [">", 0, "<=", 7]}]}}, True),
        ({"detail": {"days": [{"numeric": [">", 7]}]}}, False),
        ({"detail": {"final": [{"numeric": ["=", 1]}]}}, False),
        ({"detail": {"ratio": [{"numeric": ["<", 1]}]}}, True),
        ({"detail": {"address": [{"cidr": "10.0.0.0/8"}]}}, True),
        ({"detail": {"address": [{"cidr": "192.168.0.0/16"}]}}, False),
        ({"source": [{"cidr": "10.0.0.0/8"}]}, False),
        ({"detail": {"days": [{"exists": True}]}}, True),
        ({"detail": {"days": [{"exists": False}]}}, False),
        ({"detail": {"never": [{"exists": False}]}}, True),
        ({"never": {"deeper": [{"exists": False}]}}, True),
        ({"detail": {"empty": [{"exists": False}]}}, True),
        ({"$or": [{"source": ["other"]}, {"detail": {"days": [7]}}]}, True),
        ({"$or": [{"source": ["other"]}, {"detail": {"days": [8]}}]}, False),
    ],
)
def test_a_pattern_matches(pattern: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, EVENT) is expected


def test_an_operator_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="sounds-like"):
        matches({"source": [{"sounds-like": "cygnet"}]}, EVENT)
