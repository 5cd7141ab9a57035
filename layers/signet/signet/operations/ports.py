"""What the operations ask of the world.

`Records` is the one store. It reads in one strongly consistent batch and writes in one transaction, so an operation is
always: sight, decide, commit; and where what was decided on has changed meanwhile, the same again (`afresh`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from signet.domain.access import Access, Scope
from signet.domain.certificate import Certificate, Usage, X509Body
from signet.domain.certificate_query import CertificateQuery
from signet.domain.event import Event
from signet.domain.event_query import EventQuery, EventScope
from signet.domain.key_algorithm import MessageType, SigningAlgorithm
from signet.domain.pin import Pin
from signet.domain.principal import Principal
from signet.domain.token_claims import VerifiedToken
from signet.domain.wrapped_key import WrappedKey
from signet.domain.x509 import CertificateFile

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """This moment, in UTC."""


class CertificateReader(Protocol):
    """Reads certificate files."""

    def __call__(
        self, content: bytes, *, password: str | None, private_key: str | None, private_key_password: str | None
    ) -> CertificateFile:
        """What `content` brings; refusals are the errors of `domain/errors.py` under "reading a certificate file"."""


class PinHasher(Protocol):
    """Keeps PINs as salted, slow hashes."""

    def hash(self, pin: Pin) -> str:
        """What to store for `pin`."""

    def matches(self, text: str, kept: str) -> bool:
        """Whether `text` is the PIN that `kept` was made from."""


class KeyWrapper(Protocol):
    """Seals private keys."""

    def wrap(self, private_key: bytes, *, of: str) -> WrappedKey:
        """Seal `private_key`, PKCS#8 DER, for the key id `of`."""


class KeyRing(Protocol):
    """Holds unwrapped keys for a short while, and signs with them."""

    def holds(self, key_id: str, key_version: int) -> bool:
        """Whether `sign` needs no wrapped key."""

    def sign(
        self,
        message: bytes,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        *,
        key_id: str,
        key_version: int,
        wrapped: WrappedKey | None,
        spki_sha256: str,
    ) -> bytes:
        """The signature of `message`."""


@dataclass(frozen=True, slots=True)
class Once:
    """A POST that is to be done once, however often it is sent."""

    id: str
    """Made of the caller and its Idempotency-Key."""
    fingerprint: str
    """Of the request, without PINs, passwords and keys."""
    render: Callable[[Any], bytes] = field(repr=False)
    """The body that answers a result."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What an earlier request with the same Idempotency-Key was answered."""

    fingerprint: str
    body: bytes = field(repr=False)
    """As `Once.render` made it."""


class AnsweredBeforeSignal(Exception):
    """The request was done before; its answer is given again."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__("answered before")
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Sight:
    """What one batch read brought."""

    access: Access
    certificate: Certificate | None = None
    usage: Usage = field(default_factory=Usage)
    kept: KeptAnswer | None = None
    wrapped_key: WrappedKey | None = None
    x509: X509Body | None = None


# --- changes: what one transaction does ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificateAdded:
    """A certificate comes under management."""

    certificate: Certificate
    x509: X509Body
    wrapped_key: WrappedKey | None = None


@dataclass(frozen=True, slots=True)
class CertificateChanged:
    """Settings of a certificate change; nothing happens if `before` is no longer the present state."""

    before: Certificate
    after: Certificate
    wrapped_key: WrappedKey | None = None
    """The private key that it gains."""


@dataclass(frozen=True, slots=True)
class CertificateRemoved:
    """A certificate and its private key are gone."""

    certificate: Certificate
    event_id: str


@dataclass(frozen=True, slots=True)
class CertificateUsed:
    """One signature, counted, as long as the certificate is still as it was decided on."""

    certificate: Certificate
    usage: Usage
    """As it was decided on."""
    at: datetime
    event_id: str
    pin_was_right: bool


@dataclass(frozen=True, slots=True)
class PinFailed:
    """One wrong PIN, counted, as long as no other was counted meanwhile."""

    certificate: Certificate
    before: Usage
    after: Usage


Change = CertificateAdded | CertificateChanged | CertificateRemoved | CertificateUsed | PinFailed


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and where the next begins."""

    items: tuple[T, ...]
    next_position: str | None


class Records(Protocol):
    """The store of certificates, their events, and who may do what."""

    def sight(
        self,
        reference: str | None = None,
        *,
        thumbprint: str | None = None,
        once: Once | None = None,
        key: Callable[[str, int], bool] | None = None,
        x509: bool = False,
    ) -> Sight:
        """What is known now of the certificate that `reference`, an id or alias, or `thumbprint` names.

        Strongly consistent. With `key`, its wrapped key too, unless `key(key_id, key_version)` says that it is held;
        with `x509`, its X.509.
        """

    def commit(
        self, *changes: Change, events: Sequence[Event], once: Once | None = None, result: object = None
    ) -> None:
        """All of it, or nothing: changes, their events, and the answer that a repeat gets.

        Raises:
            ChangedMeanwhileError: what was decided on is no longer so.
            AliasTakenError, CertificateExistsError, GroupFullError, ...: what must be unique or bounded is not.
        """

    def event(self, event_id: str) -> Event | None:
        """The event with that id."""

    def cursor_secret(self) -> bytes:
        """What seals cursors: made once in the life of a deployment."""


class Listings(Protocol):
    """Lists, a page at a time; they may lag writes by seconds."""

    def certificates(
        self,
        query: CertificateQuery,
        scope: Scope,
        *,
        after: str | None,
        limit: int,
        now: datetime,
        stages: tuple[int, ...],
        keep: Callable[[Certificate], bool],
    ) -> Page[tuple[Certificate, Usage]]:
        """Certificates of `scope` that match `query` and that `keep` keeps, behind the position `after`."""

    def events(self, query: EventQuery, scope: EventScope, *, after: str | None, limit: int) -> Page[Event]:
        """Events of `scope` that match `query`, the newest first, before the event `after`."""


class Cursors(Protocol):
    """Seals positions in lists, so that they come back only from whom they were given to, for the same query."""

    def seal(self, position: str, *, query: object, by: Principal) -> str:
        """The cursor for `position`."""

    def open(self, cursor: str, *, query: object, by: Principal) -> str:
        """The position that `cursor` seals; BadCursorError unless it was sealed for this query and this caller."""


class TokenVerifier(Protocol):
    """Knows genuine tokens of the trusted issuers."""

    def verify(self, token: str, at: datetime) -> VerifiedToken:
        """Who `token` speaks for at the moment `at`; InvalidTokenError or IssuerUnreachableError if nobody can say."""
