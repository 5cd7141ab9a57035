"""The whole of it on the local stack: found by the check, told on the bus and by mail, renewed by a CA that listens.

The consumer is a plain boto3 one, as a customer's would be: a queue behind a rule of its own.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.lambda_service.lambda_runtime import Function
from local.stack import Stack, start
from tests.architecture.source_tree import ROOT, functions, routes
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import ADMINISTRATORS, Client, Service, at
from tools import redrive

pytestmark = pytest.mark.clock

AUTOMATION = "com.example.inventory"


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """A stack of its own, since a check looks at all certificates."""
    printed: list[str] = []
    with start(workers=4, log=printed.append, parameters={"NotificationEmail": "certificates@example.com"}) as stack:
        yield Service(stack, printed)


@pytest.fixture(scope="module")
def admin(signet: Service) -> Client:
    return signet.caller("admin", ADMINISTRATORS)


@dataclass
class Listener:
    """Hears what arrives in a queue."""

    stack: Stack
    url: str
    heard: list[Any] = field(default_factory=list)

    def wait_for(self, wanted: Callable[[Any], bool], *, seconds: float = 300) -> Any:
        """The first that is wanted, among those heard before and those that come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.listen()
            if found := [each for each in self.heard if wanted(each)]:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"not heard, but {self.heard}")

    def listen(self) -> None:
        sqs = self.stack.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def about(self, certificate: Mapping[str, Any], kind: str) -> Any:
        """The announcement of that kind about that certificate."""
        return self.wait_for(
            lambda event: event["detail-type"] == kind and event["detail"].get("certificate_id") == certificate["id"]
        )


def queue(stack: Stack, name: str) -> tuple[str, str]:
    """The address and the ARN of a new queue that takes what rules and topics send."""
    arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    take = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [take]})
    return stack.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"], arn


def listening(stack: Stack, pattern: Mapping[str, Any]) -> Listener:
    """A queue behind a rule with `pattern`."""
    name = unused_name("heard").replace(" ", "-")
    url, arn = queue(stack, name)
    events = stack.client("events")
    events.put_rule(Name=name, EventBusName=stack.outputs["EventBusName"], EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=stack.outputs["EventBusName"], Targets=[{"Id": "queue", "Arn": arn}])
    return Listener(stack, url)


@pytest.fixture(scope="module")
def bus(signet: Service) -> Listener:
    return listening(signet.stack, {"source": ["signet"]})


@pytest.fixture(scope="module")
def mailbox(signet: Service) -> Listener:
    url, arn = queue(signet.stack, "mailbox")
    topic = signet.stack.outputs["ExpiryTopicArn"]
    signet.stack.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Listener(signet.stack, url)


def sample(function: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"events/{function}.json").read_text())
    return found


def check(signet: Service, at_: datetime) -> dict[str, Any]:
    """Run the schedule's sample event, as of `at_`."""
    event = {**sample("check_expiry"), "time": at_.strftime("%Y-%m-%dT%H:%M:%SZ")}
    answer = signet.stack.lambda_client().invoke(FunctionName="CheckExpiryFunction", Payload=json.dumps(event))
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    return told


