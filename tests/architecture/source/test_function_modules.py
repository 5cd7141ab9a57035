"""A function is one small module with absolute imports, and its first line says what it answers."""

import ast
import re
import sys

import pytest

from tests.architecture.source_tree import FunctionModule, function_modules, imports_of, routes

MOST_LINES = 60
MAY_IMPORT = ("signet.api.", "signet.operations.", "signet.domain.", "signet.wiring", "signet.observability")

ROUTE_OF = {function: route for route, function in sorted(routes().items(), reverse=True)}
"""Of a function that is reached by PUT as well, the route by POST."""


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_function_holds_app_py_and_nothing_else_but_the_consoles_built_files(module: FunctionModule) -> None:
    built = {"files"} if module.serves_files else set()

    assert {path.name for path in module.folder.iterdir()} - {"__pycache__"} - built == {"app.py"}


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_function_has_at_most_sixty_lines(module: FunctionModule) -> None:
    assert len(module.source.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", function_modules(), ids=str)
def test_a_function_imports_the_floors_below_and_never_a_function_an_adapter_or_boto3(module: FunctionModule) -> None:
    foreign = {
        name
        for name in imports_of(module.folder / "app.py")
        if not name.startswith(MAY_IMPORT) and name.partition(".")[0] not in sys.stdlib_module_names
    }

    assert not foreign


@pytest.mark.parametrize("module", [module for module in function_modules() if module.function in ROUTE_OF], ids=str)
def test_a_function_answers_the_route_that_leads_to_it(module: FunctionModule) -> None:
    route = ROUTE_OF[module.function]
    docstring = ast.get_docstring(ast.parse(module.source)) or ""

    assert docstring.startswith(route.replace("/v1", "", 1))
    assert re.findall(r'@http_function\(\s*"([^"]+)"', module.source) == [route]


NOT_MADE_AT_INIT = {"announcement_dlq", "requested_action_dlq", "clock", "deployment", "settings"}
"""Ports that most runs do without, and what costs nothing to make."""


@pytest.mark.parametrize("module", [each for each in function_modules() if "signet.wiring" in each.source], ids=str)
def test_a_function_makes_at_init_what_its_requests_will_take(module: FunctionModule) -> None:
    taken, made = set[str](), set[str]()
    for statement in ast.parse(module.source).body:
        of_init = ast.unparse(statement).startswith("at_init(")
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"ports", "wiring()"}:
                (made if of_init else taken).add("records" if node.attr == "session" else node.attr)
            elif isinstance(node, ast.Attribute) and node.attr == "session":
                taken.add("records")
    wraps_or_unwraps = {"wrapper"} if "keys" in taken else set()

    assert made == (taken | wraps_or_unwraps) - NOT_MADE_AT_INIT
