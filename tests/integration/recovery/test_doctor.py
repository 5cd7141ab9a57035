"""`make doctor` finds each kind of fault, and nothing else; and it reads what it reads a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from signet.adapters.kms.kms_key_wrapper import KmsKeyWrapper
from signet.domain.signing.wrapped_key import WrappedKey
from tests.integration.recovery.store import ORDER
from tests.support.services.in_process import InProcess
from tests.support.services.over_http import at
from tools.recovery.deployment import CannotLookError
from tools.recovery.doctor import examine
from tools.recovery.findings import Kind
from tools.recovery.protection import apply_protection
from tools.recovery.tables import Tables

Plant = Callable[["Store"], None]


class Store:
    """The tables, for whoever damages them."""

    def __init__(self, signet: InProcess) -> None:
        self.signet = signet
        self.dynamodb = signet.client("dynamodb")

    def id(self, alias: str) -> str:
        """Of the certificate called so."""
        found: str = self.signet.admin.good("GET", at(alias))["id"]
        return found

    def key(self, table: str, pk: str, sk: str | None) -> dict[str, Any]:
        key = {"pk": {"S": pk}} if sk is None else {"pk": {"S": pk}, "sk": {"S": sk}}
        return {"TableName": self.signet.tables[table], "Key": key}

    def item(self, table: str, pk: str, sk: str | None = None) -> dict[str, Any]:
        item: dict[str, Any] = self.dynamodb.get_item(**self.key(table, pk, sk))["Item"]
        return item

    def put(self, table: str, item: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName=self.signet.tables[table], Item=item)

    def delete(self, table: str, pk: str, sk: str | None = None) -> None:
        self.item(table, pk, sk)
        self.dynamodb.delete_item(**self.key(table, pk, sk))

    def set(self, table: str, pk: str, sk: str | None, **attributes: Any) -> None:
        self.put(table, {**self.item(table, pk, sk), **attributes})

    def some(self, table: str, begins: str) -> dict[str, Any]:
        """An item whose key begins so."""
        return next(item for item in self.signet.items()[table] if item["pk"]["S"].startswith(begins))

    def named(self, kind: str) -> dict[str, Any]:
        """A policy, role or group."""
        return next(item for item in self.signet.items()["AccessTable"] if item.get("kind") == {"S": kind})


def certificate_without_key(store: Store) -> None:
    store.delete("PrivateKeyTable", store.id("other").replace("crt_", "key_"))


def key_without_certificate(store: Store) -> None:
    store.put("PrivateKeyTable", {**store.some("PrivateKeyTable", "key_"), "pk": {"S": "key_" + "0" * 24}})


def request_without_key(store: Store) -> None:
    waiting = store.signet.admin.items("/signing-requests", status="pending")[-1]["id"]
    store.delete("PrivateKeyTable", waiting.replace("req_", "key_"))


def unreadable(store: Store) -> None:
    item = store.item("CertificateTable", store.id("other"), "certificate")
    del item["alias"]
    store.put("CertificateTable", item)


def certificate_incomplete(store: Store) -> None:
    store.delete("CertificateTable", store.id("other"), "x509")


def part_without_certificate(store: Store) -> None:
    store.put("CertificateTable", {"pk": {"S": "crt_" + "0" * 24}, "sk": {"S": "x509"}, "x509": {"B": b"0"}})


def alias_dangles(store: Store) -> None:
    store.put(
        "CertificateTable",
        {"pk": {"S": "alias#nobody's"}, "sk": {"S": "alias"}, "target": {"S": store.id("other")}},
    )


def alias_missing(store: Store) -> None:
    store.delete("CertificateTable", "alias#other", "alias")


def uniqueness_without_owner(store: Store) -> None:
    store.put(
        "CertificateTable",
        {"pk": {"S": "spki#" + "0" * 64}, "sk": {"S": "pending"}, "target": {"S": "req_" + "0" * 24}},
    )


def name_without_owner(store: Store) -> None:
    store.put(
        "AccessTable", {"pk": {"S": "name#policy#nobody's"}, "sk": {"S": "name"}, "target": {"S": "pol_" + "0" * 24}}
    )


def uniqueness_missing(store: Store) -> None:
    thumbprint = store.item("CertificateTable", store.id("other"), "certificate")["thumbprint_sha256"]["S"]
    store.delete("CertificateTable", f"thumbprint#{thumbprint}", "thumbprint")


def listing_wrong(store: Store) -> None:
    store.set("CertificateTable", store.id("other"), "listing#owner#local/alice", status={"S": "disabled"})


def mark_wrong(store: Store) -> None:
    item = store.item("CertificateTable", store.id("other"), "certificate")
    del item["expiry_watch"]
    store.put("CertificateTable", item)


def renewal_dangles(store: Store) -> None:
    """A certificate that was renewed is lost, and nobody deleted it."""
    pk = store.item("CertificateTable", store.id("old"), "certificate")["renews"]["S"]
    for item in store.signet.items()["CertificateTable"]:
        if item["pk"]["S"] == pk or item["sk"]["S"] == f"found#{pk}" or item.get("target") == {"S": pk}:
            store.delete("CertificateTable", item["pk"]["S"], item["sk"]["S"])
    store.delete("PrivateKeyTable", pk.replace("crt_", "key_"))


def request_dangles(store: Store) -> None:
    """A certificate is said to wait for a request that has long ended: its settings, its entries, and the renewal."""
    pk, request = store.id("ca"), {"S": "req_" + "0" * 24}
    for item in store.signet.items()["CertificateTable"]:
        if item["sk"]["S"] == f"found#{pk}" or (item["pk"]["S"], item["sk"]["S"]) == (pk, "certificate"):
            store.put("CertificateTable", {**item, "renewal_state": {"S": "pending"}})
    store.set("CertificateTable", pk, "certificate", pending_request=request)
    renewal = {"pk": {"S": f"renewal#{pk}"}, "sk": {"S": "renewal"}, "target": request}
    store.put("CertificateTable", renewal)


def group_dangles(store: Store) -> None:
    document = {"S": store.named("role")["document"]["S"].replace("grp_1", "grp_0")}
    store.set("AccessTable", "access", store.named("role")["sk"]["S"], document=document)


def policy_dangles(store: Store) -> None:
    policy = next(
        item
        for item in store.signet.items()["AccessTable"]
        if item.get("kind") == {"S": "policy"} and "crt_" in item["document"]["S"]
    )
    document = {"S": policy["document"]["S"].replace(store.id("release"), "crt_" + "0" * 24)}
    store.set("AccessTable", "access", policy["sk"]["S"], document=document)


def uses_miscounted(store: Store) -> None:
    store.set("CertificateTable", store.id("release"), "usage", usage_count={"N": "7"})


def group_miscounted(store: Store) -> None:
    count = store.some("AccessTable", "count#")
    store.set("AccessTable", count["pk"]["S"], "count", held={"N": "9"})


def event_missing(store: Store) -> None:
    store.delete("EventTable", store.item("CertificateTable", store.id("ca"), "certificate")["last_event"]["S"])


def events_ahead(store: Store) -> None:
    """The certificate as it was before its description changed."""
    pk = store.id("locked")
    before = store.item("CertificateTable", pk, "certificate")
    store.signet.admin.call("PATCH", at("locked"), {"description": "Another"})
    store.put("CertificateTable", before)


def revision_split(store: Store) -> None:
    store.set("AccessTable", "revision#0", "revision", revision={"S": "rev_0"})


def calendar_link_dangles(store: Store) -> None:
    store.delete("AccessTable", "calendar-of#local/alice", "calendar")


COMES_WITH = {Kind.REQUEST_DANGLES: {Kind.UNIQUENESS_WITHOUT_OWNER}}
"""What one fault cannot be without."""

FAULTS: dict[Kind, tuple[Plant, ...]] = {
    Kind.CERTIFICATE_WITHOUT_KEY: (certificate_without_key,),
    Kind.KEY_WITHOUT_CERTIFICATE: (key_without_certificate,),
    Kind.REQUEST_WITHOUT_KEY: (request_without_key,),
    Kind.UNREADABLE: (unreadable,),
    Kind.CERTIFICATE_INCOMPLETE: (certificate_incomplete,),
    Kind.PART_WITHOUT_CERTIFICATE: (part_without_certificate,),
    Kind.ALIAS_DANGLES: (alias_dangles,),
    Kind.ALIAS_MISSING: (alias_missing,),
    Kind.UNIQUENESS_WITHOUT_OWNER: (uniqueness_without_owner, name_without_owner),
    Kind.UNIQUENESS_MISSING: (uniqueness_missing,),
    Kind.LISTING_WRONG: (listing_wrong,),
    Kind.MARK_WRONG: (mark_wrong,),
    Kind.RENEWAL_DANGLES: (renewal_dangles,),
    Kind.REQUEST_DANGLES: (request_dangles,),
    Kind.GROUP_DANGLES: (group_dangles,),
    Kind.POLICY_DANGLES: (policy_dangles,),
    Kind.USES_MISCOUNTED: (uses_miscounted,),
    Kind.GROUP_MISCOUNTED: (group_miscounted,),
    Kind.EVENT_MISSING: (event_missing,),
    Kind.EVENTS_AHEAD: (events_ahead,),
    Kind.REVISION_SPLIT: (revision_split,),
    Kind.CALENDAR_LINK_DANGLES: (calendar_link_dangles,),
}


def test_nothing_is_found_in_a_healthy_store(tables: Tables) -> None:
    assert [str(finding) for finding in examine(tables, open_keys=True)] == []


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("kind", "plant"),
    [(kind, plant) for kind, plants in FAULTS.items() for plant in plants],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_fault_is_found_and_nothing_else(kind: Kind, plant: Plant, signet: InProcess, tables: Tables) -> None:
    plant(Store(signet))

    found = list(examine(tables))

    assert {finding.kind for finding in found} == {kind} | COMES_WITH.get(kind, set()), "\n".join(map(str, found))


def test_every_kind_of_fault_is_planted_somewhere() -> None:
    elsewhere = {Kind.KEY_DOES_NOT_OPEN, Kind.WRONG_PRIVATE_KEY, Kind.TABLE_UNPROTECTED, Kind.WRAPPING_KEY_UNFIT}

    assert set(Kind) == {*FAULTS, *elsewhere}


def test_wrapped_keys_that_do_not_open_are_found_where_somebody_asks(signet: InProcess, tables: Tables) -> None:
    store = Store(signet)
    one, other = (store.id(alias).replace("crt_", "key_") for alias in ("release", "other"))
    store.set("PrivateKeyTable", one, None, sealed=store.item("PrivateKeyTable", other)["sealed"])

    assert list(examine(tables)) == []
    assert [(each.kind, each.subject) for each in examine(tables, open_keys=True)] == [(Kind.KEY_DOES_NOT_OPEN, one)]


def test_a_key_of_another_certificate_is_found(signet: InProcess, tables: Tables) -> None:
    store = Store(signet)
    one, other = (store.id(alias).replace("crt_", "key_") for alias in ("release", "other"))
    wrapper = KmsKeyWrapper(tables.deployment.wrapping_key, lambda: signet.client("kms"))
    opened = wrapper.unwrap(WrappedKey(bytes(store.item("PrivateKeyTable", other)["sealed"]["B"])), of=other)
    store.set("PrivateKeyTable", one, None, sealed={"B": wrapper.wrap(opened, of=one).ciphertext})

    (found,) = examine(tables, open_keys=True)

    assert (found.kind, found.subject) == (Kind.WRONG_PRIVATE_KEY, one)


def test_unasked_no_key_is_read_and_nothing_is_ever_written(signet: InProcess, tables: Tables) -> None:
    with signet.counting() as calls:
        list(examine(tables))

    assert {call.operation for call in calls.made} <= {
        *("Scan", "Query", "BatchGetItem", "TransactGetItems"),
        *("DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive"),
        *("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"),
    }
    assert not [call for call in calls.made if "sealed" in str(call.answer)]


def test_it_looks_at_one_page_after_the_other(signet: InProcess, tables: Tables) -> None:
    tables.page_items = 3
    Store(signet).delete("PrivateKeyTable", Store(signet).id("other").replace("crt_", "key_"))

    with signet.counting() as calls:
        found = list(examine(tables))

    assert [each.kind for each in found] == [Kind.CERTIFICATE_WITHOUT_KEY]
    assert max(call.answer["Count"] for call in calls.made if call.operation == "Scan") == 3


def test_a_certificate_that_is_used_meanwhile_is_no_fault(signet: InProcess, tables: Tables) -> None:
    alice, pages = signet.caller("alice"), tables.pages

    def busy(table: str) -> Any:
        for page in pages(table):
            yield page
            alice.good("POST", at("release", "sign"), ORDER)
            signet.admin.good("DELETE", at(signet.admin.import_certificate()["id"]))

    tables.pages = busy  # type: ignore[method-assign]

    assert list(examine(tables)) == []


@pytest.mark.one_in(4)
@pytest.mark.parametrize("table", ["CertificateTable", "PrivateKeyTable", "EventTable", "AccessTable"])
def test_a_table_without_recovery_or_protection_is_found(table: str, signet: InProcess, tables: Tables) -> None:
    name, dynamodb = signet.tables[table], signet.client("dynamodb")
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )

    found = list(examine(tables))
    apply_protection(tables.deployment, table)

    assert [(each.kind, each.subject) for each in found] == [(Kind.TABLE_UNPROTECTED, name)] * 2
    assert all(name in each.do for each in found)
    assert list(examine(tables)) == []


@pytest.mark.soak
def test_a_wrapping_key_that_is_unfit_is_found(signet: InProcess, tables: Tables) -> None:
    kms, key = signet.client("kms"), tables.deployment.wrapping_key.rpartition("/")[2]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    faults: dict[str, Callable[[], object]] = {
        "it is not rotated": lambda: kms.disable_key_rotation(KeyId=key),
        "keeps signet-us-east-1-answer-kms-call from": lambda: kms.put_key_policy(
            KeyId=key, PolicyName="default", Policy=policy.replace("answer-kms-call", "sign-with-certificate")
        ),
        "it is Disabled": lambda: kms.disable_key(KeyId=key),
    }
    try:
        for detail, plant in faults.items():
            plant()
            assert [each.kind for each in examine(tables) if detail in each.detail] == [Kind.WRAPPING_KEY_UNFIT]
    finally:
        kms.enable_key(KeyId=key)
        kms.enable_key_rotation(KeyId=key)
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    assert list(examine(tables)) == []


def test_a_table_that_is_not_there_cannot_be_looked_at(tables: Tables) -> None:
    missing = replace(tables.deployment, tables={**tables.deployment.tables, "AccessTable": "nowhere"})

    with pytest.raises(CannotLookError, match="nowhere"):
        list(examine(Tables(missing)))
