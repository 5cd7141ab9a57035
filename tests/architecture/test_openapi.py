"""The OpenAPI document tells of exactly what there is, in a form that programs can read."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from local.openapi import DOCUMENT, document, found_rooms, text_of
from tests.architecture.house import routes

COMMITTED: dict[str, Any] = json.loads(DOCUMENT.read_text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
}


def test_the_document_is_what_the_rooms_say_today() -> None:
    assert DOCUMENT.read_text() == text_of(document()), "make openapi"


def test_the_document_is_openapi() -> None:
    validate(COMMITTED)


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    assert set(OPERATIONS) == set(routes())


@pytest.mark.parametrize("route", OPERATIONS)
def test_an_operation_has_the_name_of_its_function(route: str) -> None:
    assert OPERATIONS[route]["operationId"] + "Function" == routes()[route]


@pytest.mark.parametrize("route", OPERATIONS)
def test_an_operation_says_what_it_is_for_and_what_it_answers(route: str) -> None:
    operation = OPERATIONS[route]

    assert operation["summary"]
    assert operation["description"]
    assert any(status.startswith("2") for status in operation["responses"])
    assert {"422", "429", "500", "503"} <= set(operation["responses"])
    assert ("401" in operation["responses"]) == (operation.get("security") != [])


@pytest.mark.parametrize("route", [route for route in OPERATIONS if "{" in route])
def test_an_operation_on_one_thing_says_that_it_may_not_be_there(route: str) -> None:
    assert "404" in OPERATIONS[route]["responses"]


@pytest.mark.parametrize(
    "route", [route for route in OPERATIONS if route.startswith(("PATCH", "DELETE")) and "{" in route]
)
def test_a_change_of_one_thing_may_insist_on_its_version(route: str) -> None:
    assert "If-Match" in {each["name"] for each in OPERATIONS[route]["parameters"]}
    assert "412" in OPERATIONS[route]["responses"]


@pytest.mark.parametrize("found", list(found_rooms()), ids=lambda found: found.action)
def test_a_room_lists_each_problem_once(found: Any) -> None:
    assert len(set(found.room.problems)) == len(found.room.problems)


def test_every_field_that_a_caller_sends_is_described_or_speaks_for_itself() -> None:
    for name, schema in COMMITTED["components"]["schemas"].items():
        assert schema.get("description"), name
