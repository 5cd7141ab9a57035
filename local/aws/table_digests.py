"""What all tables hold, in a form that is quick to compare: the digest of each item, in one answer.

For tests that show that nothing was stored: to scan every table takes longer than what they do between two scans.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from moto.dynamodb.models import dynamodb_backends

from local.aws.moto_patches import DATABASE_LOCK

if TYPE_CHECKING:
    from moto.dynamodb.models.dynamo_type import Item

PATH = "/table-digests"
"""Where the process that plays AWS answers with them."""


def table_digests() -> dict[str, dict[str, str]]:
    """By table and key, the SHA-256 of each item; a key is the JSON of what GetItem takes.

    Two items have one digest only where they hold the same attributes, in whatever order these were written.
    """
    with DATABASE_LOCK:
        return {
            name: {
                _key_of(item, table.hash_key_attr, table.range_key_attr): _digest_of(item) for item in table.all_items()
            }
            for backends in dynamodb_backends.values()
            for backend in backends.values()
            for name, table in backend.tables.items()
        }


def _key_of(item: Item, hash_key: str, range_key: str | None) -> str:
    names = [hash_key, range_key] if range_key else [hash_key]
    return json.dumps({name: item.attrs[name].to_json() for name in names})


def _digest_of(item: Item) -> str:
    return hashlib.sha256(json.dumps(item.to_json(), sort_keys=True, default=bytes.hex).encode()).hexdigest()
