"""A slice has one name: folder, function of the template, operation, sample event, operation of the interface."""

import json

import pytest

from tests.architecture.source_tree import (
    ROOT,
    FunctionModule,
    function_modules,
    functions,
    imports_of,
    operation_modules,
)

# These answer from what they are, and ask nothing of the world.
WITHOUT_OPERATION = {"get_openapi"}


def test_every_folder_is_a_function_of_the_template_and_every_function_a_folder() -> None:
    assert {module.function for module in function_modules()} == set(functions())


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_function_takes_its_code_from_its_folder(module: FunctionModule) -> None:
    assert functions()[module.function]["Code"]["S3Key"] == f"{module.folder.relative_to(ROOT)}/"


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_function_is_called_by_its_verb_and_noun(module: FunctionModule) -> None:
    assert functions()[module.function]["FunctionName"] == f"signet-{module.action.replace('_', '-')}"


def test_every_function_has_its_operation_and_what_else_lies_there_is_shared_by_operations() -> None:
    modules = {name: imports_of(path) for name, path in operation_modules().items()}
    verbs = {
        operation
        for module in function_modules()
        if module.action not in WITHOUT_OPERATION
        for operation in module.operations
    }
    imported = {name for names in modules.values() for name in names}

    assert verbs <= set(modules)
    for module in set(modules) - verbs:
        assert any(name.startswith(f"signet.operations.{module}.") for name in imported), module


@pytest.mark.parametrize(
    "module", [module for module in function_modules() if module.action not in WITHOUT_OPERATION], ids=str
)
def test_an_operation_module_has_a_function_of_its_name(module: FunctionModule) -> None:
    for operation in module.operations:
        assert f"\ndef {operation.rpartition('.')[2]}(" in operation_modules()[operation].read_text()


@pytest.mark.parametrize("module", [module for module in function_modules() if module.translates], ids=str)
def test_a_dialect_ends_in_the_operations_that_it_is_said_to_end_in(module: FunctionModule) -> None:
    prefix = "signet.operations."
    imported = {name.removeprefix(prefix) for name in imports_of(module.folder / "app.py") if name.startswith(prefix)}

    assert imported == {f"{operation}.{operation.rpartition('.')[2]}" for operation in module.operations}


def test_every_function_has_a_sample_event_and_every_sample_its_function() -> None:
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == {module.action for module in function_modules()}


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_sample_event_is_json(module: FunctionModule) -> None:
    assert isinstance(json.loads((ROOT / f"events/{module.action}.json").read_text()), dict)
