"""The tables of `template.yaml` as PynamoDB sees them. Their names come from the settings, at wiring.

One model for each table; an item's kind is its sort key. Keys are the thing that must be unique, so that a condition on
absence is the whole of uniqueness:

    CertificateTable   crt_X            certificate           settings of a certificate
                       crt_X            x509                  the X.509 and its chain
                       crt_X            usage                 counters of its uses and of its wrong PINs
                       crt_X            listing#<listing>     one entry for each list it is in, other than that of all
                       alias#<key>      alias                 -> crt_X, or req_X while it waits
                       thumbprint#<hex> thumbprint            -> crt_X
                       thumbprint#<hex> found#crt_X           an entry as in a list, by SHA-1 and by SHA-256
                       serial#<hex>     found#crt_X           an entry as in a list
                       spki#<hex>       pending               -> req_X whose key it is
                       issuer#<digest>  issuer                leads to crt_X, a CA's, by its name or its name and key
                       renewal#crt_X    renewal               -> req_X, then the crt_ that renewed it; outlives crt_X
                       req_X            request               a signing request
    PrivateKeyTable    key_X                                  the wrapped key
    EventTable         evt_X                                  the audit record; its stream is the outbox
    AccessTable        revision#<copy>  revision              moved by each change of policies, groups and roles
                       access           <id>                  policies, groups and roles
                       count#grp_X      count                 how many certificates a group holds, and how many it may
                       name#<kind>#<key> name                 -> the policy, group or role of that name
                       secret#<name>    secret                the key that authenticates cursors
                       calendar#<hash>  calendar              -> the user whose secret link to the calendar has the hash
                       calendar-of#<user> calendar            -> the hash
    IdempotencyTable   <hash of caller and key>               the answer that a repeat gets
                       mail#evt_X                             who may send the mail about an event, or that it is sent
"""

from typing import Any

from botocore.session import Session
from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from signet.adapters.dynamodb.row import Row
from signet.settings import Settings


class ByAlias(GlobalSecondaryIndex["CertificateRow"]):  # type: ignore[no-untyped-call]
    """The certificates of a listing, by alias."""

    class Meta:
        index_name = "by_alias"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    alias_sort = UnicodeAttribute(range_key=True)


class ByValidTo(GlobalSecondaryIndex["CertificateRow"]):  # type: ignore[no-untyped-call]
    """The certificates of a listing, by their end."""

    class Meta:
        index_name = "by_valid_to"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    valid_to_sort = UnicodeAttribute(range_key=True)


class ByCreation(GlobalSecondaryIndex["CertificateRow"]):  # type: ignore[no-untyped-call]
    """The certificates, or signing requests, of a listing, by creation."""

    class Meta:
        index_name = "by_creation"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Due(GlobalSecondaryIndex["CertificateRow"]):  # type: ignore[no-untyped-call]
    """The certificates whose expiry is not yet announced, by their end; sparse."""

    class Meta:
        index_name = "due"
        projection = AllProjection()

    expiry_watch = UnicodeAttribute(hash_key=True)
    valid_to_sort = UnicodeAttribute(range_key=True)


class CertificateRow(Row):
    """An item of CertificateTable, of any kind."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    by_alias = ByAlias()
    by_valid_to = ByValidTo()
    by_creation = ByCreation()
    due = Due()

    # What lists sort and filter by: on the settings and on each listing entry.
    listing = UnicodeAttribute(null=True)
    id = UnicodeAttribute(null=True)
    alias_sort = UnicodeAttribute(null=True)
    valid_to_sort = UnicodeAttribute(null=True)
    valid_from_sort = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    owner_sort = UnicodeAttribute(null=True)
    renewal_state = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    """As it is written: folded, it would make each signature cost more, whose condition is billed by the item's size.
    Not on an entry where it is too long; then the settings have to be looked at."""
    issuer = UnicodeAttribute(null=True)
    serial_number = UnicodeAttribute(null=True)
    groups = ListAttribute[str](null=True)
    renewed_ids = ListAttribute[str](null=True)
    key_version = NumberAttribute(null=True)
    expiry_watch = UnicodeAttribute(null=True)

    # Settings.
    alias = UnicodeAttribute(null=True)
    description = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    ask_for_reason = BooleanAttribute(null=True)
    pin_hash = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True)
    created_by = UnicodeAttribute(null=True)
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    renews = UnicodeAttribute(null=True)
    renewed_by = UnicodeAttribute(null=True)
    pending_request = UnicodeAttribute(null=True)
    flagged_stage = NumberAttribute(null=True)
    flagged_at = UnicodeAttribute(null=True)
    renew_at_stage = NumberAttribute(null=True)

    # What is read out of the X.509.
    common_name = UnicodeAttribute(null=True)
    thumbprint_sha1 = UnicodeAttribute(null=True)
    thumbprint_sha256 = UnicodeAttribute(null=True)
    key_algorithm = UnicodeAttribute(null=True)
    spki_sha256 = UnicodeAttribute(null=True)
    not_before = UnicodeAttribute(null=True)
    not_after = UnicodeAttribute(null=True)

    # The X.509 itself.
    x509 = BinaryAttribute(null=True, legacy_encoding=False)
    """The certificate's DER and then its chain's, issuer first: DER tells where each ends."""

    # Usage.
    usage_count = NumberAttribute(null=True)
    last_used_at = UnicodeAttribute(null=True)
    last_event = UnicodeAttribute(null=True)
    pin_failures = NumberAttribute(null=True)
    pin_locked_until = UnicodeAttribute(null=True)

    # What a uniqueness item points to.
    target = UnicodeAttribute(null=True)
    keyless_duplicate = UnicodeAttribute(null=True)
    """Of a thumbprint: whose it was before, and is again once `target` has another X.509 or is deleted."""

    # Of a CA's certificate: by what it is found, and in the items that lead to it, its id.
    issuer_keys = ListAttribute[str](null=True)
    certificate_id = UnicodeAttribute(null=True)

    # A signing request.
    request = JSONAttribute(null=True)


class PrivateKeyRow(Row):
    """An item of PrivateKeyTable: a private key, encrypted by KMS."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    # The name that it was first stored under, and still is.
    ciphertext = BinaryAttribute(attr_name="sealed", legacy_encoding=False)
    created_at = UnicodeAttribute()


