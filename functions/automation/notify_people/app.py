"""A rule on the bus: tell people of a certificate that expires, by mail, once for each event."""

from collections.abc import Mapping
from typing import Any

from signet.domain.certificates.certificate import EXPIRED_STAGE
from signet.domain.events.event import EventType
from signet.observability import logger, logs_its_run
from signet.operations.automation.notify_people import ExpiryAnnounced, notify_people
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.mailing, ports.mail_claims))


@logs_its_run
def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, bool]:
    """Answer whether there was anything to tell; an event that makes no sense makes the function fail."""
    ports = wiring()
    detail = event["detail"]
    expiring = event["detail-type"] == EventType.CERTIFICATE_EXPIRING
    announced = ExpiryAnnounced(
        event_id=str(detail["event_id"]),
        certificate_id=str(detail["certificate_id"]),
        stage=int(detail["stage"]) if expiring else EXPIRED_STAGE,
        days_left=int(detail["days_to_expiry"]) if expiring else None,
    )
    told = notify_people(
        announced,
        records=ports.records,
        mailing=ports.mailing,
        claims=ports.mail_claims,
        deployment=ports.deployment,
        clock=ports.clock,
    )
    logger.info(
        "people told" if told else "nothing to tell",
        certificate=announced.certificate_id,
        event_id=announced.event_id,
    )
    return {"told": told}
