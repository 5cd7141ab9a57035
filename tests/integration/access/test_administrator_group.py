"""A deployment whose administrator group has a name with spaces, as directories have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.services.in_process import InProcess, running

GROUP = "Signet administrators of Europe"


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running(AdministratorGroup=f"local/{GROUP}") as signet:
        yield signet


def test_its_members_are_administrators(signet: InProcess) -> None:
    member = signet.caller("alice", "Everybody", GROUP)

    me = member.good("GET", "/me")

    assert (me["role"]["name"], me["certificate_groups"]) == ("Administrator", "all")
    assert member.post("/certificate-groups", {"name": unused_name("Release")}).status == 201


@pytest.mark.parametrize(
    "groups",
    [(), ("Signet",), ("Signet  administrators of Europe",), ("signet administrators of europe",), GROUP.split()],
)
def test_nobody_else_is(signet: InProcess, groups: tuple[str, ...]) -> None:
    other = signet.caller("bob", *groups)

    assert other.good("GET", "/me")["role"] is None
    assert other.post("/certificate-groups", {"name": unused_name("Release")}).status == 403
