"""Every quarter of an hour: look whether tokens could be judged, so that alarms ring also while nobody calls.

It is the clock of one alarm besides: it counts no expiry check, so that CloudWatch has data of hours in which none ran.
"""

from collections.abc import Mapping
from typing import Any

from signet.observability import count, logger, logs_its_run
from signet.operations.automation.watch_issuers import watch_issuers
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.issuer_watch)


@logs_its_run
def lambda_handler(_event: Mapping[str, Any], _context: object) -> dict[str, bool]:
    """Answer whether they could; what is wrong is counted and logged where it is found."""
    count("ExpiryChecks", 0)
    judged = watch_issuers(find=lambda: wiring().issuer_watch)
    logger.info("issuers watched", judged=judged)
    return {"judged": judged}
