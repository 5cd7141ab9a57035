"""ListCertificates over HTTP: every filter, sort and order, alone and together, against a list made in Python."""

import base64
import csv
import hashlib
import io
import itertools
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, at

OWNER = "local/lister"
SOON = (datetime.now(UTC) + timedelta(days=45)).strftime("%Y-%m-%dT%H:%M:%SZ")
CSV = {"Accept": "text/csv"}
LONG_AGO = "2001-01-01T00:00:00Z"

Overview = Mapping[str, Any]


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@pytest.fixture(scope="module")
def lister(signet: Service) -> Client:
    """Who owns all of them, and has no role."""
    return signet.caller("lister")


@pytest.fixture(scope="module")
def group(admin: Client) -> str:
    """A certificate group with some of them."""
    return str(admin.good("POST", "/certificate-groups", {"name": unused_name("listed")})["id"])


@pytest.fixture(scope="module")
def made(admin: Client, lister: Client, group: str) -> list[Overview]:
    """Certificates of every kind, as their overviews show them."""
    mark = unused_name("mark")
    validities = [
        (-30, -2),
        (-30, -0.5),
        (-1, 0.5),
        (-1, 6),
        (-1, 29),
        (-1, 80),
        (-1, 120),
        (-1, 900),
        (3, 90),
        (40, 400),
    ]
    names = ["Alpha", "alpha", "ÄRGER", "ärger", "Zeta", "zeta", "Straße", "strasse", "Ωmega", "签名"]
    ids = []
    for number, ((begins, ends), name) in enumerate(zip(validities, names, strict=True)):
        issued = issue(begins_in_days=begins, days=ends)
        fields: dict[str, Any] = {"alias": f"{name} {number} {mark}", "owner": OWNER}
        if number % 3 == 0:
            fields["groups"] = [group]
        if number == 5:
            got = admin.good("POST", "/certificates", {"content": in_base64(issued.der), **fields})
        else:
            got = admin.import_certificate(issued, **fields)
        ids.append(got["id"])
    for number in (1, 4, 7):
        admin.good("POST", at(ids[number], "disable"))
    for number in (3, 4):
        admin.good("POST", at(ids[number], "renew"))
    return [lister.good("GET", at(each)) for each in ids]


def usable(one: Overview) -> bool:
    return one["status"] == "enabled" and one["has_private_key"] and one["expiry"]["state"] in {"valid", "expiring"}


FILTERS: dict[str, tuple[dict[str, str], Callable[[Overview], bool]]] = {
    "enabled": ({"status": "enabled"}, lambda one: one["status"] == "enabled"),
    "disabled": ({"status": "disabled"}, lambda one: one["status"] == "disabled"),
    "not yet valid": ({"expiry": "not_yet_valid"}, lambda one: one["expiry"]["state"] == "not_yet_valid"),
    "valid": ({"expiry": "valid"}, lambda one: one["expiry"]["state"] == "valid"),
    "expiring": ({"expiry": "expiring"}, lambda one: one["expiry"]["state"] == "expiring"),
    "expired": ({"expiry": "expired"}, lambda one: one["expiry"]["state"] == "expired"),
    "mine": ({"owner": OWNER}, lambda one: one["owner"] == OWNER),
    "nobody's": ({"owner": "none"}, lambda one: one["owner"] is None),
    "somebody else's": ({"owner": "local/somebody-else"}, lambda one: False),
    "begins with a": ({"q": "A"}, lambda one: folded(one["alias"]).startswith("a")),
    "begins with ä": ({"q": "A\u0308"}, lambda one: folded(one["alias"]).startswith("ä")),
    "begins with stras": ({"q": "STRASS"}, lambda one: folded(one["alias"]).startswith("strass")),
    "begins with a sign": ({"q": "签"}, lambda one: one["alias"].startswith("签")),
    "ends soon": ({"expires_before": SOON}, lambda one: one["valid_to"] < SOON),
    "ended long ago": ({"expires_before": LONG_AGO}, lambda one: False),
    "being renewed": ({"renewal": "pending"}, lambda one: one["pending_request"] is not None),
    "usable": ({"usable": "true"}, usable),
    "issued by": ({"issuer": "eXAMPLE"}, lambda one: "example" in folded(one["issuer"])),
    "called": ({"subject": "cn="}, lambda one: "cn=" in folded(one["subject"])),
    "called otherwise": ({"subject": "nobody is called so"}, lambda one: False),
    "with tra in it": ({"contains": "TRA"}, lambda one: "tra" in folded(one["alias"])),
}
SORTS: dict[str, Callable[[Overview], Any]] = {
    "alias": lambda one: folded(one["alias"]),
    "valid_to": lambda one: one["valid_to"],
    "created_at": lambda one: one["id"],
}
PAIRS = [
    pair
    for pair in itertools.combinations(FILTERS, 2)
    if not set(FILTERS[pair[0]][0]) & set(FILTERS[pair[1]][0])  # a parameter comes once
]
EXCLUDE_EACH_OTHER = {
    ("disabled", "usable"),
    ("not yet valid", "usable"),
    ("expired", "usable"),
    ("ended long ago", "usable"),
    ("valid", "ended long ago"),
    ("expiring", "ended long ago"),
}


