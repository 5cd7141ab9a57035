"""Logger and metrics of every function.

No tracer: X-Ray records passively, since importing Powertools' tracer costs more than the sign function's own code, and
it would store answers. Events are never logged: they hold tokens and PINs.

A line is one JSON object: whatever a caller sends is a value in it, escaped, and can neither break the line nor make
another one. Every line of a run says which request it belongs to, who asked, about which certificate, and how many
milliseconds in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger

logger = Logger(service="signet", log_uncaught_exceptions=False, utc=True)


class _Run:
    """One invocation of a function, as its lines tell of it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = dict(told)
        self._begun = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        """Since it began."""
        return round((time.perf_counter() - self._begun) * 1000, 1)


_run: ContextVar[_Run | None] = ContextVar("run", default=None)


def _tell_of_run(record: logging.LogRecord) -> bool:
    """Add to a line what is known of the run it belongs to; what the line says itself stays."""
    if (run := _run.get()) is not None:
        for name, value in {**run.told, "milliseconds": run.milliseconds}.items():
            record.__dict__.setdefault(name, value)
    return True


logger.addFilter(_tell_of_run)


@contextmanager
def run_told(**told: Any) -> Iterator[Callable[..., None]]:
    """Lines that are logged meanwhile have `told` as well; what is given is called with what becomes known later."""
    run = _Run(told)
    token = _run.set(run)
    try:
        yield run.told.update
    finally:
        _run.reset(token)


Handler = Callable[[Mapping[str, Any], Any], Any]


def logs_its_run(handler: Handler) -> Handler:
    """Let each line of a function without a caller name the run, by the id that Lambda gives it."""

    @wraps(handler)
    def run(event: Mapping[str, Any], context: Any) -> Any:
        with run_told(request_id=getattr(context, "aws_request_id", "")):
            return handler(event, context)

    return run


def count(name: str, number: int = 1, **dimensions: str) -> None:
    """So many more `name`, at once: on a line of its own in the log, which CloudWatch takes for a metric."""
    # Rare, and so not worth 15 ms of every cold start.
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name=name, unit=MetricUnit.Count, value=number, namespace="Signet") as metric:
        for dimension, value in dimensions.items():
            metric.add_dimension(dimension, value)
