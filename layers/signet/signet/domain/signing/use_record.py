"""What the audit record keeps of a use, granted or refused: never a PIN or a token (contract, sections 5 and 8)."""

from dataclasses import replace
from typing import Any

from signet.domain.access.principal import Principal
from signet.domain.signing.redaction import redacted
from signet.domain.signing.use_decision import SignOrder


def use_detail(order: SignOrder, decided_by: str | None) -> dict[str, Any]:
    """What is told of `order`, which `decided_by` decided: `owner`, the id of a policy, or nothing."""
    detail: dict[str, Any] = {
        "signing_algorithm": order.signing_algorithm,
        "message_type": order.message_type,
        "decided_by": decided_by,
        "reason": _kept(order, order.reason),
    }
    application = order.application
    if application.process is not None or application.command_line is not None:
        detail["application"] = {
            "process": _kept(order, application.process),
            "command_line": _kept(order, application.command_line),
        }
    return detail


def recorded_caller(order: SignOrder, by: Principal) -> Principal:
    """`by` as the record has it: the name of a program may hold what its command line does."""
    return replace(by, user_agent=_kept(order, by.user_agent) or "")


def recorded_name(order: SignOrder) -> str:
    """The certificate as it was asked for."""
    return _kept(order, order.certificate) or ""


def _kept(order: SignOrder, text: str | None) -> str | None:
    return None if text is None else redacted(text, pin=order.pin, token=order.token)
