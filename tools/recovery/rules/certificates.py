"""What the items of certificates and signing requests say, in CertificateTable, and those that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from signet.adapters.dynamodb.rows.certificate_rows import (
    LOOKUP,
    SETTINGS,
    USAGE,
    X509,
    certificate_of,
    listing_rows,
    lookup_rows,
    settings_row,
    thumbprint_key,
)
from signet.adapters.dynamodb.rows.request_rows import REQUEST, request_listing_rows, request_of, request_row
from signet.adapters.dynamodb.tables import CertificateRow
from signet.adapters.dynamodb.writes.pointers import alias_key, pending_key, renewal_key
from signet.domain.certificates.certificate import Certificate
from signet.domain.identifiers import with_prefix
from signet.domain.signing_requests.signing_request import RequestStatus
from tools.recovery.expectations import Expectation, Found, leads, text, there
from tools.recovery.findings import Kind
from tools.recovery.history import History
from tools.recovery.tables import Item, Key

HERE = "CertificateTable"
_MARKS = (
    "listing",
    "id",
    "alias_sort",
    "valid_to_sort",
    "valid_from_sort",
    "status",
    "owner_sort",
    "renewal_state",
    "expiry_watch",
)
"""What the settings say for the sake of indexes, in each of which an item is only if it has the index's key."""