class EventsOfCertificate(GlobalSecondaryIndex["EventRow"]):  # type: ignore[no-untyped-call]
    """The events of one certificate, in order."""

    class Meta:
        index_name = "by_certificate"
        projection = AllProjection()

    certificate_id = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class EventsOfUser(GlobalSecondaryIndex["EventRow"]):  # type: ignore[no-untyped-call]
    """The events of one user, in order."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class EventsOfShard(GlobalSecondaryIndex["EventRow"]):  # type: ignore[no-untyped-call]
    """A share of all events, in order."""

    class Meta:
        index_name = "by_shard"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class EventRow(Row):
    """An item of EventTable: one line of the audit record."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    by_certificate = EventsOfCertificate()
    by_user = EventsOfUser()
    by_shard = EventsOfShard()

    schema_version = NumberAttribute()
    shard = UnicodeAttribute()
    type = UnicodeAttribute()
    outcome = UnicodeAttribute()
    code = UnicodeAttribute(null=True)
    occurred_at = UnicodeAttribute()
    user = UnicodeAttribute()
    source_ip = UnicodeAttribute(null=True)
    user_agent = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    certificate_id = UnicodeAttribute(null=True)
    alias = UnicodeAttribute(null=True)
    thumbprint_sha256 = UnicodeAttribute(null=True)
    groups = ListAttribute[str](null=True)
    concealed = UnicodeAttribute(null=True)
    """In no index."""
    detail = JSONAttribute()
    announcement = JSONAttribute()


class AccessRow(Row):
    """An item of AccessTable, of any kind."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    revision = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    document = JSONAttribute(null=True)
    target = UnicodeAttribute(null=True)
    held = NumberAttribute(null=True)
    limit = NumberAttribute(null=True)
    secret = BinaryAttribute(null=True, legacy_encoding=False)


class IdempotencyRow(Row):
    """An item of IdempotencyTable: the answer that a repeat gets."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    subjects = UnicodeAttribute(null=True)
    """Ids of what the answer is about, with commas between; of a signature, what it was made with."""
    secrets = UnicodeAttribute(null=True)
    """A salted, slow hash of the PINs, passwords and keys that the request came with, if any."""
    expires_at = NumberAttribute()
    """Unix seconds: DynamoDB deletes it some days after, so whoever reads looks at it too."""


ROWS: tuple[type[Row], ...] = (CertificateRow, PrivateKeyRow, EventRow, AccessRow, IdempotencyRow)

# A call that takes longer than this is lost; botocore then sends it again, twice at most, and a transaction with the
# same token, so that it counts once.
CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 3.0
RETRIES = 2


class _SessionConnection(Connection):
    """A connection whose client comes out of a session that is there already; PynamoDB begins one of its own."""

    def __init__(self, session: Session, **options: Any) -> None:
        super().__init__(**options)
        self._session = session

    @property
    def session(self) -> Session:
        """The session that clients are made from."""
        return self._session


def connect(settings: Settings, session: Session) -> Connection:
    """Name the tables as deployed, and give them all one connection: each of its own would cost its own client.

    The client is made here, out of `session`.
    """
    names = (
        settings.certificate_table,
        settings.private_key_table,
        settings.event_table,
        settings.access_table,
        settings.idempotency_table,
    )
    connection = _SessionConnection(
        session,
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        max_retry_attempts=RETRIES,
    )
    for row, name in zip(ROWS, names, strict=True):
        meta: Any = row.Meta
        meta.table_name = name
        connection.add_meta_table(row._get_connection().get_meta_table())  # noqa: SLF001 - there is no other way
    connection.client  # noqa: B018 - makes it
    return connection
