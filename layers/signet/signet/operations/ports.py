"""What the operations ask of the world.

`Records` is the one store. It reads in one strongly consistent batch and writes in one transaction, so an operation is
always: sight, decide, commit; and where what was decided on has changed meanwhile, the same again (`afresh`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from signet.domain.certificate import Certificate, Usage, X509Body
from signet.domain.certificate_group import CertificateGroup
from signet.domain.policy import Policy
from signet.domain.role import Role

if TYPE_CHECKING:
    # Types alone: each of these costs a cold start of the rooms that never meet one.
    from signet.domain.access import Access, Scope
    from signet.domain.announcement import Announcement
    from signet.domain.calendar_link import CalendarLink
    from signet.domain.certificate_query import CertificateQuery
    from signet.domain.csr_order import CsrOrder
    from signet.domain.event import Event
    from signet.domain.event_query import EventQuery, EventScope
    from signet.domain.expiry_mail import Mail
    from signet.domain.issued_warning import IssuedWarning
    from signet.domain.key_algorithm import MessageType, SigningAlgorithm
    from signet.domain.pin import Pin
    from signet.domain.principal import Principal
    from signet.domain.signing_request import RequestStatus, SigningRequest
    from signet.domain.token_claims import VerifiedToken
    from signet.domain.wrapped_key import WrappedKey
    from signet.domain.x509 import CertificateFile, CertificatePath

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


class PathCompleter(Protocol):
    """Puts together the path above a certificate."""

    def __call__(self, certificate: bytes, *known: Sequence[bytes], at: datetime) -> CertificatePath:
        """The best path above `certificate` that `known` give, each DER; `known[0]` is the path as it was."""


class IssuedComparer(Protocol):
    """Holds what a CA issued to what was asked of it."""

    def __call__(self, csr: bytes, certificate: bytes) -> frozenset[IssuedWarning]:
        """What is odd about `certificate`, issued for the request `csr`; both DER."""


class PinHasher(Protocol):
    """Keeps PINs as salted, slow hashes."""

    def hash(self, pin: Pin) -> str:
        """What to store for `pin`."""

    def hash_text(self, text: str) -> str:
        """What to store for another secret."""

    def matches(self, text: str, kept: str) -> bool:
        """Whether `text` is the PIN that `kept` was made from."""


class KeyWrapper(Protocol):
    """Seals private keys."""

    def wrap(self, private_key: bytes, *, of: str) -> WrappedKey:
        """Seal `private_key`, PKCS#8 DER, for the key id `of`."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A key pair that has only just been made, and the CSR that it signed."""

    csr: bytes = field(repr=False)
    """DER (RFC 2986)."""
    private_key: bytes = field(repr=False)
    """PKCS#8 DER, on its way to be wrapped."""
    spki_sha256: str


class RequestMaker(Protocol):
    """Makes key pairs and their CSRs."""

    def make(self, order: CsrOrder) -> NewRequest:
        """A new key pair, and the CSR that `order` describes."""

    def order_of(self, certificate: bytes, key_algorithm: str) -> CsrOrder:
        """The order that asks for `certificate`, DER, anew; its key is of `key_algorithm`."""


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
    secrets: str = field(default="", repr=False)
    """The PINs, passwords and keys of the request as one text, to tell a repeat with others; kept as a slow hash."""
    key: str = field(default="", repr=False)
    """The Idempotency-Key itself, which is kept nowhere."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What an earlier request with the same Idempotency-Key was answered."""

    fingerprint: str
    body: bytes = field(repr=False)
    """As `Once.render` made it; empty while the request is being answered."""
    subjects: tuple[str, ...] = ()
    """Ids of what the answer is about: only who may see these now is given it again."""
    came_with: Callable[[str], bool] = field(default=lambda secrets: not secrets, repr=False)
    """Whether these were the secrets of the request; slow."""


class AnsweredBeforeSignal(Exception):  # noqa: N818 - not an error: the answer is at hand already
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
    request: SigningRequest | None = None
    """The signing request asked for; `certificate` is then the one that it would renew."""
    pending_request: str | None = None
    """Id of the pending signing request whose public key was asked for."""
    same_x509: str | None = None
    """Id of the certificate whose thumbprint was asked for."""
    issuers: tuple[str, ...] = ()
    """Ids of the CA certificates under management that were asked for, the surest first."""
    read_again: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """Called where what was asked for does not exist for the caller: then two reads were made, however much of it was
    known before. How many there were would else tell what does exist."""


@dataclass(frozen=True, slots=True)
class Sights:
    """What is known of several certificates at once."""

    access: Access
    sights: tuple[Sight, ...]
    """In the order asked."""
    kept: KeptAnswer | None = None


