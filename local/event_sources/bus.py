"""EventBridge's rules to their targets: functions, queues and topics."""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.events.models import Rule

from local.aws.resources import ClientFactory
from local.event_sources.event_pattern import matches
from local.event_sources.invoking import LambdaService
from local.lambda_service.lambda_api import deliver

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.\-]+)>")


class EventBusSource:
    """Sends each event that matches a rule to the rule's targets, in the order in which events were put."""

    def __init__(self, functions: LambdaService, client: ClientFactory, log: Callable[[str], None]) -> None:
        self._functions = functions
        self._client = client
        self._log = log
        self._waiting: queue.Queue[tuple[Mapping[str, Any], Any]] = queue.Queue()
        self._idle = threading.Condition()
        self._unfinished = 0

    def accept(self, rule: Rule, event: dict[str, Any]) -> None:
        """Take note of an event that was put on the bus of `rule`."""
        if rule.state == "DISABLED" or rule.scheduled_expression:
            return
        if not matches(rule.event_pattern.get_pattern(), event):
            return
        for target in rule.targets:
            self.send(target, _input_for(target, event, rule))

    def send(self, target: Mapping[str, Any], content: Any) -> None:
        """Queue `content` for `target`; text goes as it is, everything else as JSON."""
        with self._idle:
            self._unfinished += 1
        self._waiting.put((target, content))

    def run(self, ended: threading.Event) -> None:
        """Carry until `ended`."""
        while not ended.is_set():
            try:
                target, content = self._waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            self._deliver(target, content)
            with self._idle:
                self._unfinished -= 1
                self._idle.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until everything so far has been handed over; whether it came to that."""
        with self._idle:
            return self._idle.wait_for(lambda: self._unfinished == 0, timeout=seconds)

    def _deliver(self, target: Mapping[str, Any], content: Any) -> None:
        arn = target["Arn"]
        try:
            if arn.split(":")[2] == "lambda":
                self._functions.invoke_later(arn, content)
            else:
                deliver(self._client, arn, _as_text(content))
        except (BotoCoreError, ClientError, ValueError) as error:
            self._log(f"an event could not be delivered to {arn}: {error}")
            dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
            if dead_letters:
                about = {"TARGET_ARN": arn, "ERROR_MESSAGE": str(error)[:256], "ERROR_CODE": type(error).__name__}
                deliver(self._client, dead_letters, _as_text(content), about)


def _as_text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content)


def _input_for(target: Mapping[str, Any], event: dict[str, Any], rule: Rule) -> Any:
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        return _at(target["InputPath"], event)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule)
    return event


def _transformed(transformer: Mapping[str, Any], event: dict[str, Any], rule: Rule) -> Any:
    values = {name: _at(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    template = transformer["InputTemplate"]

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        value = values[found[1]]
        quoted = template[: found.start()].replace('\\"', "").count('"') % 2 == 1
        if not quoted:
            return json.dumps(value)
        text = value if isinstance(value, str) else json.dumps(value)
        return json.dumps(text)[1:-1]

    filled = _PLACEHOLDER.sub(value_of, template)
    try:
        return json.loads(filled) if filled.lstrip().startswith(("{", "[")) else filled
    except ValueError:
        return filled


def _at(path: str, event: Any) -> Any:
    """What lies at a JSON path of the plain kind, `$.detail.certificate.id`; None where nothing does."""
    for name in path.removeprefix("$").strip(".").split("."):
        if not name:
            continue
        key, bracket, index = name.partition("[")
        event = event.get(key) if isinstance(event, dict) else None
        if bracket and isinstance(event, list):
            number = int(index.rstrip("]"))
            event = event[number] if number < len(event) else None
    return event
