"""What is counted: the uses of each certificate, and the certificates of each group."""

from __future__ import annotations

from collections.abc import Iterator

from signet.adapters.dynamodb.rows.access_rows import count_key
from signet.adapters.dynamodb.rows.certificate_rows import SETTINGS, USAGE, in_group
from signet.domain.events.event import EventType
from tools.recovery.expectations import number, text
from tools.recovery.findings import Finding, Kind
from tools.recovery.history import History
from tools.recovery.tables import Item, Key, Tables

LOOKS = 5
PAUSE_SECONDS = 2.0
"""Indexes lag behind their table, mostly by less than a second."""


def miscounted_uses(tables: Tables, history: History) -> Iterator[Finding]:
    """The certificates whose counter is not the number of their uses, or that do not know of their newest event."""
    for page in tables.pages("CertificateTable"):
        for item in page:
            if item["sk"]["S"] == USAGE:
                yield from _of_certificate(item, tables, history)


def _of_certificate(item: Item, tables: Tables, history: History) -> Iterator[Finding]:
    name = item["pk"]["S"]
    usage, settings = Key("CertificateTable", name, USAGE), Key("CertificateTable", name, SETTINGS)
    before, counted, after = number(item, "usage_count"), 0, 0
    behind: str | None = None
    for look in range(LOOKS):
        counted = history.uses_of(name)
        newest = history.newest_of(name)
        found = tables.at_once([usage, settings])
        if settings not in found:
            return  # deleted meanwhile, or told of as a part without a certificate
        after = number(found.get(usage), "usage_count")
        behind = _behind(newest, found[settings], found.get(usage))
        # What is used right now has a counter that moves while its events are counted.
        if before <= counted <= after and behind is None:
            return
        if look < LOOKS - 1:
            tables.sleep(PAUSE_SECONDS)
            before = after
    if not before <= counted <= after:
        yield Finding(
            Kind.USES_MISCOUNTED,
            name,
            f"it counts {after} uses, and there are {counted} events of them",
            _setting(tables.name("CertificateTable"), usage, "usage_count", counted),
        )
    if behind is not None:
        yield Finding(Kind.EVENTS_AHEAD, name, behind)


def _behind(event: Item | None, settings: Item, usage: Item | None) -> str | None:
    """What the newest event tells that the certificate does not know of."""
    if event is None:
        return None
    name, kind = event["pk"]["S"], text(event, "type")
    if kind == EventType.CERTIFICATE_DELETED:
        return f"{name} tells that it was deleted, and it is there"
    known = max(text(settings, "last_event") or "", text(usage, "last_event") or "")
    return f"its newest event is {name} ({kind}), and it knows of none after {known}" if name > known else None


def miscounted_groups(tables: Tables) -> Iterator[Finding]:
    """The certificate groups whose count is not the number of certificates in them that no renewal has replaced."""
    for page in tables.pages("AccessTable"):
        for item in page:
            if item["sk"]["S"] == "count":
                yield from _of_group(item["pk"]["S"].removeprefix("count#"), tables)


def _of_group(group: str, tables: Tables) -> Iterator[Finding]:
    count = Key("AccessTable", count_key(group), "count")
    held = members = 0
    for look in range(LOOKS):
        before = tables.get([count])
        members = _members(group, tables)
        after = tables.get([count])
        if count not in after:
            return
        held = number(after[count], "held")
        if held == members or number(before.get(count), "held") != held:
            return
        if look < LOOKS - 1:
            tables.sleep(PAUSE_SECONDS)
    yield Finding(
        Kind.GROUP_MISCOUNTED,
        group,
        f"it counts {held} certificates, and {members} are in it that no renewal has replaced",
        _setting(tables.name("AccessTable"), count, "held", members),
    )


def _members(group: str, tables: Tables) -> int:
    counted = 0
    for page in tables.query("CertificateTable", "by_creation", ("listing", in_group(group))):
        found = tables.get(Key("CertificateTable", item["pk"]["S"], SETTINGS) for item in page["Items"])
        counted += sum("renewed_by" not in settings for settings in found.values())
    return counted


def _setting(table: str, key: Key, attribute: str, value: int) -> str:
    """The command that sets a number."""
    typed = f'{{"pk": {{"S": "{key.pk}"}}, "sk": {{"S": "{key.sk}"}}}}'
    return (
        f"aws dynamodb update-item --table-name {table} --key '{typed}' --update-expression 'SET {attribute} = :n' "
        f"""--expression-attribute-values '{{":n": {{"N": "{value}"}}}}'"""
    )
