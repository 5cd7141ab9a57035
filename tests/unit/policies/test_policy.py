"""What is accepted as a policy, and what is said of the rest."""

import json
from typing import Any

import pytest
from hypothesis import given

from signet.adapters.regular_expressions import objection_to
from signet.domain.errors import InvalidInputError, RequestTooLargeError
from signet.domain.field_errors import MAX_ERRORS_NAMED, MAX_OBJECT_BYTES
from signet.domain.policies.policy import DEFAULT_PRIORITY, PolicyAction, PolicySettings
from tests.unit.policies import reference_policies as reference
from tests.unit.policies.policy_examples import body, errors_in

NAMES = {
    "certificates": ("crt_a", "crt_b"),
    "groups": ("grp_a", "grp_b"),
    "users": ("corp/alice", "corp/bob"),
    "user_groups": ("corp/release", "corp/ops"),
}


def parse(**fields: Any) -> PolicySettings:
    return PolicySettings.parse(body(**fields), objection_to)


@given(reference.policies(**NAMES))
def test_a_policy_is_read_as_it_is_written(plain: dict[str, Any]) -> None:
    read = PolicySettings.parse(plain, objection_to)
    written = read.plain()

    assert PolicySettings.restore(json.loads(json.dumps(written))) == read
    assert {**written, "where": None} == {**plain, "where": None}


def test_what_may_be_left_out_is_filled_in() -> None:
    read = parse(priority=None)

    assert (read.enabled, read.priority, read.description) == (True, DEFAULT_PRIORITY, "")
    assert not read.where
    assert read.when == ()


def test_a_change_replaces_the_fields_it_names() -> None:
    before = parse(description="as it was", where={"processes": ["signtool"]})

    after = before.changed({"action": "deny", "where": None}, objection_to)

    assert (after.action, after.description) == (PolicyAction.DENY, "as it was")
    assert not after.where


COSTLY = ["(?:(?:a|b)?(?:a|b)?){240}c"]


@pytest.mark.parametrize("change", [{"enabled": False}, {"name": "Renamed"}, {"who": {"users": ["corp/bob"]}}])
def test_what_older_rules_accepted_stands_in_the_way_of_no_other_change(change: dict[str, Any]) -> None:
    where = {"processes": [], "command_lines": COSTLY, "source_networks": []}
    before = PolicySettings.restore({**parse().plain(), "where": where})

    after = before.changed(change, objection_to)
    with_all_of_it = before.changed({**before.plain(), **change}, objection_to)

    assert with_all_of_it == after
    assert after.where == before.where
    assert after != before


@pytest.mark.parametrize("where", [{"command_lines": COSTLY}, {"command_lines": [*COSTLY, "x"]}])
def test_an_expression_that_costs_too_much_is_refused_once_anything_beside_it_is_changed(where: dict[str, Any]) -> None:
    old = {"processes": ["signtool"], "command_lines": COSTLY, "source_networks": []}
    before = PolicySettings.restore({**parse().plain(), "where": old})

    with pytest.raises(InvalidInputError, match=r"where\.command_lines\[0\]"):
        before.changed({"where": where}, objection_to)


def test_a_name_that_comes_twice_is_kept_once() -> None:
    read = parse(who={"users": ["corp/bob", "corp/bob"]}, where={"processes": ["a", "b", "a"]})

    assert read.who.users == {"corp/bob"}
    assert [str(pattern) for pattern in read.where.processes] == ["a", "b"]


def test_a_network_is_kept_in_its_shortest_form() -> None:
    read = parse(where={"source_networks": ["203.0.113.7", "2001:DB8:0:0::/32", "::ffff:10.0.0.0/104"]})

    assert read.plain()["where"] == {
        "processes": [],
        "command_lines": [],
        "source_networks": ["203.0.113.7/32", "2001:db8::/32", "10.0.0.0/8"],
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " leading"}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"description": "x" * 1025}, "description"),
        ({"description": "bell \a"}, "description"),
        ({"priority": -1}, "priority"),
        ({"priority": 1_000_001}, "priority"),
        ({"what": {}}, "what"),
        ({"what": {"certificates": [], "groups": []}}, "what"),
        ({"what": {"certificates": ["crt_a", ""]}}, "what.certificates[1]"),
        ({"what": {"groups": ["g" * 513]}}, "what.groups[0]"),
        ({"who": {"users": []}}, "who"),
        ({"who": {"users": ["alice"]}}, "who.users[0]"),
        ({"who": {"user_groups": ["corp/"]}}, "who.user_groups[0]"),
        ({"where": {"processes": [""]}}, "where.processes[0]"),
        ({"where": {"processes": ["x" * 257]}}, "where.processes[0]"),
        ({"where": {"processes": ["C:\\signtool.exe"]}}, "where.processes[0]"),
        ({"where": {"processes": ["bin/signtool"]}}, "where.processes[0]"),
        ({"where": {"processes": ["sign\ttool"]}}, "where.processes[0]"),
        ({"where": {"processes": [" signtool"]}}, "where.processes[0]"),
        ({"where": {"command_lines": ["("]}}, "where.command_lines[0]"),
        ({"where": {"command_lines": ["a"] * 21}}, "where.command_lines"),
        ({"where": {"source_networks": ["example.com"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["203.0.113.7/24"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["203.0.113.0/33"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["203.0.113.0/255.255.255.0"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["203.0.113.0/"]}}, "where.source_networks[0]"),
        ({"where": {"source_networks": ["fe80::1%eth0/128"]}}, "where.source_networks[0]"),
        ({"when": [{}] * 51}, "when"),
    ],
)
def test_a_bad_field_is_named_by_its_path(fields: dict[str, Any], field: str) -> None:
    assert list(errors_in(body(**fields))) == [field]


def test_a_message_says_what_was_got_and_expected() -> None:
    errors = errors_in(body(when=[{"days": ["friday"]}], where={"source_networks": ["203.0.113.7/24"]}))

    assert errors == {
        "when[0].days[0]": 'must be one of mon, tue, wed, thu, fri, sat, sun, got "friday"',
        "where.source_networks[0]": (
            'must not have bits behind its prefix, got "203.0.113.7/24"; the network is 203.0.113.0/24'
        ),
    }


def test_a_message_can_always_be_sent_and_is_short() -> None:
    errors = errors_in(body(who={"users": ["\ud800" + "x" * 5000]}, when=[{"time_zone": "\udfff" * 300}]))

    assert len(errors) == 2
    for field, message in errors.items():
        assert len(field.encode()) < 200
        assert len(message.encode()) < 200


def test_all_errors_are_told_at_once_up_to_a_bound() -> None:
    assert len(errors_in(body(who={"users": ["alice"] * 100}))) == MAX_ERRORS_NAMED


def test_64_kb_are_accepted_and_a_byte_more_is_not() -> None:
    # Every e with an accent is two bytes.
    plain = body(who={"users": [f"corp/{'é' * 100}{number:04}" for number in range(300)]})
    size = len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode())
    plain["description"] = ""
    padding = MAX_OBJECT_BYTES - size - len(',"description":""')
    plain["what"]["certificates"] += ["c" * 61] * (padding // 64) + ["c" * (padding % 64 - 3)]

    assert errors_in(plain) == {}
    plain["description"] = "x"
    with pytest.raises(RequestTooLargeError, match="65536 bytes"):
        errors_in(plain)
