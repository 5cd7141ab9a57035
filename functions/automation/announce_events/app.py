"""The stream of the events table: put on the bus what was recorded, at least once.

What could not be put for now is asked for again, from the first such record on; what never can is set aside by its id.
An event is written once: one that was changed or deleted rings an alarm.
"""

from collections.abc import Mapping
from typing import Any

from signet.observability import count, logger, logs_its_run
from signet.operations.automation.announce_events import announce_events
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.altered_events, ports.read_stream, ports.bus.connect()))


@logs_its_run
def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer which records the stream is to deliver again."""
    ports = wiring()
    altered = ports.altered_events(event["Records"])
    if altered:
        logger.error("events altered", events=altered)
        count("EventsAltered", len(altered))
    delivered = ports.read_stream(event["Records"])
    again = announce_events(delivered, bus=ports.bus, announcement_dlq=ports.announcement_dlq)
    if again:
        logger.warning("not all announced", again=len(again), delivered=len(delivered))
    return {"batchItemFailures": [{"itemIdentifier": place} for place in again]}
