"""All event sources together."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from local.aws import moto_patches
from local.aws.resources import ClientFactory
from local.aws.template import TemplateError
from local.event_sources.bus import EventBusSource
from local.event_sources.invoking import LambdaService
from local.event_sources.queue import QueueSource
from local.event_sources.schedules import ScheduleSource
from local.event_sources.stream import StreamSource

_Source = EventBusSource | QueueSource | ScheduleSource | StreamSource


@contextmanager
def carrying(
    mappings: Sequence[Mapping[str, Any]],
    functions: LambdaService,
    client: ClientFactory,
    *,
    log: Callable[[str], None],
    retry_seconds: float = 0.2,
) -> Iterator[Callable[[float], bool]]:
    """Carry until the end of the block; yields a call that waits, at most so many seconds, until all is carried.

    Moto has to be in this process, patched; `retry_seconds` is the first pause after a batch that failed.
    """
    ended = threading.Event()
    bus = EventBusSource(functions, client, log)
    sources: list[_Source] = [bus, ScheduleSource(bus.send)]
    streams: list[StreamSource] = []
    for mapping in mappings:
        source = mapping["EventSourceArn"].split(":")[2]
        if source == "dynamodb":
            streams.append(StreamSource(mapping, functions, client, log, retry_seconds))
        elif source == "sqs":
            sources.append(QueueSource(mapping, functions, client))
        else:
            raise TemplateError(f"nothing carries from {mapping['EventSourceArn']} here")

    def wake(table: Any) -> None:
        for stream in streams:
            stream.wake(table)

    threads = [
        threading.Thread(target=source.run, args=(ended,), name=type(source).__name__, daemon=True)
        for source in [*sources, *streams]
    ]
    with moto_patches.listening(streams=wake, rules=bus.accept):
        for thread in threads:
            thread.start()

        def all_carried(seconds: float) -> bool:
            waits = [*(stream.wait_until_idle for stream in streams), bus.wait_until_idle]
            return all(wait(seconds) for wait in waits)

        try:
            yield all_carried
        finally:
            ended.set()
            for thread in threads:
                thread.join(timeout=5)


class LambdaByHttp:
    """Functions behind the gateway's Invoke API."""

    def __init__(self, gateway: str) -> None:
        import boto3
        from botocore.config import Config

        self._client = boto3.client(
            "lambda",
            endpoint_url=gateway,
            # A function may take its time, and an invocation made twice is another invocation.
            config=Config(read_timeout=900, retries={"total_max_attempts": 1}, max_pool_connections=32),
        )

    def invoke(self, arn: str, event: Any) -> tuple[Any, bool]:
        """Run the function now: its answer, and whether it failed."""
        answer = self._client.invoke(FunctionName=arn, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read() or b"null"), "FunctionError" in answer

    def invoke_later(self, arn: str, event: Any) -> None:
        """Hand the event over to be run, and retried, whenever."""
        self._client.invoke(FunctionName=arn, Payload=json.dumps(event), InvocationType="Event")
