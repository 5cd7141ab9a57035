"""The one store: certificates, their events, and who may do what, in DynamoDB."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.change_writes import FIRST_KEY_VERSION, all_writes_of
from signet.adapters.dynamodb.database import Database, Found, Key, Write, delete, put
from signet.adapters.dynamodb.pointers import ISSUER, issuer_key, pending_key, renewal_key
from signet.adapters.dynamodb.rows.access_rows import (
    ACCESS,
    REVISION_COPIES,
    access_of,
    count_key,
    revision_key,
    revision_of,
    shows_change,
)
from signet.adapters.dynamodb.rows.certificate_rows import (
    SETTINGS,
    USAGE,
    X509,
    certificate_of,
    thumbprint_key,
    usage_of,
    x509_of,
)
from signet.adapters.dynamodb.rows.event_rows import event_of, event_row
from signet.adapters.dynamodb.rows.request_rows import REQUEST, request_of
from signet.adapters.dynamodb.tables import AccessRow, CertificateRow, EventRow, IdempotencyRow, PrivateKeyRow
from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.certificates.alias import MAX_LENGTH, folded
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.errors import ChangedMeanwhileError, UnavailableError
from signet.domain.events.event import Event
from signet.domain.identifiers import NOBODYS, is_id, with_prefix
from signet.domain.signing.wrapped_key import WrappedKey
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.ports.changes import (
    AccessChanged,
    CalendarLinkChanged,
    CertificateAdded,
    CertificateChanged,
    CertificateUsed,
    Change,
    RequestAdded,
)
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey, StoredResponse
from signet.ports.keys import PinHasher
from signet.ports.store import Snapshot, Snapshots

KEPT_ANSWER_SECONDS = 24 * 60 * 60
MAX_REMEMBERED_ALIASES = 10_000
MAX_FOLDED_ALIAS = 3 * MAX_LENGTH + 1
"""Case folding makes three characters of one at most, so what is longer names nothing, cut or not; a key of a table has
2,048 bytes at most."""

CHANGE_ATTEMPTS = 10
CHANGE_PAUSE_SECONDS = 0.02
"""A transaction appears within milliseconds; each attempt to see all of it waits as much longer than the one before."""

CLAIM_SECONDS = 30
"""How long a request of several transactions is believed to be under way: no function runs longer for a caller."""

_UNDER_WAY = b""


class DynamoDbRecords:
    """`Records`, on the tables of `template.yaml`."""

    def __init__(
        self,
        database: Database,
        *,
        administrator_group: str,
        issuers: frozenset[str],
        clock: Clock,
        pins: PinHasher,
    ) -> None:
        self._database = database
        self._pins = pins
        self._administrator_group = administrator_group
        self._issuers = issuers
        self._clock = clock
        # Which certificate an alias named when last read. A guess, checked in the same batch that uses it.
        self._aliases: dict[str, str] = {}
        self._access: Access | None = None
        self._cursor_secret: bytes | None = None

    # --- reading ---------------------------------------------------------------------------------------------------

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
        """What is known now of the certificate that `reference`, or else `thumbprint`, names; strongly consistent.

        One round trip, and one more where `reference` is an alias that this process has not seen, or a known
        `thumbprint` stands for it; always two once `read_again` was called.
        """
        alias = None if reference is None or is_id("crt", reference) else folded(reference)[:MAX_FOLDED_ALIAS]
        guess = self._aliases.get(alias, NOBODYS) if alias is not None else reference
        copy = revision_key(secrets.randbelow(REVISION_COPIES))
        keys: list[Key] = [(AccessRow, copy, "revision")]
        if idempotency is not None:
            keys.append((IdempotencyRow, idempotency.id, None))
        if alias is not None:
            keys.append((CertificateRow, f"alias#{alias}", "alias"))
        if thumbprint is not None:
            keys.append((CertificateRow, thumbprint_key(thumbprint), "thumbprint"))
        if spki is not None:
            keys.append((CertificateRow, pending_key(spki), "pending"))
        keys += _issuer_keys(issuers)
        if guess is not None:
            keys += self._keys_of(guess, key, x509=x509)
        found = self._database.read(keys)
        revision = found.get(AccessRow, copy, "revision")
        certificate_id = self._named(found, reference, alias, thumbprint)
        access = self._access_as_of(copy, revision)
        read_twice = certificate_id is not None and certificate_id != guess
        if read_twice and certificate_id is not None:
            found_more = self._database.read(self._keys_of(certificate_id, key, x509=x509))
        else:
            found_more = found
        pending = found.get(CertificateRow, pending_key(spki), "pending") if spki is not None else None
        return replace(
            self._snapshot_of(found_more, certificate_id, access, key),
            stored=self._stored(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None),
            pending_request=pending.target if pending else None,
            same_x509=_same_x509(found, thumbprint),
            issuers=_issuers_in(found, issuers),
            read_again=lambda: None if read_twice else self._read_nothing(guess, key, x509=x509),
        )

    def _read_nothing(
        self, asked: str | None = None, key: Callable[[str, int], bool] | None = None, *, x509: bool = False
    ) -> None:
        """As much as one certificate more would cost; a key that was in memory, when `asked` was read, is made up."""
        keys = list(self._keys_of(NOBODYS, key, x509=x509))
        if key is not None and asked is not None and key(with_prefix("key", asked), FIRST_KEY_VERSION):
            keys.append((PrivateKeyRow, with_prefix("key", NOBODYS[:-1] + "1"), None))
        self._database.read(keys)

    def load_request(
        self, request_id: str, *, idempotency: IdempotencyKey | None = None, x509: bool = False
    ) -> Snapshot:
        """What is known now of a signing request, and of the certificate that it would renew.

        One round trip, and one more for a renewal; always two once `read_again` was called.
        """
        copy = revision_key(secrets.randbelow(REVISION_COPIES))
        keys: list[Key] = [(AccessRow, copy, "revision")]
        # What is no id names no request, and may be longer than a key of a table.
        if is_id("req", request_id):
            keys.append((CertificateRow, request_id, REQUEST))
        if idempotency is not None:
            keys.append((IdempotencyRow, idempotency.id, None))
        found = self._database.read(keys)
        revision = found.get(AccessRow, copy, "revision")
        access = self._access_as_of(copy, revision)
        stored = self._stored(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None)
        row = found.get(CertificateRow, request_id, REQUEST)
        if row is None:
            return Snapshot(access, stored=stored, read_again=lambda: self._read_nothing(x509=x509))
        request = request_of(row)
        request = replace(request, groups=access.existing(request.groups))
        if request.renews is None:
            return Snapshot(access, stored=stored, request=request, read_again=lambda: self._read_nothing(x509=x509))
        renewed = self._database.read(self._keys_of(request.renews, None, x509=x509))
        snapshot = self._snapshot_of(renewed, request.renews, access, None)
        return replace(snapshot, stored=stored, request=request.renewing(snapshot.certificate))

    def _named(self, found: Found, reference: str | None, alias: str | None, thumbprint: str | None) -> str | None:
        if reference is None:
            return _same_x509(found, thumbprint)
        if alias is None:
            return reference
        pointer = found.get(CertificateRow, f"alias#{alias}", "alias")
        if pointer is None or not is_id("crt", pointer.target):
            self._aliases.pop(alias, None)
            return None
        if len(self._aliases) >= MAX_REMEMBERED_ALIASES:
            self._aliases.clear()
        self._aliases[alias] = pointer.target
        return str(pointer.target)

    @staticmethod
    def _keys_of(certificate_id: str, key: Callable[[str, int], bool] | None, *, x509: bool) -> Iterable[Key]:
        yield CertificateRow, certificate_id, SETTINGS
        yield CertificateRow, certificate_id, USAGE
        if x509:
            yield CertificateRow, certificate_id, X509
        key_id = with_prefix("key", certificate_id)
        if key is not None and not key(key_id, FIRST_KEY_VERSION):
            yield PrivateKeyRow, key_id, None

    @staticmethod
    def _snapshot_of(
        found: Found, certificate_id: str | None, access: Access, key: Callable[[str, int], bool] | None
    ) -> Snapshot:
        if certificate_id is None:
            return Snapshot(access)
        settings = found.get(CertificateRow, certificate_id, SETTINGS)
        if settings is None:
            return Snapshot(access)
        body = found.get(CertificateRow, certificate_id, X509)
        sealed = found.get(PrivateKeyRow, with_prefix("key", certificate_id)) if key is not None else None
        certificate = certificate_of(settings)
        return Snapshot(
            access,
            certificate=_in_existing_groups(certificate, access),
            usage=usage_of(found.get(CertificateRow, certificate_id, USAGE)),
            wrapped_key=WrappedKey(sealed.sealed) if sealed else None,
            x509=x509_of(body) if body else None,
        )

    def _stored(self, row: IdempotencyRow | None) -> StoredResponse | None:
        if row is None or row.expires_at <= self._clock.now().timestamp():
            return None  # DynamoDB deletes what has expired only some days after.

        def came_with(secrets: str) -> bool:
            stored: str | None = row.secrets
            return not secrets if stored is None else self._pins.matches(secrets, stored)

        return StoredResponse(
            row.fingerprint, row.body, tuple(filter(None, (row.subjects or "").split(","))), came_with
        )

    def _access_as_of(self, copy: str, moved: AccessRow | None) -> Access:
        """Policies, groups and roles, loaded again only where the revision has moved; `moved` is a copy of it.

        The items of one transaction appear one after the other to whoever reads meanwhile (DynamoDB Developer Guide,
        isolation levels of transactions). So what is loaded is kept under a revision only if it shows the change that
        made the revision: otherwise a deleted policy would be obeyed until the next one changes.

        Raises:
            UnavailableError: the change does not appear.
        """
        access = self._access
        attempt = 0
        while access is None or access.revision != revision_of(moved):
            rows = list(self._access_rows())
            if shows_change(rows, moved):
                access = self._access = access_of(rows, revision_of(moved), self._administrator_group, self._issuers)
            elif attempt == CHANGE_ATTEMPTS:
                raise UnavailableError("The database does not show a change that it told of.")
            else:
                attempt += 1
                time.sleep(CHANGE_PAUSE_SECONDS * attempt)
                moved = self._database.read([(AccessRow, copy, "revision")]).get(AccessRow, copy, "revision")
        return access

    def _access_rows(self) -> Iterator[AccessRow]:
        start = None
        while True:
            page, start = self._database.query(AccessRow, ACCESS, consistent=True, start=start)
            yield from page
            if start is None:
                return

    def access(self) -> Access:
        """Who may do what, now."""
        return self.load().access

    def with_x509(self, ids: Sequence[str]) -> Sequence[tuple[Certificate, X509Body]]:
        """Those of the certificates `ids` that exist, in that order, each with its X.509."""
        found = self._database.read((CertificateRow, each, part) for each in ids for part in (SETTINGS, X509))
        rows = ((found.get(CertificateRow, each, SETTINGS), found.get(CertificateRow, each, X509)) for each in ids)
        return [(certificate_of(row), x509_of(body)) for row, body in rows if row is not None and body is not None]

    def issuers(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The ids of the CA certificates that are found by `keys`."""
        return _issuers_in(self._database.read(_issuer_keys(keys)), keys)

    def requests(self, ids: Iterable[str]) -> Mapping[str, SigningRequest]:
        """Those of the signing requests `ids` that exist, by id, as they were made."""
        wanted = list(dict.fromkeys(ids))
        found = self._database.read((CertificateRow, each, REQUEST) for each in wanted)
        rows = ((each, found.get(CertificateRow, each, REQUEST)) for each in wanted)
        return {each: request_of(row) for each, row in rows if row is not None}

    def renewals_of(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """What renews the certificates `ids`, and what renews that, by id; a round trip or two for each generation."""
        renewals: dict[str, Certificate] = {}
        asked: set[str] = set()
        wanted = set(ids)
        while wanted:
            found = self._database.read((CertificateRow, renewal_key(each), "renewal") for each in wanted)
            rows = (found.get(CertificateRow, renewal_key(each), "renewal") for each in wanted)
            asked |= wanted
            wanted = {row.target for row in rows if row is not None and is_id("crt", row.target)} - asked
            renewals.update(self.certificates(wanted))
        return renewals

    def certificates(self, ids: Iterable[str]) -> Mapping[str, Certificate]:
        """Those of the certificates `ids` that exist, by id."""
        wanted = list(dict.fromkeys(ids))
        found = self._database.read((CertificateRow, each, SETTINGS) for each in wanted)
        rows = ((each, found.get(CertificateRow, each, SETTINGS)) for each in wanted)
        return {each: certificate_of(row) for each, row in rows if row is not None}

    def certificate_counts(self, groups: Iterable[str]) -> Mapping[str, int]:
        """How many certificates each of `groups` holds, renewed ones not counted."""
        wanted = list(dict.fromkeys(groups))
        found = self._database.read((AccessRow, count_key(each), "count") for each in wanted)
        rows = ((each, found.get(AccessRow, count_key(each), "count")) for each in wanted)
        return {each: int(row.held or 0) for each, row in rows if row is not None}

    def event(self, event_id: str) -> Event | None:
        """The event with that id."""
        row = self._database.read([(EventRow, event_id, None)]).get(EventRow, event_id)
        return event_of(row) if row else None

    def cursor_secret(self) -> bytes:
        """What seals cursors: made by whoever needs it first."""
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

    def load_many(
        self, references: Sequence[str], *, by: Principal, idempotency: IdempotencyKey | None = None
    ) -> Snapshots:
        """What is known now of the certificates that `references`, ids or aliases, name.

        A round trip for each hundred items, and no more than two behind one another. For each reference that names
        nothing that `by` sees, as many items are read, first and then, as for one whose alias is not remembered.
        """
        copy = revision_key(secrets.randbelow(REVISION_COPIES))
        keys: list[Key] = [(AccessRow, copy, "revision")]
        if idempotency is not None:
            keys.append((IdempotencyRow, idempotency.id, None))
        different = list(dict.fromkeys(references))
        aliases = {each: folded(each)[:MAX_FOLDED_ALIAS] for each in different if not is_id("crt", each)}
        keys += [(CertificateRow, f"alias#{alias}", "alias") for alias in aliases.values()]
        guesses = {each: self._aliases.get(aliases[each]) if each in aliases else each for each in different}
        found = self._read_for(guesses.values(), keys)
        named = {each: self._named(found, each, aliases.get(each), None) for each in different}
        access = self._access_as_of(copy, found.get(AccessRow, copy, "revision"))

        snapshots = {
            each: self._snapshot_of(found, named[each], access, None)
            for each in different
            if named[each] == guesses[each]
        }
        seen = {
            each
            for each, snapshot in snapshots.items()
            if snapshot.certificate is not None and access.sees(by, snapshot.certificate)
        }
        found_more = self._read_for(
            None if each in snapshots else named[each] for each in different if each not in seen
        )
        for each in different:
            if each not in snapshots:
                snapshots[each] = self._snapshot_of(found_more, named[each], access, None)
        return Snapshots(
            access,
            tuple(snapshots[each] for each in references),
            stored=self._stored(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None),
        )

    def _read_for(self, certificates: Iterable[str | None], keys: Iterable[Key] = ()) -> Found:
        """Read `keys` and these certificates; one of which nothing is known, or the same again, as one that is none."""
        wanted: dict[str, None] = {}
        for number, each in enumerate(certificates):
            wanted[each if each is not None and each not in wanted else f"{NOBODYS[:-4]}{number:04}"] = None
        return self._database.read([*keys, *(key for each in wanted for key in self._keys_of(each, None, x509=False))])

    # --- writing ---------------------------------------------------------------------------------------------------

    def commit(
        self,
        *changes: Change,
        events: Sequence[Event],
        idempotency: IdempotencyKey | None = None,
        result: object = None,
        about: Sequence[str] = (),
    ) -> None:
        """All of it, or nothing: changes, their events, and the answer that a repeat gets."""
        # The kept answer first: of two at once with one Idempotency-Key, the second is told so, whatever else it
        # collides with.
        writes: list[Write] = (
            [] if idempotency is None else [self._keep(idempotency, result, about or [_subject_of(changes)])]
        )
        groups = self._access.groups if self._access else {}
        writes += all_writes_of(changes, {name: group.settings.certificate_limit for name, group in groups.items()})
        writes += [put(event_row(event), EventRow.pk.does_not_exist()) for event in events]
        self._database.commit(writes)

    def _keep(self, idempotency: IdempotencyKey, result: object, about: Sequence[str]) -> Write:
        now = int(self._clock.now().timestamp())
        row = IdempotencyRow(
            idempotency.id,
            fingerprint=idempotency.fingerprint,
            body=idempotency.render(result),
            subjects=",".join(about),
            secrets=self._pins.hash_text(idempotency.secrets) if idempotency.secrets else None,
            expires_at=now + KEPT_ANSWER_SECONDS,
        )
        return put(row, _unused(now))

    def begin(self, idempotency: IdempotencyKey) -> None:
        """Begin what takes several transactions: whoever sends the same request now waits for its answer."""
        now = int(self._clock.now().timestamp())
        row = IdempotencyRow(
            idempotency.id, fingerprint=idempotency.fingerprint, body=_UNDER_WAY, expires_at=now + CLAIM_SECONDS
        )
        self._database.commit([put(row, _unused(now))])

    def complete(self, idempotency: IdempotencyKey, result: object, *, about: Sequence[str]) -> None:
        """Keep the answer of what was claimed, about the things with these ids."""
        now = int(self._clock.now().timestamp())
        row = IdempotencyRow(
            idempotency.id,
            fingerprint=idempotency.fingerprint,
            body=idempotency.render(result),
            subjects=",".join(about),
            expires_at=now + KEPT_ANSWER_SECONDS,
        )
        self._database.commit([put(row)])

    def abandon(self, idempotency: IdempotencyKey) -> None:
        """Give up what was claimed: only successes are kept."""
        self._database.commit([delete(IdempotencyRow(idempotency.id), IdempotencyRow.body == _UNDER_WAY)])


def _same_x509(found: Found, thumbprint: str | None) -> str | None:
    if thumbprint is None:
        return None
    pointer = found.get(CertificateRow, thumbprint_key(thumbprint), "thumbprint")
    return str(pointer.target) if pointer else None


def _issuer_keys(keys: Sequence[str]) -> list[Key]:
    return [(CertificateRow, issuer_key(each), ISSUER) for each in keys]


def _issuers_in(found: Found, keys: Sequence[str]) -> tuple[str, ...]:
    rows = (found.get(CertificateRow, issuer_key(each), ISSUER) for each in keys)
    return tuple(dict.fromkeys(row.certificate_id for row in rows if row is not None))


def _subject_of(changes: Sequence[Change]) -> str:
    """The id of what `changes` are about: what they make, or else what they change."""
    for change in changes:
        match change:
            case RequestAdded():
                return change.request.id
            case CertificateAdded() | CertificateUsed():
                return change.certificate.id
            case CertificateChanged() | AccessChanged() | CalendarLinkChanged() if change.after is not None:
                return change.after.id
    raise TypeError("an answer to keep has to be about something")


def _unused(now: int) -> Condition:
    unused: Condition = IdempotencyRow.pk.does_not_exist() | (IdempotencyRow.expires_at <= now)
    return unused


def _in_existing_groups(certificate: Certificate, access: Access) -> Certificate:
    groups = access.existing(certificate.groups)
    return replace(
        certificate, groups=groups, former_groups=tuple(each for each in certificate.groups if each not in groups)
    )
