"""What somebody may not see costs as many calls as what does not exist: counted, in every state of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.checks.budgets import ORDER, policy
from tests.support.services.access_seeds import stored_group, stored_policies
from tests.support.services.actions import EVERY_PERMISSION
from tests.support.services.in_process import Call, InProcess, InProcessClient, running
from tests.support.services.over_http import Response, at

NOWHERE = "crt_0000000000000000000000zz"


@dataclass
class Hidden:
    """A certificate that the stranger cannot see, and the one who knows it."""

    signet: InProcess
    made: dict[str, Any]
    other: dict[str, Any]
    waiting: str
    """A signing request that would renew it."""
    plain: str
    """A signing request for a certificate of its own."""
    stranger: InProcessClient

    def names(self, by: str) -> tuple[str, str]:
        """What names it, and what names nothing."""
        return (str(self.made["id"]), NOWHERE) if by == "id" else (str(self.made["alias"]), unused_name("nobody's"))


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


@pytest.fixture(scope="module")
def hidden(signet: InProcess) -> Hidden:
    admin = signet.admin
    admin.get("/me")  # Only then the tables have names.
    group, here = stored_group(unused_name("Hidden")), stored_group(unused_name("Here"))
    made = admin.import_certificate(groups=[group], owner="local/alice")
    other = admin.import_certificate(groups=[group], owner="local/alice")
    waiting = admin.good("POST", at(made["id"], "renew"), {})["id"]
    subject = {"common_name": unused_name("asked")}
    plain = admin.good("POST", "/signing-requests", {"key_algorithm": "ECC_NIST_P256", "subject": subject})["id"]
    role = {
        "name": unused_name("Strangers"),
        "permissions": sorted(permission for permission in EVERYTHING),
        "certificate_groups": [{"group": here, "rights": ["add", "remove", "assign"]}],
        "users": ["local/stranger"],
    }
    admin.good("POST", "/roles", role)
    return Hidden(signet, made, other, waiting, plain, signet.caller("stranger"))


EVERYTHING = [each for each in EVERY_PERMISSION if each not in {"events:view_all", "events:view_own"}]

Ask = Callable[[InProcessClient, str], Response]

ROUTES: dict[str, Ask] = {
    "get": lambda by, name: by.get(at(name)),
    "related": lambda by, name: by.get(at(name, "related")),
    "details": lambda by, name: by.get(at(name, "details")),
    "download": lambda by, name: by.get(at(name, "download")),
    "events": lambda by, name: by.get(at(name, "events")),
    "enable": lambda by, name: by.post(at(name, "enable")),
    "disable": lambda by, name: by.post(at(name, "disable")),
    "patch": lambda by, name: by.patch(at(name), {"description": "mine"}),
    "delete": lambda by, name: by.delete(at(name)),
    "renew": lambda by, name: by.post(at(name, "renew"), {}),
    "sign": lambda by, name: by.post(at(name, "sign"), ORDER),
    "sign with a PIN": lambda by, name: by.post(at(name, "sign"), {**ORDER, "pin": "2468"}),
    "sign, with a key": lambda by, name: by.post(at(name, "sign"), ORDER, key=unused_name("key")),
    "dry run": lambda by, name: by.post(at(name, "sign"), {**ORDER, "dry_run": True}),
    "explain": lambda by, name: by.post("/policies/explain", {"certificate": name, "user": "local/me"}),
}
RECORDED = {"sign", "sign with a PIN", "sign, with a key"}
"""What leaves an event where a role or a policy names the caller."""


def cold(hidden: Hidden) -> None:
    hidden.signet.forget()


def warm(hidden: Hidden) -> None:
    hidden.signet.forget()
    hidden.stranger.get("/me")


def known_to_others(hidden: Hidden) -> None:
    """Somebody who sees it has just used it by its alias: the process knows what that names, and has its key."""
    warm(hidden)
    hidden.signet.caller("alice").post(at(hidden.made["alias"], "sign"), ORDER)


def known_by_another_name(hidden: Hidden) -> None:
    warm(hidden)
    hidden.signet.admin.get(at(hidden.other["alias"]))


STATES = {state.__name__: state for state in (cold, warm, known_to_others, known_by_another_name)}


def spent(hidden: Hidden, send: Callable[[], Response]) -> tuple[list[str], int, int, float, int]:
    """What `send` costs: the calls, how many wait for another, the items and units of all; and the answer."""
    with hidden.signet.counting() as calls:
        status = send().status
        return list(calls.names), calls.round_trips, sum(map(_items_of, calls.made)), calls.capacity, status


def _items_of(call: Call) -> int:
    request = call.request
    if "RequestItems" in request:
        return sum(len(table["Keys"]) for table in request["RequestItems"].values())
    return len(request.get("TransactItems", ()))


@pytest.mark.one_in(11)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("by", ["id", "alias"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["stranger", "mallory"])
def test_the_unseen_costs_what_nothing_costs(hidden: Hidden, route: str, by: str, state: str, who: str) -> None:
    caller = hidden.signet.caller(who)
    costs = []
    for name in hidden.names(by):
        STATES[state](hidden)
        costs.append(spent(hidden, lambda name=name: ROUTES[route](caller, name)))  # type: ignore[misc]

    unseen, none = costs
    assert unseen == none
    reads = [call for call in none[0] if call.endswith("BatchGetItem")]
    assert len(reads) == 2, none
    assert none[0].count("dynamodb:TransactWriteItems") == (who == "stranger" and route in RECORDED)
    assert none[4] == 404


BELOW: dict[str, Ask] = {
    "get": lambda by, path: by.get(path),
    "csr": lambda by, path: by.get(f"{path}/csr"),
    "certificate": lambda by, path: by.post(f"{path}/certificate", {"content": "AAAA"}),
    "delete": lambda by, path: by.delete(path),
}


@pytest.mark.one_in(5)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", ["waiting", "plain"])
@pytest.mark.parametrize("below", BELOW)
def test_an_unseen_request_costs_what_none_costs(hidden: Hidden, below: str, kind: str, state: str) -> None:
    costs = []
    for request in (getattr(hidden, kind), "req_0000000000000000000000zz"):
        path = f"/signing-requests/{request}"
        STATES[state](hidden)
        costs.append(spent(hidden, lambda path=path: BELOW[below](hidden.stranger, path)))  # type: ignore[misc]

    assert costs[0] == costs[1]
    assert costs[0][0].count("dynamodb:BatchGetItem") == 2


@pytest.mark.one_in(5)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ["enable", "delete", "add_to_groups"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_in_bulk_the_unseen_costs_what_nothing_costs(hidden: Hidden, action: str, state: str, dry_run: bool) -> None:
    here = hidden.stranger.good("GET", "/me")["certificate_groups"][0]["group"]
    groups = {"groups": [here]} if action == "add_to_groups" else {}
    costs = []
    for number in (0, 1):
        named = [hidden.names(by)[number] for by in ("id", "alias")]
        named.append(hidden.other["alias"] if number == 0 else unused_name("nobody's"))
        body = {"action": action, "certificates": named, "dry_run": dry_run, **groups}
        STATES[state](hidden)
        costs.append(spent(hidden, lambda body=body: hidden.stranger.post("/certificates/actions", body)))  # type: ignore[misc]

    assert costs[0] == costs[1]
    counting_members = dry_run and action == "add_to_groups"
    assert costs[0][0].count("dynamodb:BatchGetItem") == 2 + counting_members
    assert costs[0][0].count("dynamodb:TransactWriteItems") == (not dry_run)


@pytest.mark.parametrize("state", STATES)
def test_a_policy_that_names_the_unseen_costs_what_one_that_names_nothing_costs(hidden: Hidden, state: str) -> None:
    costs = []
    for certificate in hidden.names("id"):
        body = {
            "name": "a name",
            "action": "allow",
            "what": {"certificates": [certificate]},
            "who": {"users": ["local/me"]},
        }
        STATES[state](hidden)
        costs.append(spent(hidden, lambda body=body: hidden.stranger.post("/policies", body)))  # type: ignore[misc]

    assert costs[0] == costs[1]


@pytest.mark.parametrize("state", STATES)
def test_an_unseen_policy_costs_what_none_costs(hidden: Hidden, state: str) -> None:
    (unseen,) = stored_policies([policy(7, [hidden.made["id"]], ["local/somebody"])])
    costs = []
    for identifier in (unseen, "pol_0000000000000000000000zz"):
        STATES[state](hidden)
        hidden.stranger.get("/me")
        costs.append(spent(hidden, lambda i=identifier: hidden.stranger.get(f"/policies/{i}")))  # type: ignore[misc]

    assert costs[0] == costs[1]


@pytest.mark.parametrize("state", STATES)
def test_an_unseen_event_costs_what_none_costs(hidden: Hidden, state: str) -> None:
    event = hidden.signet.admin.items(at(hidden.made["id"], "events"))[0]["id"]
    costs = []
    for identifier in (event, "evt_0000000000000000000000zz"):
        STATES[state](hidden)
        costs.append(spent(hidden, lambda i=identifier: hidden.stranger.get(f"/events/{i}")))  # type: ignore[misc]

    assert costs[0] == costs[1]
