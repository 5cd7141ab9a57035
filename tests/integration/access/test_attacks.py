"""What somebody would send to see whether the contract's word is kept where nobody looked."""

import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.support.certificates.issued import Issued, a_key, in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at, overview_of

SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# --- moments at the ends of time ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["alias", "valid_to", "created_at"])
def test_everything_expires_before_the_last_moment_there_is(sort: str, admin: Client) -> None:
    made = admin.import_certificate()

    found = admin.items("/certificates", expires_before="9999-12-31T23:59:59.999999Z", sort=sort, q=made["alias"])

    assert [one["id"] for one in found] == [made["id"]]


@pytest.mark.parametrize("moment", ["3200-01-01T00:00:00Z", "5000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_events_are_before_any_moment_to_come_and_not_behind_it(moment: str, admin: Client) -> None:
    path = at(admin.import_certificate()["id"], "events")

    assert len(admin.items(path, to=moment)) == 1
    assert admin.items(path, from_=moment) == []


# --- every filter in every order ----------------------------------------------------------------------------------

STATES = {"expired": (-9, -1), "expiring": (-9, 20), "valid": (-9, 300), "not_yet_valid": (20, 300)}
"""Begin and end of a certificate in each, in days from now."""


@pytest.fixture(scope="module")
def several(signet: Service, admin: Client) -> dict[str, Any]:
    """Two certificates in each state, one of them disabled, all of one owner and in one group."""
    owner = signet.caller(unused_name("owner"))
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    made = []
    for begins, ends in STATES.values():
        for enabled in (True, False):
            issued = issue(begins_in_days=begins, days=ends)
            one = admin.import_certificate(issued, owner=owner.user, groups=[group])
            made.append(one if enabled else admin.good("POST", at(one["id"], "disable")))
    admin.good("POST", at(made[0]["id"], "renew"), {})
    return {"owner": owner, "group": group, "made": [admin.good("GET", at(one["id"])) for one in made]}


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Any], bool]]] = {
    "nothing": ({}, lambda one: True),
    "expired": ({"expiry": "expired"}, lambda one: one["expiry"]["state"] == "expired"),
    "expiring": ({"expiry": "expiring"}, lambda one: one["expiry"]["state"] == "expiring"),
    "valid": ({"expiry": "valid"}, lambda one: one["expiry"]["state"] == "valid"),
    "not yet valid": ({"expiry": "not_yet_valid"}, lambda one: one["expiry"]["state"] == "not_yet_valid"),
    "disabled": ({"status": "disabled"}, lambda one: one["status"] == "disabled"),
    "disabled and expiring": (
        {"status": "disabled", "expiry": "expiring"},
        lambda one: (one["status"], one["expiry"]["state"]) == ("disabled", "expiring"),
    ),
    "usable": (
        {"usable": "true"},
        lambda one: one["status"] == "enabled" and one["expiry"]["state"] in {"valid", "expiring"},
    ),
    "renewal pending": ({"renewal": "pending"}, lambda one: one["pending_request"] is not None),
    "expires before": (
        {"expires_before": (datetime.now(UTC) + timedelta(days=30)).isoformat()},
        lambda one: one["expiry"]["days_left"] < 30,
    ),
    "without an owner": ({"owner": "none"}, lambda one: False),
}


@pytest.mark.one_in(7)
@pytest.mark.parametrize("place", ["everywhere", "owner", "group"])
@pytest.mark.parametrize("sort", ["alias", "valid_to", "created_at"])
@pytest.mark.parametrize("wanted", FILTERS)
def test_every_filter_finds_what_it_is_for_in_every_order(
    wanted: str, sort: str, place: str, several: dict[str, Any], admin: Client
) -> None:
    query, matches = FILTERS[wanted]
    if wanted == "usable" and place != "owner":
        pytest.skip("only the owner may use them")
    caller = several["owner"] if place == "owner" else admin
    narrowed = {"group": several["group"]} if place == "group" else {"q": "test "}
    known = {one["id"]: one for one in several["made"]}
    key = {"alias": "alias", "valid_to": "valid_to", "created_at": "id"}[sort]

    for order in ("asc", "desc"):
        found = caller.items("/certificates", sort=sort, order=order, limit=3, **narrowed, **query)
        mine = [one["id"] for one in found if one["id"] in known]
        expected = sorted(
            (one for one in known.values() if matches(one)),
            key=lambda one: (one[key], one["id"]),
            reverse=order == "desc",
        )
        assert mine == [one["id"] for one in expected]


