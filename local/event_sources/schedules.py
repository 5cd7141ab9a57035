"""Schedules on time: EventBridge Scheduler's, and rules with a schedule."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.events.models import Rule, events_backends
from moto.scheduler.models import Schedule, scheduler_backends

from local.aws.template import ACCOUNT, REGION
from local.event_sources.schedule_expression import fire_times

Send = Callable[[Mapping[str, Any], Any], None]

# After the machine slept, what was missed longer ago than this is left out, as AWS would not bring it all at once.
_CATCH_UP = timedelta(minutes=10)


class ScheduleSource:
    """Looks every second what is due, and sends it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = datetime.now(UTC)

    def run(self, ended: threading.Event) -> None:
        """Carry until `ended`."""
        last = self._begun - timedelta(seconds=1)
        while not ended.is_set():
            now = datetime.now(UTC)
            for target, content in self.due(after=max(last, now - _CATCH_UP), until=now):
                self._send(target, content)
            last = now
            ended.wait(1.0 - time.time() % 1.0)

    def due(self, *, after: datetime, until: datetime) -> Iterator[tuple[Mapping[str, Any], Any]]:
        """The targets that are due after `after`, up to and with `until`, each with what it is sent."""
        for group in list(scheduler_backends[ACCOUNT][REGION].schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                yield from self._due_of_schedule(schedule, after, until)
        for rule in list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()):
            yield from self._due_of_rule(rule, after, until)

    def _due_of_schedule(
        self, schedule: Schedule, after: datetime, until: datetime
    ) -> Iterator[tuple[Mapping[str, Any], Any]]:
        if schedule.state != "ENABLED":
            return
        # One with a rate fires at once when it is made (EventBridge Scheduler User Guide): here, when the stack is up.
        made = datetime.fromtimestamp(schedule.creation_date, UTC)
        times = fire_times(
            schedule.schedule_expression,
            since=max(made, self._begun),
            after=after,
            until=until,
            zone=schedule.schedule_expression_timezone,
        )
        for moment in times:
            yield schedule.target, _scheduler_input(schedule, moment)

    def _due_of_rule(self, rule: Rule, after: datetime, until: datetime) -> Iterator[tuple[Mapping[str, Any], Any]]:
        if rule.state == "DISABLED" or not rule.scheduled_expression:
            return
        since = self._begun
        for moment in fire_times(rule.scheduled_expression, since=since, after=max(after, since), until=until):
            for target in rule.targets:
                content = (
                    json.loads(target["Input"]) if "Input" in target else _event("aws.events", rule.arn, moment, {})
                )
                yield target, content


def _scheduler_input(schedule: Schedule, moment: datetime) -> Any:
    text = schedule.target.get("Input")
    if text is None:
        return _event("aws.scheduler", schedule.arn, moment, "{}")
    known = {
        "<aws.scheduler.schedule-arn>": schedule.arn,
        "<aws.scheduler.scheduled-time>": _iso(moment),
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }
    for name, value in known.items():
        text = text.replace(name, value)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _event(source: str, arn: str, moment: datetime, detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": _iso(moment),
        "region": REGION,
        "resources": [arn],
        "detail": detail,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
