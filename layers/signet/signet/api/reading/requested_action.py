"""`Certificate Action Requested`: an event that asks for what `POST /certificates/actions` does."""

import hashlib
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from signet.api.bodies.action_bodies import ActionBody
from signet.api.reading.shape_errors import invalid_input
from signet.api.reading.text_input import json_octets
from signet.domain.access.principal import Principal
from signet.domain.access.user_name import is_user_name
from signet.domain.certificates.bulk_command import BulkCommand
from signet.domain.errors import InvalidInputError, MalformedJsonError
from signet.domain.events.announcement import SOURCE


class RequestedDetail(ActionBody, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What to do, to which certificates, and who wants it."""

    requested_by: Annotated[str, Meta(min_length=1, max_length=400)]
    """As the sender states it."""


class RequestedAction(msgspec.Struct, frozen=True):
    """The event as EventBridge delivers it."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    source: str
    detail: RequestedDetail

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of the event.

        Raises:
            MalformedJsonError: not JSON.
            InvalidInputError: an unknown action, too many certificates, a field that is missing, unknown or wrong.
        """
        try:
            return msgspec.json.decode(json_octets(text.encode("utf-8", "surrogatepass")), type=cls)
        except msgspec.ValidationError as error:
            raise invalid_input(error, cls) from None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise MalformedJsonError("The event is not JSON.") from None

    def command(self) -> BulkCommand:
        """What it asks for, parsed."""
        if self.detail.dry_run:
            raise InvalidInputError.at("detail.dry_run", "nobody would hear what a dry run found")
        return self.detail.command()

    @property
    def principal(self) -> Principal:
        """Who asks: the event's source, which IAM holds senders to; never the service's own name.

        Raises:
            InvalidInputError: the source makes no user's name.
        """
        user = f"automation/{self.source}"
        if self.source == SOURCE or not is_user_name(user):
            raise InvalidInputError.at("source", "not a source that may ask for actions")
        return Principal(user, user_agent=f"requested by {self.detail.requested_by}", request_id=self.id)

    @property
    def once_id(self) -> str:
        """The event's id is its idempotency key."""
        return hashlib.sha256(f"automation/{self.source}\n{self.id}".encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Of what it asks for."""
        return hashlib.sha256(msgspec.json.encode(self.detail)).hexdigest()
