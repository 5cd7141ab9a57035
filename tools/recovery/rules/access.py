"""What policies, roles, certificate groups and calendar links say of each other and of certificates, in AccessTable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from signet.adapters.dynamodb.rows.access_rows import ACCESS, REVISION_COPIES, count_key, revision_key
from signet.adapters.dynamodb.rows.certificate_rows import SETTINGS
from signet.domain.access.built_in_roles import BUILT_IN_ROLES
from signet.domain.access.role import ALL
from signet.domain.text.display_name import name_key
from tools.recovery.expectations import Expectation, Found, leads, text, there
from tools.recovery.findings import Finding, Kind
from tools.recovery.history import History
from tools.recovery.tables import Item, Key, Tables

HERE = "AccessTable"


class AccessRules:
    """What is true of the items of AccessTable."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __call__(self, item: Item) -> Iterator[Expectation]:
        """What `item` says."""
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        kind, _, rest = pk.partition("#")
        match kind:
            case "access":
                yield from self._of_thing(item, sk)
            case "name":
                yield self._of_name(item, pk, rest)
            case "count":
                group = Key(HERE, ACCESS, rest)
                yield Expectation(Kind.UNIQUENESS_WITHOUT_OWNER, pk, f"there is no {rest}", (group,), there(group))
            case "calendar" | "calendar-of" | "calendar-links":
                yield from _of_link(item, kind, sk, rest)

    def _of_thing(self, item: Item, name: str) -> Iterator[Expectation]:
        kind, settings = text(item, "kind") or "", json.loads(item["document"]["S"])["settings"]
        called = f"{name} ({settings['name']})"
        if name not in BUILT_IN_ROLES:
            key = Key(HERE, f"name#{kind}#{name_key(settings['name'])}", "name")
            yield Expectation(
                Kind.UNIQUENESS_MISSING,
                called,
                f"{key.pk} does not lead to it",
                (key,),
                leads(key, name),
            )
        if kind == "group":
            count = Key(HERE, count_key(name), "count")
            yield Expectation(Kind.GROUP_MISCOUNTED, called, f"there is no {count.pk}", (count,), there(count))
        for group in _groups_of(kind, settings):
            key = Key(HERE, ACCESS, group)
            yield Expectation(Kind.GROUP_DANGLES, called, f"it names {group}, which is not there", (key,), there(key))
        for certificate in settings["what"]["certificates"] if kind == "policy" else ():
            key = Key("CertificateTable", certificate, SETTINGS)
            yield Expectation(
                Kind.POLICY_DANGLES,
                called,
                f"it names {certificate}, which is neither there nor was it deleted",
                (key,),
                there(key),
                partial(self._history.was_deleted, certificate),
            )

    @staticmethod
    def _of_name(item: Item, pk: str, rest: str) -> Expectation:
        target, (kind, _, name) = text(item, "target") or "", rest.partition("#")
        key = Key(HERE, ACCESS, target)

        def fits(found: Found) -> bool:
            thing = found.get(key)
            if thing is None or text(thing, "kind") != kind:
                return False
            return name_key(json.loads(thing["document"]["S"])["settings"]["name"]) == name

        return Expectation(
            Kind.UNIQUENESS_WITHOUT_OWNER,
            pk,
            f"it leads to {target}, which is not there or not called so",
            (key,),
            fits,
        )


def _groups_of(kind: str, settings: Mapping[str, Any]) -> list[str]:
    if kind == "policy":
        return list(settings["what"]["groups"])
    scope: Any = settings.get("certificate_groups") if kind == "role" else ALL
    return [] if scope == ALL else [grant["group"] for grant in scope]


def _of_link(item: Item, kind: str, sk: str, rest: str) -> Iterator[Expectation]:
    """A link is found by the digest of its secret, by its user, and by its id."""
    target = text(item, "target") or ""
    digest = rest if kind == "calendar" else target if kind == "calendar-of" else _digest_of(item)
    link = Key(HERE, f"calendar#{digest}", "calendar")
    subject = "a calendar link" if kind == "calendar" else f"the calendar link of {rest or sk}"
    if kind != "calendar":
        yield Expectation(
            Kind.CALENDAR_LINK_DANGLES, subject, "there is no link with that secret", (link,), there(link)
        )
        return
    user = Key(HERE, f"calendar-of#{target}", "calendar")
    yield Expectation(
        Kind.CALENDAR_LINK_DANGLES,
        f"a calendar link of {target}",
        "it is not the one that its user has",
        (user,),
        leads(user, digest),
    )


def _digest_of(item: Item) -> str:
    return str(json.loads(item["document"]["S"])["digest"])


def split_revision(tables: Tables) -> Iterator[Finding]:
    """All copies of the access revision are the same, or none is there yet."""
    copies = [Key(HERE, revision_key(copy), "revision") for copy in range(REVISION_COPIES)]
    found = tables.at_once(copies)
    told = {text(found.get(copy), "revision") for copy in copies}
    if len(told) > 1:
        yield Finding(Kind.REVISION_SPLIT, "the access revision", f"its copies say {', '.join(sorted(map(str, told)))}")
