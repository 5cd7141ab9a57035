"""Certificates whose expiry is still to be announced, from the sparse index that holds no others."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from signet.adapters.dynamodb.database import Database
from signet.adapters.dynamodb.rows.certificate_rows import WATCHED, certificate_of, valid_to_sort
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.certificates.certificate import Certificate
from signet.ports.listings import UnreadableCertificate

_LAST = "\U0010ffff"


class ExpiryIndex:
    """`ExpiryWatch`, on the index `due`, whose entries are complete: nothing else needs to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def expiring_until(self, moment: datetime) -> Iterator[Sequence[Certificate | UnreadableCertificate]]:
        """Those that end at `moment` or before, the soonest first, page by page."""
        until = CertificateRow.valid_to_sort <= valid_to_sort(moment, _LAST)
        for rows in self._database.pages(CertificateRow, WATCHED, index="due", range_condition=until):
            yield [_read(row) for row in rows]


def _read(row: CertificateRow) -> Certificate | UnreadableCertificate:
    try:
        return certificate_of(row)
    except (ValueError, TypeError) as error:
        return UnreadableCertificate(row.pk, str(error))
