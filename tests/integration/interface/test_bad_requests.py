"""What is wrong with a request in itself: token, JSON, fields, query, ids, aliases, versions, cursors.

Most of it is asked of every operation that the OpenAPI document tells of.
"""

import base64
import json
import secrets
import string
import time
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Response, Service, assert_refused, at
from tools.openapi.document import DOCUMENT

Operation = tuple[str, str]
"""Method and path."""

DESCRIBED: dict[str, Any] = json.loads(DOCUMENT.read_text())["paths"]
OPERATIONS = {(method.upper(), path): each for path, methods in DESCRIBED.items() for method, each in methods.items()}
WITH_TOKEN = [key for key, each in OPERATIONS.items() if "security" not in each]
WITH_BODY = [key for key, each in OPERATIONS.items() if "requestBody" in each]
WITHOUT_BODY = [key for key, each in OPERATIONS.items() if "requestBody" not in each and key[0] != "GET"]
ON_A_CERTIFICATE = [key for key in OPERATIONS if "{certificate}" in key[1]]
BY_ID = [key for key in OPERATIONS if "{id}" in key[1]]
LISTS = [key for key, each in OPERATIONS.items() if "cursor" in {one["name"] for one in each.get("parameters", [])}]

ABSENT = "crt_000000000000000000000000"
SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
GOOD_BODIES: dict[Operation, Any] = {
    ("PATCH", "/v1/certificates/{certificate}"): {"description": "changed"},
    ("POST", "/v1/certificates/{certificate}/sign"): SIGN,
    ("POST", "/v1/signing-requests/{id}/certificate"): {"content": in_base64(issue("Not asked for").der)},
}


def named(operation: Operation) -> str:
    return str(OPERATIONS[operation]["operationId"])


def filled(path: str, name: str = ABSENT) -> str:
    """`path` with its parameter, percent-encoded."""
    before, brace, rest = path.partition("{")
    return before + quote(name, safe="") + rest.partition("}")[2] if brace else path


def problem_of(response: Response) -> dict[str, Any]:
    """What it says, without what tells one request from another."""
    return {name: value for name, value in response.json.items() if name != "request_id"}


# --- who calls ---------------------------------------------------------------------------------------------------


@pytest.mark.one_in(7)
@pytest.mark.parametrize("operation", WITH_TOKEN, ids=named)
def test_no_operation_answers_without_a_token(operation: Operation, signet: Service) -> None:
    method, path = operation

    response = signet.nobody.call(method, filled(path), b"{}")

    assert (response.status, response.json) == (401, {"message": "Unauthorized"})


@pytest.mark.one_in(7)
@pytest.mark.parametrize("operation", WITH_TOKEN, ids=named)
def test_every_operation_refuses_a_token_that_has_expired(operation: Operation, signet: Service) -> None:
    method, path = operation
    late = signet.caller("admin", "administrators", expires_in=-120)

    with signet.nothing_stored():
        response = late.call(method, filled(path), b"not even JSON")

    assert_refused(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    if path != "/v1/calendar":
        assert response.json["detail"] == "The token has expired."


@pytest.mark.parametrize("authorization", ["Bearer x", "Bearer", "Basic YWRtaW46YWRtaW4=", "x" * 4000, "Bearer a.b.c"])
def test_what_is_no_token_is_nobody(authorization: str, signet: Service) -> None:
    response = signet.nobody.get("/me", headers={"Authorization": authorization})

    assert_refused(response, 401, "unauthenticated")


def test_a_token_is_refused_once_it_has_expired_though_its_answer_is_kept(signet: Service, admin: Client) -> None:
    # On a machine that is busy it takes a longer life to be answered at all.
    for seconds in (2, 8, 30):
        client = signet.caller("hasty", expires_in=seconds)
        if client.get("/me").status == 200:
            break
    else:
        pytest.fail("no token lived long enough to be used")

    # A token's time is taken with some leeway by who checks its signature; the function takes it by the word.
    deadline = time.monotonic() + 160
    while (response := client.get("/me")).status == 200 and time.monotonic() < deadline:
        time.sleep(0.5)

    assert_refused(response, 401, "unauthenticated")


# --- routes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1/nothing"),
        ("GET", "/v2/health"),
        ("PUT", "/v1/certificates"),
        ("DELETE", "/v1/certificates"),
        ("PATCH", "/v1/health"),
        ("TRACE", "/v1/health"),
        ("GET", "/v1/certificates/a/b/c"),
        ("GET", "/v1/certificates//details"),
        ("GET", "/v1/certificates/a%2Fb"),
        ("GET", "/v1/certificates/../../etc/passwd"),
    ],
)
def test_a_route_that_is_none_is_api_gateways_404(method: str, path: str, admin: Client) -> None:
    response = admin.call(method, path if path.startswith("/v1/") else "/v1/../" + path.lstrip("/"))

    assert (response.status, response.json) == (404, {"message": "Not Found"})


