"""Every operation asks who calls and whether they may, before it changes anything."""

import ast
import functools
from collections.abc import Iterator

import pytest

from tests.architecture.source.test_one_name_per_slice import WITHOUT_OPERATION
from tests.architecture.source_tree import function_modules, operation_modules

OPERATIONS = {
    operation.rpartition(".")[2]: operation
    for module in function_modules()
    if module.action not in WITHOUT_OPERATION
    for operation in module.operations
}

# These ask nobody's leave, and why.
NOTHING_TO_ASK = {
    "get_health": "anybody may know whether the service answers",
    "get_auth_config": "nobody could log in who had to be logged in to learn where",
    "get_console": "the page of those who have yet to log in",
    "authorize_request": "it finds out who calls",
    "get_me": "it tells callers of themselves only",
    "authorize_calendar_link": "it finds out whose calendar is asked for",
    "create_calendar_link": "a link shows its maker what its maker may see anyway",
    "delete_calendar_link": "a link is its maker's own",
    "check_expiry": "time asks for it, and it tells what is so",
    "watch_issuers": "time asks for it, and nobody but the log and the alarms is told",
    "announce_events": "the stream brings what was done and recorded",
    "notify_people": "the bus asks for it, and what it finds goes to the deployment's own topic",
    "redrive_events": "IAM says who may invoke it, and it tells again what was told",
}
NOBODY_CALLS = {
    "get_health",
    "get_auth_config",
    "get_console",
    "authorize_request",
    "authorize_calendar_link",
    "check_expiry",
    "watch_issuers",
    "announce_events",
    "notify_people",
    "redrive_events",
}
ASKS = {"sees", "may_read", "may", "scope_of", "event_scope", "sees_role", "sees_all_roles", "is_administrator"}
"""What else asks, in addition to all of authorisation.py: of `Access`, what a caller sees and may do."""
ASKS_FOR_A_RIGHT = {
    "may",
    "use",
    "authorisation.may_look",
    "authorisation.permitted",
    "authorisation.permitted_at_large",
    "authorisation.only_administrators",
}
"""What asks for more than whether a thing exists for the caller."""
CHANGES = {"commit", "record", "begin", "complete"}
FOR_REPEATS = {"certificates_seen", "requests_seen", "policies_seen"}
"""These ask whether a repeat may be told of what was done before, and of the change itself nothing."""
PARTS_OF_A_SESSION = {"by", "caller", "records", "clock", "idempotency"}


@functools.cache
def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    """The functions at the top of a module of operations/, by name."""
    tree = ast.parse(operation_modules()[module].read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@functools.cache
def imported_by(module: str) -> dict[str, str]:
    """The names that a module of operations/ takes from another one, with that one's name."""
    tree = ast.parse(operation_modules()[module].read_text())
    return {
        alias.name: node.module.removeprefix("signet.operations.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("signet.operations.")
        for alias in node.names
    }


def calls(module: str, function: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """What `function` calls, in the order of the text, and what that calls, in this folder."""
    for node in _in_order(functions_of(module)[function]):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        home = imported_by(module).get(name, module)
        yield f"authorisation.{name}" if home == "authorisation" else name
        inside = home != "authorisation" and name not in seen | FOR_REPEATS and name in functions_of(home)
        if isinstance(node.func, ast.Name) and inside:
            yield from calls(home, name, seen | {name})


def _in_order(function: ast.FunctionDef) -> list[ast.Call]:
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in NOTHING_TO_ASK])
def test_an_operation_asks_whether_the_caller_may_before_it_changes_anything(operation: str) -> None:
    made = list(calls(OPERATIONS[operation], operation))
    asked = next((at for at, name in enumerate(made) if name in ASKS or name.startswith("authorisation.")), None)

    assert asked is not None, "it asks nobody"
    assert not CHANGES & set(made[:asked]), "it changes something before it asks"


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in NOTHING_TO_ASK])
def test_an_operation_that_changes_something_asks_for_a_right_before(operation: str) -> None:
    made = list(calls(OPERATIONS[operation], operation))
    changed = next((at for at, name in enumerate(made) if name in CHANGES - {"record"}), None)

    assert changed is None or ASKS_FOR_A_RIGHT & set(made[:changed]), "it is enough to see it"


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in NOBODY_CALLS])
def test_an_operation_is_told_its_caller_and_cannot_be_called_without(operation: str) -> None:
    arguments = functions_of(OPERATIONS[operation])[operation].args
    told = {
        each.arg: (each.annotation and ast.unparse(each.annotation), default)
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }

    assert told.get("within") == ("Session", None)


@pytest.mark.parametrize("module", operation_modules())
def test_caller_store_clock_and_idempotency_travel_as_one_value(module: str) -> None:
    one_by_one = {
        f"{node.name}({each.arg})"
        for node in ast.walk(ast.parse(operation_modules()[module].read_text()))
        if isinstance(node, ast.FunctionDef) and node.name not in NOBODY_CALLS
        for each in (*node.args.args, *node.args.kwonlyargs)
        if each.arg in PARTS_OF_A_SESSION
    }

    assert not one_by_one
