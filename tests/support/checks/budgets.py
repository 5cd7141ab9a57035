"""What each action costs in AWS calls, round trips and capacity units: counted, and the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.template import ACCOUNT, REGION
from signet.adapters.dynamodb.rows.certificate_rows import listing_rows, settings_row, usage_row
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Usage
from tests.support.certificates.domain_examples import a_certificate
from tests.support.certificates.issued import Issued, a_key, authority, in_base64, issue, unused_name
from tests.support.services.access_seeds import stored_group, stored_policies
from tests.support.services.in_process import InProcess, InProcessClient
from tests.support.services.over_http import Response, at

ORDER = {"message": in_base64(b"m"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}

FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"status": "enabled"},
    {"status": "disabled"},
    {"expiry": "not_yet_valid"},
    {"expiry": "valid"},
    {"expiry": "expiring"},
    {"expiry": "expired"},
    {"owner": "local/alice"},
    {"owner": "none"},
    {"group": "GROUP"},
    {"q": "example 1"},
    {"expires_before": "2030-01-01T00:00:00Z"},
    {"renewal": "pending"},
    {"usable": "true"},
    {"thumbprint": "F" * 64},
    {"thumbprint": f"{1:064X}"},
    {"serial_number": f"{1:016X}"},
    {"subject": "example 1"},
    {"issuer": "no such"},
    {"contains": "example"},
    {"include": "certificate"},
    {"status": "enabled", "expiry": "valid", "owner": "local/alice", "usable": "true"},
)
SORTS = tuple(product(("alias", "valid_to", "created_at"), ("asc", "desc")))


@dataclass(frozen=True)
class Cost:
    """What one action cost."""

    action: str
    calls: int
    round_trips: int
    units: float
    names: tuple[str, ...]
    response: Response

    def __str__(self) -> str:
        return f"{self.action:<58} {self.round_trips:>5} {self.calls:>5} {self.units:>7g}  {' '.join(self.names)}"


HEADER = f"{'action':<58} {'trips':>5} {'calls':>5} {'units':>7}"


def cost(signet: InProcess, action: str, send: Callable[[], Response]) -> Cost:
    """What `send` costs now."""
    with signet.counting() as calls:
        response = send()
        names = tuple(name.partition(":")[2] for name in calls.names)
        return Cost(action, len(names), calls.round_trips, calls.capacity, names, response)


def cold_key(signet: InProcess) -> None:
    """Forget the private keys, and nothing else."""
    from signet.wiring import wiring

    wiring().__dict__.pop("keys", None)


def of_signing(signet: InProcess) -> Iterator[Cost]:
    """Each way to sign, warm: the first of its kind has been."""
    signet.forget()
    admin, alice = signet.admin, signet.caller("alice")
    made = admin.import_certificate(alias="signs", owner="local/alice")
    yield warm(signet, "sign by alias, key in memory", lambda: alice.post(at("signs", "sign"), ORDER))
    yield warm(signet, "sign by id, key in memory", lambda: alice.post(at(made["id"], "sign"), ORDER))
    cold_key(signet)
    yield cost(signet, "sign by alias, key not in memory", lambda: alice.post(at("signs", "sign"), ORDER))
    cold_key(signet)
    yield cost(signet, "sign by id, key not in memory", lambda: alice.post(at(made["id"], "sign"), ORDER))
    keys = iter(("first", "second"))
    yield warm(signet, "sign with an Idempotency-Key", lambda: alice.post(at("signs", "sign"), ORDER, key=next(keys)))
    yield cost(
        signet, "sign, the answer kept for a repeat", lambda: alice.post(at("signs", "sign"), ORDER, key="second")
    )
    yield warm(signet, "sign, dry run", lambda: alice.post(at("signs", "sign"), {**ORDER, "dry_run": True}))
    admin.import_certificate(alias="with pin", owner="local/alice", pin="2468")
    yield warm(signet, "sign with PIN", lambda: alice.post(at("with pin", "sign"), {**ORDER, "pin": "2468"}))
    yield warm(signet, "sign with a wrong PIN", lambda: alice.post(at("with pin", "sign"), {**ORDER, "pin": "1357"}))
    admin.import_certificate(with_chain(10), alias="chain of 10", owner="local/alice")
    yield warm(signet, "sign, chain of 10", lambda: alice.post(at("chain of 10", "sign"), ORDER))
    # A policy names the stranger, for something else: what is refused is recorded.
    stored_policies([policy(98, ["crt_0000000000000000000000zz"], ["local/stranger"])])
    stranger = signet.caller("stranger")
    yield warm(signet, "sign, of what is not seen, recorded", lambda: stranger.post(at("signs", "sign"), ORDER))
    yield warm(signet, "sign, of what is not there, recorded", lambda: stranger.post(at("nothing", "sign"), ORDER))
    bob = signet.caller("bob")
    # Another name than the policies are about, of the same length: an item's size is what it is billed by.
    one = stored_policies([policy(0, [made["id"]], ["local/bob"])])
    yield warm(signet, "sign, allowed by the 1 policy", lambda: bob.post(at("signs", "sign"), ORDER))
    more = [policy(number, [made["id"]], ["local/bob"], priority=200) for number in range(1, 50)]
    assert one
    stored_policies(more)
    yield warm(signet, "sign, allowed by one of 50 policies", lambda: bob.post(at("signs", "sign"), ORDER))


def of_the_rest(signet: InProcess) -> Iterator[Cost]:
    """Get, import and the changes, warm."""
    signet.forget()
    admin = signet.admin
    made = admin.import_certificate(alias="there", owner="local/alice")
    yield warm(signet, "get by id", lambda: admin.get(at(made["id"])))
    yield warm(signet, "get by alias", lambda: admin.get(at("there")))
    signet.forget()
    admin.get("/me")
    yield cost(signet, "get by an alias not seen before", lambda: admin.get(at("there")))
    yield warm(signet, "get, of what is not there", lambda: admin.get(at("nothing")))
    yield warm(signet, "details", lambda: admin.get(at("there", "details")))
    yield warm(signet, "download", lambda: admin.get(at("there", "download"), format="pem_chain"))
    yield warm(signet, "related", lambda: admin.get(at("there", "related")))
    group = stored_group(unused_name("Group"))
    admin.get("/me")
    bodies = [issue().body(alias=unused_name("import"), owner="local/alice", groups=[group]) for _ in range(2)]
    yield cost(signet, "import with its key", lambda: admin.post("/certificates", bodies[0]))
    yield cost(
        signet, "import, with an Idempotency-Key", lambda: admin.post("/certificates", bodies[1], key="an import")
    )
    public = issue()
    only = {"content": in_base64(public.pem), "alias": unused_name("public")}
    yield cost(signet, "import without a key", lambda: admin.post("/certificates", only))
    yield cost(signet, "import of the key to it", lambda: admin.post("/certificates", public.body()))
    yield cost(signet, "import of what is there", lambda: admin.post("/certificates", public.body()))
    yield cost(signet, "update", lambda: admin.patch(at("there"), {"description": "d", "pin": "2468"}))
    yield cost(signet, "update of the alias", lambda: admin.patch(at("there"), {"alias": "elsewhere"}))
    yield cost(signet, "disable", lambda: admin.post(at(made["id"], "disable")))
    yield cost(signet, "enable", lambda: admin.post(at(made["id"], "enable")))
    yield warm(signet, "events of a certificate", lambda: admin.get(at(made["id"], "events")))
    yield warm(signet, "events", lambda: admin.get("/events"))
    yield cost(signet, "delete", lambda: admin.delete(at(made["id"])))


def of_lists(
    signet: InProcess,
    group: str,
    client: InProcessClient,
    named: str,
    sorts: Sequence[tuple[str, str]] = SORTS,
    limit: int = 50,
) -> Iterator[Cost]:
    """A page of each filter in each order."""
    client.get("/certificates", limit=1)
    for filters in FILTERS:
        for sort, order in sorts:
            query = {name: group if value == "GROUP" else value for name, value in filters.items()}
            told = " ".join(f"{name}={value}" for name, value in filters.items()) or "no filter"
            asked = {**query, "sort": sort, "order": order, "limit": str(limit)}
            yield cost(
                signet,
                f"{named}: {told}, {sort} {order}",
                lambda asked=asked: client.get("/certificates", **asked),  # type: ignore[misc]
            )


def warm(signet: InProcess, action: str, send: Callable[[], Response]) -> Cost:
    """What `send` costs the second time."""
    send()
    return cost(signet, action, send)


def policy(number: int, certificates: list[str], users: list[str], priority: int = 100) -> dict[str, Any]:
    """A policy as its body has it."""
    return {
        "name": f"policy {number:02}",
        "description": "",
        "enabled": True,
        "action": "allow",
        "priority": priority,
        "what": {"certificates": certificates, "groups": []},
        "who": {"users": users, "user_groups": []},
        "where": {"processes": [], "command_lines": [], "source_networks": []},
        "when": [],
    }


def with_chain(length: int) -> Issued:
    """A certificate below `length` others."""
    issuer = authority()
    for number in range(length - 1):
        issuer = issue(f"CA {number}", key=a_key(), issuer=issuer, ca=True)
    return issue(issuer=issuer)


def many_certificates(signet: InProcess, count: int, group: str) -> None:
    """`count` certificates straight into the table: of every kind that lists tell apart, a third of them alice's."""
    now = datetime.now(UTC)
    ends = (now - timedelta(days=10), now + timedelta(days=20), now + timedelta(days=400), now + timedelta(days=900))
    rows = []
    for number in range(count):
        certificate = a_certificate(
            not_after=ends[number % 4],
            alias=Alias(f"example {number:06}"),
            owner=("local/alice", "local/bob", None)[number % 3],
            enabled=number % 5 > 0,
            groups=(group,) if number % 2 else (),
            pending_request="req_0" if number % 7 == 0 else None,
            key_version=1,
        )
        rows += [settings_row(certificate), usage_row(certificate.id, Usage()), *listing_rows(certificate)]
    table = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables["CertificateTable"]]
    put_straight(table, (row.serialize(null_check=False) for row in rows))


def put_straight(table: Any, items: Iterable[dict[str, Any]]) -> None:
    """Past the interface, which takes a millisecond each."""
    from moto.dynamodb.models.dynamo_type import Item

    for item in items:
        pk, sk = DynamoType(item["pk"]), DynamoType(item["sk"])
        made = Item(pk, sk, item)
        table.items[pk][sk] = made
