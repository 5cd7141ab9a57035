"""Logger and metrics of every function.

No tracer: X-Ray records passively, since importing Powertools' tracer costs more than the sign function's own code, and
it would store answers. Events are never logged: they hold tokens and PINs.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="signet", log_uncaught_exceptions=False, utc=True)


def count(name: str, number: int = 1, **dimensions: str) -> None:
    """So many more `name`, at once: on a line of its own in the log, which CloudWatch takes for a metric."""
    # Rare, and so not worth 15 ms of every cold start.
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name=name, unit=MetricUnit.Count, value=number, namespace="Signet") as metric:
        for dimension, value in dimensions.items():
            metric.add_dimension(dimension, value)
