"""A stack goes on with tables and a wrapping key that are there already, where it is given them."""

import json
from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from local.aws.template import ACCOUNT, REGION, Template
from tests.architecture.source_tree import PARAMETERS, ROOT, written

EXISTING = {
    "ExistingCertificateTable": "restored-certificates",
    "ExistingPrivateKeyTable": "restored-keys",
    "ExistingEventTable": "restored-events",
    "ExistingEventStream": "2026-11-27T02:00:00.000",
    "ExistingAccessTable": "restored-access",
    "ExistingWrappingKey": "mrk-0123456789abcdef0123456789abcdef",
}
KEPT_ANSWERS = {"ExistingIdempotencyTable": "kept-answers"}
MADE = {name.removeprefix("Existing") for name in {**EXISTING, **KEPT_ANSWERS}} - {"EventStream"}
IN_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"


def resolved(existing: dict[str, str]) -> dict[str, Any]:
    """Every resource, resolved, of a stack that is given `existing`."""
    whole = Template.load(ROOT / "template.yaml", {**PARAMETERS, **existing})
    named = whole.resolve(
        dict(whole.resources), lambda name, key: f"<{name}.{key}>" if name in whole.resources else missing(name)
    )
    assert whole.resolve(dict(whole.outputs), lambda name, key: name if name in whole.resources else missing(name))
    return dict(named)


def missing(name: str) -> str:
    raise AssertionError(f"{name} is named and is not made")


def test_a_stack_that_is_given_nothing_makes_everything() -> None:
    assert resolved({}).keys() >= MADE


def test_a_stack_that_is_given_tables_and_a_key_makes_none_and_names_none_of_its_own() -> None:
    here = resolved({**EXISTING, **KEPT_ANSWERS})

    assert not here.keys() & MADE
    assert not any(f"<{name}." in json.dumps(here) for name in MADE)


def test_kept_answers_may_be_new_where_all_else_exists() -> None:
    assert resolved(EXISTING).keys() & MADE == {"IdempotencyTable"}


def test_functions_are_told_the_given_names() -> None:
    told = resolved({**EXISTING, **KEPT_ANSWERS})["SignWithCertificateFunction"]["Properties"]["Environment"][
        "Variables"
    ]

    assert [told[f"{name}_TABLE"] for name in ("CERTIFICATE", "PRIVATE_KEY", "EVENT", "ACCESS", "IDEMPOTENCY")] == [
        "restored-certificates",
        "restored-keys",
        "restored-events",
        "restored-access",
        "kept-answers",
    ]
    assert told["WRAPPING_KEY_ID"] == f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{EXISTING['ExistingWrappingKey']}"


def test_grants_follow_and_are_otherwise_the_same() -> None:
    own, given = (_grants(resolved(each)) for each in ({}, {**EXISTING, **KEPT_ANSWERS}))

    assert given == own
    assert any("restored-keys" in text for text in _grants(resolved(EXISTING), as_they_are=True))


def test_what_is_recorded_from_now_on_is_announced() -> None:
    here = resolved(EXISTING)

    stream = f"{IN_TABLE}/restored-events/stream/{EXISTING['ExistingEventStream']}"
    assert here["AnnounceEventsFunctionRecorded"]["Properties"]["EventSourceArn"] == stream


@pytest.mark.parametrize("name", sorted(EXISTING))
def test_a_new_table_is_never_made_among_old_ones(name: str) -> None:
    assert _accepted(set())
    assert _accepted(EXISTING.keys())
    assert not _accepted({name})
    assert not _accepted(EXISTING.keys() - {name})


def _accepted(given: AbstractSet[str]) -> bool:
    """Whether the template's rule lets a stack be given these."""
    ((rule),) = written()["Rules"]["WhatExistsIsNamedWhole"]["Assertions"]
    return bool(_holds(rule["Assert"], {name: EXISTING[name] if name in given else "" for name in EXISTING}))


def _grants(resources: dict[str, Any], *, as_they_are: bool = False) -> set[str]:
    """What roles and managed policies let whom do, the tables and the key called what they are here for."""
    granted = {
        f"{name} {json.dumps(part['Properties'], sort_keys=True)}"
        for name, part in resources.items()
        if part["Type"].startswith("AWS::IAM::")
    }
    if as_they_are:
        return granted
    names = {value: f"<{name.removeprefix('Existing')}.Arn>" for name, value in {**EXISTING, **KEPT_ANSWERS}.items()}
    for value, name in names.items():
        at = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/" if name == "<WrappingKey.Arn>" else f"{IN_TABLE}/"
        granted = {text.replace(f"{at}{value}", name) for text in granted}
    stream = f"<EventTable.Arn>/stream/{EXISTING['ExistingEventStream']}"
    return {text.replace(stream, "<EventTable.StreamArn>") for text in granted}


def _holds(node: Any, parameters: dict[str, str]) -> Any:
    """A rule's function (CloudFormation Template Reference, rule functions)."""
    if isinstance(node, list):
        return [_holds(each, parameters) for each in node]
    if not isinstance(node, dict):
        return node
    ((function, argument),) = node.items()
    if function == "Ref":
        return parameters[argument]
    values = _holds(argument, parameters)
    match function:
        case "Fn::Or":
            return any(values)
        case "Fn::Not":
            return not values[0]
        case "Fn::Contains":
            return values[1] in values[0]
        case "Fn::EachMemberEquals":
            return all(each == values[1] for each in values[0])
    raise AssertionError(function)