# --- changes: what one transaction does ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificateAdded:
    """A certificate comes under management."""

    certificate: Certificate
    x509: X509Body
    wrapped_key: WrappedKey | None = None
    """None too where the key is here already, since its signing request was made."""
    alias_held_by: str | None = None
    """What may hold its alias until now: the signing request, or the certificate that it renews."""
    twin: str | None = None
    """The same X.509, imported without its key by somebody for whom the signing request does not exist; it stays."""


@dataclass(frozen=True, slots=True)
class CertificateChanged:
    """Settings of a certificate change; nothing happens if `before` is no longer the present state."""

    before: Certificate
    after: Certificate
    wrapped_key: WrappedKey | None = None
    """The private key that it gains."""
    x509: X509Body | None = None
    """Its X.509 as it is now, where that or the path above it is another."""
    twin: str | None = None
    """As of `CertificateAdded`, where its X.509 is another."""
    hands_on_alias: bool = False
    """Whether its old alias goes to another certificate in the same transaction."""


@dataclass(frozen=True, slots=True)
class CertificateFlagged:
    """A stage of its expiry is announced; nothing happens if `before` is no longer the present state."""

    before: Certificate
    stage: int
    """Days before its end; 0 for expiry itself."""
    at: datetime
    """The moment as of which it was reached."""
    event_id: str


@dataclass(frozen=True, slots=True)
class CalendarLinkChanged:
    """A user's secret link to the calendar is made, replaced or revoked."""

    user: str
    before: CalendarLink | None
    """The one there was; nothing happens if it is another by now."""
    after: CalendarLink | None


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


@dataclass(frozen=True, slots=True)
class RequestAdded:
    """A signing request begins to wait; of a renewal, nothing happens if another waits or the renewal was done."""

    request: SigningRequest
    wrapped_key: WrappedKey


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """A signing request was completed or cancelled; a cancelled one's key is destroyed."""

    before: SigningRequest
    after: SigningRequest


Administered = Policy | CertificateGroup | Role


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """A policy, certificate group or role is created, changed or deleted.

    Nothing happens if anything of who may do what has changed since `revision`: what it names was looked up then.
    """

    before: Administered | None
    after: Administered | None
    revision: str
    """As it was decided on."""
    next_revision: str