def test_the_start_of_an_alias_is_found_in_every_order(admin: Client) -> None:
    start = unused_name("Beginning")
    made = {admin.import_certificate(alias=f"{start} {number}")["id"] for number in range(3)}

    for sort in ("alias", "valid_to", "created_at"):
        found = admin.items("/certificates", q=start.upper(), sort=sort, limit=1)
        assert [one["id"] for one in found] == sorted(made, key=[one["id"] for one in found].index)
        assert len(found) == len(made)


# --- what is the same in NFC -------------------------------------------------------------------------------------


def test_a_long_alias_is_found_however_its_accents_are_composed(admin: Client) -> None:
    alias = unused_name("é" * 100)
    made = admin.import_certificate(alias=alias)

    assert admin.good("GET", at(decomposed(alias)))["id"] == made["id"]
    assert [one["id"] for one in admin.items("/certificates", q=decomposed(alias))] == [made["id"]]
    assert len(admin.items("/events", certificate=decomposed(alias))) == 1
    done = admin.good("POST", "/certificates/actions", {"action": "disable", "certificates": [decomposed(alias)]})
    assert done["summary"] == {"done": 1, "unchanged": 0, "failed": 0}


def test_a_pin_of_64_characters_is_right_however_its_accents_are_composed(admin: Client, alice: Client) -> None:
    pin = "é" * 64
    made = admin.import_certificate(owner=alice.user, pin=pin)

    for sent in (pin, decomposed(pin)):
        assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": sent}).status == 200


# --- the bounds of a question ------------------------------------------------------------------------------------


def test_an_event_lies_within_the_second_that_it_shows(admin: Client) -> None:
    path = at(admin.import_certificate()["id"], "events")
    (event,) = admin.items(path)
    shown = event["occurred_at"]
    second = datetime.fromisoformat(shown)

    assert admin.items(path, from_=shown, to=shown) == [event]
    assert admin.items(path, from_=(second + timedelta(seconds=1)).isoformat()) == []
    assert admin.items(path, to=(second - timedelta(seconds=1)).isoformat()) == []


def test_an_endless_cursor_is_a_bad_one(admin: Client) -> None:
    assert_refused(admin.get("/certificates?cursor=" + "A" * 5000), 422, "bad_cursor")


# --- queries that ask for nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["certificate", "user"])
def test_events_of_nobody_and_nothing_are_no_question(name: str, admin: Client) -> None:
    assert_refused(admin.get(f"/events?{name}="), 422, "invalid_input", name)


# --- null where it means nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"enabled": None}, {"priority": None}])
def test_null_does_not_bring_a_policy_back_into_force(fields: dict[str, Any], admin: Client) -> None:
    made = admin.import_certificate()
    settings = {
        "name": unused_name("policy"),
        "enabled": False,
        "action": "allow",
        "priority": 7,
        "what": {"certificates": [made["id"]]},
        "who": {"users": ["local/alice"]},
    }
    policy = admin.good("POST", "/policies", settings)

    assert_refused(admin.patch(f"/policies/{policy['id']}", fields), 422, "invalid_input", *fields)

    assert admin.good("GET", f"/policies/{policy['id']}") == policy


