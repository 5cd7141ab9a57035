"""What can be wrong with the data of a deployment, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

RENAME = "Rename the certificate and name it back (PATCH with `alias`): that writes its entries anew."
BY_HAND = "Correct the item by hand, with the deployment at rest."


class Kind(Enum):
    """One kind of fault; its value is what to do."""

    CERTIFICATE_WITHOUT_KEY = (
        "It cannot sign. Import the file with its key again, where somebody has it; else renew it, which makes a new "
        "key, or delete it. After a restore to a moment that the key table no longer remembers, this is what is left "
        "of keys that were deleted since."
    )
    KEY_WITHOUT_CERTIFICATE = (
        "Nothing can use it. After a restore, import the certificate again with its key if it came in later than the "
        "moment; then delete the item."
    )
    REQUEST_WITHOUT_KEY = "Its certificate could not sign. Cancel the request and make a new one."
    KEY_DOES_NOT_OPEN = (
        "The certificate cannot sign. Another wrapping key made it, or it belongs to another record: give the stack "
        "the key that made it (ExistingWrappingKey), or treat it as a certificate without a key."
    )
    WRONG_PRIVATE_KEY = (
        "It opens and is another certificate's: nothing is signed with it. Treat it as a key that is lost."
    )
    UNREADABLE = "It is not what Signet stores. Look who else writes to the table."
    CERTIFICATE_INCOMPLETE = "Delete the certificate and import it again; what it did stays in the events."
    PART_WITHOUT_CERTIFICATE = "It is of no use and in nobody's way. Delete the item."
    ALIAS_DANGLES = "Nothing can take the alias. Delete the item."
    ALIAS_MISSING = f"The alias does not lead to the certificate. {RENAME}"
    UNIQUENESS_WITHOUT_OWNER = "What it keeps unique can be taken by nothing. Delete the item."
    UNIQUENESS_MISSING = f"Nothing keeps another one from taking the same. {BY_HAND}"
    LISTING_WRONG = f"Lists show it wrongly, or not at all. {RENAME}"
    MARK_WRONG = f"Lists or the expiry check pass over it, or look at it in vain. {BY_HAND}"
    RENEWAL_DANGLES = (
        "What a renewal or a request names was never deleted and is not there, or does not know of it: the tables are "
        "of different moments, or a certificate was lost. Import it again where policies name it."
    )
    REQUEST_DANGLES = "Cancel the signing request that still waits, or else correct the certificate by hand."
    GROUP_DANGLES = (
        "A certificate group that was never deleted is not there. Restore the table of policies, roles and groups to "
        "the same moment as the others, or take the group out of what names it."
    )
    POLICY_DANGLES = (
        "A policy names a certificate that was never deleted and is not there. Import it again and name it, or take it "
        "out of the policy."
    )
    USES_MISCOUNTED = "The events are what happened. Set the counter to their number, with the deployment at rest."
    GROUP_MISCOUNTED = "Set the count to the number of certificates in the group, with the deployment at rest."
    EVENT_MISSING = (
        "A change is stored whose event is not: the table of events is older than the others, or an event was deleted. "
        "Restore all tables to one moment."
    )
    EVENTS_AHEAD = (
        "Events tell of changes that the certificate does not have: its table is older than the table of events. "
        "Restore all tables to one moment, or do again what the events tell."
    )
    REVISION_SPLIT = (
        "Functions may go by policies of before. Set all copies to the newest of them, with the deployment at rest, "
        "and change any policy."
    )
    CALENDAR_LINK_DANGLES = "The link does not work, or cannot be seen. Its user makes a new one."
    TABLE_UNPROTECTED = "A restored table comes without. Run the command."
    WRAPPING_KEY_UNFIT = "See the wrapping key in docs/operations.md."

    @property
    def code(self) -> str:
        """How a finding of this kind is called: `certificate_without_key`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit."""

    kind: Kind
    subject: str
    """What it is about: an id, the key of an item, a table."""
    detail: str
    do: str = ""
    """A command for it, where there is one."""

    def __str__(self) -> str:
        command = f"\n    {self.do}" if self.do else ""
        return f"{self.kind.code} {self.subject}: {self.detail}\n    {self.kind.value}{command}"
