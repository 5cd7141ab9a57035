"""Asked by hand (`make redrive`): announce again what was set aside, or all of a span of time, `from` and `to`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from signet.domain.errors import InvalidInputError
from signet.domain.moments import parse_rfc3339
from signet.observability import logger, logs_its_run
from signet.operations.automation.redrive_events import Span, redrive_events
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.archive, ports.bus.connect()))


@logs_its_run
def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer how many events were looked at, how many could not be announced, and whether time ran short."""
    ports = wiring()
    done = redrive_events(
        _span(event),
        archive=ports.archive,
        bus=ports.bus,
        announcement_dlq=ports.announcement_dlq,
        time_left=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    summary: dict[str, Any] = {"looked_at": done.looked_at, "left": done.left, "stopped_early": done.stopped_early}
    logger.info("redriven", **summary)
    return summary


def _span(event: Mapping[str, Any]) -> Span | None:
    if unknown := set(event) - {"from", "to"}:
        raise InvalidInputError.at(min(unknown), "unknown field")
    if not event:
        return None
    return Span(_moment(event, "from"), _moment(event, "to"))


def _moment(event: Mapping[str, Any], name: str) -> datetime:
    try:
        return parse_rfc3339(event[name])
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError.at(name, "must be a date and time with an offset (RFC 3339)") from None
