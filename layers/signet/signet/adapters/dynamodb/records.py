"""The one store: certificates, their events, and who may do what, in DynamoDB."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from signet.adapters.dynamodb.database import Database, Found, Key, Write, put
from signet.adapters.dynamodb.lookups import Lookups, issuers_in, keys_of_issuers, keys_with_x509, with_x509_in
from signet.adapters.dynamodb.remembered_access import RememberedAccess
from signet.adapters.dynamodb.rows.access_rows import (
    REVISION_COPIES,
    revision_key,
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
from signet.adapters.dynamodb.rows.event_rows import event_row
from signet.adapters.dynamodb.rows.request_rows import REQUEST, request_of
from signet.adapters.dynamodb.stored_responses import StoredResponses
from signet.adapters.dynamodb.tables import AccessRow, CertificateRow, EventRow, IdempotencyRow, PrivateKeyRow
from signet.adapters.dynamodb.writes.change_writes import FIRST_KEY_VERSION, all_writes_of
from signet.adapters.dynamodb.writes.pointers import pending_key
from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.certificates.alias import MAX_LENGTH, folded
from signet.domain.certificates.certificate import Certificate
from signet.domain.events.event import Event
from signet.domain.identifiers import NOBODYS, is_id, with_prefix
from signet.domain.signing.wrapped_key import WrappedKey
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
from signet.ports.idempotency import IdempotencyKey
from signet.ports.keys import PinHasher
from signet.ports.store import Snapshot, Snapshots

MAX_REMEMBERED_ALIASES = 10_000
MAX_FOLDED_ALIAS = 3 * MAX_LENGTH + 1
"""Case folding makes three characters of one at most, so what is longer names nothing, cut or not; a key of a table has
2,048 bytes at most."""


class DynamoDbRecords(Lookups):
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
        super().__init__(database)
        self._access = RememberedAccess(database, administrator_group=administrator_group, issuers=issuers)
        self._responses = StoredResponses(database, clock, pins)
        # Which certificate an alias named when last read. A guess, checked in the same batch that uses it.
        self._aliases: dict[str, str] = {}

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

        One round trip. Two where `reference` is an alias that this process has not seen, where `thumbprint` is known
        and stands for it, or where `issuers` are held; with `spki`, and once `read_again` was called, always two.
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
        keys += keys_of_issuers(issuers)
        if guess is not None:
            keys += self._keys_of(guess, key, x509=x509)
        found = self._database.read(keys)
        revision = found.get(AccessRow, copy, "revision")
        certificate_id = self._named(found, reference, alias, thumbprint)
        access = self._access.as_of(copy, revision)
        read_twice = certificate_id is not None and certificate_id != guess
        pending = found.get(CertificateRow, pending_key(spki), "pending") if spki is not None else None
        held = issuers_in(found, issuers)
        more: list[Key] = []
        if read_twice and certificate_id is not None:
            more += self._keys_of(certificate_id, key, x509=x509)
        if spki is not None:
            # Whose key waits is seen by few, so the number of reads and of items must not tell that it does.
            more += [] if read_twice else self._keys_of(NOBODYS, key, x509=x509)
            more += self._keys_of_pending(pending)
        more += keys_with_x509(held)
        found_more = self._database.read(more) if more else found
        return replace(
            self._snapshot_of(found_more if read_twice else found, certificate_id, access, key),
            stored=self._responses.read(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None),
            pending=None if pending is None else self._pending_in(found_more, pending, access),
            same_x509=_same_x509(found, thumbprint),
            issuers=with_x509_in(found_more, held),
            read_again=lambda: None if read_twice else self._read_nothing(guess, key, x509=x509),
        )

    def _read_nothing(
        self, asked: str | None = None, key: Callable[[str, int], bool] | None = None, *, x509: bool = False
    ) -> None:
        """Read as much as one certificate more would cost.

        A key that was in memory, and so was not read with `asked`, costs an item here.
        """
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
        access = self._access.as_of(copy, revision)
        stored = self._responses.read(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None)
        row = found.get(CertificateRow, request_id, REQUEST)
        if row is None:
            return Snapshot(access, stored=stored, read_again=lambda: self._read_nothing(x509=x509))
        renews = request_of(row).renews
        renewed = None if renews is None else self._database.read(self._keys_of(renews, None, x509=x509))
        snapshot = replace(self._request_snapshot(row, renewed, access), stored=stored)
        if renewed is not None:
            return snapshot
        return replace(snapshot, read_again=lambda: self._read_nothing(x509=x509))

    @staticmethod
    def _keys_of_pending(pending: CertificateRow | None) -> Iterator[Key]:
        """The keys of a request and of what it would renew; as many where there is none of them."""
        nobodys = with_prefix("req", NOBODYS), NOBODYS[:-1] + "1"
        request_id, renews = nobodys if pending is None else (pending.target, pending.renews or nobodys[1])
        yield CertificateRow, request_id, REQUEST
        yield from DynamoDbRecords._keys_of(renews, None, x509=True)

    def _pending_in(self, found: Found, pending: CertificateRow, access: Access) -> Snapshot | None:
        row = found.get(CertificateRow, pending.target, REQUEST)
        return None if row is None else self._request_snapshot(row, found, access)

    def _request_snapshot(self, row: CertificateRow, renewed: Found | None, access: Access) -> Snapshot:
        request = request_of(row)
        request = replace(request, groups=access.existing(request.groups))
        if request.renews is None or renewed is None:
            return Snapshot(access, request=request)
        snapshot = self._snapshot_of(renewed, request.renews, access, None)
        return replace(snapshot, request=request.renewing(snapshot.certificate))

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
        wrapped = found.get(PrivateKeyRow, with_prefix("key", certificate_id)) if key is not None else None
        certificate = certificate_of(settings)
        return Snapshot(
            access,
            certificate=_in_existing_groups(certificate, access),
            usage=usage_of(found.get(CertificateRow, certificate_id, USAGE)),
            wrapped_key=WrappedKey(wrapped.ciphertext) if wrapped else None,
            x509=x509_of(body) if body else None,
        )

    def load_many(
        self, references: Sequence[str], *, by: Principal, idempotency: IdempotencyKey | None = None
    ) -> Snapshots:
        """What is known now of the certificates that `references`, ids or aliases, name.

        A round trip for each hundred items, and two of them one after the other at most. A reference that names nothing
        that `by` sees costs as many items, in both, as one whose alias is not remembered.
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
        access = self._access.as_of(copy, found.get(AccessRow, copy, "revision"))

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
            stored=self._responses.read(found.get(IdempotencyRow, idempotency.id) if idempotency is not None else None),
        )

    def _read_for(self, certificates: Iterable[str | None], keys: Iterable[Key] = ()) -> Found:
        """Read `keys` and these certificates.

        Where nothing is known of a certificate, or it was named before, an item is read that does not exist.
        """
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
        """Write all of it, or nothing: changes, their events, and the answer that a repeat gets."""
        # The kept answer first: of two at once with one Idempotency-Key, the second is told so, whatever else it
        # collides with.
        writes: list[Write] = (
            [] if idempotency is None else [self._responses.first(idempotency, result, about or [_subject_of(changes)])]
        )
        writes += all_writes_of(changes, self._access.group_limits())
        writes += [put(event_row(event), EventRow.pk.does_not_exist()) for event in events]
        self._database.commit(writes)

    def begin(self, idempotency: IdempotencyKey) -> None:
        """Begin what takes several transactions: whoever sends the same request now waits for its answer."""
        self._responses.begin(idempotency)

    def complete(self, idempotency: IdempotencyKey, result: object, *, about: Sequence[str]) -> None:
        """Keep the answer of what was begun, about the things with these ids."""
        self._responses.complete(idempotency, result, about)

    def abandon(self, idempotency: IdempotencyKey) -> None:
        """Give up what was begun: only successes are kept."""
        self._responses.abandon(idempotency)

    def leave_off(self, idempotency: IdempotencyKey, done: Sequence[str]) -> None:
        """Give up what was begun, and note for whoever begins it again what was `done`, or may have been."""
        self._responses.leave_off(idempotency, done)


def _same_x509(found: Found, thumbprint: str | None) -> str | None:
    if thumbprint is None:
        return None
    pointer = found.get(CertificateRow, thumbprint_key(thumbprint), "thumbprint")
    return str(pointer.target) if pointer else None


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


def _in_existing_groups(certificate: Certificate, access: Access) -> Certificate:
    groups = access.existing(certificate.groups)
    return replace(
        certificate, groups=groups, former_groups=tuple(each for each in certificate.groups if each not in groups)
    )
