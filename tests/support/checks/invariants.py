"""What is true of the tables at every moment, whatever failed and whoever came at once.

`violations` looks at every item of every table and says in words what does not fit; nothing is the good answer.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from signet.adapters.dynamodb.stored_responses import CLAIM_SECONDS, KEPT_ANSWER_SECONDS
from signet.domain.identifiers import made_at

Item = Mapping[str, Any]

_CHANGES = frozenset(
    f"Certificate {done}" for done in ("Imported", "Updated", "Enabled", "Disabled", "Renewed", "Expiring", "Expired")
)


def violations(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[str]:
    """What does not fit, in the items of each table (by logical id), as DynamoDB types them."""
    return list(_Tables(tables).violations())


def shape(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Counter[str]:
    """How much of what there is, without ids and times: which differs where a request took effect twice."""
    found = _Tables(tables)
    counted: Counter[str] = Counter()
    for item in found.certificates.values():
        counted[f"certificate {item['status']} v{item['version']} key {item['key_version']}"] += 1
    for item in found.usages.values():
        counted[f"used {item['usage_count']}, wrong PINs {item.get('pin_failures', 0)}"] += 1
    for row in found.rows["CertificateTable"]:
        counted[row["sk"].partition("#")[0] if row["sk"] not in {"certificate", "usage"} else "row"] += 1
    for event in found.rows["EventTable"]:
        counted[f"event {event['type']} {event['outcome']} {event.get('code', '')}".rstrip()] += 1
    for count in found.of_access("count"):
        counted[f"{count['held']} held"] += 1
    for name in ("PrivateKeyTable", "IdempotencyTable"):
        counted[name] += len(found.rows[name])
    return counted


_IN_ENTRIES = (
    "alias_sort",
    "valid_to_sort",
    "valid_from_sort",
    "status",
    "owner_sort",
    "renewal_state",
    "serial_number",
    "subject",
    "issuer",
    "groups",
    "renewed_ids",
    "key_version",
)
"""What each entry in a list repeats of the settings."""


class _Tables:
    def __init__(self, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        plain = TypeDeserializer().deserialize
        self.rows: dict[str, list[dict[str, Any]]] = {
            name: [{key: plain(value) for key, value in item.items()} for item in items]
            for name, items in tables.items()
        }
        rows = self.rows["CertificateTable"]
        self.certificates = {row["pk"]: row for row in rows if row["sk"] == "certificate"}
        self.usages = {row["pk"]: row for row in rows if row["sk"] == "usage"}
        self.requests = {row["pk"]: row for row in rows if row["sk"] == "request"}
        self.keys = {row["pk"] for row in self.rows["PrivateKeyTable"]}
        self.events = {row["pk"]: row for row in self.rows["EventTable"]}
        self.events_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in sorted(self.events.values(), key=lambda row: row["pk"]):
            if "certificate_id" in event:
                self.events_of[event["certificate_id"]].append(event)

    def of_access(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.rows["AccessTable"] if row["sk"] == kind]

    def has(self, pk: str, sk: str) -> bool:
        return any(row["pk"] == pk and row["sk"] == sk for row in self.rows["CertificateTable"])

    def violations(self) -> Iterator[str]:
        yield from self._parts()
        yield from self._pointers()
        yield from self._listings()
        yield from self._lookups()
        yield from self._waiting()
        yield from self._keys()
        yield from self._counts()
        for certificate_id, certificate in self.certificates.items():
            yield from self._history(certificate_id, certificate)
        for certificate_id, events in self.events_of.items():
            yield from self._order(certificate_id, events)
        yield from self._kept_answers()
        yield from self._access()

    def _parts(self) -> Iterator[str]:
        """A certificate is whole, and nothing is there of one that is not."""
        held = Counter((row["pk"], row["sk"]) for row in self.rows["CertificateTable"])
        for certificate_id in self.certificates:
            for part in ("x509", "usage"):
                if not held[certificate_id, part]:
                    yield f"{certificate_id} has no {part}"
        for pk, sk in held:
            if pk.startswith("crt_") and pk not in self.certificates:
                yield f"{sk} of {pk}, which is not there"

    def _pointers(self) -> Iterator[str]:
        pointers = {row["pk"]: row["target"] for row in self.rows["CertificateTable"] if "target" in row}
        for certificate_id, certificate in self.certificates.items():
            key = f"alias#{certificate['alias_sort']}"
            if pointers.get(key) != certificate_id:
                yield f"{key} leads to {pointers.get(key)} instead of {certificate_id}"
            # One X.509 may be here twice, once without its key, imported by a caller who could not see the request of
            # the other. The thumbprint names one of the two.
            key = f"thumbprint#{certificate['thumbprint_sha256']}"
            keyless_duplicate = self.certificates.get(pointers.get(key, ""), {})
            if keyless_duplicate.get("thumbprint_sha256") != certificate["thumbprint_sha256"]:
                yield f"{key} leads to {pointers.get(key)} and not to {certificate_id} or its duplicate"
        for key, target in pointers.items():
            kind, _, name = key.partition("#")
            if target.startswith("crt_") and kind != "renewal":
                named = self.certificates.get(target)
                attribute = {"alias": "alias_sort", "thumbprint": "thumbprint_sha256"}[kind]
                if named is None or named[attribute] != name:
                    yield f"{key} leads to {target}, which is not there or called otherwise"
            elif target.startswith("req_") and self._status(target) != "pending":
                yield f"{key} leads to {target}, which is not pending"

    def _status(self, request_id: str) -> str | None:
        row = self.requests.get(request_id)
        return str(row.get("status")) if row else None

    def _listings(self) -> Iterator[str]:
        entries = defaultdict(set)
        for row in self.rows["CertificateTable"]:
            if row["sk"].startswith("listing#"):
                entries[row["pk"]].add(row["listing"])
                if row["pk"].startswith("req_"):
                    continue
                settings = self.certificates.get(row["pk"], {})
                for name in _IN_ENTRIES:
                    if row.get(name) != settings.get(name):
                        yield f"{row['pk']} is listed in {row['listing']} with another {name}"
        for certificate_id, certificate in self.certificates.items():
            wanted = {f"group#{group}" for group in certificate["groups"]}
            if certificate.get("owner"):
                wanted.add(f"owner#{certificate['owner']}")
            if entries[certificate_id] != wanted:
                yield f"{certificate_id} is listed in {sorted(entries[certificate_id])} instead of {sorted(wanted)}"
        for request_id, request in self.requests.items():
            told = json.loads(request["request"])
            renewed = self.certificates.get(told["renews"] or "") if request["status"] == "pending" else None
            groups = renewed["groups"] if renewed else told["groups"]
            if entries[request_id] != {f"requests#group#{group}" for group in groups}:
                yield f"{request_id} is listed in {sorted(entries[request_id])} and of the groups {groups}"

    def _lookups(self) -> Iterator[str]:
        """By each thumbprint and serial number all certificates are found that have it, and no others."""
        found = defaultdict(set)
        for row in self.rows["CertificateTable"]:
            if row["sk"].startswith("found#"):
                certificate_id = row["sk"].removeprefix("found#")
                found[certificate_id].add(row["pk"])
                settings = self.certificates.get(certificate_id, {})
                for name in _IN_ENTRIES:
                    if row.get(name) != settings.get(name):
                        yield f"{certificate_id} is found by {row['pk']} with another {name}"
        for certificate_id, certificate in self.certificates.items():
            wanted = {f"thumbprint#{certificate[name]}" for name in ("thumbprint_sha1", "thumbprint_sha256")}
            wanted.add(f"serial#{certificate['serial_number']}")
            if found.pop(certificate_id, None) != wanted:
                yield f"{certificate_id} is not found by exactly {sorted(wanted)}"
        for certificate_id, keys in found.items():
            yield f"{certificate_id} is found by {sorted(keys)} and is not there"

    def _waiting(self) -> Iterator[str]:
        """A pending request, its key's name and its renewed certificate know each other; an ended one is let go."""
        pointers = {row["pk"]: row["target"] for row in self.rows["CertificateTable"] if "target" in row}
        for request_id, row in self.requests.items():
            told = json.loads(row["request"])
            renewed = self.certificates.get(told["renews"] or "")
            waits = renewed is not None and renewed.get("pending_request") == request_id
            if row["status"] == "pending":
                if pointers.get(f"spki#{told['spki_sha256']}") != request_id:
                    yield f"{request_id} is pending and its key does not lead to it"
                if told["renews"] and (not waits or pointers.get(f"renewal#{told['renews']}") != request_id):
                    yield f"{request_id} is to renew {told['renews']}, which does not wait for it"
            elif waits:
                yield f"{told['renews']} waits for {request_id}, which is {row['status']}"
            if row["status"] == "completed":
                made = told["certificate_id"]
                if made != request_id.replace("req_", "crt_"):
                    yield f"{request_id} was completed by {made}"
                if renewed is not None and renewed.get("renewed_by") != made:
                    yield f"{told['renews']} was renewed by {made} and says {renewed.get('renewed_by')}"
                if told["renews"] and pointers.get(f"renewal#{told['renews']}") != made:
                    yield f"the renewal of {told['renews']} leads to {pointers.get('renewal#' + told['renews'])}"
        for certificate_id, certificate in self.certificates.items():
            if certificate.get("pending_request") and self._status(certificate["pending_request"]) != "pending":
                yield f"{certificate_id} waits for {certificate['pending_request']}, which is not pending"

    def _keys(self) -> Iterator[str]:
        for certificate_id, certificate in self.certificates.items():
            key = certificate_id.replace("crt_", "key_")
            if (certificate["key_version"] > 0) != (key in self.keys):
                yield f"{certificate_id} says key version {certificate['key_version']}, and its key is not so"
        for request_id in self.requests:
            if self._status(request_id) == "pending" and request_id.replace("req_", "key_") not in self.keys:
                yield f"{request_id} is pending without a key"
        for key in self.keys:
            body = key.removeprefix("key_")
            if f"crt_{body}" not in self.certificates and self._status(f"req_{body}") != "pending":
                yield f"{key} belongs to nothing"

    def _counts(self) -> Iterator[str]:
        held = Counter(
            group
            for certificate in self.certificates.values()
            if not certificate.get("renewed_by")
            for group in certificate["groups"]
        )
        for row in self.of_access("count"):
            group = row["pk"].removeprefix("count#")
            if row["held"] != held[group]:
                yield f"{group} counts {row['held']} and holds {held[group]}"
            if row.get("limit") is not None and row["held"] > row["limit"]:
                yield f"{group} holds {row['held']} and may hold {row['limit']}"

    def _history(self, certificate_id: str, certificate: Item) -> Iterator[str]:
        """Settings, counters and events tell the same story."""
        done = [event for event in self.events_of[certificate_id] if event["outcome"] == "done"]
        changes = [event for event in done if event["type"] in _CHANGES or "Request" in event["type"]]
        uses = [event for event in done if event["type"] == "Certificate Used"]
        usage = self.usages.get(certificate_id, {})
        if usage.get("usage_count", 0) != len(uses):
            yield f"{certificate_id} counts {usage.get('usage_count')} uses and has {len(uses)} events of them"
        if uses:
            newest = made_at(uses[-1]["pk"])
            told = usage.get("last_used_at")
            if usage.get("last_event") != uses[-1]["pk"]:
                yield f"{certificate_id} names {usage.get('last_event')} as its newest use, not {uses[-1]['pk']}"
            if told is None or abs(datetime.fromisoformat(told) - newest) > timedelta(seconds=1):
                yield f"{certificate_id} was last used at {newest} and says {told}"
        versions = sorted({version for event in changes if (version := _announced(event).get("version")) is not None})
        if versions != list(range(1, int(certificate["version"]) + 1)):
            yield f"{certificate_id} is at version {certificate['version']} and its events tell of {versions}"
        if certificate["last_event"] not in self.events:
            yield f"{certificate_id} names {certificate['last_event']} as its newest event, which is not there"
        told_states = [_announced(event).get("status") for event in changes if "Request" not in event["type"]]
        if told_states and told_states[-1] != certificate["status"]:
            yield f"{certificate_id} is {certificate['status']} and its newest event says {told_states[-1]}"

    def _order(self, certificate_id: str, events: list[dict[str, Any]]) -> Iterator[str]:
        """Events sort as they took effect: versions rise, and nothing is used that was disabled or gone."""
        enabled, gone, version = True, False, 0
        for event in events:
            if event["outcome"] != "done":
                continue
            kind = event["type"]
            if gone:
                yield f"{certificate_id}: {kind} after it was deleted"
            if kind == "Certificate Used":
                if not enabled:
                    yield f"{certificate_id}: {event['pk']} is a use while it was disabled"
                if _announced(event).get("version") != version:
                    yield f"{certificate_id}: {event['pk']} used another version than {version}"
            elif kind in _CHANGES:
                now = int(_announced(event).get("version", version))
                if now < version:
                    yield f"{certificate_id}: {event['pk']} sorts behind version {version} and made {now}"
                version = now
                enabled = _announced(event).get("status", "enabled") == "enabled"
            gone = gone or kind == "Certificate Deleted"
        if certificate_id in self.certificates:
            if gone:
                yield f"{certificate_id} was deleted, and is there"
        elif not gone and any(event["outcome"] == "done" and event["type"] in _CHANGES for event in events):
            yield f"{certificate_id} has events, was never deleted, and is not there"

    def _kept_answers(self) -> Iterator[str]:
        """What is kept for a repeat was done; what is only claimed holds its key for a while and says nothing.

        A claim is what a bulk action begins with, and what it leaves where it was killed: no answer, about nothing, and
        over by itself once no function can be at it any more.
        """
        now = datetime.now(UTC).timestamp()
        for row in self.rows["IdempotencyTable"]:
            is_claim = not bytes(row["body"])
            if not row.get("fingerprint"):
                yield f"{row['pk']} is kept for any request"
            if row["expires_at"] > now + (CLAIM_SECONDS if is_claim else KEPT_ANSWER_SECONDS):
                yield f"{row['pk']} is {'claimed' if is_claim else 'kept'} for too long"
            if is_claim:
                if "certificate_id" in row:
                    yield f"{row['pk']} is claimed and names {row['certificate_id']}"
                continue
            # Of a calendar link nothing is kept but which it was: its answer has a secret.
            body = json.loads(bytes(row["body"])).get("body") or "{}"
            told = json.loads(body) if body.startswith("{") else {}
            if "event_id" in told and told["event_id"] not in self.events:
                yield f"a signature is kept whose event {told['event_id']} is not there"
            if str(told.get("id", "")).startswith("crt_") and told["id"] not in self.events_of:
                yield f"an answer is kept about {told['id']}, of which nothing is known"

    def _access(self) -> Iterator[str]:
        revisions = {row["revision"] for row in self.of_access("revision")}
        if len(revisions) > 1:
            yield f"the copies of the revision differ: {sorted(revisions)}"
        things = {row["sk"]: row for row in self.rows["AccessTable"] if row["pk"] == "access"}
        for row in self.of_access("name"):
            if row["target"] not in things:
                yield f"{row['pk']} leads to {row['target']}, which is not there"
        counted = {row["pk"].removeprefix("count#") for row in self.of_access("count")}
        groups = {key for key, row in things.items() if row["kind"] == "group"}
        if counted != groups:
            yield f"groups {sorted(groups)} are counted as {sorted(counted)}"
        named = Counter(row["target"] for row in self.of_access("name"))
        for key in things:
            if key.startswith(("grp_", "pol_", "rol_")) and named[key] > 1:
                yield f"{key} has {named[key]} names"


def _announced(event: Item) -> Mapping[str, Any]:
    told = event.get("announcement") or {}
    return json.loads(told) if isinstance(told, str) else told
