"""The functions of the template, and how one is called in this process as Lambda would call it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.aws.resources import Resources
from local.aws.template import CODE_BUCKET, REGION, Template, TemplateError

Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True)
class Function:
    """A function of the template, as far as calling it needs to know."""

    logical_id: str
    name: str
    arn: str
    folder: str
    """Where its code lies: what the template says under CodeUri."""
    handler: str
    timeout: int
    """Seconds."""
    memory: int
    """Megabytes; told to the function, not enforced."""
    description: str = ""
    runtime: str = ""
    alias: str = ""
    """The alias that calls go to; empty where there is none."""
    log_group: str = ""
    """Where Lambda would write what it logs; empty for the group that Lambda names after the function."""

    @property
    def arns(self) -> tuple[str, ...]:
        """Its ARN, and that of its alias."""
        return (self.arn, f"{self.arn}:{self.alias}") if self.alias else (self.arn,)

    def as_json(self) -> dict[str, Any]:
        """For the way to another process; `Function(**...)` brings it back."""
        return asdict(self)


def functions_of(template: Template, resources: Resources) -> dict[str, Function]:
    """Every function of the template by logical id."""
    found = {}
    aliases = {
        resources.resolve(properties["FunctionName"]): str(properties["Name"])
        for properties in template.of_type("AWS::Lambda::Alias").values()
    }
    for name, properties in template.of_type("AWS::Lambda::Function").items():
        found[name] = Function(
            logical_id=name,
            name=resources.attribute(name),
            arn=resources.attribute(name, "Arn"),
            folder=str(_checkout_path(template, name, properties["Code"])),
            handler=properties["Handler"],
            timeout=int(resources.resolve(properties.get("Timeout", 3))),
            memory=int(resources.resolve(properties.get("MemorySize", 128))),
            description=str(resources.resolve(properties.get("Description", ""))),
            runtime=properties.get("Runtime", ""),
            alias=aliases.get(resources.attribute(name), ""),
            log_group=str(resources.resolve(properties.get("LoggingConfig", {}).get("LogGroup", ""))),
        )
    return found


def environment_of(template: Template, resources: Resources) -> dict[str, str]:
    """The environment that one process needs to play all functions: what they share, and what one alone is told.

    Raises:
        TemplateError: two functions are told different things under one name.
    """
    together: dict[str, str] = {}
    first: dict[str, str] = {}
    for name, properties in template.of_type("AWS::Lambda::Function").items():
        for key, value in resources.resolve(properties.get("Environment", {}).get("Variables", {})).items():
            if together.setdefault(key, str(value)) != str(value):
                raise TemplateError(f"{name} and {first[key]} differ in {key}: here one process plays all functions")
            first.setdefault(key, name)
    return together


def layer_paths_of(template: Template) -> list[str]:
    """The folders of the template's layers; of a layer of installed packages the environment stands in for it."""
    return [
        str(_checkout_path(template, name, properties["Content"]))
        for name, properties in template.of_type("AWS::Lambda::LayerVersion").items()
    ]


def _checkout_path(template: Template, name: str, code: Mapping[str, Any]) -> Path:
    if code.get("S3Bucket") != CODE_BUCKET:
        raise TemplateError(f"the code of {name} is not in this checkout")
    key: str = code["S3Key"]
    return (template.root / key).resolve()


_LOADING = threading.Lock()


def load_handler(function: Function) -> Handler:
    """Import the function's module, under a name of its own, since every function calls its module `app`."""
    module_name, handler_name = function.handler.rsplit(".", 1)
    unique = f"function_{function.logical_id}_{module_name}"
    with _LOADING:  # or a second thread would find a module that is only half there
        if unique not in sys.modules:
            path = Path(function.folder, *module_name.split(".")).with_suffix(".py")
            spec = importlib.util.spec_from_file_location(unique, path)
            if spec is None or spec.loader is None:
                raise ImportError(f"{path} is no module")
            module = importlib.util.module_from_spec(spec)
            sys.modules[unique] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[unique]
                raise
    handler: Handler = getattr(sys.modules[unique], handler_name)
    return handler


class Context:
    """What Lambda gives a handler as its second argument."""

    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, function: Function, request_id: str, deadline: float | None = None) -> None:
        self.function_name = function.name
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory)
        self.aws_request_id = request_id
        self.log_group_name = function.log_group or f"/aws/lambda/{function.name}"
        self.log_stream_name = "local"
        self._deadline = time.monotonic() + function.timeout if deadline is None else deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def aws_environment(aws_endpoint: str) -> dict[str, str]:
    """What points boto3 and PynamoDB at Moto, and at nothing else this machine may have set up."""
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # Moto does not answer on an account's own host name
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def clock_environment() -> dict[str, str]:
    """What shifts the clock of this process, if anything does: all processes of a stack have to agree on the time."""
    shifting = ("LD_PRELOAD", "DYLD_", "FAKETIME", "DONT_FAKE_MONOTONIC", "NO_FAKE_STAT")
    return {name: value for name, value in os.environ.items() if name.startswith(shifting)}


def run(function: Function, handler: Handler, payload: bytes, context: Context) -> tuple[bytes, bool]:
    """Call `handler` as Lambda's runtime does: JSON in, JSON out; the second value says whether it failed."""
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = function.name
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(function.memory)
    os.environ["AWS_LAMBDA_LOG_GROUP_NAME"] = context.log_group_name
    try:
        answer = handler(json.loads(payload or b"{}"), context)
    except Exception as error:  # noqa: BLE001  whatever a handler raises, Lambda answers it
        return failure(error, context.aws_request_id), True
    try:
        return json.dumps(answer, ensure_ascii=False).encode(), False
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        return _error_json("Runtime.MarshalError", message, context.aws_request_id), True


def failure(error: BaseException, request_id: str) -> bytes:
    """What Lambda answers for a handler that raised `error`."""
    trace = traceback.format_list(traceback.extract_tb(error.__traceback__))
    return _error_json(type(error).__name__, str(error), request_id, trace)


def _error_json(kind: str, message: str, request_id: str, trace: list[str] | None = None) -> bytes:
    body = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace or []}
    return json.dumps(body).encode()
