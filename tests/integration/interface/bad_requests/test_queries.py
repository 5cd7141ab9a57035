"""A query string with a parameter that is unknown, comes twice, or means nothing."""

from typing import Any

import pytest

from tests.support.services.operations import GOOD_BODIES, LISTS, OPERATIONS, WITH_BODY, Operation, filled, named
from tests.support.services.over_http import Client, assert_refused


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
