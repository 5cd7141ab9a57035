"""The one store, and what one read of it brings.

`Records` reads in one strongly consistent batch and writes in one transaction, so an operation is always: read, decide,
commit; and where what was decided on has changed meanwhile, the same again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from signet.domain.certificates.certificate import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from signet.domain.access.access_snapshot import Access
    from signet.domain.access.principal import Principal
    from signet.domain.certificates.certificate import Certificate, X509Body
    from signet.domain.events.event import Event
    from signet.domain.signing.wrapped_key import WrappedKey
    from signet.domain.signing_requests.signing_request import SigningRequest
    from signet.ports.changes import Change
    from signet.ports.idempotency import IdempotencyKey, StoredResponse


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one batch read brought."""

    access: Access
    certificate: Certificate | None = None
    usage: Usage = field(default_factory=Usage)
    stored: StoredResponse | None = None
    wrapped_key: WrappedKey | None = None
    x509: X509Body | None = None
    request: SigningRequest | None = None
    """The signing request asked for; `certificate` is then the one that it would renew."""
    pending: Snapshot | None = None
    """Of the pending signing request whose public key was asked for, with the X.509 of what it would renew."""
    same_x509: str | None = None
    """Id of the certificate whose thumbprint was asked for."""
    issuers: tuple[tuple[Certificate, X509Body], ...] = ()
    """The CA certificates under management that were asked for, the surest first."""
    read_again: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """To be called where what was asked for does not exist for the caller. After it, two reads have been made, however
    much was known before: the number of reads would otherwise tell what exists."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What is known of several certificates at once."""

    access: Access
    snapshots: tuple[Snapshot, ...]
    """In the order asked."""
    stored: StoredResponse | None = None


class Records(Protocol):
    """The store of certificates, their events, and who may do what."""

    def load(
        self,
        reference: str | None = None,
        *,
        thumbprint: str | None = None,
        spki: str | None = None,
        issuers: Sequence[str] = (),
        idempotency: IdempotencyKey | None = None,
        key: Callable[[str, int], bool] | None = None,
        x509: bool = False,
    ) -> Snapshot:
        """What is known now of the certificate that `reference`, an id or alias, or else `thumbprint` names.

        With `spki`, the SHA-256 of a public key, it brings the pending signing request whose key it is, and costs as
        much where there is none; with `issuers`, as `CertificatePath.missing_issuer` has them, the CA certificates that
        are found by them.

        Strongly consistent. With `key`, its wrapped key too, unless `key(key_id, key_version)` says that it is held;
        with `x509`, its X.509.
        """

    def commit(
        self,
        *changes: Change,
        events: Sequence[Event],
        idempotency: IdempotencyKey | None = None,
        result: object = None,
        about: Sequence[str] = (),
    ) -> None:
        """Write all of it, or nothing: changes, their events, and the answer that a repeat gets.

        The answer is `about` the things with these ids, or, where none is named, about what the changes make or change.

        Raises:
            ChangedMeanwhileError: what was decided on is no longer so.
            AliasTakenError, CertificateExistsError, GroupFullError, ...: what must be unique or bounded is not.
        """

    def load_many(
        self, references: Sequence[str], *, by: Principal, idempotency: IdempotencyKey | None = None
    ) -> Snapshots:
        """What is known now of the certificates that `references`, ids or aliases, name.

        What `by` does not see, and what does not exist, costs the same.
        """

    def begin(self, idempotency: IdempotencyKey) -> None:
        """Begin what takes several transactions: whoever sends the same request now waits for its answer.

        Raises:
            ChangedMeanwhileError: somebody was faster.
        """

    def complete(self, idempotency: IdempotencyKey, result: object, *, about: Sequence[str]) -> None:
        """Keep the answer of what was claimed, `about` the things with these ids."""

    def abandon(self, idempotency: IdempotencyKey) -> None:
        """Give up what was claimed: only successes are kept."""

    def leave_off(self, idempotency: IdempotencyKey, done: Sequence[str]) -> None:
        """Give up what was claimed, and note for whoever begins it again what was `done`, or may have been."""

    def load_request(
        self, request_id: str, *, idempotency: IdempotencyKey | None = None, x509: bool = False
    ) -> Snapshot:
        """What is known now of a signing request, and of the certificate that it would renew."""

    def with_x509(self, ids: Sequence[str]) -> Sequence[tuple[Certificate, X509Body]]:
        """Those of the certificates `ids` that exist, in that order, each with its X.509; strongly consistent."""

    def issuers(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The ids of the CA certificates that are found by `keys`; strongly consistent."""

    def requests(self, ids: Iterable[str]) -> Mapping[str, SigningRequest]:
        """Those of the signing requests `ids` that exist, by id, as they were made; strongly consistent."""

    def renewals_of(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """What renews the certificates `ids`, whether these exist or not, and what renews that; strongly consistent."""

    def certificates(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """Those of the certificates `ids` that exist, by id; strongly consistent."""

    def certificate_counts(self, groups: Iterable[str]) -> Mapping[str, int]:
        """How many certificates each of `groups` holds, renewed ones not counted; strongly consistent."""

    def event(self, event_id: str) -> Event | None:
        """The event with that id."""

    def cursor_secret(self) -> bytes:
        """The key that authenticates cursors: made once in the life of a deployment."""
