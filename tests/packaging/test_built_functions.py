"""Every built function starts with only the layers on its path and what the template tells it, and answers."""

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, FunctionModule, function_modules, functions, routes
from tests.packaging.conftest import DEPLOYED_PYTHON

ANYBODY_MAY_ASK = {"get_health", "get_openapi", "get_auth_config", "get_console"}
BEHIND_THE_INTERFACE = [module for module in function_modules() if module.function in routes().values()]


def start(module: FunctionModule, built: Path, layers: list[Path], event: dict[str, Any]) -> dict[str, Any]:
    """Import the built artefact of `module`, and what its first request will, in a fresh process; hand it `event`."""
    paths = [str(path) for path in (built / module.function, *layers)]
    done = subprocess.run(
        [DEPLOYED_PYTHON, "-I", "-S", "-B", Path(__file__).with_name("cold_start.py")],
        input=json.dumps({"paths": paths, "modules": modules_wired_for(module), "event": event}),
        env={name: str(value) for name, value in functions()[module.function]["Environment"]["Variables"].items()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # before it, what the module logged
    return told


def modules_wired_for(module: FunctionModule) -> list[str]:
    """What wiring.py imports for the ports that `module` takes: its first request pays for them."""
    (wiring,) = (
        node for node in ast.parse((PACKAGE / "wiring.py").read_text()).body if getattr(node, "name", "") == "Wiring"
    )
    ports = {node.name: node for node in ast.walk(wiring) if isinstance(node, ast.FunctionDef)}
    waiting = [node.attr for node in ast.walk(ast.parse(module.source)) if isinstance(node, ast.Attribute)]
    found: dict[str, None] = {}
    while waiting:
        port = ports.pop(waiting.pop(), None)
        for node in ast.walk(port) if port else ():
            if isinstance(node, ast.ImportFrom) and node.module:
                folder = PACKAGE.parent / node.module.replace(".", "/")
                for alias in node.names:
                    is_module = (folder / f"{alias.name}.py").is_file()
                    found[f"{node.module}.{alias.name}" if is_module else node.module] = None
            elif isinstance(node, ast.Attribute):
                waiting.append(node.attr)
    return list(found)


def sample(module: FunctionModule, *, authorized: bool = True) -> dict[str, Any]:
    """The sample event of `module`; unauthorized, as when the authorizer found nobody."""
    event: dict[str, Any] = json.loads((ROOT / f"events/{module.action}.json").read_text())
    if not authorized and "authorizer" in event.get("requestContext", {}):
        event["requestContext"]["authorizer"] = {"lambda": {}}
    return event


@pytest.mark.one_in(4)
@pytest.mark.parametrize("module", BEHIND_THE_INTERFACE, ids=str)
def test_a_built_function_answers_with_nothing_but_the_layers(
    module: FunctionModule, built: Path, layers: list[Path]
) -> None:
    told = start(module, built, layers, sample(module, authorized=False))

    assert told["foreign"] == []
    answer = told["answer"]
    if module.action in ANYBODY_MAY_ASK:
        assert answer["statusCode"] == 200
    elif module.action == "answer_kms_call":
        assert answer["statusCode"] == 400
        assert json.loads(answer["body"])["__type"] == "UnrecognizedClientException"
    elif module.translates:
        assert answer["statusCode"] == 403
        assert json.loads(answer["body"])["errors"]
    else:
        assert answer["statusCode"] == 401
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert json.loads(answer["body"])["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "module", [module for module in function_modules() if module not in BEHIND_THE_INTERFACE], ids=str
)
def test_a_built_function_that_is_not_behind_the_interface_can_be_imported(
    module: FunctionModule, built: Path, layers: list[Path]
) -> None:
    paths = [str(path) for path in (built / module.function, *layers)]
    script = f"import sys; sys.path[:0] = {paths!r}; import app; assert callable(app.lambda_handler)"

    subprocess.run([DEPLOYED_PYTHON, "-I", "-S", "-B", "-c", script], env={}, check=True)


def test_the_built_authorizer_makes_nobody_of_a_bad_token(built: Path, layers: list[Path]) -> None:
    (authorizer,) = (module for module in function_modules() if module.action == "authorize_request")

    told = start(authorizer, built, layers, sample(authorizer))

    assert told["answer"]["isAuthorized"] is True
    assert set(told["answer"]["context"]) == {"refused"}
    assert told["foreign"] == []
