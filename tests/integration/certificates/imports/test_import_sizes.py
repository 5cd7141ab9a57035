"""How large a file, a certificate and a name may be to come in."""

import pytest

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.integration.certificates.imports.refused_files import MAX_FILE, file, leaf
from tests.support.certificates import forged_files as forged
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused


def test_a_file_over_256_kib_is_too_large(signet: Service, admin: Client) -> None:
    padded = leaf().pem + leaf().key_pem()
    padded = padded.rjust(MAX_FILE, b"\n")

    with signet.nothing_stored():
        too_long = admin.post("/certificates", file(b"\n" + padded, alias=unused_name()))
        far_too_long = admin.post("/certificates", file(bytes(4 * 1024 * 1024), alias=unused_name()))

    assert_refused(too_long, 413, "file_too_large")
    assert_refused(far_too_long, 413, "file_too_large")


def test_a_certificate_that_says_more_than_can_be_shown_is_too_large(signet: Service, admin: Client) -> None:
    points = forged.extension("2.5.29.31", forged.sequence(b"\x30\x00" * 130_000))
    certificate = forged.certificate_of(extensions=forged.sequence(points))
    assert len(certificate) < MAX_FILE

    with signet.nothing_stored():
        response = admin.post("/certificates", file(certificate, alias=unused_name()), key=unused_name())

    assert_refused(response, 413, "file_too_large")


def test_the_longest_path_that_a_file_has_room_for_is_stored_and_shown(admin: Client) -> None:
    above = authority_of_long_names(None)
    path = [above]
    while sum(len(each.der) for each in path) < MAX_FILE - 100_000:
        path.append(authority_of_long_names(path[-1]))
    content = forged.pkcs7(*(each.der for each in path))

    got = admin.good("POST", "/certificates", file(content, alias=unused_name()))

    details = admin.good("GET", f"/certificates/{got['id']}/details")
    assert len(details["chain"]) == len(path) - 1
    for download in ("pem_chain", "pkcs7"):
        assert admin.get(f"/certificates/{got['id']}/download?format={download}").status == 200
    listed = admin.good("GET", "/certificates", q=got["alias"])
    assert [item["id"] for item in listed["items"]] == [got["id"]]


@pytest.mark.parametrize(
    ("letter", "count"),
    [("\U0001f511", 16_000), ("\u0390", 16_000), ("\0", 5_000), ('"', 8_000)],
    ids=["four bytes each", "three letters in lower case", "three letters when escaped", "two when escaped"],
)
def test_the_longest_names_that_come_in_are_stored_listed_and_shown(letter: str, count: int, admin: Client) -> None:
    name = forged.sequence(
        element(
            tags.SET,
            forged.sequence(forged.oid("2.5.4.10"), element(tags.UTF8_STRING, (letter * count).encode())),
        )
    )
    certificate = forged.certificate_of(subject=name)

    got = admin.good("POST", "/certificates", file(certificate, alias=unused_name()))

    assert admin.good("GET", f"/certificates/{got['id']}/details")["subject_attributes"][0]["value"] == letter * count
    assert admin.good("GET", "/certificates", q=got["alias"])["items"][0]["id"] == got["id"]
    assert admin.good("PATCH", f"/certificates/{got['id']}", {"description": "x"})["description"] == "x"
    assert admin.good("GET", f"/certificates/{got['id']}/events")["items"]


def authority_of_long_names(by: forged.Issued | None) -> forged.Issued:
    """Its subject is some 8,000 letters of three bytes."""
    return forged.issue(unused_name(), by=by, organization="\u4e2d" * 8_000)


def test_a_file_of_256_kib_comes_in(admin: Client) -> None:
    issued = issue()
    padded = (issued.pem + issued.key_pem()).rjust(MAX_FILE, b"\n")

    assert admin.good("POST", "/certificates", file(padded, alias=unused_name()))["has_private_key"]


def test_a_body_over_what_lambda_takes_never_reaches_it(signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", {"content": "A" * 7 * 1024 * 1024})

    assert (response.status, set(response.json)) == (413, {"message"})
