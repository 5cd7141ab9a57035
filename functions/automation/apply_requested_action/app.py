"""A queue of events that ask for actions: each is done once, as user `automation/<event source>`.

What can never be done goes to the dead-letter queue at once, with the reason; what cannot be done now comes again.
"""

import json
from collections.abc import Mapping
from typing import Any

from signet.api.reading.requested_action import RequestedAction
from signet.domain.errors import BusyError, SignetError, UnavailableError
from signet.observability import logger, logs_its_run
from signet.operations.automation.apply_requested_action import apply_requested_action
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@logs_its_run
def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer which messages are to come again."""
    again = [message["messageId"] for message in event["Records"] if not _is_settled(message["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _is_settled(text: str) -> bool:
    """Do what `text` asks; whether that is the end of it."""
    ports = wiring()
    try:
        failures = _apply(RequestedAction.parse(text))
    except (UnavailableError, BusyError) as error:
        logger.warning("requested action comes again", code=error.code)
        return False
    except SignetError as error:
        failures = {"": f"{error.code}: {error}"}
    if failures:
        reason = failures.get("") or f"failed for {len(failures)}: {json.dumps(failures)}"
        logger.error("requested action failed", reason=reason)
        ports.requested_action_dlq.add(text, reason)
    return True


def _apply(asked: RequestedAction) -> dict[str, str]:
    ports = wiring()
    return apply_requested_action(
        asked.command(), within=ports.session(asked.principal), once_id=asked.once_id, fingerprint=asked.fingerprint
    )