@pytest.mark.parametrize("fields", [{"certificate_groups": None}, {"priority": None}])
def test_null_does_not_open_all_groups_to_a_role(fields: dict[str, Any], admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    scope = [{"group": group, "rights": []}]
    role = admin.good("POST", "/roles", {"name": unused_name("role"), "certificate_groups": scope, "priority": 7})

    assert_refused(admin.patch(f"/roles/{role['id']}", fields), 422, "invalid_input", *fields)

    assert admin.good("GET", f"/roles/{role['id']}") == role


# --- which version -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("if_match", ['"1"', "*", '"7", "1"', '"another server\'s","1"', 'W/"1", "1"', ' "1"\t,'])
def test_one_of_the_versions_named_is_the_present_one(if_match: str, admin: Client) -> None:
    made = admin.import_certificate()

    assert admin.patch(at(made["id"]), {"description": "changed"}, if_match=if_match).json["version"] == 2


@pytest.mark.one_in(4)
@pytest.mark.parametrize("if_match", ['"2"', 'W/"1"', '"7", "8"', "1", '""', '"01"', '"1', "", ",", '"1" "2"', '"-1"'])
def test_none_of_the_versions_named_is_the_present_one(if_match: str, signet: Service, admin: Client) -> None:
    made = admin.import_certificate()

    with signet.nothing_stored():
        response = admin.patch(at(made["id"]), {"description": "changed"}, if_match=if_match)

    assert_refused(response, 412, "stale")


# --- events one by one -------------------------------------------------------------------------------------------


def test_an_event_has_an_etag_as_every_single_object_has(admin: Client) -> None:
    event = admin.items(at(admin.import_certificate()["id"], "events"))[0]

    assert admin.get(f"/events/{event['id']}").headers["etag"] == '"1"'


def test_an_event_that_a_role_finds_in_a_list_can_be_read_by_itself(signet: Service, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    auditor = signet.caller(unused_name("auditor"))
    admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": ["certificates:view", "events:view_certificates"],
            "certificate_groups": [{"group": group, "rights": []}],
            "users": [auditor.user],
        },
    )
    # Imported before it came into the role's group.
    made = admin.import_certificate()
    admin.good(
        "POST", "/certificates/actions", {"action": "add_to_groups", "certificates": [made["id"]], "groups": [group]}
    )

    listed = auditor.items(at(made["id"], "events"))

    assert len(listed) == 2
    assert [auditor.good("GET", f"/events/{event['id']}") for event in listed] == listed


# --- importing against somebody else's request -------------------------------------------------------------------


def group_of(admin: Client) -> str:
    return str(admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"])


def somebody_who(signet: Service, admin: Client, *permissions: str, **groups: list[str]) -> Client:
    """A caller with these permissions, and these rights on these groups."""
    caller = signet.caller(unused_name("somebody"))
    scope = [{"group": group, "rights": rights} for group, rights in groups.items()]
    role = {
        "name": unused_name("role"),
        "permissions": permissions,
        "certificate_groups": scope,
        "users": [caller.user],
    }
    admin.good("POST", "/roles", role)
    return caller


def answer_to(request: dict[str, Any]) -> Issued:
    """What a CA issues for it."""
    return issue(public_key=x509.load_pem_x509_csr(request["csr"].encode()).public_key())


IMPORTER = ("certificates:view", "certificates:import", "signing_requests:view")


def test_an_import_takes_a_renewal_out_of_no_group_without_the_right_to(signet: Service, admin: Client) -> None:
    mine, guarded = group_of(admin), group_of(admin)
    importer = somebody_who(signet, admin, *IMPORTER, **{mine: ["add"]})
    old = admin.import_certificate(groups=[mine, guarded])
    request = admin.good("POST", at(old["id"], "renew"), {})
    content = in_base64(answer_to(request).pem)

    with signet.nothing_stored("not_allowed", "not_allowed"):
        issued = {"content": content, "groups": [mine]}
        assert_refused(importer.post(f"/signing-requests/{request['id']}/certificate", issued), 403, "not_allowed")
        assert_refused(importer.post("/certificates", issued), 403, "not_allowed")

    made = importer.good("POST", f"/signing-requests/{request['id']}/certificate", {"content": content})
    assert {group["id"] for group in made["groups"]} == {mine, guarded}


def test_an_import_puts_no_other_pin_on_a_renewal_without_the_right_to(
    signet: Service, admin: Client, alice: Client
) -> None:
    group = group_of(admin)
    importer = somebody_who(signet, admin, *IMPORTER, **{group: ["add"]})
    old = admin.import_certificate(groups=[group], owner=alice.user, pin="the old one")
    request = admin.good("POST", at(old["id"], "renew"), {})
    body = {"content": in_base64(answer_to(request).pem), "groups": [group]}

    with signet.nothing_stored("not_allowed"):
        assert_refused(importer.post("/certificates", {**body, "pin": "mine now"}), 403, "not_allowed")

    made = importer.good("POST", "/certificates", body)
    assert made["renews"] == old["id"]
    assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": "the old one"}).status == 200


@pytest.mark.parametrize("rightful", ["against the request", "as any file"])
def test_who_imports_the_answer_first_without_a_right_keeps_nobody_from_it(
    rightful: str, signet: Service, admin: Client
) -> None:
    theirs, ours = group_of(admin), group_of(admin)
    squatter = somebody_who(signet, admin, *IMPORTER, "certificates:delete", **{theirs: ["add"]})
    importer = somebody_who(signet, admin, *IMPORTER, **{ours: ["add"]})
    settings = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name()}, "groups": [ours]}
    request = admin.good("POST", "/signing-requests", settings)
    content = in_base64(answer_to(request).pem)
    squatted = squatter.good("POST", "/certificates", {"content": content, "groups": [theirs]})
    assert not squatted["has_private_key"]

    path = f"/signing-requests/{request['id']}/certificate" if rightful == "against the request" else "/certificates"
    made = importer.good("POST", path, {"content": content, "groups": [ours]})

    assert (made["id"], made["has_private_key"]) == (request["id"].replace("req_", "crt_"), True)
    # What the other has does not show that it exists, and cannot harm it.
    assert squatter.good("GET", at(squatted["id"])) == overview_of(squatted)
    assert squatter.get(at(made["id"])).status == 404
    assert_refused(squatter.post("/certificates", {"content": content, "groups": [theirs]}), 409, "certificate_exists")
    assert squatter.delete(at(squatted["id"])).status == 204
    again = importer.post("/certificates", {"content": content, "groups": [ours]})
    assert_refused(again, 409, "certificate_exists")
    assert again.json["certificate_id"] == made["id"]


