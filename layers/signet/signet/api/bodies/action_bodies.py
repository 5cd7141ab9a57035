"""One action on many certificates, as JSON."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from signet.api.answering.answer import Answer
from signet.api.bodies.fields import GroupId
from signet.api.http_function import Request
from signet.api.problems import Problem, problem_of
from signet.api.reading.queries import AliasSought
from signet.domain.certificates.bulk_command import MAX_CERTIFICATES, BulkAction, BulkCommand, BulkOutcome, BulkReport
from signet.domain.errors import InvalidInputError

CertificateName = Annotated[AliasSought, Meta(min_length=1)]


class ActionBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What to do, and to which certificates."""

    action: Literal["enable", "disable", "delete", "add_to_groups", "remove_from_groups"]
    certificates: Annotated[tuple[CertificateName, ...], Meta(min_length=1, max_length=MAX_CERTIFICATES)]
    """Ids or aliases."""
    groups: Annotated[tuple[GroupId, ...], Meta(max_length=25)] | None = None
    """Ids or names, for the two actions about groups."""
    dry_run: bool = False

    def command(self) -> BulkCommand:
        """Its fields, parsed."""
        action = BulkAction(self.action)
        if action.names_groups and not self.groups:
            raise InvalidInputError.at("groups", f"{action.value} needs at least one certificate group")
        if not action.names_groups and self.groups:
            raise InvalidInputError.at("groups", f"{action.value} takes no certificate groups")
        return BulkCommand(action, self.certificates, tuple(dict.fromkeys(self.groups or ())), self.dry_run)


class ActionResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome for one certificate."""

    certificate: str
    """As it was named."""
    outcome: Literal["done", "unchanged", "failed"]
    problem: Problem | None = None
    """Of a failure: the problem that the action alone would have been answered with."""


class ActionSummary(msgspec.Struct, frozen=True):
    """How many of each outcome."""

    done: int
    unchanged: int
    failed: int


class ActionReport(msgspec.Struct, frozen=True):
    """The outcome for each certificate, in the order asked."""

    results: tuple[ActionResult, ...]
    summary: ActionSummary

    @classmethod
    def of(cls, report: BulkReport, request_id: str) -> "ActionReport":
        """What is shown of `report`."""
        summary = report.summary
        return cls(
            tuple(
                ActionResult(
                    result.certificate,
                    result.outcome.value,
                    None if result.error is None else problem_of(result.error, request_id)[0],
                )
                for result in report.results
            ),
            ActionSummary(summary[BulkOutcome.DONE], summary[BulkOutcome.UNCHANGED], summary[BulkOutcome.FAILED]),
        )


def action_answer(report: BulkReport, request: Request[Any, Any]) -> Answer:
    """The outcomes; the problem of each failure names `request`."""
    return Answer(200, ActionReport.of(report, request.principal.request_id))
