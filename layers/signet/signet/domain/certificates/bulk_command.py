"""One action on many certificates, and the outcome for each."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from signet.domain.errors import SignetError
from signet.domain.events.event import EventType

MAX_CERTIFICATES = 500


class BulkAction(StrEnum):
    """What can be done to many at once."""

    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    ADD_TO_GROUPS = "add_to_groups"
    REMOVE_FROM_GROUPS = "remove_from_groups"

    @property
    def intent(self) -> EventType:
        """The event that it is, done or refused."""
        return _INTENTS[self]

    @property
    def names_groups(self) -> bool:
        """Whether it needs certificate groups."""
        return self in {BulkAction.ADD_TO_GROUPS, BulkAction.REMOVE_FROM_GROUPS}


_INTENTS = {
    BulkAction.ENABLE: EventType.CERTIFICATE_ENABLED,
    BulkAction.DISABLE: EventType.CERTIFICATE_DISABLED,
    BulkAction.DELETE: EventType.CERTIFICATE_DELETED,
    BulkAction.ADD_TO_GROUPS: EventType.CERTIFICATE_UPDATED,
    BulkAction.REMOVE_FROM_GROUPS: EventType.CERTIFICATE_UPDATED,
}


class BulkOutcome(StrEnum):
    """The outcome for one certificate."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BulkCommand:
    """What is asked; parsed."""

    action: BulkAction
    certificates: tuple[str, ...]
    """Ids or aliases, 1 to 500, in the order of the answer."""
    groups: tuple[str, ...] = ()
    """Ids, for the two actions about groups."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The outcome for one certificate."""

    certificate: str
    """As it was named."""
    outcome: BulkOutcome
    error: SignetError | None = None
    """Of a failure."""


@dataclass(frozen=True, slots=True)
class BulkReport:
    """The outcome for each, in the order asked."""

    results: tuple[BulkResult, ...]

    @property
    def summary(self) -> Counter[BulkOutcome]:
        """How many of each outcome."""
        return Counter(result.outcome for result in self.results)
