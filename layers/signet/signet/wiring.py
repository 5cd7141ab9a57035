"""Picks adapters for ports; lazily, so that a room pays only for what it uses."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

from signet.settings import Settings, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from signet.adapters.database import Database
    from signet.adapters.kms_key_wrapper import KmsKeyWrapper
    from signet.adapters.token_verifier import JwksTokenVerifier
    from signet.api.downloads import CertificateFormat
    from signet.domain.event import Event
    from signet.domain.expiry_mail import Deployment
    from signet.domain.policy import ObjectionTo
    from signet.domain.trusted_issuer import TrustedIssuer
    from signet.domain.x509_details import X509Details
    from signet.operations.ports import (
        AnnouncementBus,
        CalendarLinks,
        CertificateReader,
        Clock,
        Cursors,
        EventArchive,
        ExpiryWatch,
        IssuedComparer,
        IssuerWatch,
        KeyRing,
        Listings,
        MailClaims,
        Mailing,
        PathCompleter,
        PinHasher,
        Records,
        RefusedActions,
        RequestMaker,
        TokenVerifier,
        UnreadableEvent,
        UnsentQueue,
    )


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)


class Wiring:
    """The ports of one process, each made on first use; imports stand where they are needed, being the cold start."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen

    @cached_property
    def clock(self) -> Clock:
        """Tells the time."""
        return SystemClock()

    @cached_property
    def database(self) -> Database:
        """The tables."""
        from signet.adapters.database import Database
        from signet.adapters.tables import connect

        return Database(connect(self.settings))

    @cached_property
    def records(self) -> Records:
        """The store."""
        from signet.adapters.records import DynamoDbRecords

        return DynamoDbRecords(
            self.database,
            administrator_group=self.settings.administrator_group,
            issuers=self._issuers_if_any,
            clock=self.clock,
            pins=self.pins,
        )

    @cached_property
    def listings(self) -> Listings:
        """Pages of what is stored."""
        from signet.adapters.listings import Listings

        return Listings(self.database)

    @cached_property
    def expiry_watch(self) -> ExpiryWatch:
        """Finds what expires."""
        from signet.adapters.expiry_watch import DueIndex

        return DueIndex(self.database)

    @property
    def read_stream(self) -> Callable[[Iterable[Mapping[str, Any]]], Mapping[str, Event | UnreadableEvent]]:
        """Reads what the stream of the events table delivers."""
        from signet.adapters.event_stream import read_stream

        return read_stream

    @cached_property
    def archive(self) -> EventArchive:
        """Finds events again."""
        from signet.adapters.event_archive import EventTableArchive

        return EventTableArchive(self.database)

    @cached_property
    def bus(self) -> AnnouncementBus:
        """Takes announcements."""
        from signet.adapters.event_bus import EventBridgeBus

        return EventBridgeBus(self.settings.event_bus)

    @cached_property
    def unsent(self) -> UnsentQueue:
        """Keeps what could not be announced."""
        from signet.adapters.unsent_queue import SqsUnsentQueue

        return SqsUnsentQueue(self.settings.unsent_queue)

    @cached_property
    def calendar_links(self) -> CalendarLinks:
        """Finds secret links to calendars."""
        from signet.adapters.calendar_links import AccessTableLinks

        return AccessTableLinks(self.database)

    @cached_property
    def mailing(self) -> Mailing:
        """Sends mail."""
        from signet.adapters.expiry_topic import SnsMailing

        return SnsMailing(self.settings.expiry_topic)

    @cached_property
    def mail_claims(self) -> MailClaims:
        """Sees to it that one mail is sent once."""
        from signet.adapters.mail_claims import IdempotencyTableMailClaims

        return IdempotencyTableMailClaims(self.database, self.clock)

    @property
    def deployment(self) -> Deployment:
        """What mails say of where they come from."""
        from signet.domain.expiry_mail import Deployment

        return Deployment(self.settings.deployment, self.settings.address)

    @cached_property
    def refused_actions(self) -> RefusedActions:
        """Keeps requested actions that failed."""
        from signet.adapters.refused_actions import SqsRefusedActions

        return SqsRefusedActions(self.settings.refused_actions_queue)

    @cached_property
    def cursors(self) -> Cursors:
        """Seals positions in lists."""
        from signet.adapters.cursors import SealedCursors

        return SealedCursors(self.records.cursor_secret)

    @cached_property
    def wrapper(self) -> KmsKeyWrapper:
        """Seals private keys."""
        from signet.adapters.kms_key_wrapper import KmsKeyWrapper

        return KmsKeyWrapper(self.settings.wrapping_key_id)

    @cached_property
    def keys(self) -> KeyRing:
        """Signs."""
        from signet.adapters import signing_keys

        return signing_keys.KeyRing(self.wrapper, keep_for=self.settings.key_cache)

    @cached_property
    def pins(self) -> PinHasher:
        """Hashes PINs."""
        from signet.adapters.pin_hasher import ScryptPinHasher

        return ScryptPinHasher()

    @cached_property
    def requests(self) -> RequestMaker:
        """Makes key pairs and their CSRs."""
        from signet.adapters.request_maker import LocalRequestMaker

        return LocalRequestMaker()

    @cached_property
    def read_certificate_file(self) -> CertificateReader:
        """Reads certificate files."""
        from functools import partial

        from signet.adapters.certificate_files import read_certificate_file
        from signet.adapters.compromised_keys import CompromisedKeys

        return partial(read_certificate_file, compromised=CompromisedKeys.load(self.settings.compromised_keys))

    @property
    def complete_path(self) -> PathCompleter:
        """Puts paths together."""
        from signet.adapters.certificate_paths import complete_path

        return complete_path

    @property
    def compare_issued(self) -> IssuedComparer:
        """Holds what a CA issued to what was asked of it."""
        from signet.adapters.issued_certificates import differences

        return differences

    @property
    def x509_details(self) -> Callable[[bytes, tuple[bytes, ...]], X509Details]:
        """Decodes certificates."""
        from signet.adapters.x509_details import x509_details

        return x509_details

    @property
    def certificate_file(self) -> Callable[[bytes, tuple[bytes, ...], CertificateFormat], bytes]:
        """Makes files of certificates."""
        from signet.adapters.certificate_downloads import download

        return download

    @property
    def objection_to(self) -> ObjectionTo:
        """Looks over regular expressions."""
        from signet.adapters.regular_expressions import objection_to

        return objection_to

    @cached_property
    def issuers(self) -> frozenset[str]:
        """The aliases of the trusted issuers."""
        return frozenset(issuer.alias for issuer in self.issuer_list.values())

    @property
    def _issuers_if_any(self) -> frozenset[str]:
        """As `issuers`; none where the list is wrong, so that what needs no caller, as the expiry check, goes on."""
        from signet.domain.errors import TokensUnjudgedError

        try:
            return self.issuers
        except TokensUnjudgedError:
            return frozenset()

    @cached_property
    def issuer_list(self) -> Mapping[str, TrustedIssuer]:
        """The trusted issuers by URL."""
        from signet.adapters.issuer_list import read_issuer_list

        return read_issuer_list(self.settings.trusted_issuers)

    @property
    def tokens(self) -> TokenVerifier:
        """Believes the tokens of trusted issuers."""
        return self._tokens

    @property
    def issuer_watch(self) -> IssuerWatch:
        """Watches whether they can be judged."""
        return self._tokens

    @cached_property
    def _tokens(self) -> JwksTokenVerifier:
        from signet.adapters.token_verifier import JwksTokenVerifier

        return JwksTokenVerifier(self.issuer_list)


@cache
def wiring() -> Wiring:
    """The ports of this process."""
    return Wiring(settings())
