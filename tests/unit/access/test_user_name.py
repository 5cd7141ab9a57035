"""Names of users and user groups have one reading."""

import pytest

from signet.domain.access.user_name import is_user_name


@pytest.mark.parametrize(
    "text",
    [
        "corp/alice",
        "corp/Alice Smith",
        "github/repo:acme/app:ref:refs/heads/main",
        "automation/com.example.release",
        "a/b",
        "corp//admins",
        "corp/" + "x" * 256,
        "corp/josé",
        "corp/\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
    ],
)
def test_an_alias_a_slash_and_a_name(text: str) -> None:
    assert is_user_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "/alice",
        "corp/",
        "corp",
        "Corp/alice",
        "co rp/alice",
        "corp/ alice",
        "corp/alice ",
        " corp/alice",
        "corp/a\nb",
        "corp/a\u200bb",
        "corp/jose\u0301",
        "corp/\ud800",
        "corp/alice\u3164",
        "corp/\u115falice",
        "corp/a\ufe0flice",
        "corp/a\u034flice",
        "corp/alice\U000e0041",
        "corp/alice\u200d",
        "corp/al\u2800ice",
        "corp/j\ufffdrg",
        "corp/" + "x" * 257,
        "corp:alice",
        "corp\\alice",
    ],
)
def test_anything_else_is_no_name(text: str) -> None:
    assert not is_user_name(text)
