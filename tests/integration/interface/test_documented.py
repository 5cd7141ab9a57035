"""What is answered when all goes well is what the OpenAPI document says; what goes wrong is asked elsewhere.

Every answer of every test that calls the service is held to the document by `tests/support/checks/conformance.py`; here
are those that no other test would see.
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from jsonschema import Draft202012Validator

from tests.architecture.source_tree import dialect_routes
from tests.support.certificates.issued import KEY_ALGORITHMS, authority, issue, unused_name
from tests.support.checks.conformance import Conformance, NotAsDocumentedError
from tests.support.services.over_http import Client, Response, Service, at
from tools.openapi.document import DOCUMENT

COMMITTED: dict[str, Any] = json.loads(DOCUMENT.read_text())
SAMPLES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[3] / "events").glob("*.json")}
WITH_BODY = {
    name: event
    for name, event in SAMPLES.items()
    if "routeKey" in event and event.get("body") and event["routeKey"] not in dialect_routes()
}


def test_the_document_is_answered_as_it_is_committed_to_whoever_asks(signet: Service) -> None:
    response = signet.nobody.get("/openapi.json")

    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert response.body == DOCUMENT.read_bytes()


def test_the_service_is_healthy_to_whoever_asks(signet: Service) -> None:
    assert signet.nobody.get("/health").json == {"status": "ok"}


def test_a_caller_is_told_who_they_are(signet: Service, admin: Client, mallory: Client) -> None:
    assert mallory.get("/me").json == {
        "user": "local/mallory",
        "user_groups": [],
        "role": None,
        "permissions": [],
        "certificate_groups": [],
    }
    assert admin.get("/me").json["role"]["name"] == "Administrator"
    assert signet.caller("carol", "b", "a").get("/me").json["user_groups"] == ["local/a", "local/b"]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("key_algorithm", KEY_ALGORITHMS)
def test_details_are_as_documented_for_every_kind_of_key(key_algorithm: str, admin: Client) -> None:
    issued = issue(algorithm=key_algorithm)
    made = admin.import_certificate(issued)

    details = admin.get(at(made["id"], "details"))

    assert "etag" not in details.headers  # of the X.509, which has no versions of ours
    assert details.json["thumbprint_sha256"] == made["thumbprint_sha256"]
    assert [one["subject"] for one in details.json["chain"]] == ["CN=Test Root CA,O=Example Corp,C=US"]


def test_a_download_is_the_certificate_in_each_of_four_forms(admin: Client) -> None:
    middle = issue("Middle", ca=True)
    issued = issue(issuer=middle)
    made = admin.import_certificate(issued)
    expected = [issued.certificate, middle.certificate, authority().certificate]

    got = {form: admin.get(at(made["id"], "download"), format=form) for form in ("der", "pem", "pem_chain", "pkcs7")}

    assert got["der"].body == admin.get(at(made["alias"], "download")).body == issued.der
    assert x509.load_pem_x509_certificates(got["pem"].body) == expected[:1]
    assert x509.load_pem_x509_certificates(got["pem_chain"].body) == expected
    assert set(pkcs7.load_der_pkcs7_certificates(got["pkcs7"].body)) == set(expected)
    for form, suffix in {"der": ".cer", "pem": ".pem", "pem_chain": "-chain.pem", "pkcs7": ".p7b"}.items():
        assert f'filename="{made["alias"]}{suffix}"' in got[form].headers["content-disposition"]
        assert b"PRIVATE" not in got[form].body


@pytest.mark.parametrize("accept", ["text/csv", "text/csv; charset=utf-8", "text/html, text/csv;q=0.9"])
def test_events_come_as_csv_too_page_by_page(accept: str, admin: Client) -> None:
    made = admin.import_certificate()
    for action in ("disable", "enable", "disable"):
        admin.good("POST", at(made["id"], action))
    wanted = [event["id"] for event in admin.items(at(made["id"], "events"))]

    rows: list[dict[str, str]] = []
    cursor = None
    for _ in range(10):
        query = {"limit": 3} if cursor is None else {"limit": 3, "cursor": cursor}
        page = admin.call("GET", at(made["id"], "events"), headers={"Accept": accept}, **query)
        rows += csv.DictReader(io.StringIO(page.body.decode()))
        cursor = page.headers.get("x-next-cursor")
        if cursor is None:
            break

    assert [row["id"] for row in rows] == wanted
    assert {row["certificate_id"] for row in rows} == {made["id"]}
    assert admin.get("/events", headers={"Accept": accept}).headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.2, text/csv;q=0.8", "text/csv"),
        ("text/csv;q=0, */*", "application/json"),
        ("text/*", "text/csv"),
        ("*/*", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_the_form_of_a_list_is_the_one_that_accept_weighs_highest(accept: str, kind: str, admin: Client) -> None:
    for path in ("/events", "/certificates", at(admin.import_certificate()["id"], "events")):
        page = admin.get(path, headers={"Accept": accept}, limit=1)

        assert page.headers["content-type"].partition(";")[0] == kind
        assert page.headers["vary"] == "Accept"


def test_the_inventory_comes_as_csv_too_page_by_page(admin: Client) -> None:
    owner = f"local/{unused_name('owner')}"
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("=Group")})
    made = [admin.import_certificate(owner=owner, groups=[group["id"]]) for _ in range(3)]
    disabled = admin.good("POST", at(made[1]["id"], "disable"))

    rows: list[dict[str, str]] = []
    query: dict[str, Any] = {"owner": owner, "sort": "created_at", "limit": 2}
    while True:
        page = admin.get("/certificates", headers={"Accept": "text/csv"}, **query)
        rows += csv.DictReader(io.StringIO(page.body.decode()))
        if "x-next-cursor" not in page.headers:
            break
        query["cursor"] = page.headers["x-next-cursor"]

    assert [row["id"] for row in rows] == [each["id"] for each in made]
    assert [row["status"] for row in rows] == ["enabled", "disabled", "enabled"]
    for name in ("alias", "subject", "thumbprint_sha256", "valid_to", "created_by"):
        assert rows[1][name] == disabled[name]
    assert rows[1]["version"] == str(disabled["version"])
    assert rows[1]["groups"] == f"'{group['name']}"
    assert (rows[1]["has_private_key"], rows[1]["renews"]) == ("true", "")
    assert page.headers["content-disposition"] == 'attachment; filename="certificates.csv"'


def test_a_page_has_fifty_items_unless_told(admin: Client) -> None:
    made = admin.import_certificate()
    for _ in range(25):
        admin.good("POST", at(made["id"], "disable"))
        admin.good("POST", at(made["id"], "enable"))

    assert [len(page) for page in admin.pages(at(made["id"], "events"))] == [50, 1]
    assert len(admin.good("GET", at(made["id"], "events"), limit=200)["items"]) == 51


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_spreadsheet_takes_no_alias_for_a_formula(sign: str, admin: Client) -> None:
    alias = unused_name(f'{sign}HYPERLINK("x")')
    made = admin.import_certificate(alias=alias)

    page = admin.get(at(made["id"], "events"), headers={"Accept": "text/csv"})

    (row,) = csv.DictReader(io.StringIO(page.body.decode()))
    assert row["alias"] == "'" + alias


@pytest.mark.parametrize("sample", sorted(WITH_BODY))
def test_a_sample_event_is_a_request_that_the_document_lets_make(sample: str) -> None:
    event = WITH_BODY[sample]
    method, path = event["routeKey"].split()
    told = COMMITTED["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]["schema"]

    Draft202012Validator({**told, "components": COMMITTED["components"]}).validate(json.loads(event["body"]))


def test_times_are_in_utc_to_the_second_and_lists_are_pages(admin: Client) -> None:
    made = admin.import_certificate()

    for name in ("valid_from", "valid_to", "created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made[name])
    assert set(admin.good("GET", "/certificates", limit=1)) == {"items", "next_cursor"}


# --- the check itself ----------------------------------------------------------------------------------------------


def answer(
    status: int, body: object, kind: str = "application/json", method: str = "GET", path: str = "/v1/me"
) -> Response:
    return Response(method, path, status, {"content-type": kind}, json.dumps(body).encode(), 0.0)


ME: dict[str, Any] = {"user": "a/b", "user_groups": [], "role": None, "permissions": [], "certificate_groups": []}


@pytest.mark.parametrize(
    ("response", "finds"),
    [
        (answer(200, {**ME, "surprise": 1}), "surprise"),
        (answer(200, {key: value for key, value in ME.items() if key != "role"}), "role"),
        (answer(200, {**ME, "role": "Viewer"}), "role"),
        (answer(200, ME, "text/html"), "text/html"),
        (answer(202, ME), "status"),
        (answer(401, {"code": "unauthenticated"}, "application/problem+json"), "WWW-Authenticate"),
        (answer(422, {"code": "invalid_input"}, "application/problem+json"), "required"),
        (answer(200, ME, path="/v1/nothing"), "no such operation"),
        (answer(200, ME, path="/v1/me?limit=5"), "limit"),
        (answer(204, "text", method="DELETE", path="/v1/certificates/x"), "body"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_check_finds_what_is_not_as_documented(response: Response, finds: str) -> None:
    check = Conformance(COMMITTED)
    check(answer(200, ME))

    with pytest.raises(NotAsDocumentedError, match=finds):
        check(response)


def test_a_code_that_an_operation_does_not_list_is_found() -> None:
    problem = {"type": "urn:signet:problem:x", "title": "X", "status": 422, "detail": "x", "request_id": "x"}
    check = Conformance(COMMITTED)
    check(answer(422, {**problem, "code": "invalid_input"}, "application/problem+json"))

    with pytest.raises(NotAsDocumentedError, match="pin_wrong"):
        check(answer(422, {**problem, "code": "pin_wrong"}, "application/problem+json"))