def expected(made: list[Overview], *names: str, sort: str = "alias", order: str = "asc") -> list[str]:
    chosen = [one for one in made if all(FILTERS[name][1](one) for name in names)]
    return [one["id"] for one in sorted(chosen, key=SORTS[sort], reverse=order == "desc")]


def asked(*names: str) -> dict[str, Any]:
    return {key: value for name in names for key, value in FILTERS[name][0].items()}


def listed(client: Client, **query: Any) -> Iterator[str]:
    for one in client.items("/certificates", **query):
        yield one["id"]


def test_without_filters_it_is_everything_that_the_caller_sees(lister: Client, made: list[Overview]) -> None:
    assert lister.items("/certificates") == sorted(made, key=SORTS["alias"])


@pytest.mark.one_in(5)
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 200])
def test_pages_of_every_size_are_the_list(
    sort: str, order: str, limit: int, lister: Client, made: list[Overview]
) -> None:
    assert list(listed(lister, sort=sort, order=order, limit=limit)) == expected(made, sort=sort, order=order)


@pytest.mark.one_in(4)
@pytest.mark.clock
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_takes_what_it_says(name: str, lister: Client, made: list[Overview]) -> None:
    for sort, order in itertools.product(SORTS, ("asc", "desc")):
        wanted = expected(made, name, sort=sort, order=order)
        assert list(listed(lister, **asked(name), sort=sort, order=order)) == wanted
    assert list(listed(lister, **asked(name), limit=2)) == expected(made, name)


@pytest.mark.one_in(11)
@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in EXCLUDE_EACH_OTHER], ids=" and ".join)
def test_of_two_filters_both_must_match(pair: tuple[str, str], lister: Client, made: list[Overview]) -> None:
    assert list(listed(lister, **asked(*pair), sort="valid_to", limit=4)) == expected(made, *pair, sort="valid_to")


@pytest.mark.parametrize("pair", sorted(EXCLUDE_EACH_OTHER), ids=" and ".join)
def test_two_filters_that_exclude_each_other_are_refused(pair: tuple[str, str], lister: Client) -> None:
    answer = lister.get("/certificates", **asked(*pair))

    assert answer.status == 422, answer
    assert {error["field"] for error in answer.json["errors"]} < set(asked(*pair))


@pytest.mark.parametrize("name", [name for name in FILTERS if "owner" not in FILTERS[name][0] and name != "usable"])
def test_an_administrator_gets_the_same_of_an_owner(name: str, admin: Client, made: list[Overview]) -> None:
    for sort in SORTS:
        assert list(listed(admin, **asked(name), owner=OWNER, sort=sort)) == expected(made, name, sort=sort)


def test_what_an_administrator_does_not_own_is_not_usable_to_them(admin: Client, made: list[Overview]) -> None:
    assert list(listed(admin, owner=OWNER, usable="true")) == []


def test_a_group_is_a_filter_for_who_sees_it(admin: Client, group: str, made: list[Overview]) -> None:
    inside = [one for one in made if group in {each["id"] for each in one["groups"]}]

    for sort, key in SORTS.items():
        assert list(listed(admin, group=group, sort=sort)) == [one["id"] for one in sorted(inside, key=key)]
    disabled = [one["id"] for one in inside if one["status"] == "disabled"]
    assert set(listed(admin, group=group, status="disabled")) == set(disabled)


