"""What is read of the store by id, without anything being decided on it."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from signet.adapters.dynamodb.database import Database, Found, Key, put
from signet.adapters.dynamodb.rows.access_rows import count_key
from signet.adapters.dynamodb.rows.certificate_rows import SETTINGS, X509, certificate_of, x509_of
from signet.adapters.dynamodb.rows.event_rows import event_of
from signet.adapters.dynamodb.rows.request_rows import REQUEST, request_of
from signet.adapters.dynamodb.tables import AccessRow, CertificateRow, EventRow
from signet.adapters.dynamodb.writes.pointers import ISSUER, issuer_key, renewal_key
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.errors import ChangedMeanwhileError
from signet.domain.events.event import Event
from signet.domain.identifiers import is_id
from signet.domain.signing_requests.signing_request import SigningRequest


class Lookups:
    """The reads of `Records` that bring no snapshot."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cursor_secret: bytes | None = None

    def with_x509(self, ids: Sequence[str]) -> Sequence[tuple[Certificate, X509Body]]:
        """Those of the certificates `ids` that exist, in that order, each with its X.509."""
        return with_x509_in(self._database.read(keys_with_x509(ids)), ids)

    def issuers(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The ids of the CA certificates that are found by `keys`."""
        return issuers_in(self._database.read(keys_of_issuers(keys)), keys)

    def requests(self, ids: Iterable[str]) -> Mapping[str, SigningRequest]:
        """Those of the signing requests `ids` that exist, by id, as they were made."""
        rows = self._existing(ids, lambda each: (CertificateRow, each, REQUEST))
        return {each: request_of(row) for each, row in rows}

    def renewals_of(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """What renews the certificates `ids`, and what renews that, by id; a round trip or two for each generation."""
        renewals: dict[str, Certificate] = {}
        asked: set[str] = set()
        wanted = set(ids)
        while wanted:
            rows = self._existing(wanted, lambda each: (CertificateRow, renewal_key(each), "renewal"))
            asked |= wanted
            wanted = {row.target for _, row in rows if is_id("crt", row.target)} - asked
            renewals.update(self.certificates(wanted))
        return renewals

    def certificates(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """Those of the certificates `ids` that exist, by id."""
        rows = self._existing(ids, lambda each: (CertificateRow, each, SETTINGS))
        return {each: certificate_of(row) for each, row in rows}

    def certificate_counts(self, groups: Iterable[str]) -> Mapping[str, int]:
        """How many certificates each of `groups` holds, renewed ones not counted."""
        rows = self._existing(groups, lambda each: (AccessRow, count_key(each), "count"))
        return {each: int(row.held or 0) for each, row in rows}

    def event(self, event_id: str) -> Event | None:
        """The event with that id."""
        row = self._database.read([(EventRow, event_id, None)]).get(EventRow, event_id)
        return event_of(row) if row else None

    def cursor_secret(self) -> bytes:
        """The key that authenticates cursors: made by whoever needs it first."""
        if self._cursor_secret is None:
            key: Key = (AccessRow, "secret#cursors", "secret")
            row = self._database.read([key]).get(*key)
            if row is None:
                made = AccessRow("secret#cursors", "secret", secret=secrets.token_bytes(32))
                try:
                    self._database.commit([put(made, AccessRow.pk.does_not_exist())])
                except ChangedMeanwhileError:
                    return self.cursor_secret()
                row = made
            self._cursor_secret = row.secret
        return self._cursor_secret

    def _existing(self, ids: Iterable[str], key: Callable[[str], Key]) -> Sequence[tuple[str, Any]]:
        """Those of `ids` under whose key something is stored, each with its row."""
        keys = {each: key(each) for each in ids}
        found = self._database.read(keys.values())
        rows = ((each, found.get(*place)) for each, place in keys.items())
        return [(each, row) for each, row in rows if row is not None]


def keys_with_x509(ids: Iterable[str]) -> list[Key]:
    """The keys of certificates and of their X.509."""
    return [(CertificateRow, each, part) for each in ids for part in (SETTINGS, X509)]


def with_x509_in(found: Found, ids: Iterable[str]) -> tuple[tuple[Certificate, X509Body], ...]:
    """Those of the certificates `ids` that `found` holds, in that order, each with its X.509."""
    rows = ((found.get(CertificateRow, each, SETTINGS), found.get(CertificateRow, each, X509)) for each in ids)
    return tuple((certificate_of(row), x509_of(body)) for row, body in rows if row is not None and body is not None)


def keys_of_issuers(keys: Sequence[str]) -> list[Key]:
    """The keys of the items that lead to CA certificates by `keys`."""
    return [(CertificateRow, issuer_key(each), ISSUER) for each in keys]


def issuers_in(found: Found, keys: Sequence[str]) -> tuple[str, ...]:
    """The ids of the CA certificates that `found` holds for `keys`."""
    rows = (found.get(CertificateRow, issuer_key(each), ISSUER) for each in keys)
    return tuple(dict.fromkeys(row.certificate_id for row in rows if row is not None))
