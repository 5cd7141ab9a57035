"""The OpenAPI document tells of exactly what there is, in a form that programs can read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.architecture.source_tree import function_modules, routes
from tools.openapi.document import DOCUMENT, document, found_functions, text_of

COMMITTED: dict[str, Any] = json.loads(DOCUMENT.read_text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
}


def test_the_document_is_what_the_functions_say_today() -> None:
    assert DOCUMENT.read_text() == text_of(document()), "make openapi"


def test_the_document_is_openapi() -> None:
    validate(COMMITTED)


def test_every_route_is_in_the_document_but_dialects_and_the_consoles_files_and_nothing_else() -> None:
    others = {module.function for module in function_modules() if module.translates or module.serves_files}

    assert set(OPERATIONS) == {route for route, function in routes().items() if function not in others}


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


@pytest.mark.parametrize("found", list(found_functions()), ids=lambda found: found.action)
def test_a_function_lists_each_problem_once(found: Any) -> None:
    assert len(set(found.function.problems)) == len(found.function.problems)


SCHEMAS: dict[str, Any] = COMMITTED["components"]["schemas"]
FIELDS = [(name, field) for name, schema in SCHEMAS.items() for field in schema.get("properties", {})]
PARAMETERS = [(route, each) for route, operation in OPERATIONS.items() for each in operation.get("parameters", [])]
CONTENTS = [
    (f"{route} {status} {media_type}", content)
    for route, operation in OPERATIONS.items()
    for status, part in [*operation["responses"].items(), ("body", operation.get("requestBody", {}))]
    for media_type, content in part.get("content", {}).items()
]


def fault_of(example: Any, schema: Any) -> str | None:
    """Why `example` is none of `schema`."""
    validator = Draft202012Validator(
        {**schema, "components": COMMITTED["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return next((f"{error.json_path}: {error.message}" for error in validator.iter_errors(example)), None)


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within `schema`, and itself."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts_of(part)


def test_every_schema_and_each_of_its_fields_is_described() -> None:
    lacking = [name for name, schema in SCHEMAS.items() if not schema.get("description")]
    lacking += [
        f"{name}.{field}" for name, field in FIELDS if not SCHEMAS[name]["properties"][field].get("description")
    ]

    assert not lacking, "give the field a docstring, or tools/openapi/fields.py a line"


def test_every_schema_has_an_example_and_every_example_is_one() -> None:
    for name, schema in SCHEMAS.items():
        assert fault_of(schema["examples"][0], schema) is None, name
    for name, field in FIELDS:
        for example in SCHEMAS[name]["properties"][field].get("examples", []):
            assert fault_of(example, SCHEMAS[name]["properties"][field]) is None, (name, field)


def test_every_parameter_is_described_with_an_example_that_is_one() -> None:
    for route, parameter in PARAMETERS:
        assert parameter.get("description"), (route, parameter["name"])
        assert fault_of(parameter["example"], parameter["schema"]) is None, (route, parameter["name"])


def test_every_body_and_every_answer_has_an_example_that_is_one() -> None:
    for place, content in CONTENTS:
        examples = [content["example"]] if "example" in content else []
        for name, each in content.get("examples", {}).items():
            if "$ref" in each:
                examples.append(COMMITTED["components"]["examples"][name]["value"])
            else:
                assert each["summary"], place  # of bytes, which JSON cannot show
        assert examples or content["examples"], place
        for example in examples:
            assert fault_of(example, content["schema"]) is None, place


def test_every_tag_is_described() -> None:
    tags = {tag["name"]: tag["description"] for tag in COMMITTED["tags"]}

    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(tags)
    assert all(tags.values())


def test_every_list_says_what_it_is_of() -> None:
    lists = [part for part in parts_of(COMMITTED) if part.get("type") == "array"]

    assert lists
    assert all("items" in part for part in lists)


def test_a_file_is_bytes_or_text_to_whoever_makes_a_client() -> None:
    files = {place: content["schema"] for place, content in CONTENTS if "json" not in place.rpartition(" ")[2]}

    assert files
    for place, schema in files.items():
        assert schema["type"] == "string", place
        assert (schema.get("format") == "binary") is (" text/" not in place), place
