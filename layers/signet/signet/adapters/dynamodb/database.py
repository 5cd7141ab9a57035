"""DynamoDB as Signet uses it: batch reads over several tables, one transaction for each change, queries of one page."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from signet.domain.errors import BusyError, ChangedMeanwhileError, SignetError, UnavailableError
from signet.ports.backoff import Backoff

BATCH_SIZE = 100  # BatchGetItem takes no more.

_RETRIED = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
)

Key = tuple[type[Model], str, str | None]
"""A model, its partition key, and its sort key where the table has one."""


@dataclass(frozen=True, slots=True)
class Write:
    """One item of a transaction."""

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    kwargs: Mapping[str, Any]
    refusal: SignetError | None = None
    """What it means when its condition does not hold; None: what was decided on has changed."""
    otherwise: "Callable[[], Write] | None" = None
    """Makes what is done instead where its condition does not hold; a refusal only if that does not hold either."""


class Query(TypedDict, total=False):
    """What is asked of a partition: all of it, oldest first, unless something is said here."""

    index: str | None
    range_condition: Condition | None
    filter_condition: Condition | None
    newest_first: bool
    limit: int | None
    consistent: bool
    start: Mapping[str, Any] | None
    """The key to go on from."""


def put(row: Model, condition: Condition | None = None, refusal: SignetError | None = None) -> Write:
    """Store `row` whole."""
    return Write("Put", row.get_save_kwargs_from_instance(condition=condition), refusal)


def update(
    row: Model, actions: list[Action], condition: Condition | None = None, refusal: SignetError | None = None
) -> Write:
    """Change some attributes of the item with the key of `row`."""
    kwargs = row.get_update_kwargs_from_instance(actions, condition=condition, add_version_condition=False)
    return Write("Update", kwargs, refusal)


def delete(row: Model, condition: Condition | None = None, refusal: SignetError | None = None) -> Write:
    """Remove the item with the key of `row`."""
    kwargs = row.get_delete_kwargs_from_instance(condition=condition, add_version_condition=False)
    return Write("Delete", kwargs, refusal)


def check(row: Model, condition: Condition, refusal: SignetError | None = None) -> Write:
    """Change nothing, and insist on `condition`."""
    keys = row.get_delete_kwargs_from_instance(condition=condition, add_version_condition=False)
    return Write("ConditionCheck", keys, refusal)


class Found:
    """What a batch read brought, by key."""

    def __init__(self, rows: Mapping[Key, Model]) -> None:
        self._rows = rows

    def get(self, model: type[Model], pk: str, sk: str | None = None) -> Any:
        """The row with that key, or None."""
        return self._rows.get((model, pk, sk))


class Database:
    """The five tables behind one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, keys: Iterable[Key]) -> Found:
        """Read items, strongly consistent, in one round trip for each hundred.

        Raises:
            UnavailableError: DynamoDB does not answer, or throttles for too long.
        """
        wanted = list(dict.fromkeys(keys))
        rows: dict[Key, Model] = {}
        for start in range(0, len(wanted), BATCH_SIZE):
            self._read_batch(wanted[start : start + BATCH_SIZE], rows)
        return Found(rows)

    def _read_batch(self, keys: Sequence[Key], rows: dict[Key, Model]) -> None:
        models = {model.Meta.table_name: model for model, _, _ in keys}
        pending: Mapping[str, Any] = {
            name: {
                "Keys": [
                    {"pk": {"S": pk}} if sk is None else {"pk": {"S": pk}, "sk": {"S": sk}}
                    for row, pk, sk in keys
                    if row is model
                ],
                "ConsistentRead": True,
            }
            for name, model in models.items()
        }
        backoff = Backoff()
        while pending:
            answer = self._call("BatchGetItem", {"RequestItems": pending})
            for name, items in answer.get("Responses", {}).items():
                for item in items:
                    row = models[name].from_raw_data(item)
                    rows[models[name], row.pk, getattr(row, "sk", None)] = row  # type: ignore[attr-defined]
            pending = answer.get("UnprocessedKeys") or {}
            if pending:
                backoff.wait(UnavailableError("The database is throttling; try again shortly."))

    def commit(self, writes: Sequence[Write]) -> None:
        """Do all of `writes`, or nothing.

        A transaction that loses a race against another is sent again, with jitter. Every attempt of the same writes
        has the same token, so that one that took effect without our hearing of it counts once.

        Raises:
            SignetError: the `refusal` of the first write whose condition does not hold.
            BusyError: it lost one race after another.
            UnavailableError: DynamoDB does not answer.
        """
        backoff = Backoff()
        request = _transaction(writes)
        while True:
            try:
                self._call("TransactWriteItems", dict(request))
            except _CancelledError as cancelled:
                failed = {place for place, reason in enumerate(cancelled.reasons) if reason == "ConditionalCheckFailed"}
                for write in (writes[place] for place in sorted(failed)):
                    if write.otherwise is None:
                        raise write.refusal or ChangedMeanwhileError("what was decided on has changed") from None
                if failed:
                    writes = [w.otherwise() if n in failed and w.otherwise else w for n, w in enumerate(writes)]
                    request = _transaction(writes)
                    continue
                if not _RETRIED.intersection(cancelled.reasons):
                    raise UnavailableError("The database refused the change.") from cancelled
            except _InProgressError:
                pass  # Our own earlier attempt is still under way.
            else:
                return
            backoff.wait(BusyError("Too many changes of the same thing at once; try again shortly."))

    def query(
        self, model: type[Model], partition: str, **query: Unpack[Query]
    ) -> tuple[list[Any], Mapping[str, Any] | None]:
        """One page of a partition, of a table or an index, and the key to go on from."""
        items, following = self.query_items(model, partition, **query)
        return [model.from_raw_data(dict(item)) for item in items], following

    def pages(self, model: type[Model], partition: str, **query: Unpack[Query]) -> Iterator[list[Any]]:
        """All of a partition, of a table or an index, page by page."""
        while True:
            page, following = self.query(model, partition, **query)
            yield page
            if following is None:
                return
            query["start"] = following

    def query_items(
        self, model: type[Model], partition: str, **query: Unpack[Query]
    ) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any] | None]:
        """As `query`, the items as DynamoDB types them: to make a model of each costs more than to read them."""
        try:
            answer = self._connection.query(
                model.Meta.table_name,
                partition,
                range_key_condition=query.get("range_condition"),
                filter_condition=query.get("filter_condition"),
                index_name=query.get("index"),
                scan_index_forward=not query.get("newest_first"),
                limit=query.get("limit"),
                consistent_read=query.get("consistent", False),
                exclusive_start_key=query.get("start"),
            )
        except PynamoDBException as error:
            raise UnavailableError(f"The database does not answer: {_fault_of(error.cause)}.") from error
        return answer["Items"], answer.get("LastEvaluatedKey")

    def _call(self, operation: str, request: dict[str, Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._connection.dispatch(operation, request)
        except VerboseClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "TransactionCanceledException":
                raise _CancelledError(
                    [reason.code if reason else "None" for reason in error.cancellation_reasons]
                ) from error
            if code == "TransactionInProgressException":
                raise _InProgressError from error
            raise UnavailableError(f"The database does not answer: {_fault_of(error)}.") from error
        except BotoCoreError as error:
            raise UnavailableError(f"The database does not answer: {_fault_of(error)}.") from error
        return answer


def _transaction(writes: Sequence[Write]) -> dict[str, Any]:
    return {
        "TransactItems": [{write.kind: dict(write.kwargs)} for write in writes],
        "ClientRequestToken": secrets.token_hex(16),
    }


def _fault_of(error: object) -> str:
    """DynamoDB's own name of what went wrong, or botocore's where there was no answer."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__


class _CancelledError(Exception):
    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class _InProgressError(Exception):
    pass
