"""The schemas and samples of announcements, and what the guide says of them, are the code's."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from local.event_sources.event_pattern import matches
from signet.api.reading.requested_action import RequestedAction
from signet.domain.certificates.bulk_command import BulkAction
from signet.domain.events.event import EventType
from tests.architecture.source_tree import ROOT
from tools.announcements import (
    BEGIN,
    END,
    FOLDER,
    PAGE,
    SHAPES,
    as_text,
    breaches,
    file_name,
    sample_of,
    schema_of,
    table,
)


def test_every_type_of_event_has_its_schema_and_sample_and_nothing_else_lies_there() -> None:
    assert set(SHAPES) == set(EventType)
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{file_name(kind)}{ending}" for kind in EventType for ending in (".json", ".schema.json")
    }


@pytest.mark.parametrize("kind", EventType)
def test_the_files_are_what_the_code_says(kind: EventType) -> None:
    schema, sample = (FOLDER / f"{file_name(kind)}{ending}" for ending in (".schema.json", ".json"))

    assert sample.read_text() == as_text(sample_of(kind)), "run: make announcements"
    assert schema.read_text() == as_text(schema_of(kind)), "run: make announcements"
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))
    jsonschema.validate(sample_of(kind), schema_of(kind))


def changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    older = schema_of(EventType.CERTIFICATE_EXPIRING)
    newer = copy.deepcopy(older)
    change(newer["properties"]["detail"])
    return list(breaches(older, newer))


def test_a_new_field_breaks_no_older_reader() -> None:
    assert changed(lambda detail: detail["properties"].update(new={"type": "string"})) == []
    assert changed(lambda detail: detail["required"].append("new")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda detail: detail["required"].remove("stage"), "detail.stage may be missing"),
        (lambda detail: detail["properties"].pop("stage"), "detail.stage is told no more"),
        (lambda detail: detail["properties"]["stage"].update(type="string"), "detail.stage may be of another type"),
        (
            lambda detail: detail["properties"]["alias"].update(type=["string", "null"]),
            "detail.alias may be of another type",
        ),
        (lambda detail: detail["properties"]["status"]["enum"].append("x"), "detail.status may have another value"),
        (
            lambda detail: detail["properties"]["groups"]["items"].update(type="object"),
            "detail.groups.[] may be of another type",
        ),
        (
            lambda detail: detail["properties"]["schema_version"].update(const=2),
            "detail.schema_version has another const",
        ),
        (lambda detail: detail["properties"]["valid_to"].pop("format"), "detail.valid_to has another format"),
    ],
)
def test_what_an_older_reader_could_not_read_is_found(change: Callable[[dict[str, Any]], object], words: str) -> None:
    assert changed(change) == [words]


def test_the_guides_table_of_announcements_is_the_codes() -> None:
    page = PAGE.read_text()
    shown = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]

    assert shown.strip() == table(), "run: make announcements"


def test_the_guides_rule_picks_what_it_says() -> None:
    found = re.search(r"put-rule [^']*'(\{.*?\})'\n", PAGE.read_text(), re.DOTALL)
    assert found
    pattern = json.loads(found[1])
    hers = sample_of(EventType.CERTIFICATE_EXPIRING)

    assert matches(pattern, hers)
    assert matches(pattern, {**hers, "detail": {**hers["detail"], "owner": None}})  # by its group
    assert not matches(pattern, {**hers, "detail": {**hers["detail"], "owner": None, "groups": []}})
    assert not matches(pattern, {**hers, "detail": {**hers["detail"], "stage": 90}})
    assert not matches(pattern, sample_of(EventType.CERTIFICATE_EXPIRED))


def test_the_guides_action_is_one_that_is_understood() -> None:
    found = re.search(r"put-events --entries '(\[.*?\])'\n", (ROOT / "docs/guide/automation.md").read_text(), re.DOTALL)
    assert found
    (entry,) = json.loads(found[1])
    event = {"id": "1", "source": entry["Source"], "detail": json.loads(entry["Detail"])}

    asked = RequestedAction.parse(json.dumps(event))

    assert (asked.principal.user, asked.command().action) == ("automation/com.example.inventory", BulkAction.DISABLE)
