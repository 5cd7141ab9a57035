"""A slice has one name: the room, the function, the operation, the sample event, the operation of the interface."""

import json

import pytest

from tests.architecture.house import ROOT, HttpFunction, functions, imports_of, operation_modules, rooms

# These answer from what they are, and ask nothing of the world.
WITHOUT_OPERATION = {"get_openapi"}


def test_every_room_is_a_function_of_the_template_and_every_function_a_room() -> None:
    assert {room.function for room in rooms()} == set(functions())


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_function_takes_its_code_from_its_room(room: HttpFunction) -> None:
    assert functions()[room.function]["Code"]["S3Key"] == f"{room.folder.relative_to(ROOT)}/"


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_function_is_called_by_its_verb_and_noun(room: HttpFunction) -> None:
    assert functions()[room.function]["FunctionName"] == f"signet-{room.action.replace('_', '-')}"


def test_every_room_has_its_operation_and_what_else_lies_there_is_shared_by_operations() -> None:
    modules = {name: imports_of(path) for name, path in operation_modules().items()}
    verbs = {room.operation for room in rooms() if room.action not in WITHOUT_OPERATION}
    imported = {name for names in modules.values() for name in names}

    assert verbs <= set(modules)
    for module in set(modules) - verbs:
        assert any(name.startswith(f"signet.operations.{module}.") for name in imported), module


@pytest.mark.parametrize("room", [room for room in rooms() if room.action not in WITHOUT_OPERATION], ids=str)
def test_an_operation_module_has_a_function_of_its_name(room: HttpFunction) -> None:
    assert f"\ndef {room.action}(" in operation_modules()[room.operation].read_text()


def test_every_room_has_a_sample_event_and_every_sample_its_room() -> None:
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == {room.action for room in rooms()}


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_sample_event_is_json(room: HttpFunction) -> None:
    assert isinstance(json.loads((ROOT / f"events/{room.action}.json").read_text()), dict)
