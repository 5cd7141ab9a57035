"""A room is one small module, absolute in its imports, and says first what it answers."""

import ast
import re
import sys

import pytest

from tests.architecture.house import HttpFunction, imports_of, rooms, routes

MOST_LINES = 60
MAY_IMPORT = ("signet.api.", "signet.operations.", "signet.domain.", "signet.wiring", "signet.observability")

ROUTE_OF = {function: route for route, function in routes().items()}


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_room_holds_app_py_and_nothing_else(room: HttpFunction) -> None:
    assert [path.name for path in room.folder.iterdir() if path.name != "__pycache__"] == ["app.py"]


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_room_has_at_most_sixty_lines(room: HttpFunction) -> None:
    assert len(room.source.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_a_room_imports_the_floors_below_and_never_a_room_an_adapter_or_boto3(room: HttpFunction) -> None:
    foreign = {
        name
        for name in imports_of(room.folder / "app.py")
        if not name.startswith(MAY_IMPORT) and name.partition(".")[0] not in sys.stdlib_module_names
    }

    assert not foreign


@pytest.mark.parametrize("room", [room for room in rooms() if room.function in ROUTE_OF], ids=str)
def test_a_room_answers_the_route_that_leads_to_it(room: HttpFunction) -> None:
    route = ROUTE_OF[room.function]
    docstring = ast.get_docstring(ast.parse(room.source)) or ""

    assert docstring.startswith(route.replace("/v1", "", 1))
    assert re.findall(r'@http_function\(\s*"([^"]+)"', room.source) == [route]
