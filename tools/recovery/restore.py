"""`make restore`: all tables of a deployment brought back to one moment, as new tables that a stack can be put on.

Point-in-time recovery makes new tables, without recovery, time to live, stream and protection (Amazon DynamoDB
Developer Guide, restoring a table to a point in time). This restores all tables to the same second, gives them back
what they lack, and prints the parameters for the next deployment. The tables that the deployment uses stay as they are.

The table of private keys is remembered for a day only, so that a deleted key is soon gone from the backups as well. For
a moment before that, it is brought back to the oldest moment that there is: keys that were deleted in between are lost,
and keys that came in between belong to nothing. `make doctor` says which.

It needs dynamodb:RestoreTableToPointInTime and DescribeContinuousBackups on the old tables; on the new ones
what DynamoDB writes them with (BatchWriteItem, PutItem, UpdateItem, DeleteItem, GetItem, Query, Scan), DescribeTable,
UpdateTable and UpdateContinuousBackups; and cloudformation:DescribeStacks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.recovery.deployment import CannotLookError, Deployment, deployment
from tools.recovery.protection import apply_protection

RESTORED = ("CertificateTable", "PrivateKeyTable", "EventTable", "AccessTable")
"""Not the kept answers: those of the last day are of the time after the moment."""

LOOKS_EVERY_SECONDS = 15.0
SECOND = timedelta(seconds=1)

Say = Callable[[str], None]


def restore(
    of: Deployment, moment: datetime, say: Say = print, sleep: Callable[[float], None] = time.sleep
) -> Deployment:
    """The same deployment on new tables, which hold what was there at `moment`, to the second, and are protected.

    Called again for the same moment, it goes on with the tables that it made before.

    Raises:
        CannotLookError: the moment is none that the tables can be brought back to.
    """
    client = of.client("dynamodb")
    moments = {logical: _moment_for(logical, of, moment, say) for logical in RESTORED}
    names = {logical: f"{of.stack}-{logical}-{moment:%Y%m%dT%H%M%SZ}" for logical in RESTORED}
    for logical, name in names.items():
        try:
            client.restore_table_to_point_in_time(
                SourceTableName=of.tables[logical], TargetTableName=name, RestoreDateTime=moments[logical]
            )
            say(f"{name}: begun, {of.tables[logical]} as of {moments[logical]:%Y-%m-%dT%H:%M:%SZ}")
        except client.exceptions.TableAlreadyExistsException:
            say(f"{name}: there already")
    new = replace(of, tables={**of.tables, **names})
    for logical, name in names.items():
        while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            sleep(LOOKS_EVERY_SECONDS)
        apply_protection(new, logical)
        say(f"{name}: restored and protected")
    return new


def parameters_of(new: Deployment) -> Mapping[str, str]:
    """What the next deployment is given, so that the stack goes on with these tables."""
    stream: str = new.client("dynamodb").describe_table(TableName=new.tables["EventTable"])["Table"][
        "LatestStreamLabel"
    ]
    return {
        **{f"Existing{logical}": new.tables[logical] for logical in RESTORED},
        "ExistingEventStream": stream,
        "ExistingWrappingKey": new.wrapping_key.rpartition("/")[2],
    }


def _moment_for(logical: str, of: Deployment, moment: datetime, say: Say) -> datetime:
    name = of.tables[logical]
    told = of.client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery: Mapping[str, Any] = told["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        raise CannotLookError(f"{name} has no point-in-time recovery, so it cannot be brought back")
    earliest, latest = recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]
    if moment > latest:
        raise CannotLookError(f"{name} can be brought back to {latest:%Y-%m-%dT%H:%M:%SZ} at the latest; try later")
    if moment >= earliest:
        return moment
    if logical != "PrivateKeyTable":
        raise CannotLookError(f"{name} can be brought back to {earliest:%Y-%m-%dT%H:%M:%SZ} at the earliest")
    oldest: datetime = (earliest + SECOND).replace(microsecond=0) if earliest.microsecond else earliest
    say(
        f"{name} is remembered since {oldest:%Y-%m-%dT%H:%M:%SZ} only, and is brought back to that moment: private "
        "keys that were deleted before it are gone for good"
    )
    return oldest


def main(arguments: list[str]) -> int:
    """Restore to the moment that is named, and print the parameters; 0 where it worked."""
    moment = _moment(arguments[0] if arguments else "")
    if moment is None:
        print("Name the moment, to the second and with its zone: MOMENT=2026-11-27T02:00:00Z", file=sys.stderr)
        return 2
    try:
        new = restore(deployment(), moment, say=lambda text: print(text, file=sys.stderr, flush=True))
        for name, value in parameters_of(new).items():
            print(f'{name} = "{value}"')
    except (CannotLookError, ClientError, BotoCoreError) as error:
        print(f"It could not be restored: {error}", file=sys.stderr)
        return 2
    return 0


def _moment(text: str) -> datetime | None:
    """`text` in UTC; None where it is no moment, to the second and with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None or moment.microsecond else moment.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
