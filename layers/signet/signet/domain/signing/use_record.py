"""What the audit record keeps of a use, granted or refused: never a PIN or a token (contract, sections 5 and 8)."""

from dataclasses import replace
from typing import Any

from signet.domain.access.principal import Principal
from signet.domain.signing.redaction import redacted
from signet.domain.signing.use_decision import SignCommand


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
