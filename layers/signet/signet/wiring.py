"""Picks adapters for ports, each when it is first asked for, so that a function loads only what it uses.

A function says by `at_init` which of them it will need.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from signet.observability import logger
from signet.settings import Settings, settings, started_by_lambda

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from signet.adapters.aws_clients import AwsClients
    from signet.adapters.dynamodb.database import Database
    from signet.adapters.identity.issuer_parameter import IssuerParameter
    from signet.adapters.identity.token_verifier import JwksTokenVerifier
    from signet.adapters.kms.kms_key_wrapper import KmsKeyWrapper
    from signet.adapters.messaging.event_bus import EventBridgeBus
    from signet.api.answering.downloads import CertificateFormat
    from signet.domain.access.principal import Principal
    from signet.domain.access.trusted_issuer import TrustedIssuer
    from signet.domain.events.event import Event
    from signet.domain.expiry.expiry_mail import Deployment
    from signet.domain.policies.policy import ObjectionTo
    from signet.domain.x509.certificate_details import CertificateDetails
    from signet.ports.announcements import (
        AnnouncementDlq,
        EventArchive,
        MailClaims,
        Mailing,
        RequestedActionDlq,
        UnreadableEvent,
    )
    from signet.ports.clock import Clock
    from signet.ports.idempotency import IdempotencyKey
    from signet.ports.identity import CalendarLinks, IssuerWatch, TokenVerifier
    from signet.ports.keys import (
        CertificateReader,
        IssuedComparer,
        KeyRing,
        PathCompleter,
        PinHasher,
        PublicKeys,
        RequestMaker,
    )
    from signet.ports.listings import Cursors, ExpiryWatch, Listings
    from signet.ports.session import Session
    from signet.ports.store import Records


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)


class Wiring:
    """The ports of one process, each made on first use; imports stand where they are needed, being the cold start."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self._verifier: tuple[Mapping[str, TrustedIssuer], JwksTokenVerifier] | None = None

    @cached_property
    def clock(self) -> Clock:
        """Tells the time."""
        return SystemClock()

    @cached_property
    def aws(self) -> AwsClients:
        """The clients of AWS."""
        from signet.adapters.aws_clients import AwsClients

        return AwsClients()

    @cached_property
    def database(self) -> Database:
        """The tables."""
        from signet.adapters.dynamodb.database import Database
        from signet.adapters.dynamodb.tables import connect

        return Database(connect(self.settings, self.aws.session))

    @cached_property
    def records(self) -> Records:
        """The store."""
        from signet.adapters.dynamodb.records import DynamoDbRecords

        return DynamoDbRecords(
            self.database,
            administrator_group=self.settings.administrator_group,
            issuers=self._issuers_if_any,
            clock=self.clock,
            pins=self.pins,
        )

    def session(self, caller: Principal, idempotency: IdempotencyKey | None = None) -> Session:
        """What an operation for `caller` works within."""
        from signet.ports.session import Session

        return Session(caller, self.records, self.clock, self.settings.expiry_stages, idempotency)

    @cached_property
    def listings(self) -> Listings:
        """Pages of what is stored."""
        from signet.adapters.dynamodb.queries.listings import IndexListings

        return IndexListings(self.database)

    @cached_property
    def expiry_watch(self) -> ExpiryWatch:
        """Finds what expires."""
        from signet.adapters.dynamodb.queries.expiry_index import ExpiryIndex

        return ExpiryIndex(self.database)

    @property
    def read_stream(self) -> Callable[[Iterable[Mapping[str, Any]]], Mapping[str, Event | UnreadableEvent]]:
        """Reads what the stream of the events table delivers."""
        from signet.adapters.messaging.event_stream import read_stream

        return read_stream

    @property
    def altered_events(self) -> Callable[[Iterable[Mapping[str, Any]]], Mapping[str, str]]:
        """Finds what was done to events after they were written."""
        from signet.adapters.messaging.event_stream import altered_events

        return altered_events

    @cached_property
    def archive(self) -> EventArchive:
        """Finds events again."""
        from signet.adapters.dynamodb.queries.event_archive import EventTableArchive

        return EventTableArchive(self.database)

    @cached_property
    def bus(self) -> EventBridgeBus:
        """Takes announcements."""
        from signet.adapters.messaging.event_bus import EventBridgeBus

        return EventBridgeBus(self.settings.event_bus, partial(self.aws.client, "events"))

    @cached_property
    def announcement_dlq(self) -> AnnouncementDlq:
        """Keeps what could not be announced."""
        from signet.adapters.messaging.announcement_dlq import SqsAnnouncementDlq

        return SqsAnnouncementDlq(self.settings.announcement_dlq, partial(self.aws.client, "sqs"))

    @cached_property
    def calendar_links(self) -> CalendarLinks:
        """Finds secret links to calendars."""
        from signet.adapters.dynamodb.calendar_links import AccessTableLinks

        return AccessTableLinks(self.database)

    @cached_property
    def mailing(self) -> Mailing:
        """Sends mail."""
        from signet.adapters.messaging.expiry_topic import SnsMailing

        return SnsMailing(self.settings.expiry_topic, partial(self.aws.client, "sns"))

    @cached_property
    def mail_claims(self) -> MailClaims:
        """Sees to it that one mail is sent once."""
        from signet.adapters.dynamodb.mail_claims import IdempotencyTableMailClaims

        return IdempotencyTableMailClaims(self.database, self.clock)

    @property
    def deployment(self) -> Deployment:
        """What mails say of where they come from."""
        from signet.domain.expiry.expiry_mail import Deployment

        return Deployment(self.settings.deployment, self.settings.address)

    @cached_property
    def requested_action_dlq(self) -> RequestedActionDlq:
        """Keeps requested actions that failed."""
        from signet.adapters.messaging.requested_action_dlq import SqsRequestedActionDlq

        return SqsRequestedActionDlq(self.settings.requested_action_dlq, partial(self.aws.client, "sqs"))

    @cached_property
    def cursors(self) -> Cursors:
        """Turns positions in lists into cursors."""
        from signet.adapters.dynamodb.cursors import AuthenticatedCursors

        return AuthenticatedCursors(self.records.cursor_secret)

    @cached_property
    def wrapper(self) -> KmsKeyWrapper:
        """Wraps private keys."""
        from signet.adapters.kms.kms_key_wrapper import KmsKeyWrapper, kms_client

        return KmsKeyWrapper(self.settings.wrapping_key_id, partial(kms_client, self.aws))

    @cached_property
    def keys(self) -> KeyRing:
        """Signs."""
        from signet.adapters.cryptography import signing_keys

        return signing_keys.UnwrappedKeyRing(self.wrapper, keep_for=self.settings.key_cache)

    @cached_property
    def pins(self) -> PinHasher:
        """Hashes PINs."""
        from signet.adapters.cryptography.pin_hasher import ScryptPinHasher

        return ScryptPinHasher()

    @cached_property
    def requests(self) -> RequestMaker:
        """Makes key pairs and their CSRs."""
        from signet.adapters.cryptography.request_maker import LocalRequestMaker

        return LocalRequestMaker()

    @cached_property
    def read_certificate_file(self) -> CertificateReader:
        """Reads certificate files."""
        from signet.adapters.certificate_files.certificate_file import read_certificate_file
        from signet.adapters.certificate_files.keys.compromised_keys import CompromisedKeys

        return partial(read_certificate_file, compromised=CompromisedKeys.load(self.settings.compromised_keys))

    @property
    def complete_path(self) -> PathCompleter:
        """Puts paths together."""
        from signet.adapters.cryptography.certificate_paths import complete_path

        return complete_path

    @property
    def compare_issued(self) -> IssuedComparer:
        """Compares what a CA issued with what was asked of it."""
        from signet.adapters.cryptography.issued_certificates import differences

        return differences

    @property
    def public_keys(self) -> PublicKeys:
        """Verifies."""
        from signet.adapters.cryptography.public_keys import CertifiedPublicKeys

        return CertifiedPublicKeys()

    @property
    def certificate_details(self) -> Callable[[bytes, tuple[bytes, ...]], CertificateDetails]:
        """Decodes certificates."""
        from signet.adapters.cryptography.certificate_decoder import certificate_details

        return certificate_details

    @property
    def certificate_file(self) -> Callable[[bytes, tuple[bytes, ...], CertificateFormat], bytes]:
        """Makes files of certificates."""
        from signet.adapters.cryptography.certificate_downloads import download

        return download

    @property
    def objection_to(self) -> ObjectionTo:
        """Looks over regular expressions."""
        from signet.adapters.regular_expressions import objection_to

        return objection_to

    @cached_property
    def issuers(self) -> frozenset[str]:
        """The aliases of the trusted issuers; the environment always has them, so that most functions need no list."""
        if self.settings.trusted_issuers_parameter:
            from signet.adapters.identity.issuer_list import read_issuer_aliases

            return read_issuer_aliases(self.settings.trusted_issuers)
        return frozenset(issuer.alias for issuer in self.issuer_list.values())

    @property
    def _issuers_if_any(self) -> frozenset[str]:
        """As `issuers`; none where the list is wrong, so that what needs no caller, as the expiry check, goes on."""
        from signet.domain.errors import TokensUnjudgedError

        try:
            return self.issuers
        except TokensUnjudgedError:
            return frozenset()

    @property
    def issuer_list(self) -> Mapping[str, TrustedIssuer]:
        """The trusted issuers by URL; the same object for as long as they are the same."""
        return self._issuer_parameter.read() if self.settings.trusted_issuers_parameter else self._issuers_told

    @cached_property
    def _issuers_told(self) -> Mapping[str, TrustedIssuer]:
        from signet.adapters.identity.issuer_list import read_issuer_list

        return read_issuer_list(self.settings.trusted_issuers)

    @cached_property
    def _issuer_parameter(self) -> IssuerParameter:
        from functools import partial

        from signet.adapters.identity.issuer_parameter import GIVES_UP_SOONER, IssuerParameter

        client = partial(self.aws.client, "ssm", GIVES_UP_SOONER)
        return IssuerParameter(self.settings.trusted_issuers_parameter, self.issuers, client)

    @property
    def tokens(self) -> TokenVerifier:
        """Believes the tokens of trusted issuers."""
        return self._tokens

    @property
    def issuer_watch(self) -> IssuerWatch:
        """Watches whether they can be judged."""
        return self._tokens

    @property
    def _tokens(self) -> JwksTokenVerifier:
        from signet.adapters.identity.token_verifier import JwksTokenVerifier

        issuers = self.issuer_list
        if self._verifier is None or self._verifier[0] is not issuers:
            self._verifier = (issuers, JwksTokenVerifier(issuers))
        return self._verifier[1]


@cache
def wiring() -> Wiring:
    """The ports of this process."""
    return Wiring(settings())


def at_init(make: Callable[[Wiring], object]) -> None:
    """Let a function have the ports that `make` touches before its first request, while Lambda starts it.

    Then it has a whole core, whatever its memory, and no caller waits. Elsewhere nothing is made, so that a module can
    be imported anywhere. What goes wrong here goes wrong at the first request as well, which answers it as it should.
    """
    if not started_by_lambda():
        return
    try:
        make(wiring())
    except Exception as error:  # noqa: BLE001 - the function must start, so that it can say what is wrong
        logger.warning("not ready at init", error=type(error).__name__)
