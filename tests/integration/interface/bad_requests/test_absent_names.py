"""Routes, ids and aliases that name nothing, or nothing that the caller sees."""

from typing import Any

import pytest

from tests.support.services.operations import ABSENT, BY_ID, GOOD_BODIES, ON_A_CERTIFICATE, Operation, filled, named
from tests.support.services.over_http import Client, Response, Service, assert_refused, at


def problem_of(response: Response) -> dict[str, Any]:
    """What it says, without what tells one request from another."""
    return {name: value for name, value in response.json.items() if name != "request_id"}


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