class CertificateRules:
    """What is true of the items of CertificateTable."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __call__(self, item: Item) -> Iterator[Expectation]:
        """What `item` says."""
        match item["sk"]["S"].partition("#")[0]:
            case "certificate":
                yield from self._of_certificate(item)
            case "x509" | "usage" | "listing" | "found" as part:
                yield from self._of_part(item, part)
            case "request":
                yield from self._of_request(item)

    def _of_certificate(self, item: Item) -> Iterator[Expectation]:
        certificate = certificate_of(_row(item))
        name, called = certificate.id, f"{certificate.id} ({certificate.alias.text})"
        if certificate.has_private_key:
            key = Key("PrivateKeyTable", with_prefix("key", name))
            yield Expectation(Kind.CERTIFICATE_WITHOUT_KEY, called, f"there is no {key.pk}", (key,), there(key))
        for part in (X509, USAGE):
            key = Key(HERE, name, part)
            yield Expectation(Kind.CERTIFICATE_INCOMPLETE, called, f"its item {part} is missing", (key,), there(key))
        key = Key(HERE, alias_key(certificate.alias), "alias")
        yield Expectation(Kind.ALIAS_MISSING, called, f"{key.pk} does not lead to it", (key,), leads(key, name))
        # One X.509 may be here twice, once without its key: then the thumbprint leads to the other one.
        key = Key(HERE, thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint")
        yield Expectation(Kind.UNIQUENESS_MISSING, called, f"there is no {key.pk}", (key,), there(key))
        for row in (*listing_rows(certificate), *lookup_rows(certificate)):
            yield _same_entry(called, row)
        wrong = [mark for mark in _MARKS if item.get(mark) != settings_row(certificate).serialize().get(mark)]
        yield Expectation(
            Kind.MARK_WRONG, called, f"{', '.join(wrong)} do not fit its settings", holds=lambda _: not wrong
        )
        yield from self._renewals(certificate, called)
        for group in certificate.groups:
            yield self._in_group(group, called)
        event = Key("EventTable", certificate.last_event)
        yield Expectation(Kind.EVENT_MISSING, called, f"{event.pk} is not there", (event,), there(event))

    def _renewals(self, certificate: Certificate, called: str) -> Iterator[Expectation]:
        name = certificate.id
        for other in dict.fromkeys([*certificate.renewed_ids, certificate.renews, certificate.renewed_by]):
            if other is not None:
                key = Key(HERE, other, SETTINGS)
                yield Expectation(
                    Kind.RENEWAL_DANGLES,
                    called,
                    f"{other} is neither there nor was it deleted",
                    (key,),
                    there(key),
                    partial(self._history.was_deleted, other),
                )
        for other, back in ((certificate.renews, "renewed_by"), (certificate.renewed_by, "renews")):
            if other is not None:
                key = Key(HERE, other, SETTINGS)
                yield Expectation(
                    Kind.RENEWAL_DANGLES,
                    called,
                    f"{other} does not say that it is its `{back}`",
                    (key,),
                    partial(_answers, key, back, name),
                )
        if (waiting := certificate.pending_request or certificate.renewed_by) is not None:
            key = Key(HERE, renewal_key(name), "renewal")
            yield Expectation(
                Kind.UNIQUENESS_MISSING, called, f"{key.pk} does not lead to {waiting}", (key,), leads(key, waiting)
            )
        if certificate.pending_request is not None:
            key = Key(HERE, certificate.pending_request, REQUEST)
            yield Expectation(
                Kind.REQUEST_DANGLES,
                called,
                f"it waits for {key.pk}, which is not pending",
                (key,),
                partial(_pending, key),
            )

    def _in_group(self, group: str, called: str) -> Expectation:
        key = Key("AccessTable", "access", group)
        return Expectation(
            Kind.GROUP_DANGLES,
            called,
            f"it is in {group}, which is neither there nor was it deleted",
            (key,),
            there(key),
            lambda: self._history.group_was_deleted(group),
        )

    def _of_part(self, item: Item, part: str) -> Iterator[Expectation]:
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        if pk.startswith("req_"):
            yield from self._of_request_entry(pk, sk)
            return
        owner = Key(HERE, sk.removeprefix(LOOKUP) if part == "found" else pk, SETTINGS)
        yield Expectation(
            Kind.PART_WITHOUT_CERTIFICATE, f"{pk} {sk}", f"there is no {owner.pk}", (owner,), there(owner)
        )
        if part in {"listing", "found"}:
            yield Expectation(
                Kind.LISTING_WRONG,
                f"{pk} {sk}",
                f"{owner.pk} does not belong there",
                (owner,),
                lambda found: owner not in found or (pk, sk) in _entries(found[owner]),
            )
        if part == USAGE and (used := text(item, "last_event")):
            event = Key("EventTable", used)
            yield Expectation(
                Kind.EVENT_MISSING, pk, f"its newest use is {used}, which is not there", (event,), there(event)
            )

    @staticmethod
    def _of_request_entry(pk: str, sk: str) -> Iterator[Expectation]:
        key = Key(HERE, pk, REQUEST)
        yield Expectation(Kind.PART_WITHOUT_CERTIFICATE, f"{pk} {sk}", f"there is no {pk}", (key,), there(key))

    def _of_request(self, item: Item) -> Iterator[Expectation]:
        request = request_of(_row(item))
        name = request.id
        wrong = [
            mark for mark in ("listing", "id", "status") if item.get(mark) != request_row(request).serialize().get(mark)
        ]
        yield Expectation(Kind.MARK_WRONG, name, f"{', '.join(wrong)} do not fit it", holds=lambda _: not wrong)
        event = Key("EventTable", request.last_event)
        yield Expectation(Kind.EVENT_MISSING, name, f"{event.pk} is not there", (event,), there(event))
        if request.status is RequestStatus.COMPLETED:
            made = request.certificate_id or ""
            key = Key(HERE, made, SETTINGS)
            yield Expectation(
                Kind.RENEWAL_DANGLES,
                name,
                f"its certificate {made} is neither there nor was it deleted",
                (key,),
                there(key),
                lambda: self._history.was_deleted(made),
            )
        if not request.is_pending:
            return
        key = Key("PrivateKeyTable", with_prefix("key", name))
        yield Expectation(Kind.REQUEST_WITHOUT_KEY, name, f"there is no {key.pk}", (key,), there(key))
        key = Key(HERE, pending_key(request.spki_sha256), "pending")
        yield Expectation(Kind.UNIQUENESS_MISSING, name, f"{key.pk} does not lead to it", (key,), leads(key, name))
        if request.renews is None:
            key = Key(HERE, alias_key(request.alias), "alias")
            yield Expectation(Kind.UNIQUENESS_MISSING, name, f"{key.pk} does not lead to it", (key,), leads(key, name))
            for row in request_listing_rows(request):
                entry = Key(HERE, row.pk, row.sk)
                yield Expectation(Kind.LISTING_WRONG, name, f"it has no {row.sk}", (entry,), there(entry))
            return
        key, renewed = Key(HERE, renewal_key(request.renews), "renewal"), Key(HERE, request.renews, SETTINGS)
        yield Expectation(Kind.UNIQUENESS_MISSING, name, f"{key.pk} does not lead to it", (key,), leads(key, name))
        yield Expectation(
            Kind.REQUEST_DANGLES,
            name,
            f"it is to renew {request.renews}, which does not wait for it",
            (renewed,),
            lambda found: text(found.get(renewed), "pending_request") == name,
        )


def pointer_rules(history: History, item: Item) -> Iterator[Expectation]:
    """What an item says whose key is what must be unique, or by which a CA's certificate is found."""
    pk: str = item["pk"]["S"]
    target = text(item, "target") or text(item, "certificate_id") or ""
    kind, name = (*pk.split("#", 1), "")[:2]
    if kind not in {"alias", "thumbprint", "spki", "renewal", "issuer"} or item["sk"]["S"].startswith(LOOKUP):
        return
    key = Key(HERE, target, REQUEST if target.startswith("req_") else SETTINGS)

    def fits(found: Found) -> bool:
        named = found.get(key)
        if named is None:
            return False
        match kind, key.sk:
            case "alias", "certificate":
                return text(named, "alias_sort") == name
            case "thumbprint", _:
                return text(named, "thumbprint_sha256") == name
            case "renewal", "certificate":
                return text(named, "renews") == name
            case "issuer", _:
                return {"S": name} in named.get("issuer_keys", {}).get("L", [])
        return text(named, "status") == RequestStatus.PENDING

    yield Expectation(
        Kind.ALIAS_DANGLES if kind == "alias" else Kind.UNIQUENESS_WITHOUT_OWNER,
        pk,
        f"it leads to {target}, which is not there, or is not called so",
        (key,),
        fits,
        # What a certificate was renewed by may be deleted; that it was renewed is still so.
        lambda: kind == "renewal" and history.was_deleted(target),
    )


def _answers(key: Key, back: str, name: str, found: Found) -> bool:
    """Whether the other one of a renewal, where it is there, names this one."""
    return key not in found or text(found[key], back) == name


def _pending(key: Key, found: Found) -> bool:
    return text(found.get(key), "status") == RequestStatus.PENDING


def _row(item: Item) -> CertificateRow:
    return CertificateRow.from_raw_data(dict(item))


def _same_entry(called: str, row: CertificateRow) -> Expectation:
    key, wanted = Key(HERE, row.pk, row.sk), row.serialize()
    return Expectation(
        Kind.LISTING_WRONG,
        called,
        f"{row.pk} {row.sk} is missing, or says something else",
        (key,),
        lambda found: key in found and _agree(found[key], wanted),
    )


def _agree(item: Item, wanted: Mapping[str, Any]) -> bool:
    return all(item.get(name) == value for name, value in wanted.items())


def _entries(settings: Item) -> set[tuple[str, str]]:
    certificate = certificate_of(_row(settings))
    return {(row.pk, row.sk) for row in (*listing_rows(certificate), *lookup_rows(certificate))}