# --- more than an answer holds -----------------------------------------------------------------------------------

MOST_BYTES = 6 * 1024 * 1024
"""Of a Lambda's answer, in which every quotation mark of ours is escaped."""


def assert_all_in_pages(caller: Client, path: str, expected: set[str], **query: Any) -> None:
    pages = caller.pages(path, limit=200, **query)
    assert len(pages) > 1
    assert all(pages)
    assert all(len(json.dumps(json.dumps(page))) < MOST_BYTES for page in pages)
    found = [one["id"] for page in pages for one in page]
    assert len(found) == len(expected)
    assert set(found) == expected


def named(letters: str, times: int) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, letters)] * times)


def test_a_certificate_with_an_endless_name_is_not_taken(admin: Client) -> None:
    issued = issue(name=named("x" * 64, 400))

    response = admin.post("/certificates", {"content": in_base64(issued.pem)})

    assert_refused(response, 422, "unreadable_file")


@pytest.mark.soak
def test_long_names_make_short_pages(signet: Service, admin: Client) -> None:
    owner = signet.caller(unused_name("owner"))
    # Each quotation mark is two characters of the name's text, and takes four bytes in the answer.
    name = named('"' * 60, 120)
    key, above = a_key(), issue(name=name, ca=True)
    made = {
        admin.import_certificate(issue(name=name, key=key, issuer=above), owner=owner.user)["id"] for _ in range(40)
    }

    for sort in ("alias", "valid_to", "created_at"):
        assert_all_in_pages(owner, "/certificates", made, sort=sort, order="desc")


@pytest.mark.soak
def test_long_command_lines_make_short_pages(signet: Service, admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner=alice.user)
    line = {"application": {"command_line": '"' * 32767}}
    used = {alice.good("POST", at(made["id"], "sign"), {**SIGN, **line})["event_id"] for _ in range(40)}

    assert_all_in_pages(admin, at(made["id"], "events"), used, type="Certificate Used")
    assert (
        alice.post(at(made["id"], "sign"), {**SIGN, "application": {"command_line": "\U0001f511" * 32767}}).status
        == 200
    )
    longer = {**SIGN, "application": {"command_line": "x" * 32768}}
    assert_refused(alice.post(at(made["id"], "sign"), longer), 422, "invalid_input", "application.command_line")


def test_long_requests_make_short_pages_and_endless_ones_none(signet: Service, admin: Client) -> None:
    group = group_of(admin)
    maker = somebody_who(signet, admin, "signing_requests:view", "signing_requests:create", **{group: ["add"]})

    def names(length: int) -> dict[str, Any]:
        return {"uri": [f"https://example.com/{number:03}/".ljust(length, "x") for number in range(250)]}

    body = {"key_algorithm": "ECC_NIST_P256", "groups": [group], "subject_alternative_names": names(500)}
    made = {
        maker.good("POST", "/signing-requests", {**body, "subject": {"common_name": unused_name()}})["id"]
        for _ in range(16)
    }

    assert_all_in_pages(maker, "/signing-requests", made)
    endless = {**body, "subject": {"common_name": unused_name()}, "subject_alternative_names": names(560)}
    assert_refused(maker.post("/signing-requests", endless), 422, "invalid_input", "subject_alternative_names")


