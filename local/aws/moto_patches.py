"""Where Moto is not AWS, and we need it to be: every change to Moto, in one place.

`tests/integration/local_stack/moto` has for each a test that fails once Moto no longer needs it.
"""

from __future__ import annotations

import base64
import copy
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from moto.core import responses as moto_responses
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.serialize import BaseJSONSerializer as JSONSerializer
from moto.dynamodb import models as dynamodb_models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as dynamodb_table
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from moto.events.models import Rule
from moto.kms import models as kms_models
from moto.kms.responses import KmsResponse

from local.aws.moto_queries import CopyOfAllButFoundItems, looking_at_one_page, narrowed, weighed_once, weighed_whole
from local.aws.point_in_time import describing, remembering, restoring
from local.aws.table_digests import following_writes
from local.dynamodb.checks import CHECKED_OPERATIONS, checked
from local.dynamodb.recording import recorded

DATABASE_LOCK = threading.RLock()
"""Held round every action on tables and streams; whoever reads them from inside the process takes it too."""

TOKEN_LIFETIME = timedelta(minutes=10)  # Amazon DynamoDB API Reference, TransactWriteItems, ClientRequestToken

StreamListener = Callable[[Table], None]
RuleListener = Callable[[Rule, dict[str, Any]], None]

_stream_listeners: list[StreamListener] = []
_rule_listeners: list[RuleListener] = []
_originals: list[tuple[Any, str, Any]] = []


def apply() -> None:
    """Patch Moto, once for the process; `mock_aws` and the server see the same Moto."""
    if _originals:
        return
    _replace(DynamoHandler, "call_action", _locked(remembering(following_writes(recorded(DynamoHandler.call_action)))))
    _replace(DynamoDBStreamsHandler, "call_action", _locked(DynamoDBStreamsHandler.call_action))
    _replace(DynamoHandler, "transact_write_items", _once_per_token(DynamoHandler.transact_write_items))
    _replace(DynamoHandler, "restore_table_to_point_in_time", restoring(DynamoHandler.restore_table_to_point_in_time))
    _replace(DynamoDBBackend, "describe_continuous_backups", describing(DynamoDBBackend.describe_continuous_backups))
    for name, operation in CHECKED_OPERATIONS.items():
        _replace(DynamoHandler, name, checked(operation, getattr(DynamoHandler, name)))
    _replace(DynamoDBBackend, "transact_write_items", _undoing_items_only(DynamoDBBackend.transact_write_items))
    _replace(DynamoDBBackend, "update_item", _with_one_record(DynamoDBBackend.update_item))
    _replace(dynamodb_models, "copy", _CopyOfAllButTables())
    _replace(JSONSerializer, "_serialize_type_structure", _knowing_values(JSONSerializer._serialize_type_structure))
    names: Any = vars(moto_responses)["method_names_from_class"]  # the same for each request, and slow to find
    _replace(moto_responses, "method_names_from_class", cache(names))
    _replace(StreamShard, "add", _add_record)
    _replace(Table, "all_items", narrowed(Table.all_items))
    _replace(Table, "query", _locked(looking_at_one_page(Table.query)))
    _replace(Item, "size", weighed_once(Item.size))
    _replace(Item, "__init__", weighed_whole(Item.__init__))
    _replace(dynamodb_table, "copy", CopyOfAllButFoundItems())
    _replace(kms_models, "generate_key_id", _key_id)
    _replace(KmsResponse, "_validate_cmk_id", _knowing_key_ids(KmsResponse._validate_cmk_id))
    _replace(Rule, "send_to_targets", _sent_to_listeners(Rule.send_to_targets))


def remove() -> None:
    """Give Moto back as it was; for the tests that look whether it still needs us."""
    while _originals:
        owner, name, original = _originals.pop()
        setattr(owner, name, original)


@contextmanager
def listening(*, streams: StreamListener | None = None, rules: RuleListener | None = None) -> Iterator[None]:
    """Call `streams` after each stream record, and `rules` for each rule on whose bus an event was put.

    A stream listener is called while the database is locked and before a transaction has ended: it should only wake
    whoever reads the stream. A rule listener gets the event as AWS writes it, and finds out itself whether it matches.
    """
    before = _stream_listeners[:], _rule_listeners[:]
    _stream_listeners.extend([streams] if streams else [])
    _rule_listeners.extend([rules] if rules else [])
    try:
        yield
    finally:
        _stream_listeners[:], _rule_listeners[:] = before


def _replace(owner: Any, name: str, replacement: Any) -> None:
    _originals.append((owner, name, getattr(owner, name)))
    setattr(owner, name, replacement)


def _locked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Two actions at once lose writes in Moto: its checks and its changes are separate steps."""

    def call_action(self: Any, *args: Any, **kwargs: Any) -> Any:
        with DATABASE_LOCK:
            return original(self, *args, **kwargs)

    return call_action


def _once_per_token(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto ignores ClientRequestToken, so a repeated transaction would count twice."""

    def transact_write_items(self: DynamoHandler) -> ActionResult:
        token = self.body.get("ClientRequestToken")
        if token is None:
            return original(self)  # type: ignore[no-any-return]
        # On the backend itself, so that it is forgotten when Moto is reset.
        known: dict[str, tuple[float, str]] = self.dynamodb_backend.__dict__.setdefault("_signet_tokens", {})
        now = time.monotonic()
        for old in [key for key, (at, _) in known.items() if now - at > TOKEN_LIFETIME.total_seconds()]:
            del known[old]
        asked = json.dumps(self.body["TransactItems"], sort_keys=True, default=str)
        if token in known:
            if known[token][1] != asked:
                raise JsonRESTError(
                    "IdempotentParameterMismatchException",
                    "Idempotent parameter mismatch: the token was used with other items",
                )
            return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})
        answer = original(self)
        known[token] = (now, asked)
        return answer  # type: ignore[no-any-return]

    return transact_write_items


