"""What is long makes short pages, and what is endless is not taken."""

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.support.certificates.issued import a_key, in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at
from tests.support.services.somebody import SIGN, group_of, somebody_who

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