# --- policies opened by who may not assign what they name ---------------------------------------------------------


def test_who_may_not_assign_a_group_opens_no_policy_about_it_to_more_callers(signet: Service, admin: Client) -> None:
    group = group_of(admin)
    editor = somebody_who(signet, admin, "policies:view", "policies:edit", "certificates:view", **{group: []})
    certificate = admin.import_certificate(groups=[group])["id"]
    settings = {"what": {"groups": [group]}, "who": {"users": ["local/alice"]}}
    allow = admin.good("POST", "/policies", {"name": unused_name("policy"), "action": "allow", **settings})
    deny = {"name": unused_name("policy"), "action": "deny", "who": {"users": [editor.user]}, "what": settings["what"]}
    deny = admin.good("POST", "/policies", deny)

    for policy, change in (
        (allow, {"who": {"users": ["local/alice", editor.user]}}),
        (allow, {"who": {"user_groups": ["local/everybody"]}}),
        (deny, {"action": "allow"}),
    ):
        assert_refused(editor.patch(f"/policies/{policy['id']}", change), 403, "not_allowed")
        assert admin.good("GET", f"/policies/{policy['id']}") == policy
    assert_refused(editor.post(at(certificate, "sign"), SIGN), 403, "not_allowed_by_policy")

    # What takes something away, or only tells it, is a change as any other.
    closed = {"description": "closed", "enabled": False, "priority": 3}
    assert editor.good("PATCH", f"/policies/{allow['id']}", closed)["enabled"] is False
    assert_refused(editor.patch(f"/policies/{allow['id']}", {"enabled": True}), 403, "not_allowed")


@pytest.mark.parametrize("gone", [False, True], ids=["renewed", "renewed and deleted"])
def test_naming_what_was_renewed_gives_nobody_its_renewal_in_another_group(
    gone: bool, signet: Service, admin: Client
) -> None:
    mine, guarded = group_of(admin), group_of(admin)
    rights = {mine: ["assign"]}
    writer = somebody_who(signet, admin, "policies:view", "policies:create", "policies:edit", **rights)
    old = admin.import_certificate(groups=[mine])["id"]
    request = admin.good("POST", at(old, "renew"), {})
    issued = {"content": in_base64(answer_to(request).pem), "groups": [guarded]}
    new = admin.good("POST", f"/signing-requests/{request['id']}/certificate", issued)["id"]
    allow = {"name": unused_name("policy"), "action": "allow", "who": {"users": [writer.user]}}
    theirs = {**allow, "who": {"users": ["local/alice"]}, "what": {"certificates": [old], "groups": [mine]}}
    policy = admin.good("POST", "/policies", theirs)
    if gone:
        assert admin.delete(at(old)).status == 204
    else:
        assert_refused(writer.post("/policies", {**allow, "what": {"certificates": [old]}}), 403, "not_allowed")

    opened = writer.patch(f"/policies/{policy['id']}", {"who": {"users": ["local/alice", writer.user]}})

    assert_refused(opened, 403, "not_allowed")
    assert writer.post(at(new, "sign"), SIGN).status == 404


# --- what is left of a certificate in a group that was deleted ----------------------------------------------------


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "once changed"])
def test_nothing_is_left_of_a_deleted_certificate_whose_group_went_before(
    changed: bool, signet: Service, admin: Client
) -> None:
    group = group_of(admin)
    made = admin.import_certificate(groups=[group], alias=unused_name("gone"))
    assert admin.delete(f"/certificate-groups/{group}").status == 204
    if changed:
        admin.good("PATCH", at(made["id"]), {"description": "in no group any more"})
        assert not any(group in row for row in signet.stored()["CertificateTable"])

    assert admin.delete(at(made["id"])).status == 204

    assert not [row for row in signet.stored()["CertificateTable"] if made["id"] in row or made["alias"] in row]