def test_a_change_is_in_the_list_in_a_moment(admin: Client, lister: Client, made: list[Overview]) -> None:
    fresh = admin.import_certificate(owner=OWNER, alias=unused_name("zz fresh"))

    assert fresh["id"] in set(listed(lister))
    admin.good("PATCH", at(fresh["id"]), {"owner": "local/somebody-new"})
    assert fresh["id"] not in set(listed(lister))
    assert admin.delete(at(fresh["id"])).status == 204
    assert fresh["id"] not in set(listed(admin, q="zz fresh"))


@pytest.mark.one_in(5)
@pytest.mark.parametrize("name", [None, *FILTERS])
def test_the_total_is_the_number_of_all_pages_together(name: str | None, lister: Client, made: list[Overview]) -> None:
    names = () if name is None else (name,)

    page = lister.good("GET", "/certificates", **asked(*names), count="true", limit=2)

    assert page["total"] == len(expected(made, *names))
    assert "total_is_at_least" not in page


def test_a_certificate_is_found_by_what_is_written_of_it(admin: Client, lister: Client, made: list[Overview]) -> None:
    for one in made[:3]:
        sha1, sha256 = one["thumbprint_sha1"], one["thumbprint_sha256"]
        with_colons = ":".join(sha1[place : place + 2] for place in range(0, 40, 2))
        for thumbprint in (sha1, sha256, sha256.lower(), with_colons):
            assert list(listed(lister, thumbprint=thumbprint)) == [one["id"]]
        for sort in SORTS:
            assert list(listed(admin, serial_number=one["serial_number"].lower(), sort=sort)) == [one["id"]]
        assert list(listed(lister, thumbprint=sha1, serial_number="01")) == []
        page = lister.good("GET", "/certificates", thumbprint=sha1, count="true")
        assert page["total"] == 1


def test_what_is_not_seen_is_not_found_by_its_thumbprint(signet: Service, made: list[Overview]) -> None:
    nobody = signet.caller("lister-of-nothing")
    for name in ("thumbprint_sha1", "thumbprint_sha256", "serial_number"):
        page = nobody.good("GET", "/certificates", **{name.partition("_sha")[0]: made[0][name], "count": "true"})
        assert page == {"items": [], "next_cursor": None, "total": 0}


def test_several_certificates_share_a_serial_number_page_by_page(signet: Service, admin: Client) -> None:
    sharer = signet.caller("lister-of-the-same")
    number = 0xC0FFEE
    ids = [
        admin.import_certificate(issue(serial_number=number), owner=sharer.user, alias=unused_name(f"shares {letter}"))[
            "id"
        ]
        for letter in "abc"
    ]

    assert list(listed(sharer, serial_number="c0:ff:ee", limit=1)) == ids
    assert list(listed(sharer, serial_number="c0ffee", limit=1, order="desc", q="shares")) == ids[::-1]
    assert admin.delete(at(ids[1])).status == 204
    assert list(listed(sharer, serial_number="C0FFEE")) == [ids[0], ids[2]]


def test_each_certificate_comes_with_its_der_where_that_is_asked_for(lister: Client, made: list[Overview]) -> None:
    for one in lister.items("/certificates", include="certificate", limit=3):
        assert hashlib.sha256(base64.b64decode(one["certificate"])).hexdigest().upper() == one["thumbprint_sha256"]
    assert all("certificate" not in one for one in lister.items("/certificates"))


@pytest.mark.clock
def test_the_inventory_takes_the_same_filters_and_goes_on_by_its_header(lister: Client, made: list[Overview]) -> None:
    rows, cursor = [], None
    while True:
        more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
        answer = lister.get("/certificates", headers=CSV, status="enabled", limit=3, count="true", **more)
        rows += list(csv.DictReader(io.StringIO(answer.body.decode())))
        cursor = answer.headers.get("x-next-cursor")
        if cursor is None:
            break

    wanted = expected(made, "enabled")
    assert [row["id"] for row in rows] == wanted
    assert answer.headers["x-total"] == str(len(wanted))
    assert {row["alias"] for row in rows} == {one["alias"] for one in made if one["id"] in wanted}
