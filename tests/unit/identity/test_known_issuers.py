"""Names that are added are of trusted issuers, and are no patterns."""

from typing import Any

import pytest

from signet.domain.access.known_issuers import added_to_role, added_to_who, check_added, check_owner
from signet.domain.errors import InvalidInputError, UnknownIssuerError

TRUSTED = {"corp", "ci"}


def test_a_name_of_a_trusted_issuer_or_of_automation_can_be_added() -> None:
    check_added({"a": "corp/alice", "b": "ci/repo:acme/app", "c": "automation/com.example.inventory"}, TRUSTED)


def test_each_name_of_another_issuer_is_told_with_the_issuers_there_are() -> None:
    with pytest.raises(UnknownIssuerError, match=r"who.users\[1\]: no issuer lcoal is trusted .* automation, ci, corp"):
        check_added(added_to_who({"users": ["corp/a", "lcoal/eve"], "user_groups": []}), TRUSTED)


@pytest.mark.parametrize(
    ("name", "error"), [("ci/repo:x:*", InvalidInputError), ("github/repo:x:*", UnknownIssuerError)]
)
def test_a_pattern_is_told_that_it_is_none_and_what_would_do(name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"not read as a pattern.*group_claims"):
        check_added({"users[0]": name}, TRUSTED)


def test_names_that_are_there_already_are_not_looked_at() -> None:
    check_added(added_to_who({"users": ["gone/bob"], "user_groups": ["gone/*"]}, {"gone/bob"}, {"gone/*"}), TRUSTED)
    check_added(added_to_role({"users": ["gone/bob", "corp/eve"]}, {"gone/bob"}), TRUSTED)
    check_owner("gone/bob", TRUSTED, before="gone/bob")
    with pytest.raises(UnknownIssuerError, match="owner: no issuer gone"):
        check_owner("gone/eve", TRUSTED, before="gone/bob")


@pytest.mark.parametrize("sent", [None, {}, {"users": None}, {"users": []}])
def test_where_nobody_is_named_there_is_nothing_to_look_at(sent: dict[str, Any] | None) -> None:
    check_added(added_to_who(sent), TRUSTED)
    check_owner(None, TRUSTED)
