"""`make doctor`: what does not fit together in the data of a deployment, and what to do about it. It changes nothing.

Every item of the tables but the events is read once, page by page, and of the events those that the items ask about, so
it costs about what a scan of the tables does: half a read unit for each 4 KB. The deployment may be at work meanwhile.

It needs dynamodb:Scan, Query, GetItem, BatchGetItem, DescribeTable, DescribeContinuousBackups and DescribeTimeToLive on
the five tables and their indexes, kms:DescribeKey, GetKeyPolicy and GetKeyRotationStatus on the wrapping key,
cloudformation:DescribeStacks, and lambda:ListEventSourceMappings. With OPEN=1 also kms:Decrypt, which the key's own
policy gives to nobody but the functions that sign: private keys then pass through the memory of this process, which is
why it is not done unasked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from tools.recovery.deployment import CannotLookError, deployment
from tools.recovery.expectations import Expectation, unmet
from tools.recovery.findings import Finding
from tools.recovery.history import History
from tools.recovery.protection import stale_stream, unfit_wrapping_key, unprotected
from tools.recovery.rules.access import AccessRules, split_revision
from tools.recovery.rules.certificates import CertificateRules, pointer_rules
from tools.recovery.rules.counts import miscounted_groups, miscounted_uses
from tools.recovery.rules.private_keys import closed_keys, private_key_rules
from tools.recovery.tables import Item, Tables


def examine(tables: Tables, *, open_keys: bool = False) -> Iterator[Finding]:
    """Everything that is wrong with a deployment.

    Raises:
        CannotLookError, ClientError, BotoCoreError: something cannot be looked at.
    """
    history = History(tables)
    of_certificates = CertificateRules(history)

    def certificate_table(item: Item) -> Iterator[Expectation]:
        yield from of_certificates(item)
        yield from pointer_rules(history, item)

    yield from unprotected(tables.deployment)
    yield from unfit_wrapping_key(tables.deployment)
    yield from unmet("PrivateKeyTable", private_key_rules, tables)
    yield from unmet("CertificateTable", certificate_table, tables)
    yield from unmet("AccessTable", AccessRules(history), tables)
    yield from split_revision(tables)
    yield from miscounted_groups(tables)
    yield from miscounted_uses(tables, history)
    if open_keys:
        yield from closed_keys(tables)


def main(arguments: list[str]) -> int:
    """Print what is found; 0 where that is nothing, 1 where it is something, 2 where it could not be looked at."""
    found = 0
    try:
        looked_at = deployment()
        findings = examine(Tables(looked_at), open_keys="--open-keys" in arguments)
        for finding in findings:
            found += 1
            print(finding, flush=True)
        if looked_at.in_aws:
            for finding in stale_stream(looked_at):
                found += 1
                print(finding)
    except (CannotLookError, ClientError, BotoCoreError) as error:
        print(f"It could not be looked at to the end: {error}", file=sys.stderr)
        return 2
    print(f"Findings: {found}" if found else "Nothing is wrong with it.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