def test_from_the_warning_to_the_renewed_certificate(
    signet: Service, admin: Client, bus: Listener, mailbox: Listener, ca: CertificationAuthority
) -> None:
    now = datetime.now(UTC)
    alias = unused_name("story")
    old = admin.import_certificate(issue(days=29.5), alias=alias, owner="local/alice", renew_at_stage=30)
    body = {"message": in_base64(b"text"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
    alice = signet.caller("alice")
    alice.good("POST", at(alias, "sign"), body)

    # The check flags it, once.
    assert check(signet, now)["flagged"]["30"] == 1
    assert check(signet, now)["flagged"]["30"] == 0

    # The bus tells.
    expiring = bus.about(old, "Certificate Expiring")["detail"]
    assert (expiring["stage"], expiring["days_to_expiry"], expiring["owner"]) == (30, 29, "local/alice")

    # People are told.
    mail = mailbox.wait_for(lambda message: alias in message["Subject"])
    assert mail["Subject"] == f"[signet] Certificate {alias}: expires in 29 days"
    assert "Owner:       local/alice" in mail["Message"]
    assert "Used:        once, last at" in mail["Message"]
    assert "a renewal waits for the CA already" in mail["Message"]
    assert f"{signet.stack.url}/v1/certificates/" in mail["Message"]

    # A CA that listens on the bus answers with a certificate.
    asked = bus.about(old, "Signing Request Created")["detail"]
    issued = ca.issue(asked["csr"])
    new = admin.good(
        "POST", f"/signing-requests/{asked['request_id']}/certificate", {"content": in_base64(issued + ca.chain)}
    )
    assert new["renews"] == old["id"]
    assert new["alias"] == alias
    renewed = bus.about(old, "Certificate Renewed")["detail"]
    assert renewed["renewed_by"] == new["id"]

    # Whoever signs by alias notices nothing, and the old one is left alone.
    assert alice.good("POST", at(alias, "sign"), body)["certificate_id"] == new["id"]
    check(signet, now + timedelta(days=29))
    check(signet, now + timedelta(days=60))
    bus.listen()
    about_old = [event for event in bus.heard if event["detail"].get("certificate_id") == old["id"]]
    assert [event["detail-type"] for event in about_old].count("Certificate Expiring") == 1
    assert "Certificate Expired" not in {event["detail-type"] for event in about_old}


def test_rules_filter_by_type_owner_group_and_stage(signet: Service, admin: Client, bus: Listener) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    hers = listening(signet.stack, {"detail-type": [{"prefix": "Certificate "}], "detail": {"owner": ["local/zoe"]}})
    ours = listening(
        signet.stack,
        {
            "source": ["signet"],
            "detail-type": ["Certificate Expiring"],
            "detail": {
                "stage": [{"numeric": ["<=", 30]}],
                "$or": [{"owner": ["corp/alice"]}, {"groups": [group]}],
            },
        },
    )
    in_group = admin.import_certificate(issue(days=6), groups=[group])
    later = admin.import_certificate(issue(days=80), groups=[group])
    zoes = admin.import_certificate(issue(days=6), owner="local/zoe")

    check(signet, datetime.now(UTC))

    assert ours.about(in_group, "Certificate Expiring")["detail"]["stage"] == 7
    assert hers.about(zoes, "Certificate Imported")
    assert hers.about(zoes, "Certificate Expiring")
    bus.about(later, "Certificate Expiring")
    ours.listen()
    assert {event["detail"]["certificate_id"] for event in ours.heard} == {in_group["id"]}
    assert {event["detail"]["certificate_id"] for event in hers.heard} == {zoes["id"]}


def test_automation_calls_in_over_the_bus(signet: Service, admin: Client, bus: Listener) -> None:
    role = {
        "name": unused_name("role"),
        "permissions": ["certificates:edit"],
        "users": [f"automation/{AUTOMATION}"],
    }
    admin.good("POST", "/roles", role)
    certificate = admin.import_certificate()

    def ask(*certificates: str) -> None:
        detail = {"action": "disable", "certificates": certificates, "requested_by": "corp/bob"}
        entry = {
            "EventBusName": signet.stack.outputs["EventBusName"],
            "Source": AUTOMATION,
            "DetailType": "Certificate Action Requested",
            "Detail": json.dumps(detail),
        }
        signet.stack.client("events").put_events(Entries=[entry])

    ask(certificate["id"])
    disabled = bus.about(certificate, "Certificate Disabled")["detail"]
    assert disabled["user"] == f"automation/{AUTOMATION}"

    ask("gone")
    refused = Listener(signet.stack, signet.stack.outputs["RefusedActionsQueueUrl"])
    assert refused.wait_for(lambda event: event["detail"]["certificates"] == ["gone"])


@pytest.mark.soak
def test_a_burst_arrives(signet: Service, admin: Client, bus: Listener) -> None:
    certificates = [admin.import_certificate()["id"] for _ in range(20)]
    actions = [{"action": action, "certificates": certificates} for action in ("disable", "enable") * 5]
    for action in actions:
        assert admin.good("POST", "/certificates/actions", action)["summary"]["done"] == 20

    # What was refused is an event too, of the same type, and is not announced.
    done = admin.items("/events", outcome="done")
    wanted = {event["id"] for event in done if event["type"].endswith(("Enabled", "Disabled"))}
    assert len(wanted) >= 200
    end = time.monotonic() + 300
    while time.monotonic() < end:
        bus.listen()
        if wanted <= {event["detail"]["event_id"] for event in bus.heard}:
            break
        time.sleep(0.1)
    assert wanted <= {event["detail"]["event_id"] for event in bus.heard}


BY_THEMSELVES = sorted(set(functions()) - set(routes().values()))


@pytest.mark.parametrize("function", BY_THEMSELVES)
def test_the_sample_event_of_what_runs_by_itself_works(signet: Service, function: str) -> None:
    known: Mapping[str, Function] = signet.stack.functions
    action = known[function].name.removeprefix("signet-").replace("-", "_")

    answer = signet.stack.lambda_client().invoke(FunctionName=function, Payload=json.dumps(sample(action)))

    assert "FunctionError" not in answer, answer["Payload"].read()


def test_nothing_was_left_unsent_and_nothing_refused_locally(signet: Service) -> None:
    announcement_dlq = Listener(signet.stack, signet.stack.outputs["UnsentQueueUrl"])
    announcement_dlq.listen()

    assert announcement_dlq.heard == []
    assert not [line for line in signet.printed if "Refused as IAM would" in line]


def test_a_span_of_time_is_announced_again_by_hand(
    signet: Service,
    admin: Client,
    bus: Listener,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = bus.about(admin.import_certificate(), "Certificate Imported")["detail"]
    monkeypatch.setenv("PORT", signet.stack.url.rpartition(":")[2])
    monkeypatch.delenv("STACK", raising=False)
    moment = datetime.fromisoformat(event["occurred_at"])
    monkeypatch.setattr("sys.argv", ["redrive", moment.isoformat(), (moment + timedelta(seconds=1)).isoformat()])
    bus.heard.clear()

    assert redrive.main() == 0

    assert json.loads(capsys.readouterr().out)["left"] == 0
    assert bus.wait_for(lambda again: again["detail"]["event_id"] == event["event_id"])
    monkeypatch.setattr("sys.argv", ["redrive", "yesterday", "today"])
    assert redrive.main() == 1