class _CopyOfAllButTables:
    """`copy` as `moto.dynamodb.models` sees it: a transaction may not copy whole tables.

    Moto keeps a deep copy of each table a transaction touches and puts it back on failure, which takes a second at
    20,000 items and undoes what others have written since. `_undoing_items_only` keeps what is needed.
    """

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value)


def _undoing_items_only(original: Callable[..., Any]) -> Callable[..., Any]:
    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched = list(_items_touched(self, transact_items))
        shards = {id(shard): (shard, len(shard.items)) for table, *_ in touched if (shard := table.stream_shard)}
        try:
            original(self, transact_items)
        except Exception:
            for table, hash_key, range_key, before in touched:
                _put_back(table, hash_key, range_key, before)
            for shard, length in shards.values():
                del shard.items[length:]
            raise

    return transact_write_items


def _items_touched(
    backend: DynamoDBBackend, transact_items: list[dict[str, Any]]
) -> Iterator[tuple[Table, DynamoType, DynamoType | None, Item | None]]:
    for entry in transact_items:
        for asked in entry.values():
            table = backend.tables.get(asked.get("TableName"))
            key = asked.get("Key") or asked.get("Item") or {}
            if table is None or not set(table.table_key_attrs) <= set(key):
                continue  # Moto refuses such a transaction itself
            hash_key = DynamoType(key[table.hash_key_attr])
            range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
            yield table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _put_back(table: Table, hash_key: DynamoType, range_key: DynamoType | None, before: Item | None) -> None:
    if range_key is None:
        if before is None:
            table.items.pop(hash_key, None)
        else:
            table.items[hash_key] = before  # type: ignore[assignment]
    elif before is None:
        table.items.get(hash_key, {}).pop(range_key, None)
    else:
        table.items[hash_key][range_key] = before


def _with_one_record(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto puts an empty item before it updates one that is not there, and both reach the stream."""

    def update_item(self: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Any:
        shard = self.get_table(table_name).stream_shard
        before = len(shard.items) if shard else 0
        item = original(self, table_name, *args, **kwargs)
        if shard and len(shard.items) == before + 2:
            del shard.items[before]
            shard.items[before].record["dynamodb"]["SequenceNumber"] = str(before + shard.starting_sequence_number)
        return item

    return update_item


def _add_record(self: StreamShard, old: Item | None, new: Item | None) -> None:
    """Moto hands records to functions that only Docker can run, and writes one where nothing changed."""
    if old is not None and new is not None and old.to_json() == new.to_json():
        return
    kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    number = len(self.items) + self.starting_sequence_number
    view: Mapping[str, str] = self.table.stream_specification or {}
    self.items.append(StreamRecord(self.table, view["StreamViewType"], kind, old, new, number))
    for listener in _stream_listeners:
        listener(self.table)


def _key_id(multi_region: bool = False) -> str:  # noqa: FBT001, FBT002  Moto's own signature
    """Moto gives multi-Region keys ids of 40 characters and opens nothing that they wrapped: it looks for 36 (as AWS).

    AWS KMS Developer Guide, multi-Region keys: `mrk-` and 32 hexadecimal digits.
    """
    return f"mrk-{uuid.uuid4().hex}" if multi_region else str(uuid.uuid4())


def _knowing_key_ids(original: Callable[..., None]) -> Callable[..., None]:
    def validate(self: KmsResponse, key_id: str) -> None:
        # Of an ARN Moto does not ask for what its id looks like.
        original(self, f"arn:aws:kms:us-east-1:123456789012:key/{key_id}" if key_id.startswith("mrk-") else key_id)

    return validate


def _knowing_values(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto tries ten names in three spellings for each value of an item; it takes longer than all else together."""

    def serialize(self: JSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key and isinstance(value, dict):
            serialized[key] = _wire_form(value)
        else:
            original(self, serialized, value, shape, key)

    return serialize


def _wire_form(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    match kind:
        case "M":
            return {"M": {name: _wire_form(part) for name, part in content.items()}}
        case "L":
            return {"L": [_wire_form(part) for part in content]}
        case "B":
            return {"B": _in_base64(content)}
        case "BS":
            return {"BS": [_in_base64(part) for part in content]}
    return value


def _in_base64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _sent_to_listeners(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto knows no functions and no topics as targets, and no input of a target; it raises on what it does not know.

    What its archives need stays with Moto.
    """

    def send_to_targets(
        self: Rule,
        original_event: dict[str, Any],
        transform_input: bool = True,  # noqa: FBT001, FBT002  Moto's own signature
    ) -> None:
        if any(target["Arn"].split(":")[2] == "events" for target in self.targets):
            original(self, original_event, transform_input)
            return
        event = {key: original_event[key] for key in ("id", "detail-type", "source", "account", "region", "resources")}
        event |= {"version": "0", "time": _as_iso(original_event["time"]), "detail": original_event["detail"]}
        for listener in _rule_listeners:
            listener(self, event)

    return send_to_targets


def _as_iso(moment: Any) -> str:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(float(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
