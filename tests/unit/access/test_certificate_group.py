"""What is accepted as a certificate group, and what its limit lets in."""

from typing import Any

import pytest

from signet.domain.access.certificate_group import CertificateGroupSettings
from signet.domain.errors import InvalidInputError


def test_a_group_is_read_as_it_is_written() -> None:
    plain = {"name": "Release", "description": "What we ship with", "certificate_limit": 3}

    read = CertificateGroupSettings.parse(plain)

    assert read.plain() == plain
    assert CertificateGroupSettings.restore(plain) == read


def test_what_older_rules_accepted_of_a_group_is_still_read() -> None:
    stored = {"name": "", "description": "", "certificate_limit": -1}

    assert CertificateGroupSettings.restore(stored).plain() == stored


def test_without_a_limit_there_is_always_room() -> None:
    group = CertificateGroupSettings.parse({"name": "Release"})

    assert group.certificate_limit is None
    assert group.has_room_for(1000, beside=10**6)


def test_a_limit_lets_in_as_many_as_it_says() -> None:
    group = CertificateGroupSettings.parse({"name": "Release", "certificate_limit": 3})

    assert group.has_room_for(1, beside=2)
    assert not group.has_room_for(2, beside=2)


def test_a_change_replaces_the_fields_it_names() -> None:
    group = CertificateGroupSettings.parse({"name": "Release", "certificate_limit": 3})

    assert group.changed({"certificate_limit": None}) == CertificateGroupSettings("Release")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"certificate_limit": -1}, "certificate_limit"),
        ({"certificate_limit": 1_000_001}, "certificate_limit"),
        ({"description": "bell \a"}, "description"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        CertificateGroupSettings.parse({"name": "Release", **fields})

    assert [error.field for error in refused.value.errors] == [field]
