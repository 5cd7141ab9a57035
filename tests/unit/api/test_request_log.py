"""What the log tells of a request, whatever became of it."""

from typing import Any

import pytest

from signet.api.answering.dialect import SIGNET, Dialect
from signet.api.dialects.kms import KMS, KmsBody
from signet.api.request_log import asked_of

KMS_BODY = KmsBody(key_id="alias/release")


@pytest.mark.parametrize(
    ("path", "dialect", "named"),
    [
        ({"certificate": "release"}, SIGNET, "release"),
        ({"proxy": "release/sha2-256"}, SIGNET, "release/sha2-256"),
        ({}, KMS, "alias/release"),
        ({"certificate": "of the path"}, KMS, "of the path"),
        ({}, SIGNET, None),
    ],
)
def test_the_certificate_is_told_as_the_path_names_it_or_where_the_dialect_says_the_body(
    path: dict[str, str], dialect: Dialect, named: str | None
) -> None:
    event: dict[str, Any] = {"pathParameters": path, "requestContext": {"authorizer": {"lambda": {"user": "corp/eve"}}}}

    asked = asked_of(event, in_body=dialect.certificate_in(KMS_BODY))

    assert (asked["user"], asked["certificate"]) == ("corp/eve", named)


def test_no_secret_is_told_wherever_the_certificate_is_named() -> None:
    token = f"eyJhbGciOiJub25lIn0.{'Az09' * 20}.{'q' * 30}"

    assert asked_of({"pathParameters": {"certificate": "a-2468-b"}}, pin="2468")["certificate"] == "a-***-b"
    assert asked_of({}, "alias/2468", pin="2468")["certificate"] == "alias/***"
    for piece in (token, token.partition(".")[2], token.rpartition(".")[2]):
        named = asked_of({"pathParameters": {"proxy": f"a/{piece}"}}, token=token)["certificate"]
        assert set(named) <= set("a/*.")
