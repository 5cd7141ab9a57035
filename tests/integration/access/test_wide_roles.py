"""A role may hold hundreds of certificate groups: more than one filter of DynamoDB can name."""

from collections.abc import Iterator

import pytest

from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, InProcessClient, running
from tests.support.services.over_http import at

GROUPS = 300


@pytest.fixture
def signet() -> Iterator[InProcess]:
    with running() as signet:
        signet.admin.get("/me")  # so that the tables have their names
        yield signet


@pytest.fixture
def groups(signet: InProcess) -> list[str]:
    return [stored_group(f"Group {number:03}") for number in range(GROUPS)]


@pytest.fixture
def manager(signet: InProcess, groups: list[str]) -> InProcessClient:
    role = {
        "name": "Wide",
        "permissions": ["certificates:view", "events:view_certificates", "signing_requests:view"],
        "certificate_groups": [{"group": group, "rights": []} for group in groups],
        "users": ["local/wide"],
    }
    signet.admin.good("POST", "/roles", role)
    return signet.caller("wide")


def test_who_manages_hundreds_of_groups_is_told_what_happened_in_them_and_nothing_else(
    signet: InProcess, groups: list[str], manager: InProcessClient
) -> None:
    mine = signet.admin.import_certificate(groups=[groups[-1]])["id"]
    signet.admin.import_certificate()

    told = [
        manager.items("/events"),
        manager.items("/events", user="local/admin"),
        manager.items("/events", certificate=mine),
        manager.items("/events", type="Certificate Imported"),
        manager.items(at(mine, "events")),
    ]

    assert [[event["certificate"]["id"] for event in events] for events in told] == [[mine]] * len(told)


@pytest.mark.soak
def test_who_manages_hundreds_of_groups_lists_what_is_in_them(
    signet: InProcess, groups: list[str], manager: InProcessClient
) -> None:
    mine = signet.admin.import_certificate(groups=[groups[-1]])["id"]

    assert [one["id"] for one in manager.items("/certificates")] == [mine]
    assert manager.items("/signing-requests") == []
