"""What an import costs in AWS calls: bounded whatever is held, and no more for what the importer may not know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509

from tests.support.certificates.issued import Issued, a_key, authority, in_base64, issue, unused_name
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, InProcessClient, running
from tests.support.services.over_http import at

READ, WRITE, WRAP = "dynamodb:BatchGetItem", "dynamodb:TransactWriteItems", "kms:Encrypt"


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        signet.admin.get("/me")
        yield signet


@pytest.fixture(scope="module")
def stranger(signet: InProcess) -> InProcessClient:
    """Somebody who may import into one group, and sees nothing else."""
    role = {
        "name": unused_name("Importers"),
        "permissions": ["certificates:view", "certificates:import", "certificates:edit"],
        "certificate_groups": [{"group": stored_group(unused_name("Here")), "rights": ["add"]}],
        "users": ["local/stranger"],
    }
    signet.admin.good("POST", "/roles", role)
    return signet.caller("stranger")


def body_of(content: bytes, by: InProcessClient) -> dict[str, Any]:
    """An import into the group that the caller's role has, if it has one."""
    scope = by.good("GET", "/me")["certificate_groups"]
    groups = [] if scope == "all" else [scope[0]["group"]]
    return {"content": in_base64(content), "alias": unused_name("cost"), "groups": groups}


def spent(signet: InProcess, by: InProcessClient, content: bytes | dict[str, Any]) -> tuple[list[str], int, list[int]]:
    """Calls, round trips, and the items of each read of an import."""
    body = body_of(content, by) if isinstance(content, bytes) else content
    with signet.counting() as calls:
        response = by.post("/certificates", body)
    assert response.status == 201, response
    items = [sum(len(one["Keys"]) for one in call.request.get("RequestItems", {}).values()) for call in calls.made]
    return calls.names, calls.round_trips, items


def asked(signet: InProcess, kind: str) -> dict[str, Any]:
    """A signing request of its own, or one for a renewal, that nobody but an Administrator sees."""
    if kind == "renewal":
        made = signet.admin.import_certificate()
        return dict(signet.admin.good("POST", at(made["id"], "renew"), {}))
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("asked")}}
    return dict(signet.admin.good("POST", "/signing-requests", body))


def for_key_of(request: dict[str, Any]) -> bytes:
    return issue(public_key=x509.load_pem_x509_csr(request["csr"].encode()).public_key()).pem


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("kind", ["plain", "renewal"])
def test_the_key_of_an_unseen_request_costs_a_stranger_what_any_other_costs(
    signet: InProcess, stranger: InProcessClient, kind: str, state: str
) -> None:
    request = asked(signet, kind)
    costs = []
    for content in (for_key_of(request), issue().pem):
        body = body_of(content, stranger)
        if state == "cold":
            signet.forget()
        costs.append(spent(signet, stranger, body))

    assert costs[0] == costs[1]
    if state == "warm":
        assert costs[1][0] == [READ] * 3 + [WRITE]
    assert signet.admin.good("GET", f"/signing-requests/{request['id']}")["status"] == "pending"


@pytest.mark.parametrize("kind", ["plain", "renewal"])
def test_to_complete_a_request_costs_no_more(signet: InProcess, kind: str) -> None:
    request = asked(signet, kind)

    names, round_trips, _ = spent(signet, signet.admin, for_key_of(request))

    assert (names, round_trips) == ([READ] * 3 + [WRITE], 4)
    assert signet.admin.good("GET", f"/signing-requests/{request['id']}")["status"] == "completed"


def with_its_key(one: Issued) -> bytes:
    return one.pem + one.key_pem()


@pytest.mark.parametrize("held", [0, 1])
def test_an_issuer_that_is_held_with_its_path_costs_one_read_and_none_without_a_key(
    signet: InProcess, held: int
) -> None:
    issuer = issue(unused_name("CA"), key=a_key(), issuer=authority(), ca=True)
    if held:
        signet.admin.good("POST", "/certificates", body_of(issuer.pem + authority().pem, signet.admin))

    assert spent(signet, signet.admin, with_its_key(issue(issuer=issuer)))[0] == [*[READ] * (2 + held), WRAP, WRITE]
    assert spent(signet, signet.admin, issue(issuer=issuer).pem)[0] == [READ] * 3 + [WRITE]


def test_a_path_that_is_held_in_pieces_is_looked_for_in_a_bounded_number_of_reads(signet: InProcess) -> None:
    path = [authority()]
    for number in range(8):
        path.append(issue(unused_name(f"CA {number}"), key=a_key(), issuer=path[-1], ca=True))
    # From the lowest up, so that none has found what is above it.
    for one in reversed(path[1:]):
        signet.admin.good("POST", "/certificates", body_of(one.pem, signet.admin))

    names, _, _ = spent(signet, signet.admin, with_its_key(issue(issuer=path[-1])))

    # Two, one for the issuer, and two for each of three steps above it.
    assert names == [*[READ] * 9, WRAP, WRITE]
