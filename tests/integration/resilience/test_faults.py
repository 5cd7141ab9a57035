"""Each AWS call of each request fails in turn, before and after it took effect, once and for good.

Whatever happens, the tables fit together (`tests/support/checks/invariants.py`), the caller gets the answer or a 503
that says when to come again, in time; and who comes again with the same Idempotency-Key finds it done, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from cryptography import x509

from signet.adapters.cryptography import pin_hasher
from tests.support.certificates.issued import in_base64, issue
from tests.support.checks.invariants import shape, violations
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import Fault, InProcess, InProcessClient, Send, answered, running
from tests.support.services.over_http import Response, at

AWS = "https://aws.invalid/"


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    # A PIN's hash is slow on purpose, and what fails here is around it.
    with running() as signet, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin_hasher, "LOG2_N", 4)
        yield signet


# --- what can go wrong with a call ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """One way for a call to fail."""

    name: str
    fault: Callable[[InProcess], Fault]
    operations: tuple[str, ...] = ()
    """Those it can happen to; empty for all."""
    once_only: bool = False
    """Nobody tries again after it, or going on and on it is like another one."""

    def __str__(self) -> str:
        return self.name


def refused(status: int, code: str, **more: Any) -> Callable[[InProcess], Fault]:
    return lambda signet: lambda send, asked: answered(status, {"__type": code, "message": code, **more})


def refused_afterwards(status: int, code: str) -> Callable[[InProcess], Fault]:
    def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        send()
        return answered(status, {"__type": code, "message": code})

    return lambda signet: fault


def broken(error: Callable[[], Exception], seconds: float, *, sent: bool) -> Callable[[InProcess], Fault]:
    def of(signet: InProcess) -> Fault:
        def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
            if sent:
                send()
            signet.clock.sleep(seconds)
            raise error()

        return fault

    return of


def unprocessed(signet: InProcess) -> Fault:
    def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        return answered(200, {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]})

    return fault


def cancelled(code: str) -> Callable[[InProcess], Fault]:
    def of(signet: InProcess) -> Fault:
        def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
            reasons = [{"Code": code, "Message": code} for _ in asked["TransactItems"]]
            body = {"__type": "TransactionCanceledException", "message": code, "CancellationReasons": reasons}
            return answered(400, body)

        return fault

    return of


def timed_out() -> Exception:
    return ReadTimeoutError(endpoint_url=AWS)


DYNAMODB = ("dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:TransactWriteItems")
WRITES = ("dynamodb:TransactWriteItems", "kms:Encrypt")
KMS = ("kms:Encrypt", "kms:Decrypt")

KINDS = (
    Kind("throttled", refused(400, "ProvisionedThroughputExceededException"), DYNAMODB),
    Kind("throttled by KMS", refused(400, "ThrottlingException"), KMS),
    Kind("KMS is busy", refused(500, "KMSInternalException"), KMS, once_only=True),
    Kind("the wrapping key is switched off", refused(400, "DisabledException"), KMS, once_only=True),
    Kind("denied", refused(400, "AccessDeniedException"), once_only=True),
    Kind("keys left over", unprocessed, ("dynamodb:BatchGetItem",)),
    Kind("a race is lost", cancelled("TransactionConflict"), ("dynamodb:TransactWriteItems",)),
    Kind("throttled inside", cancelled("ThrottlingError"), ("dynamodb:TransactWriteItems",), once_only=True),
    Kind("no connection", broken(lambda: EndpointConnectionError(endpoint_url=AWS), 0, sent=False), once_only=True),
    Kind("nobody listens", broken(lambda: ConnectTimeoutError(endpoint_url=AWS), 1, sent=False), once_only=True),
    Kind("timed out before", broken(timed_out, 3, sent=False)),
    Kind("timed out after", broken(timed_out, 3, sent=True), WRITES),
    Kind("500 before", refused(500, "InternalServerError")),
    Kind("500 after", refused_afterwards(500, "InternalServerError"), WRITES),
    Kind("503 before", refused(503, "ServiceUnavailable"), once_only=True),
    Kind(
        "broken off after",
        broken(lambda: ConnectionClosedError(endpoint_url=AWS), 0, sent=True),
        WRITES,
        once_only=True,
    ),
)


# --- what is done meanwhile ----------------------------------------------------------------------------------------


@dataclass
class Scene:
    """A service with something in it, and what is done next."""

    send: Callable[[], Response]
    status: int
    again: tuple[int, ...] = ()
    """What else a second try may get where the first took effect unseen: it has no Idempotency-Key then."""
    slack: Mapping[str, int] = field(default_factory=dict)
    """By how much the tables may differ from those of one undisturbed request."""
    code: str | None = None


def keyed(client: InProcessClient, path: str, body: object = None) -> Callable[[], Response]:
    return lambda: client.post(path, body, key="the one")


ORDER = {"message": "c2lnbiB0aGlz", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def importing(signet: InProcess) -> Scene:
    groups = [stored_group("Release", 3), stored_group("More")]
    body = issue().body(alias="new", owner="local/alice", groups=groups)
    return Scene(keyed(signet.admin, "/certificates", body), 201)


def importing_without_a_key(signet: InProcess) -> Scene:
    return Scene(keyed(signet.admin, "/certificates", {"content": in_base64(issue().pem), "alias": "public"}), 201)


def bringing_the_key_later(signet: InProcess) -> Scene:
    issued = issue()
    signet.admin.good("POST", "/certificates", {"content": in_base64(issued.pem), "alias": "public"})
    return Scene(keyed(signet.admin, "/certificates", issued.body()), 200)


def signing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    return Scene(keyed(signet.caller("alice"), at("mine", "sign"), ORDER), 200)


def signing_for_the_second_time(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    alice = signet.caller("alice")

    def send() -> Response:
        return alice.post(at("mine", "sign"), ORDER, key="the second")

    signet.forget()
    alice.good("POST", at("mine", "sign"), ORDER)
    return Scene(send, 200)


def signing_with_the_right_pin(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", pin="2468")
    alice = signet.caller("alice")
    assert alice.post(at("mine", "sign"), {**ORDER, "pin": "1357"}).code == "pin_wrong"
    return Scene(keyed(alice, at("mine", "sign"), {**ORDER, "pin": "2468"}), 200)


def trying_a_wrong_pin(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", pin="2468")
    send = keyed(signet.caller("alice"), at("mine", "sign"), {**ORDER, "pin": "1357"})
    # A refusal is not kept for a repeat: what took effect unheard is counted, and so is the second try.
    slack = {
        "event Certificate Use Refused refused pin_wrong": 1,
        "used 0, wrong PINs 2": 1,
        "used 0, wrong PINs 1": -1,
    }
    return Scene(send, 403, slack=slack, code="pin_wrong")


def signing_while_disabled(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    signet.admin.good("POST", at("mine", "disable"))
    send = keyed(signet.caller("alice"), at("mine", "sign"), ORDER)
    slack = {"event Certificate Use Refused refused certificate_disabled": 1}
    return Scene(send, 403, slack=slack, code="certificate_disabled")


def updating(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="before", owner="local/alice", pin="2468", groups=[stored_group()])
    made = signet.admin.good("GET", at("before"))["id"]
    body = {"alias": "after", "description": "d", "owner": "local/bob", "ask_for_reason": True, "pin": None}
    return Scene(lambda: signet.admin.patch(at(made), body), 200)


def enabling(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    signet.admin.good("POST", at("mine", "disable"))
    return Scene(keyed(signet.admin, at("mine", "enable")), 200)


def disabling(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    return Scene(keyed(signet.admin, at("mine", "disable")), 200)


def disabling_what_is_disabled(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    signet.admin.good("POST", at("mine", "disable"))
    return Scene(keyed(signet.admin, at("mine", "disable")), 200)


def deleting(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    signet.caller("alice").good("POST", at("mine", "sign"), ORDER)
    return Scene(lambda: signet.admin.delete(at("mine")), 204, again=(404,))


def being_refused(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    send = keyed(signet.caller("alice"), at("mine", "disable"))
    slack = {"event Certificate Disabled refused not_allowed": 1}
    return Scene(send, 403, slack=slack, code="not_allowed")


def reading(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    return Scene(lambda: signet.admin.get(at("mine")), 200)


def listing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    signet.admin.import_certificate(alias="other")
    return Scene(lambda: signet.admin.get("/certificates", limit=1), 200)


def listing_events(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    return Scene(lambda: signet.admin.get("/events"), 200)


def asking_a_ca(signet: InProcess) -> Scene:
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "new"}, "groups": [stored_group()]}
    return Scene(keyed(signet.admin, "/signing-requests", body), 201)


def asked(signet: InProcess, **fields: Any) -> Any:
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "new"}, **fields}
    return signet.admin.good("POST", "/signing-requests", body)


def certified(request: Any) -> str:
    public_key = x509.load_pem_x509_csr(request["csr"].encode()).public_key()
    return in_base64(issue("new", public_key=public_key).pem)


def importing_the_answer(signet: InProcess) -> Scene:
    request = asked(signet, owner="local/alice", groups=[stored_group("Release", 1)])
    return Scene(
        keyed(signet.admin, f"/signing-requests/{request['id']}/certificate", {"content": certified(request)}), 201
    )


def importing_the_answer_the_ordinary_way(signet: InProcess) -> Scene:
    request = asked(signet, owner="local/alice")
    return Scene(keyed(signet.admin, "/certificates", {"content": certified(request)}), 201)


def cancelling_a_request(signet: InProcess) -> Scene:
    request = asked(signet, groups=[stored_group()])
    return Scene(lambda: signet.admin.delete(f"/signing-requests/{request['id']}"), 204, again=(409,))


def renewing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    return Scene(keyed(signet.admin, at("mine", "renew"), {}), 201)


def importing_a_renewal(signet: InProcess) -> Scene:
    """The one step: alias, settings and groups go over, the old one gets another name, or nothing happens."""
    groups = [stored_group(f"Group {number}", 1) for number in range(25)]
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=groups, pin="2468")
    request = signet.admin.good("POST", at("mine", "renew"), {})
    body = {"content": certified(request), "disable_renewed": True}
    return Scene(keyed(signet.admin, f"/signing-requests/{request['id']}/certificate", body), 201)


def deleting_what_waits_for_its_renewal(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", groups=[stored_group()])
    signet.admin.good("POST", at("mine", "renew"), {})
    return Scene(lambda: signet.admin.delete(at("mine")), 204, again=(404,))


def making_a_group(signet: InProcess) -> Scene:
    return Scene(keyed(signet.admin, "/certificate-groups", {"name": "Release", "certificate_limit": 5}), 201)


def deleting_a_group(signet: InProcess) -> Scene:
    group = signet.admin.good("POST", "/certificate-groups", {"name": "Release"})
    path = f"/certificate-groups/{group['id']}"
    return Scene(lambda: signet.admin.delete(path), 204, again=(404,))


def making_a_policy(signet: InProcess) -> Scene:
    made = signet.admin.import_certificate(alias="mine")
    return Scene(keyed(signet.admin, "/policies", a_policy(made["id"])), 201)


def changing_a_policy(signet: InProcess) -> Scene:
    made = signet.admin.import_certificate(alias="mine")
    policy = signet.admin.good("POST", "/policies", a_policy(made["id"]))
    return Scene(lambda: signet.admin.patch(f"/policies/{policy['id']}", {"name": "Other", "enabled": False}), 200)


def making_a_role(signet: InProcess) -> Scene:
    body = {"name": "Releasers", "permissions": ["certificates:view"], "users": ["local/alice"]}
    return Scene(keyed(signet.admin, "/roles", {**body, "certificate_groups": "all"}), 201)


def a_policy(certificate: str) -> dict[str, Any]:
    what, who = {"certificates": [certificate]}, {"users": ["local/bob"]}
    return {"name": "Bob may", "action": "allow", "priority": 1, "what": what, "who": who}


SCENES = (
    making_a_group,
    deleting_a_group,
    making_a_policy,
    changing_a_policy,
    making_a_role,
    importing,
    importing_without_a_key,
    bringing_the_key_later,
    signing,
    signing_for_the_second_time,
    signing_with_the_right_pin,
    trying_a_wrong_pin,
    signing_while_disabled,
    updating,
    enabling,
    disabling,
    disabling_what_is_disabled,
    deleting,
    asking_a_ca,
    importing_the_answer,
    importing_the_answer_the_ordinary_way,
    cancelling_a_request,
    renewing,
    importing_a_renewal,
    deleting_what_waits_for_its_renewal,
    being_refused,
    reading,
    listing,
    listing_events,
)


# --- the test ------------------------------------------------------------------------------------------------------


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