# --- bodies ------------------------------------------------------------------------------------------------------

NOT_JSON = {
    "nothing": b"",
    "a form": b"content=AAAA&alias=x",
    "XML": b"<?xml version='1.0'?><certificate/>",
    "half of an object": b'{"content": "AAAA"',
    "an object and more": b'{} {"a": 1}',
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "NaN": b'{"dry_run": NaN}',
    "UTF-16": '{"alias": "x"}'.encode("utf-16"),
    "a lone surrogate": b'{"alias": "\\ud800"}',
    "a hundred thousand arrays": b"[" * 100_000,
    "a hundred thousand objects": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "a hundred thousand arrays in a field": b'{"groups": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
NOT_OBJECTS = [b"null", b"[]", b"[{}]", b'"text"', b"17", b"true", b"1e999", b"1" * 5000]


@pytest.mark.one_in(23)
@pytest.mark.parametrize("case", NOT_JSON)
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_body_that_is_not_json_is_refused(operation: Operation, case: str, signet: Service, admin: Client) -> None:
    method, path = operation

    response = admin.call(method, filled(path), NOT_JSON[case], headers={"Idempotency-Key": unused_name()})

    if case == "nothing" and not OPERATIONS[operation]["requestBody"]["required"]:
        assert response.code in {"not_found", "invalid_input"}, response
    else:
        assert_refused(response, 400, "malformed_json")


@pytest.mark.one_in(19)
@pytest.mark.parametrize("body", NOT_OBJECTS, ids=lambda body: body[:10].decode())
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_json_that_is_no_object_is_refused(operation: Operation, body: bytes, admin: Client) -> None:
    method, path = operation

    response = admin.call(method, filled(path), body)

    assert response.status in {400, 422}, response
    assert_refused(response, response.status, "malformed_json" if response.status == 400 else "invalid_input")


@pytest.mark.one_in(5)
@pytest.mark.parametrize("operation", [*WITH_BODY, *WITHOUT_BODY], ids=named)
def test_an_unknown_field_is_refused_and_not_passed_over(operation: Operation, signet: Service, admin: Client) -> None:
    method, path = operation

    with signet.nothing_stored():
        response = admin.call(method, filled(path), {"surprise": 1})
        many = admin.call(method, filled(path), {f"surprise {n}": n for n in range(5000)})
        odd = admin.call(method, filled(path), {"\n`\"'<script>" * 30: 1})

    assert_refused(response, 422, "invalid_input", "surprise")
    assert_refused(many, 422, "invalid_input")
    assert_refused(odd, 422, "invalid_input")
    assert len(odd.body) < 1000


@pytest.mark.one_in(5)
@pytest.mark.parametrize("operation", [*WITH_BODY, *WITHOUT_BODY], ids=named)
def test_a_huge_body_is_refused(operation: Operation, admin: Client) -> None:
    method, path = operation
    huge = b'{"surprise": "' + b"x" * (6 * 1024 * 1024 - 9000) + b'"}'

    response = admin.call(method, filled(path), huge)

    assert (response.status, response.code) in {(413, "too_large"), (422, "invalid_input")}, response


@pytest.mark.parametrize("operation", [key for key in WITHOUT_BODY if "{" in key[1]], ids=named)
def test_an_operation_without_a_body_takes_none_or_an_empty_object(operation: Operation, admin: Client) -> None:
    method, path = operation

    def send(body: bytes) -> Response:
        return admin.call(method, filled(path), body)

    assert send(b"").status == send(b"{}").status == send(b" {} ").status == 404
    assert_refused(send(b"x"), 400, "malformed_json")
    assert_refused(send(b"[]"), 422, "invalid_input", "")


def test_a_body_that_is_not_utf_8_is_refused(admin: Client) -> None:
    raw = {"Content-Type": "application/octet-stream"}  # else API Gateway makes text of it, whatever it is

    assert_refused(admin.call("POST", "/certificates", b'{"alias": "\xff\xfe"}', headers=raw), 400, "malformed_json")


def test_a_body_with_a_get_means_nothing(admin: Client) -> None:
    assert admin.call("GET", "/me", b"not JSON at all").status == 200


def test_the_content_type_does_not_matter(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    body = json.dumps(SIGN).encode()

    for kind in ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded", "x", "", "a" * 300):
        assert alice.call("POST", at(made["id"], "sign"), body, headers={"Content-Type": kind}).status == 200


# --- query strings -----------------------------------------------------------------------------------------------


@pytest.mark.one_in(7)
@pytest.mark.parametrize("operation", [key for key, each in OPERATIONS.items() if not each.get("security")], ids=named)
def test_an_unknown_query_parameter_is_refused(operation: Operation, admin: Client) -> None:
    method, path = operation

    response = admin.call(method, filled(path) + "?surprise=1", GOOD_BODIES.get(operation, {}))

    assert response.status == 422, response
    if operation not in WITH_BODY:
        assert_refused(response, 422, "invalid_input", "surprise")


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_query_parameter_that_comes_twice_is_refused(operation: Operation, admin: Client) -> None:
    made = admin.import_certificate()
    path = filled(operation[1], made["id"])

    assert_refused(admin.get(path + "?limit=5&limit=5"), 422, "invalid_input", "limit")
    assert_refused(admin.get(path + "?limit=5&li%6Dit=6"), 422, "invalid_input", "limit")


@pytest.mark.one_in(7)
@pytest.mark.parametrize("limit", ["0", "-1", "201", "5.5", "0x10", "", "many", "null", "9" * 400, "1,2", "\uff15"])
@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_limit_is_one_to_two_hundred(operation: Operation, limit: str, admin: Client) -> None:
    made = admin.import_certificate()

    assert_refused(admin.get(filled(operation[1], made["id"]), limit=limit), 422, "invalid_input", "limit")


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_the_bounds_of_a_limit_are_taken(operation: Operation, admin: Client) -> None:
    made = admin.import_certificate()

    for limit in (1, 200):
        page = admin.good("GET", filled(operation[1], made["id"]), limit=limit)
        assert len(page["items"]) <= limit


BAD_FILTERS = [
    ("/certificates", "status", "deleted"),
    ("/certificates", "status", ""),
    ("/certificates", "expiry", "soon"),
    ("/certificates", "renewal", "done"),
    ("/certificates", "usable", "false"),
    ("/certificates", "sort", "password"),
    ("/certificates", "order", "ASC"),
    ("/certificates", "q", "x" * 129),
    ("/certificates", "owner", "x" * 301),
    ("/certificates", "group", "x" * 513),
    *(
        (path, name, value)
        for path, names in {"/certificates": ("expires_before",), "/events": ("from", "to")}.items()
        for name in names
        for value in (
            "tomorrow",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "",
            "1700000000",
            "x" * 41,
        )
    ),
    ("/events", "type", "Certificate Eaten"),
    ("/events", "outcome", "maybe"),
    ("/events", "user", "x" * 301),
    ("/events", "certificate", "x" * 513),
    ("/certificates/{certificate}/download", "format", "pkcs12"),
    ("/certificates/{certificate}/download", "format", "DER"),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("path", "name", "value"), BAD_FILTERS, ids=[f"{p} {n}={v[:20]}" for p, n, v in BAD_FILTERS])
def test_a_filter_that_means_nothing_is_refused(path: str, name: str, value: Any, admin: Client) -> None:
    made = admin.import_certificate() if "{" in path else {"id": ""}

    assert_refused(
        admin.call("GET", filled(path, made["id"]), **dict[str, Any]({name: value})), 422, "invalid_input", name
    )


# --- ids and aliases that name nothing ---------------------------------------------------------------------------

NAMES = {
    "an id never given": ABSENT,
    "an id in capitals": ABSENT.upper(),
    "half an id": "crt_0000",
    "an id with more": ABSENT + "0",
    "an id with letters that ids lack": "crt_ilouilouilouilouilouilou",
    "the latest of ids": "crt_" + "z" * 24,
    **{kind: f"{kind}_000000000000000000000000" for kind in ("req", "grp", "pol", "rol", "evt", "key")},
    "only a prefix": "crt_",
    "an alias never given": "nobody has this",
    "quotes": "\"'`<>&;--",
    "a line break": "a\r\nb",
    "a null": "a\0b",
    "a tab": "\t",
    "a space": " ",
    "a star": "*",
    "a hash key of the table": "alias#x",
    "200 characters": "x" * 200,
    "1,500 characters": "x" * 1500,
    "4,000 characters": "y" * 4000,
    "1,000 signs of four bytes": "\U0001f511" * 600,
    "right to left": "شهادة",
    "combining": "e\u0301" * 60,
    "a private-use character": "\U000f0000",
    "a noncharacter": "\uffff",
    "what folds to three": "\u0390" * 128,
    "a template": "${jndi:ldap:x}{{7*7}}",
}


SOME = ["an id in capitals", "evt", "a line break", "a null", "4,000 characters", "a template"]
ASKED = [
    (operation, name)
    for operation in (*ON_A_CERTIFICATE, *BY_ID)
    for name in (NAMES if operation[0] == "GET" and operation[1].endswith("}") else SOME)
]


@pytest.mark.one_in(29)
@pytest.mark.parametrize(("operation", "name"), ASKED, ids=[f"{named(operation)}-{name}" for operation, name in ASKED])
def test_what_is_not_there_is_not_found(operation: Operation, name: str, admin: Client) -> None:
    method, path = operation

    response = admin.call(
        method, filled(path, NAMES[name]), GOOD_BODIES.get(operation, {} if method == "PATCH" else None)
    )

    assert_refused(response, 404, "not_found")


@pytest.mark.one_in(4)
@pytest.mark.parametrize("operation", ON_A_CERTIFICATE, ids=named)
def test_what_a_caller_does_not_see_is_answered_like_what_is_not_there(
    operation: Operation, signet: Service, admin: Client, mallory: Client
) -> None:
    method, path = operation
    made = admin.import_certificate(owner="local/alice", pin="1234", ask_for_reason=True)
    body = GOOD_BODIES.get(operation)

    with signet.nothing_stored():
        absent = mallory.call(method, filled(path), body)
        hidden = [mallory.call(method, filled(path, made[name]), body) for name in ("id", "alias")]
        stale = mallory.call(method, filled(path, made["id"]), body, headers={"If-Match": '"77"'})

    assert_refused(absent, 404, "not_found")
    for response in (*hidden, stale):
        assert (response.status, problem_of(response)) == (404, problem_of(absent))


def test_an_id_of_a_certificate_is_no_id_of_an_event(admin: Client) -> None:
    made = admin.import_certificate()
    (event,) = admin.items(at(made["id"], "events"))

    assert admin.get(f"/events/{event['id']}").json == event
    assert_refused(admin.get(f"/events/{made['id']}"), 404, "not_found")
    assert_refused(admin.get(f"/events/{event['id'].upper()}"), 404, "not_found")
    assert_refused(admin.get(at(event["id"])), 404, "not_found")


# --- aliases -----------------------------------------------------------------------------------------------------

SCRIPTS = {
    "Latin": "Prüfstelle Ålesund",
    "Greek": "Υπογραφή",
    "Cyrillic": "Подпись выпуска",
    "Hebrew": "חתימה",
    "Arabic": "توقيع ١٢٣",
    "Devanagari": "हस्ताक्षर",
    "Thai": "ลายเซ็น",
    "Chinese": "簽名證書",
    "Japanese": "署名 リリース",
    "Korean": "서명",
    "Amharic": "ፊርማ",
    "emoji": "🔑🚀",
    "beyond the first plane": "\U00012000 \U00020000",
    "quotes": 'it\'s "quoted" `back`',
    "brackets": "<script>alert(1)</script>".replace("/", "|"),
    "semicolons": "a; DROP TABLE certificates;--",
    "signs": "!$&()*+,:;<=>@[]^_`{|}~",
    "plus": "a+b c",
    "like an id of another kind": "grp_000000000000000000000000",
    "an at sign": "@everyone",
    "one character": "\u0416",
    "a dot and more": ".hidden",
    "three dots": "...",
    "like an action": "actions",
    "like a shell": "$(id) `id` ${HOME}",
    "like a formula": "=1+1",
}


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's."""
    return admin.import_certificate(owner="local/alice")


def unique(alias: str) -> str:
    """`alias` with what makes it unused; tests of a run share the service."""
    return f"{alias} {secrets.token_hex(4)}" if len(alias) > 1 else alias


@pytest.mark.one_in(5)
@pytest.mark.parametrize("alias", SCRIPTS.values(), ids=SCRIPTS)
def test_an_alias_is_kept_and_found_as_it_is_written(alias: str, admin: Client, alice: Client) -> None:
    alias = unique(alias)
    made = admin.import_certificate(alias=alias, owner="local/alice")

    assert made["alias"] == unicodedata.normalize("NFC", alias)
    for form in (alias, unicodedata.normalize("NFD", alias), alias.upper(), alias.casefold()):
        assert alice.get(at(form)).json["id"] == made["id"]
    assert alice.post(at(alias, "sign"), SIGN).json["certificate_id"] == made["id"]
    assert made["id"] in {one["id"] for one in admin.items("/certificates", q=alias[:128])}
    assert made["id"] in {one["certificate"]["id"] for one in admin.items("/events", certificate=alias)}
    for file_format in ("der", "pem", "pem_chain", "pkcs7"):
        got = alice.get(at(alias, "download"), format=file_format)
        assert got.status == 200
        assert got.headers["content-disposition"].isascii()
        assert "filename*=UTF-8''" in got.headers["content-disposition"]
        assert got.headers["content-disposition"].count('"') == 2


def test_an_alias_of_128_characters_fits_and_of_200_does_not(signet: Service, admin: Client, mine: Any) -> None:
    for letter in ("x", "\u0390", "\U0001f511", "e\u0301"):
        alias = unicodedata.normalize("NFC", letter * 120 + secrets.token_hex(4))
        assert admin.patch(at(mine["id"]), {"alias": alias}).json["alias"] == alias
        for form in (alias, unicodedata.normalize("NFD", alias)):
            assert admin.get(at(form)).json["id"] == mine["id"]
        with signet.nothing_stored():
            assert_refused(admin.patch(at(mine["id"]), {"alias": letter * 200}), 422, "invalid_input", "alias")


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    "alias",
    [
        "",
        " ",
        "\u00a0",
        " a",
        "a ",
        "a\u3000",
        "a\nb",
        "a\r",
        "a\tb",
        "a\0",
        "a\x7f",
        "a\u200bb",
        "a\u202eb",
        "\ufeffa",
        "a/b",
        "a?b",
        "a#b",
        "a%20b",
        "a\\b",
        ".",
        "..",
        "crt_x",
        "CRT_X",
        "Crt_",
        ABSENT,
        "x" * 129,
    ],
    ids=ascii,
)
def test_what_cannot_be_an_alias_is_refused(alias: str, signet: Service, admin: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        response = admin.patch(at(mine["id"]), {"alias": alias})

    assert_refused(response, 422, "invalid_input", "alias")


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Release {}", "release {}"),
        ("STRASSE {}", "stra\u00dfe {}"),
        ("Caf\u00e9 {}", "Cafe\u0301 {}"),
        ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 {}", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3 {}"),
        ("\u212a {}", "k {}"),
        ("\ud55c\uae00 {}", unicodedata.normalize("NFD", "\ud55c\uae00") + " {}"),
    ],
    ids=ascii,
)
def test_aliases_that_differ_in_case_or_composition_only_are_one(
    first: str, second: str, signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    mark = secrets.token_hex(4)
    made = admin.import_certificate(alias=first.format(mark))

    with signet.nothing_stored():
        taken = admin.patch(at(mine["id"]), {"alias": second.format(mark)})
        on_import = admin.post("/certificates", issue().body(alias=second.format(mark)))

    assert_refused(taken, 409, "alias_taken")
    assert_refused(on_import, 409, "alias_taken")
    assert admin.get(at(second.format(mark))).json["id"] == made["id"]


def test_an_alias_given_up_is_free_and_finds_no_longer(admin: Client, mine: dict[str, Any]) -> None:
    old, new = mine["alias"], unused_name()

    admin.good("PATCH", at(mine["id"]), {"alias": new})

    assert_refused(admin.get(at(old)), 404, "not_found")
    assert admin.import_certificate(alias=old)["alias"] == old
    assert admin.get(at(new)).json["id"] == mine["id"]


def test_the_same_alias_in_another_case_is_no_conflict_with_itself(admin: Client, mine: dict[str, Any]) -> None:
    changed = admin.good("PATCH", at(mine["id"]), {"alias": mine["alias"].upper()})

    assert changed["alias"] == mine["alias"].upper()
    assert admin.get(at(mine["alias"])).json["id"] == mine["id"]


SAYS_WHAT_WOULD_DO: list[tuple[str, str, Any, str]] = [
    ("POST", "/certificates", {"content": "-----BEGIN CERTIFICATE-----\n"}, "encode it once more"),
    ("POST", "/certificates", {"content": "AA-_"}, "the bytes of the certificate file in standard base64"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "message": "x"}, "the bytes of the message in standard base64"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "message_type": "raw"}, "one of DIGEST, RAW"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "signing_algorithm": "RSA"}, "RSASSA_PSS_SHA_256"),
    ("POST", f"/certificates/{ABSENT}/sign", {**SIGN, "reason": "x" * 1025}, "a text of at most 1024 characters"),
    ("POST", "/certificates/actions", {"action": "stop", "certificates": ["x"]}, "one of add_to_groups, delete"),
    ("POST", "/certificates/actions", {"action": "delete", "certificates": []}, "a list of 1 to 500 entries"),
    ("POST", "/signing-requests", {"subject": {"common_name": 7}}, "a text of at most 1024 characters or null"),
    ("POST", "/signing-requests", {"key_algorithm": "RSA", "subject": {"common_name": "x"}}, "RSA_2048"),
    ("POST", "/roles", {"name": "x", "permissions": ["everything"]}, "certificates:view"),
    ("POST", "/roles", {"name": 5}, "must be a text, got a whole number"),
    ("GET", "/certificates?status=on", None, "one of disabled, enabled"),
    ("GET", "/certificates?limit=500", None, "a whole number from 1 to 200"),
    ("GET", "/certificates?surprise=1", None, "the parameters are status, "),
    ("GET", "/events?type=Certificate+Stolen", None, "Certificate Imported"),
    ("GET", "/certificates?expires_before=soon", None, "RFC 3339"),
    ("GET", f"/certificates/{ABSENT}/download?format=jks", None, "one of der, pem, pem_chain, pkcs7"),
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("method", "path", "body", "says"), SAYS_WHAT_WOULD_DO, ids=lambda value: str(value)[:40])
def test_a_refused_value_says_what_would_do(method: str, path: str, body: Any, says: str, admin: Client) -> None:
    response = admin.call(method, path, body)

    assert_refused(response, 422, "invalid_input")
    assert says in response.json["errors"][0]["message"]
    assert "`" not in response.json["errors"][0]["message"]


