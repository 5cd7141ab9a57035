"""A request without a token, or with one that is none or has expired."""

import time

import pytest

from tests.support.services.operations import WITH_TOKEN, Operation, filled, named
from tests.support.services.over_http import Client, Service, assert_refused


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