Change = (
    AccessChanged
    | RequestAdded
    | RequestEnded
    | CertificateAdded
    | CertificateChanged
    | CertificateFlagged
    | CalendarLinkChanged
    | CertificateRemoved
    | CertificateUsed
    | PinFailed
)


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
        spki: str | None = None,
        issuers: Sequence[str] = (),
        once: Once | None = None,
        key: Callable[[str, int], bool] | None = None,
        x509: bool = False,
    ) -> Sight:
        """What is known now of the certificate that `reference`, an id or alias, or else `thumbprint` names.

        With `spki`, the SHA-256 of a public key, it tells the id of the pending signing request whose key it is; with
        `issuers`, as `CertificatePath.missing_issuer` has them, the ids of the CA certificates that are found by them.

        Strongly consistent. With `key`, its wrapped key too, unless `key(key_id, key_version)` says that it is held;
        with `x509`, its X.509.
        """

    def commit(
        self,
        *changes: Change,
        events: Sequence[Event],
        once: Once | None = None,
        result: object = None,
        about: Sequence[str] = (),
    ) -> None:
        """All of it, or nothing: changes, their events, and the answer that a repeat gets.

        That is `about` the things with these ids, or else about what the changes make or change.

        Raises:
            ChangedMeanwhileError: what was decided on is no longer so.
            AliasTakenError, CertificateExistsError, GroupFullError, ...: what must be unique or bounded is not.
        """

    def sight_of_many(self, references: Sequence[str], *, by: Principal, once: Once | None = None) -> Sights:
        """What is known now of the certificates that `references`, ids or aliases, name.

        What `by` does not see, and what does not exist, costs the same.
        """

    def claim(self, once: Once) -> None:
        """Begin what takes several transactions: whoever sends the same request now waits for its answer.

        Raises:
            ChangedMeanwhileError: somebody was faster.
        """

    def settle(self, once: Once, result: object, *, about: Sequence[str]) -> None:
        """Keep the answer of what was claimed, `about` the things with these ids."""

    def release(self, once: Once) -> None:
        """Give up what was claimed: only successes are kept."""

    def request_sight(self, request_id: str, *, once: Once | None = None, x509: bool = False) -> Sight:
        """What is known now of a signing request, and of the certificate that it would renew."""

    def with_x509(self, ids: Sequence[str]) -> Sequence[tuple[Certificate, X509Body]]:
        """Those of the certificates `ids` that exist, in that order, each with its X.509; strongly consistent."""

    def issuers(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The ids of the CA certificates that are found by `keys`; strongly consistent."""

    def requests(self, ids: Iterable[str]) -> Mapping[str, SigningRequest]:
        """Those of the signing requests `ids` that exist, by id, as they were made; strongly consistent."""

    def heirs(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """What renews the certificates `ids`, whether these exist or not, and what renews that; strongly consistent."""

    def certificates(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """Those of the certificates `ids` that exist, by id; strongly consistent."""

    def certificate_counts(self, groups: Iterable[str]) -> Mapping[str, int]:
        """How many certificates each of `groups` holds, renewed ones not counted; strongly consistent."""

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
        weigh: Callable[[Certificate], int] | None = None,
    ) -> Page[tuple[Certificate, Usage]]:
        """Certificates of `scope` that match `query` and that `keep` keeps, behind the position `after`.

        As many of them as fit into one answer, in which one has the bytes that `weigh` tells.
        """

    def requests(
        self, status: RequestStatus | None, scope: Scope, *, after: str | None, limit: int
    ) -> Page[SigningRequest]:
        """Signing requests of `scope`, the newest first, before the request `after`."""

    def events(self, query: EventQuery, scope: EventScope, *, after: str | None, limit: int) -> Page[Event]:
        """Events of `scope` that match `query`, the newest first, before the event `after`."""


@dataclass(frozen=True, slots=True)
class UnreadableCertificate:
    """A certificate whose stored form makes no sense: one to report, not to stop at."""

    id: str
    reason: str


class ExpiryWatch(Protocol):
    """Finds certificates whose expiry is still to be announced; it may lag writes by seconds."""

    def expiring_until(self, moment: datetime) -> Iterator[Sequence[Certificate | UnreadableCertificate]]:
        """Those that end at `moment` or before, the soonest first, page by page."""


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """An event whose stored form makes no sense, or is of a version that is not known."""

    id: str
    reason: str


class EventArchive(Protocol):
    """Finds events again, to announce them once more."""

    def find(self, event_ids: Sequence[str]) -> Sequence[Event | UnreadableEvent]:
        """The events with these ids; one that is not there cannot be read, either."""

    def between(self, since: datetime, until: datetime) -> Iterator[Sequence[Event | UnreadableEvent]]:
        """What was recorded in a span of time, both ends included, page by page."""


@dataclass(frozen=True, slots=True)
class NotPut:
    """The bus did not take an announcement."""

    reason: str
    for_good: bool
    """Whether it never will."""


class AnnouncementBus(Protocol):
    """Takes announcements to whoever listens."""

    def put(self, announcements: Sequence[Announcement]) -> Mapping[str, NotPut]:
        """Put `announcements`, in order; those that were not taken, by event id. Nothing is raised."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """What waits to be announced again: one event, or whatever a span of time holds."""

    handle: str
    """For the queue, to remove it."""
    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class UnsentQueue(Protocol):
    """Keeps the ids of events that could not be announced, and alarms somebody."""

    def add(self, reasons: Mapping[str, str]) -> set[str]:
        """Set aside events by id, each with the reason; the ids of those for which that failed. Nothing is raised."""

    def batches(self) -> Iterator[Sequence[SetAside]]:
        """Everything in it, each once."""

    def remove(self, done: Sequence[SetAside]) -> None:
        """These were announced."""


class CalendarLinks(Protocol):
    """Finds secret links to calendars; strongly consistent."""

    def find(self, digest: str) -> CalendarLink | None:
        """The link whose secret has `digest`."""

    def of(self, user: str) -> CalendarLink | None:
        """The link that `user` has."""

    def get(self, link_id: str) -> CalendarLink | None:
        """The link with that id."""

    def page(self, *, after: str | None, limit: int) -> Sequence[CalendarLink]:
        """At most `limit` links, in the order in which they were made, behind the one with the id `after`."""


class Mailing(Protocol):
    """Sends mail to the people who asked to be told."""

    def send(self, mail: Mail) -> None:
        """Send `mail`."""


@dataclass(frozen=True, slots=True)
class MailClaim:
    """The right to send the mail about one event, for a short while."""

    event_id: str
    token: str
    """Whose claim it is."""


class MailClaims(Protocol):
    """Sees to it that the mail about one event is sent once, however often and by how many the event is heard."""

    def begin(self, event_id: str) -> MailClaim | None:
        """Claim the mail about an event; None where it is sent already, or somebody is about to."""

    def keep(self, claim: MailClaim) -> None:
        """It is sent: nobody sends it again."""

    def give_up(self, claim: MailClaim) -> None:
        """It was not sent: let another try at once."""


class RefusedActions(Protocol):
    """Keeps requested actions that failed, and alarms somebody."""

    def add(self, event: str, reason: str) -> None:
        """Keep `event` as it came, with `reason`."""


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


class IssuerWatch(Protocol):
    """Watches whether the trusted issuers can be used."""

    def look(self) -> None:
        """See whether tokens can be judged, at most once a minute; TokensUnjudgedError if not."""