# --- changes -----------------------------------------------------------------------------------------------------

BAD_CHANGES: list[tuple[str, Any]] = [
    ("alias", None),
    ("alias", 7),
    ("description", None),
    ("description", "x" * 1025),
    ("description", "a\0b"),
    ("owner", "alice"),
    ("owner", ""),
    ("owner", 7),
    ("owner", {"user": "local/alice"}),
    ("ask_for_reason", None),
    ("ask_for_reason", "true"),
    ("pin", "123"),
    ("pin", "x" * 65),
    ("pin", 1234),
    ("pin", "12\n45"),
    ("status", "disabled"),
    ("version", 1),
    ("groups", []),
    ("id", ABSENT),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("name", "value"), BAD_CHANGES, ids=[f"{n}={str(v)[:20]}" for n, v in BAD_CHANGES])
def test_a_change_to_what_cannot_be_is_refused(
    name: str, value: Any, signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    with signet.nothing_stored():
        response = admin.patch(at(mine["id"]), {"description": "new", name: value})

    assert_refused(response, 422, "invalid_input", name)
    message = response.json["errors"][0]["message"].removeprefix("must be true or false")
    assert not isinstance(value, str) or len(value) < 4 or value not in message


@pytest.mark.one_in(5)
@pytest.mark.parametrize("change", [("PATCH", ""), ("DELETE", "")], ids=["update", "delete"])
@pytest.mark.parametrize("if_match", ['"2"', '"0"', '"99999999999999"', "1", '"x"', 'W/"1"', '"2", "3"', "", "''"])
def test_a_stale_version_changes_nothing(
    if_match: str, change: tuple[str, str], signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    with signet.nothing_stored():
        response = admin.call(
            change[0],
            at(mine["id"]),
            {"description": "new"} if change[0] == "PATCH" else None,
            headers={"If-Match": if_match},
        )

    assert_refused(response, 412, "stale")
    is_an_etag = if_match.startswith('"') and if_match.strip('"')[:1].isdigit() and len(if_match) < 14
    assert ("in its quotation marks" in response.json["detail"]) is not is_an_etag


def test_the_present_version_is_changed_and_deleted(admin: Client, mine: dict[str, Any]) -> None:
    seen = admin.get(at(mine["id"]))
    changed = admin.patch(at(mine["id"]), {"description": "new"}, if_match=seen.headers["etag"])

    assert (seen.headers["etag"], changed.headers["etag"], changed.json["version"]) == ('"1"', '"2"', 2)
    assert_refused(admin.delete(at(mine["id"]), if_match=seen.headers["etag"]), 412, "stale")
    assert admin.patch(at(mine["id"]), {"description": "any"}, if_match="*").status == 200
    assert admin.delete(at(mine["id"]), if_match='"7", "3"').status == 204
    assert_refused(admin.delete(at(mine["id"]), if_match='"3"'), 404, "not_found")


def test_nothing_changed_is_no_new_version_and_no_event(signet: Service, admin: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        same = admin.good("PATCH", at(mine["id"]), {"alias": mine["alias"], "description": ""})
        empty = admin.good("PATCH", at(mine["id"]), {})
        enabled = admin.good("POST", at(mine["id"], "enable"))

    assert same == empty == enabled == mine


def test_an_owner_without_a_role_may_not_manage(signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    attempts = [
        ("PATCH", at(mine["id"]), {"alias": unused_name()}),
        ("PATCH", at(mine["id"]), {"owner": "local/mallory"}),
        ("PATCH", at(mine["id"]), {"pin": None}),
        ("POST", at(mine["id"], "disable"), None),
        ("POST", at(mine["id"], "enable"), None),
        ("DELETE", at(mine["id"]), None),
    ]
    for method, path, body in attempts:
        with signet.nothing_stored("not_allowed"):
            assert_refused(alice.call(method, path, body), 403, "not_allowed")


def test_an_administrator_is_told_of_the_refusals(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    alice.delete(at(mine["id"]))

    refused = admin.items(at(mine["id"], "events"), outcome="refused")[0]

    assert (refused["type"], refused["code"], refused["user"]) == ("Certificate Deleted", "not_allowed", "local/alice")


# --- cursors -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cursors(admin: Client) -> dict[Operation, str]:
    """A cursor of each list that has more than a page."""
    made = admin.import_certificate()
    for _ in range(2):
        admin.good("POST", at(made["id"], "disable"))
        admin.good("POST", at(made["id"], "enable"))
    admin.import_certificate()
    found = {
        operation: admin.good("GET", filled(operation[1], made["id"]), limit=1)["next_cursor"] for operation in LISTS
    }
    return {operation: cursor for operation, cursor in found.items() if cursor is not None}


def forgeries(cursor: str) -> Iterator[str]:
    yield ""
    yield "x"
    yield "null"
    yield "\u00e9"
    yield "A" * 4096
    yield "A" * 5000
    yield cursor + "A"
    yield cursor + "="
    yield cursor[:-1]
    yield cursor[: len(cursor) // 2]
    yield ("B" if cursor[0] == "A" else "A") + cursor[1:]
    yield cursor.swapcase()
    decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    yield base64.urlsafe_b64encode(decoded[16:]).decode().rstrip("=")
    yield base64.urlsafe_b64encode(bytes(16) + decoded[16:]).decode().rstrip("=")
    for letter in string.whitespace[:1]:
        yield letter + cursor


def test_a_forged_cursor_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    assert {named(operation) for operation in cursors} >= {"ListCertificates", "ListEvents"}
    for operation, cursor in cursors.items():
        if "{" in operation[1]:
            continue
        for forged in forgeries(cursor):
            assert_refused(admin.get(operation[1], cursor=forged), 422, "bad_cursor")


def test_a_cursor_of_another_list_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    for operation in cursors:
        for other, cursor in cursors.items():
            if other != operation and "{" not in operation[1] + other[1]:
                assert_refused(admin.get(operation[1], cursor=cursor), 422, "bad_cursor")


def test_a_cursor_of_another_query_is_refused(cursors: dict[Operation, str], admin: Client) -> None:
    of_certificates, of_events = (cursors["GET", f"/v1/{noun}"] for noun in ("certificates", "events"))
    others: list[tuple[str, str, dict[str, Any]]] = [
        ("/certificates", of_certificates, {"order": "desc"}),
        ("/certificates", of_certificates, {"sort": "valid_to"}),
        ("/certificates", of_certificates, {"status": "enabled"}),
        ("/certificates", of_certificates, {"owner": "none"}),
        ("/certificates", of_certificates, {"usable": "true"}),
        ("/certificates", of_certificates, {"q": "a"}),
        ("/events", of_events, {"outcome": "done"}),
        ("/events", of_events, {"user": "local/admin"}),
        ("/events", of_events, {"type": "Certificate Used"}),
        ("/events", of_events, {"from": "2020-01-01T00:00:00Z"}),
    ]
    for path, cursor, filters in others:
        assert_refused(admin.call("GET", path, cursor=cursor, **filters), 422, "bad_cursor")


def test_a_cursor_of_another_caller_is_refused(cursors: dict[Operation, str], signet: Service) -> None:
    another = signet.caller("another-admin", "administrators")
    for operation, cursor in cursors.items():
        if "{" not in operation[1]:
            assert_refused(another.get(operation[1], cursor=cursor), 422, "bad_cursor")


def test_a_cursor_may_be_used_twice_and_with_another_limit(cursors: dict[Operation, str], admin: Client) -> None:
    cursor = cursors["GET", "/v1/certificates"]

    first, again = (admin.good("GET", "/certificates", cursor=cursor, limit=limit) for limit in (1, 2))

    assert again["items"][0] == first["items"][0]


def test_following_the_cursor_gives_everything_once(admin: Client, signet: Service) -> None:
    owner = f"local/{unused_name('owner')}"
    made = [admin.import_certificate(owner=owner)["id"] for _ in range(5)]

    for limit in (1, 2, 5):
        got = [one["id"] for one in admin.items("/certificates", owner=owner, limit=limit, sort="created_at")]
        assert got == made


def test_a_list_without_a_right_to_it_is_empty_or_refused(mallory: Client) -> None:
    assert mallory.get("/certificates").json == {"items": [], "next_cursor": None}
    assert_refused(mallory.get("/events"), 403, "not_allowed")


# --- text that is not UTF-8 --------------------------------------------------------------------------------------

AS_TEXT = {"Content-Type": "application/json"}
AS_BASE64 = {"Content-Type": "application/octet-stream"}
NOT_UTF_8 = {
    "Latin-1": '{"alias": "jürg"}'.encode("latin-1"),
    "UTF-16": '{"alias": "jürg"}'.encode("utf-16"),
    "what another program made of it": '{"alias": "j\ufffdrg"}'.encode(),
    "the same, escaped": b'{"alias": "j\\ufffdrg"}',
    "half a surrogate pair": b'{"alias": "j\\ud800rg"}',
    "half a surrogate pair in octets": b'{"alias": "j\xed\xa0\x80rg"}',
}


@pytest.mark.one_in(23)
@pytest.mark.parametrize("headers", [AS_TEXT, AS_BASE64], ids=["as text", "as base64"])
@pytest.mark.parametrize("case", NOT_UTF_8)
@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_no_body_with_a_letter_replaced_is_read(
    operation: Operation, case: str, headers: dict[str, str], admin: Client
) -> None:
    method, path = operation

    assert_refused(admin.call(method, filled(path), NOT_UTF_8[case], headers=headers), 400, "malformed_json")


@pytest.mark.parametrize("headers", [AS_TEXT, AS_BASE64], ids=["as text", "as base64"])
def test_a_byte_order_mark_is_passed_over(headers: dict[str, str], admin: Client) -> None:
    made = admin.import_certificate()
    alias = unused_name("jürg")
    body = b"\xef\xbb\xbf" + json.dumps({"alias": alias}, ensure_ascii=False).encode()

    changed = admin.call("PATCH", at(made["id"]), body, headers=headers)

    assert (changed.status, changed.json["alias"]) == (200, alias)


def test_a_pin_with_a_letter_replaced_opens_nothing(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="schlüssel")
    for wrong in ("schlüssel", "schlössel"):
        body = json.dumps({**SIGN, "pin": wrong}, ensure_ascii=False).encode("latin-1")
        assert_refused(alice.call("POST", at(made["id"], "sign"), body), 400, "malformed_json")

    assert alice.post(at(made["id"], "sign"), {**SIGN, "pin": "schlüssel"}).status == 200


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("q=j%FCrg", "q"),
        ("q=%EF%BF%BD", "q"),
        ("q=%C3", "q"),
        ("owner=local/j%FCrg", "owner"),
        ("status=enabled&q=%ff", "q"),
    ],
)
def test_a_query_that_is_not_utf_8_is_refused_at_its_parameter(query: str, parameter: str, admin: Client) -> None:
    response = admin.call("GET", f"/certificates?{query}")

    assert_refused(response, 422, "invalid_input", parameter)


def test_a_path_that_is_not_utf_8_names_nobody_elses_certificate(admin: Client) -> None:
    suffix = unused_name().replace(" ", "-")
    admin.import_certificate(alias=f"jürg{suffix}")

    for path in (f"j%FCrg{suffix}", f"j%EF%BF%BDrg{suffix}", f"j%C3rg{suffix}"):
        assert admin.call("GET", f"/certificates/{path}").status in {400, 404}
    assert admin.call("GET", f"/certificates/j%C3%BCrg{suffix}").status == 200
