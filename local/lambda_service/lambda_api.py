"""Lambda's own interface: functions by name, invoked at once or later, with what AWS does when one fails."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from local.api_gateway.gateway import MAX_PAYLOAD, Invoke
from local.api_gateway.http_server import Answer, Request, json_answer
from local.aws.resources import ClientFactory, Resources, function_arn
from local.aws.template import Template
from local.lambda_service.lambda_runtime import Function

MAX_LATER_PAYLOAD = 1024 * 1024  # Lambda quota, asynchronous invocation
PATH = "/2015-03-31/functions"

# AWS waits one minute, then two (Lambda Developer Guide, asynchronous invocation): longer than anyone watches here.
RETRY_SECONDS = (1.0, 2.0)


@dataclass(frozen=True)
class FailurePlan:
    """What is done about an asynchronous invocation that fails."""

    retries: int = 2
    on_failure: str | None = None
    """ARN that gets a record of the failed invocation."""
    dead_letters: str | None = None
    """ARN of a queue or topic that gets the event itself."""


def failure_plans_of(template: Template, resources: Resources) -> dict[str, FailurePlan]:
    """The plan of each function by logical id."""
    configured = {
        resources.resolve(properties["FunctionName"]): resources.resolve(properties)
        for properties in template.of_type("AWS::Lambda::EventInvokeConfig").values()
    }
    plans = {}
    for name, properties in template.of_type("AWS::Lambda::Function").items():
        config = configured.get(resources.attribute(name), {})
        plans[name] = FailurePlan(
            retries=int(config.get("MaximumRetryAttempts", 2)),
            on_failure=config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
            dead_letters=resources.resolve(properties.get("DeadLetterConfig", {})).get("TargetArn"),
        )
    return plans


def mappings_of(template: Template, resources: Resources) -> list[dict[str, Any]]:
    """The template's event source mappings, resolved, with the function's ARN under `FunctionName`."""
    found = []
    for properties in template.of_type("AWS::Lambda::EventSourceMapping").values():
        mapping = resources.resolve(properties)
        if not mapping["FunctionName"].startswith("arn:"):
            mapping["FunctionName"] = function_arn(mapping["FunctionName"])
        found.append(mapping)
    return found


class Functions:
    """All functions of the stack, by whatever name they are asked for."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        invoke: Invoke,
        *,
        plans: Mapping[str, FailurePlan],
        client: ClientFactory,
        log: Callable[[str], None],
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        self._functions = dict(functions)
        self._by_name = {
            name: each for each in functions.values() for name in (each.logical_id, *each.arns, *_names_in(each.arns))
        }
        self._invoke = invoke
        self._plans = plans
        self._client = client
        self._log = log
        self._retry_seconds = retry_seconds
        self._later = ThreadPoolExecutor(max_workers=4, thread_name_prefix="later")
        self._ended = threading.Event()

    def find(self, name: str) -> Function | None:
        """The function with this name, logical id or ARN, qualified with `$LATEST`, its alias, or not."""
        return self._by_name.get(name.removesuffix(":$LATEST"))

    def invoke_later(self, function: Function, payload: bytes, request_id: str) -> None:
        """Run `function` soon; retry, and in the end send the failure on, as its plan says."""
        self._later.submit(self._run_later_quietly, function, payload, request_id)

    def close(self) -> None:
        """Begin no further attempt."""
        self._ended.set()
        self._later.shutdown(wait=False, cancel_futures=True)

    def answer(self, request: Request) -> Answer | None:
        """The answer to `request` if it is one of Lambda's, else None."""
        path = request.target.partition("?")[0]
        if path.rstrip("/") == PATH and request.method == "GET":
            return json_answer(200, {"Functions": [_description(each) for each in self._functions.values()]})
        if not path.startswith(PATH + "/"):
            return None
        name, _, action = unquote(path.removeprefix(PATH + "/")).partition("/")
        function = self.find(name)
        if function is None:
            return _error(404, "ResourceNotFoundException", f"Function not found: {name}")
        match request.method, action:
            case "GET", "":
                return json_answer(200, {"Configuration": _description(function), "Code": {}})
            case "GET", "configuration":
                return json_answer(200, _description(function))
            case "POST", "invocations":
                return self._invocation(function, request)
        return _error(400, "InvalidRequestContentException", f"{request.method} {path} is not played here")

    def _invocation(self, function: Function, request: Request) -> Answer:
        kind = request.header("x-amz-invocation-type") or "RequestResponse"
        limit = MAX_LATER_PAYLOAD if kind == "Event" else MAX_PAYLOAD
        if len(request.body) > limit:
            return _error(413, "RequestTooLargeException", f"Request must be smaller than {limit} bytes")
        try:
            json.loads(request.body or b"{}")
        except (ValueError, RecursionError) as error:
            return _error(400, "InvalidRequestContentException", f"Could not parse request body into json: {error}")
        request_id = str(uuid.uuid4())
        headers = [("x-amzn-RequestId", request_id)]
        match kind:
            case "DryRun":
                return Answer(204, headers)
            case "Event":
                self.invoke_later(function, request.body, request_id)
                return Answer(202, headers)
            case "RequestResponse":
                outcome = self._invoke(function, request.body, request_id)
                headers += [("Content-Type", "application/json"), ("X-Amz-Executed-Version", "$LATEST")]
                if outcome.error:
                    headers.append(("X-Amz-Function-Error", "Unhandled"))
                if request.header("x-amz-log-type") == "Tail":
                    tail = outcome.log.encode()[-4096:]
                    headers.append(("X-Amz-Log-Result", base64.b64encode(tail).decode()))
                return Answer(200, headers, outcome.payload)
        return _error(400, "InvalidParameterValueException", f"Unknown invocation type {kind}")

    def _run_later_quietly(self, function: Function, payload: bytes, request_id: str) -> None:
        try:
            self._run_later(function, payload, request_id)
        except (RuntimeError, OSError, EOFError) as error:
            if not self._ended.is_set():
                self._log(f"{function.logical_id} could not be run: {error}")

    def _run_later(self, function: Function, payload: bytes, request_id: str) -> None:
        plan = self._plans.get(function.logical_id, FailurePlan())
        attempt = 0
        while (outcome := self._invoke(function, payload, request_id)).error is not None and attempt < plan.retries:
            self._ended.wait(self._retry_seconds[min(attempt, len(self._retry_seconds) - 1)])
            if self._ended.is_set():
                return
            attempt += 1
        if outcome.error is None:
            return
        self._log(f"{function.logical_id} failed {plan.retries + 1} times, its event is given up")
        if plan.on_failure:
            record = {
                "version": "1.0",
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "requestContext": {
                    "requestId": request_id,
                    "functionArn": f"{function.arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": plan.retries + 1,
                },
                "requestPayload": json.loads(payload or b"{}"),
                "responseContext": {
                    "statusCode": 200,
                    "executedVersion": "$LATEST",
                    "functionError": "Unhandled",
                },
                "responsePayload": json.loads(outcome.payload),
            }
            self._deliver(plan.on_failure, json.dumps(record), {})
        if plan.dead_letters:
            told = json.loads(outcome.payload).get("errorMessage", "")
            self._deliver(
                plan.dead_letters, payload.decode(), {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": told}
            )

    def _deliver(self, arn: str, text: str, attributes: Mapping[str, str]) -> None:
        deliver(self._client, arn, text, attributes)


def deliver(client: ClientFactory, arn: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    """Put `text` into the queue or topic with this ARN."""
    described = {
        name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items() if value
    }
    service, name = arn.split(":")[2], arn.rsplit(":", 1)[1]
    if service == "sqs":
        sqs = client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=text, MessageAttributes=described
        )
    elif service == "sns":
        client("sns").publish(TopicArn=arn, Message=text, MessageAttributes=described)
    else:
        raise ValueError(f"nothing can be delivered to {arn}")


def _names_in(arns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(arn.split(":function:")[1] for arn in arns)


def _description(function: Function) -> dict[str, Any]:
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Description": function.description,
        "Timeout": function.timeout,
        "MemorySize": function.memory,
        "LastModified": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime()),
        "Version": "$LATEST",
        "PackageType": "Zip",
        "State": "Active",
    }


def _error(status: int, kind: str, text: str) -> Answer:
    body = json.dumps({"Type": "User", "Message": text, "message": text}).encode()
    return Answer(status, [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)], body)
