"""What the audit record keeps of a use, granted or refused: never a PIN or a token (contract, sections 5 and 8)."""

from dataclasses import replace
from typing import Any

from signet.domain.access.principal import Principal
from signet.domain.events.event import Event, EventType, Outcome, certificate_event
from signet.domain.signing.redaction import redacted
from signet.domain.signing.sign_command import SignCommand
from signet.domain.signing.use_decision import UseDecision


def granted_event(use: UseDecision, by: Principal, event_id: str, *, digest: bytes) -> Event:
    """That `by` used the certificate as `use` says, to sign `digest`."""
    detail = {**use_detail(use.command, use.decided_by), "digest": digest.hex()}
    caller = recorded_caller(use.command, by)
    return certificate_event(EventType.CERTIFICATE_USED, use.certificate, caller, event_id, detail=detail)


def refused_event(use: UseDecision, by: Principal, event_id: str) -> Event:
    """That `by` was refused the use, and why."""
    return certificate_event(
        EventType.CERTIFICATE_USE_REFUSED,
        use.certificate,
        recorded_caller(use.command, by),
        event_id,
        outcome=Outcome.REFUSED,
        code=None if use.refusal is None else use.refusal.code,
        detail=use_detail(use.command, use.decided_by),
    )


def use_detail(command: SignCommand, decided_by: str | None) -> dict[str, Any]:
    """What is told of `command`, which `decided_by` decided: `owner`, the id of a policy, or nothing."""
    detail: dict[str, Any] = {
        "signing_algorithm": command.signing_algorithm,
        "message_type": command.message_type,
        "decided_by": decided_by,
        "reason": _kept(command, command.reason),
    }
    application = command.application
    if application.process is not None or application.command_line is not None:
        detail["application"] = {
            "process": _kept(command, application.process),
            "command_line": _kept(command, application.command_line),
        }
    return detail


def recorded_caller(command: SignCommand, by: Principal) -> Principal:
    """`by` as the record has it: the name of a program may hold what its command line does."""
    return replace(by, user_agent=_kept(command, by.user_agent) or "")


def recorded_name(command: SignCommand) -> str:
    """The certificate as it was asked for."""
    return _kept(command, command.certificate) or ""


def _kept(command: SignCommand, text: str | None) -> str | None:
    return None if text is None else redacted(text, pin=command.pin, token=command.token)
