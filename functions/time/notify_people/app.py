"""A rule on the bus: tell people of a certificate that expires, by mail."""

from collections.abc import Mapping
from typing import Any

from signet.domain.event import EventType
from signet.observability import logger
from signet.operations.notify_people import notify_people
from signet.wiring import wiring


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, bool]:
    """Answer whether there was anything to tell; an event that makes no sense makes the function fail."""
    ports = wiring()
    certificate = str(event["detail"]["certificate_id"])
    days_left = event["detail"]["days_to_expiry"] if event["detail-type"] == EventType.CERTIFICATE_EXPIRING else None
    told = notify_people(certificate, days_left, records=ports.records, mailing=ports.mailing, clock=ports.clock)
    logger.info("people told" if told else "nothing to tell", certificate_id=certificate)
    return {"told": told}
