"""Each AWS call of each request fails in turn, before and after it took effect, once and for good.

Whatever happens, the tables fit together (`tests/support/checks/invariants.py`), the caller gets the answer or a 503
that says when to come again, in time; and who comes again with the same Idempotency-Key finds it done, once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from signet.adapters.cryptography import pin_hasher
from tests.integration.resilience.failures import KINDS, Kind
from tests.integration.resilience.scenes import ORDER, SCENES, Scene, signing_for_the_second_time
from tests.support.checks.conformance import Conformance
from tests.support.checks.invariants import shape, violations
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import Fault, InProcess, Send, running
from tests.support.services.over_http import at
from tools.openapi.document import DOCUMENT


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    # A PIN's hash is slow on purpose, and what fails here is around it.
    with running() as signet, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin_hasher, "LOG2_N", 4)
        yield signet


@dataclass
class Trial:
    """One scene, set up once and put back for each fault."""

    signet: InProcess
    scene: Scene
    kept: Any
    cold: bool
    operations: list[str]
    """The calls of the undisturbed request."""
    left: Counter[str]
    """What it left."""

    @classmethod
    def of(cls, signet: InProcess, make: Callable[[InProcess], Scene], empty: Any) -> Trial:
        signet.put_back(empty)
        signet.forget()
        scene = make(signet)
        # Cold but where the scene is about what a warm function remembers.
        cold = make is not signing_for_the_second_time
        kept = signet.kept()
        if cold:
            signet.forget()
        with signet.counting() as calls:
            response = scene.send()
        assert (response.status, response.code) == (scene.status, scene.code), response
        assert not violations(signet.items())
        return cls(signet, scene, kept, cold, calls.names, shape(signet.items()))

    def again(self) -> None:
        self.signet.put_back(self.kept)
        if self.cold:
            self.signet.forget()

    def suffer(self, place: int, kind: Kind, *, for_good: bool) -> None:
        """Let the call at `place` fail, and every later one of its kind with `for_good`; then come again."""
        self.again()
        wanted = self.operations[place]
        fault = kind.fault(self.signet)

        def falling(index: int, name: str) -> Fault | None:
            hit = index == place or (for_good and index > place and name == wanted)
            return fault if hit else None

        with self.signet.counting(falling) as calls:
            response = self.scene.send()
        told = f"{wanted} (call {place + 1}) {kind}{', for good' if for_good else ''}: {response}, {calls.names}"
        if response.status == 503:
            assert int(response.headers["retry-after"]) > 0, told
            assert response.code in {"unavailable", "busy"}, told
        else:
            assert (response.status, response.code) == (self.scene.status, self.scene.code), told
        self._fits(told)
        if response.status == 503:
            response = self.scene.send()
            assert response.status in {self.scene.status, *self.scene.again}, f"{told}, then {response}"
            self._fits(f"{told}, then {response}")
        left = shape(self.signet.items())
        left.subtract(self.left)
        differing = {name: number for name, number in left.items() if number}
        assert not differing or differing == {
            name: number for name, number in self.scene.slack.items() if name in differing
        }, f"{told}: {differing}"

    def _fits(self, told: str) -> None:
        wrong = violations(self.signet.items())
        assert not wrong, f"{told}: {wrong}"


@pytest.fixture(scope="module")
def empty(signet: InProcess) -> Any:
    """The tables before anything was done."""
    signet.admin.get("/me")
    return signet.kept()


def faults(operations: Sequence[str], share: int) -> list[tuple[int, Kind]]:
    """Where what can go wrong, of a request that makes these calls: every `SHARES`-th from `share` on."""
    all_of_them = [
        (place, kind)
        for place, operation in enumerate(operations)
        for kind in KINDS
        if operation in (kind.operations or (operation,))
    ]
    return all_of_them[share::SHARES]


SHARES = 10
"""Of the faults of a scene, one in so many happens in `make test`: the first of these parts."""


@pytest.mark.one_in(SHARES)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("make", SCENES, ids=lambda make: make.__name__)
def test_a_call_that_fails_breaks_nothing_and_the_retry_succeeds(
    signet: InProcess, empty: Any, make: Callable[[InProcess], Scene], share: int
) -> None:
    trial = Trial.of(signet, make, empty)
    # Of each scene other ones.
    for place, kind in faults(trial.operations, (share + SCENES.index(make)) % SHARES):
        trial.suffer(place, kind, for_good=False)
        if not kind.once_only:
            trial.suffer(place, kind, for_good=True)


CHANGES_NOTHING = {"ExplainPolicies"}
HAS_A_SWEEP_OF_ITS_OWN = {"ApplyCertificateAction"}
"""`test_of_many_at_once_...`, below. Dialects, which the document does not have, sign by the same operation."""


def test_every_action_that_changes_something_has_a_scene(signet: InProcess, empty: Any) -> None:
    document = json.loads(DOCUMENT.read_text())
    changing = {
        each["operationId"] for methods in document["paths"].values() for name, each in methods.items() if name != "get"
    }
    conformance = Conformance(document)
    asked = set()
    for make in SCENES:
        signet.put_back(empty)
        signet.forget()
        response = make(signet).send()
        operation = conformance.operation(response.method, response.target)
        assert operation
        asked.add(operation["operationId"])

    assert changing - asked == CHANGES_NOTHING | HAS_A_SWEEP_OF_ITS_OWN


def from_there_on(signet: InProcess, kind: Kind, place: int) -> Callable[[int, str], Fault | None]:
    fault = kind.fault(signet)
    return lambda index, name: fault if index >= place and name in (kind.operations or (name,)) else None


@pytest.mark.one_in(SHARES)
@pytest.mark.parametrize("share", range(SHARES))
def test_of_many_at_once_those_that_fail_say_so_and_the_rest_is_done(signet: InProcess, empty: Any, share: int) -> None:
    signet.put_back(empty)
    signet.forget()
    groups = [stored_group("Release", 2), stored_group("Nightly")]
    for number in range(3):
        signet.admin.import_certificate(alias=f"many {number}", groups=[groups[1]])
    kept = signet.kept()
    named = [f"many {number}" for number in range(3)]
    for order in (
        {"action": "disable", "certificates": named},
        {"action": "delete", "certificates": named},
        {"action": "add_to_groups", "certificates": named[:2], "groups": groups[:1]},
        {"action": "remove_from_groups", "certificates": named[1:], "groups": groups[1:]},
    ):
        signet.put_back(kept)
        signet.forget()
        with signet.counting() as calls:
            signet.admin.good("POST", "/certificates/actions", order)
            operations = calls.names
        left = shape(signet.items())
        for place, kind in faults(operations, share):
            signet.put_back(kept)
            signet.forget()
            with signet.counting(from_there_on(signet, kind, place)):
                response = signet.admin.post("/certificates/actions", order)
            told = f"{order['action']}, {operations[place]} (call {place + 1}) {kind} from there on: {response}"
            assert response.status in {200, 503}, told
            assert not violations(signet.items()), told
            # What is done is not done again: gone is not there, and all else is unchanged.
            again = signet.admin.good("POST", "/certificates/actions", order)
            codes = {one.get("problem", {}).get("code") for one in again["results"]}
            assert codes <= ({None, "not_found"} if order["action"] == "delete" else {None}), f"{told}, then {again}"
            assert not violations(signet.items()), told
            # What was not there any more was refused, and recorded so.
            refused = sum(one.get("problem", {}).get("code") == "not_found" for one in again["results"])
            expected = left + Counter({"event Certificate Deleted refused not_found": refused})
            assert shape(signet.items()) == expected, told


class KilledError(BaseException):
    """The function is gone in the middle of a call, and does nothing more."""


def test_a_bulk_action_that_is_killed_leaves_a_claim_at_most_and_is_done_once_it_ends(
    signet: InProcess, empty: Any
) -> None:
    signet.put_back(empty)
    signet.forget()
    for number in range(3):
        signet.admin.import_certificate(alias=f"many {number}")
    kept = signet.kept()
    order = {"action": "disable", "certificates": [f"many {number}" for number in range(3)]}
    admin = signet.admin
    with signet.counting() as calls:
        admin.good("POST", "/certificates/actions", order, headers={"Idempotency-Key": "the one"})
        operations = calls.names
    left = shape(signet.items())

    def killed(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        raise KilledError

    claims = 0
    for place in range(len(operations)):
        signet.put_back(kept)
        signet.forget()
        with (
            signet.counting(lambda index, name, place=place: killed if index >= place else None),  # type: ignore[misc]
            pytest.raises(KilledError),
        ):
            admin.post("/certificates/actions", order, key="the one")
        assert not violations(signet.items()), f"killed at call {place + 1}"
        claims += end_claims(signet)
        report = admin.good("POST", "/certificates/actions", order, headers={"Idempotency-Key": "the one"})
        assert report["summary"]["failed"] == 0
        assert shape(signet.items()) == left, f"killed at call {place + 1}"
    assert claims, "no claim was left"


def end_claims(signet: InProcess) -> int:
    """Let what was claimed end, as time does; how many there were."""
    claims = [item for item in signet.items()["IdempotencyTable"] if not item["body"].get("B")]
    for claim in claims:
        signet.client("dynamodb").put_item(
            TableName=signet.tables["IdempotencyTable"], Item={**claim, "expires_at": {"N": "1"}, "body": {"B": b""}}
        )
    return len(claims)


def test_a_claim_that_would_hold_its_key_for_long_does_not_fit(signet: InProcess, empty: Any) -> None:
    signet.put_back(empty)
    item = {"pk": {"S": "one"}, "fingerprint": {"S": "f"}, "body": {"B": b""}}
    client, table = signet.client("dynamodb"), signet.tables["IdempotencyTable"]
    now = int(datetime.now(UTC).timestamp())
    for seconds, fits in ((30, True), (3600, False)):
        client.put_item(TableName=table, Item={**item, "expires_at": {"N": str(now + seconds)}})
        assert bool(violations(signet.items())) is not fits


def test_the_checker_sees_what_is_planted(signet: InProcess, empty: Any) -> None:
    signet.put_back(empty)
    signet.forget()
    group = stored_group()
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[group])
    signet.caller("alice").good("POST", at("mine", "sign"), ORDER)
    signet.admin.good("POST", at("mine", "disable"))
    kept = signet.kept()
    assert not violations(signet.items())
    client = signet.client("dynamodb")
    for table, items in signet.items().items():
        for item in items:
            if table == "AccessTable" and item["sk"]["S"] != "count":
                continue
            name = signet.tables[table]
            key = {part: item[part] for part in ("pk", "sk") if part in item}
            client.delete_item(TableName=name, Key=key)
            assert violations(signet.items()), f"nothing was missed without {key}"
            for attribute, value in item.items():
                if attribute in {"usage_count", "version", "status", "target", "held", "last_event", "alias_sort"}:
                    other = {"N": str(int(value["N"]) + 1)} if "N" in value else {"S": value["S"] + "x"}
                    client.put_item(TableName=name, Item={**item, attribute: other})
                    assert violations(signet.items()), f"{attribute} of {key} may be anything"
            signet.put_back(kept)
