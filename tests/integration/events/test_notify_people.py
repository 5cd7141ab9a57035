"""Who is told of expiry, how often, and of what nobody needs to hear."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

from local.lambda_service.lambda_runtime import Context, load_handler
from signet.adapters.dynamodb.mail_claims import LEASE_SECONDS, IdempotencyTableMailClaims
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.events.event import EventType, certificate_event
from signet.domain.expiry.expiry import CHECKER
from signet.domain.expiry.expiry_mail import Deployment, Mail
from signet.domain.identifiers import new_id
from signet.operations.automation.notify_people import ExpiryAnnounced, notify_people
from signet.ports.changes import CertificateAdded
from signet.wiring import wiring
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.in_process import InProcess, Send, running

pytestmark = pytest.mark.clock

NOW = datetime.now(UTC).replace(microsecond=0)
ADDRESS = "https://signet.example.com"
HERE = Deployment("signet", ADDRESS)


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running(Address=ADDRESS) as signet:
        subscribe(signet, "mail")
        yield signet


def subscribe(signet: InProcess, name: str, **chosen_by: Any) -> None:
    """A mailbox of its own, of what `chosen_by` lets through; of all where nothing is given."""
    signet.client("sqs").create_queue(QueueName=name)
    signet.client("sns").subscribe(
        TopicArn=signet.environment["EXPIRY_TOPIC"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{name}",
        Attributes={"FilterPolicy": json.dumps(chosen_by)} if chosen_by else {},
    )


def mails(signet: InProcess, name: str = "mail") -> list[dict[str, Any]]:
    """What has come, and is taken out."""
    sqs = signet.client("sqs")
    url, found = sqs.get_queue_url(QueueName=name)["QueueUrl"], []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def mail(signet: InProcess) -> dict[str, Any] | None:
    """The one mail that has come, if one has."""
    found = mails(signet)
    assert len(found) <= 1
    return found[0] if found else None


def add(**fields: Any) -> Certificate:
    certificate = a_certificate(**fields)
    event = certificate_event(EventType.CERTIFICATE_IMPORTED, certificate, CHECKER, certificate.last_event)
    wiring().records.commit(CertificateAdded(certificate, X509Body(b"\x30\x00", ())), events=[event])
    return certificate


def announced(certificate: str, **detail: Any) -> dict[str, Any]:
    """What a `Certificate Expiring` says of it."""
    event_id = new_id("evt", datetime.now(UTC))
    return {"event_id": event_id, "certificate_id": certificate, "stage": 30, "days_to_expiry": 29, **detail}


def notify(signet: InProcess, detail: Mapping[str, Any], kind: EventType = EventType.CERTIFICATE_EXPIRING) -> Any:
    function = signet.functions["NotifyPeopleFunction"]
    event = {"detail-type": kind.value, "detail": detail}
    return load_handler(function)(event, Context(function, "request"))


def test_a_mail_says_what_the_announcement_said(signet: InProcess) -> None:
    certificate = add(not_after=NOW + timedelta(days=12))

    told = notify(signet, announced(certificate.id))

    assert told == {"told": True}
    sent = mail(signet)
    assert sent
    assert sent["Subject"] == f"[signet] Certificate {certificate.alias.text}: expires in 29 days"
    assert certificate.facts.subject in sent["Message"]


@pytest.mark.parametrize(("days", "words"), [(-3, "expired 3 days ago"), (5, "expired less than a day ago")])
def test_one_that_has_expired_is_told_as_expired_however_the_check_was_run(
    signet: InProcess, days: int, words: str
) -> None:
    certificate = add(not_after=NOW + timedelta(days=days, hours=-1))
    detail = {"event_id": new_id("evt", NOW), "certificate_id": certificate.id}

    notify(signet, detail, EventType.CERTIFICATE_EXPIRED)

    sent = mail(signet)
    assert sent
    assert sent["Subject"].endswith(words)
    assert sent["MessageAttributes"]["stage"] == {"Type": "Number", "Value": "0"}


def test_of_one_that_is_gone_or_renewed_nobody_is_told(signet: InProcess) -> None:
    renewed = add(not_after=NOW, renewed_by="crt_0000000000000000000000aa")

    for certificate in (renewed.id, "crt_0000000000000000000000bb"):
        assert notify(signet, announced(certificate)) == {"told": False}
    assert mail(signet) is None


@pytest.mark.parametrize("missing", ["certificate_id", "event_id", "stage", "days_to_expiry"])
def test_an_event_that_makes_no_sense_makes_the_function_fail(missing: str, signet: InProcess) -> None:
    detail = announced("crt_0000000000000000000000bb")
    del detail[missing]

    with pytest.raises(KeyError, match=missing):
        notify(signet, detail)


# --- in whose words, and where it leads -----------------------------------------------------------------------------


@pytest.mark.parametrize("alias", ["Подпись релизов", "證書", "Señales", "שלום", "\U0001f511 key"])
def test_a_name_in_any_script_is_in_subject_and_text(alias: str, signet: InProcess) -> None:
    certificate = add(alias=Alias(alias), description=alias)

    notify(signet, announced(certificate.id))

    sent = mail(signet)
    assert sent
    assert sent["Subject"] == f"[signet] Certificate {alias}: expires in 29 days"
    assert f'"{alias}"' in sent["Message"]
    assert "?" not in sent["Subject"] + sent["Message"]


def test_a_mail_names_the_deployment_and_leads_to_the_certificate(signet: InProcess) -> None:
    certificate = add()

    notify(signet, announced(certificate.id))

    sent = mail(signet)
    assert sent
    assert f"\n  {ADDRESS}/v1/certificates/{certificate.id}\n" in sent["Message"]
    assert f"Deployment:  signet, {ADDRESS}\n" in sent["Message"]


# --- who hears it -----------------------------------------------------------------------------------------------------


def test_each_team_hears_of_its_own(signet: InProcess) -> None:
    admin = signet.caller("admin", "administrators")
    group = admin.good("POST", "/certificate-groups", {"name": "Команда"})["id"]
    subscribe(signet, "by-owner", owner=["local/bob"])
    subscribe(signet, "by-group", groups=[group])
    subscribe(signet, "by-group-name", groups=["Команда"])
    subscribe(signet, "by-stage", stage=[{"numeric": ["<=", 7]}])
    subscribe(signet, "by-status", status=["disabled"])
    subscribe(signet, "of-nobody", owner=[{"exists": False}])
    ours = add(owner="local/bob", groups=(group,))
    off = add(enabled=False)
    alone = add(owner=None)

    for certificate, stage in ((ours, 30), (off, 7), (alone, 90)):
        notify(signet, announced(certificate.id, stage=stage))

    def heard(name: str) -> list[str]:
        return [one["Subject"].removeprefix("[signet] Certificate ").partition(":")[0] for one in mails(signet, name)]

    assert sorted(heard("mail")) == sorted(each.alias.text for each in (ours, off, alone))
    assert heard("by-owner") == heard("by-group") == heard("by-group-name") == [ours.alias.text]
    assert heard("by-stage") == heard("by-status") == [off.alias.text]
    assert heard("of-nobody") == [alone.alias.text]


# --- once -------------------------------------------------------------------------------------------------------------


def test_one_event_is_one_mail_however_often_it_comes(signet: InProcess) -> None:
    detail = announced(add().id)

    assert [notify(signet, detail)["told"] for _ in range(4)] == [True, False, False, False]
    assert len(mails(signet)) == 1


def test_one_event_is_one_mail_however_many_hear_it_at_once(signet: InProcess) -> None:
    detail = announced(add().id)

    with ThreadPoolExecutor(8) as pool:
        told = [answer["told"] for answer in pool.map(lambda _: notify(signet, detail), range(8))]

    assert sorted(told) == [False] * 7 + [True]
    assert len(mails(signet)) == 1


def test_each_stage_of_one_certificate_is_a_mail_of_its_own(signet: InProcess) -> None:
    certificate = add()

    for stage in (90, 30, 7):
        assert notify(signet, announced(certificate.id, stage=stage)) == {"told": True}
    assert len(mails(signet)) == 3


class Late:
    """A clock that was put forward."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


class Post:
    """Keeps what is sent; at the first attempt something goes wrong."""

    def __init__(self, wrong: BaseException | None, *, sent_all_the_same: bool = False) -> None:
        self._wrong = wrong
        self._sent_all_the_same = sent_all_the_same
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        wrong, self._wrong = self._wrong, None
        if wrong is None or self._sent_all_the_same:
            self.sent.append(mail)
        if wrong is not None:
            raise wrong


class KilledError(BaseException):
    """The function is stopped where it stands: nothing it would still do is done."""


def tell(event_id: str, certificate: Certificate, post: Post, later: timedelta = timedelta()) -> bool:
    ports, clock = wiring(), Late(later)
    return notify_people(
        ExpiryAnnounced(event_id, certificate.id, 30, 29),
        records=ports.records,
        mailing=post,
        claims=IdempotencyTableMailClaims(ports.database, clock),
        deployment=HERE,
        clock=clock,
    )


@pytest.mark.usefixtures("signet")
def test_a_mail_that_could_not_be_sent_is_sent_at_the_next_attempt() -> None:
    certificate, post, event_id = add(), Post(ConnectionError("SNS is away")), new_id("evt", NOW)

    with pytest.raises(ConnectionError):
        tell(event_id, certificate, post)

    assert tell(event_id, certificate, post)
    assert not tell(event_id, certificate, post)
    assert len(post.sent) == 1


@pytest.mark.usefixtures("signet")
@pytest.mark.parametrize("sent", [False, True], ids=["before it was sent", "after it was sent"])
def test_who_was_killed_is_followed_by_another_and_only_then_a_mail_may_come_twice(sent: bool) -> None:
    certificate, post, event_id = add(), Post(KilledError(), sent_all_the_same=sent), new_id("evt", NOW)

    with pytest.raises(KilledError):
        tell(event_id, certificate, post)

    assert not tell(event_id, certificate, post, timedelta(seconds=LEASE_SECONDS - 2))
    assert tell(event_id, certificate, post, timedelta(seconds=LEASE_SECONDS + 2))
    assert not tell(event_id, certificate, post, timedelta(seconds=3 * LEASE_SECONDS))
    assert len(post.sent) == 1 + sent


def test_a_mail_whose_claim_cannot_be_kept_does_not_make_lambda_send_it_again(
    signet: InProcess,
) -> None:
    certificate, post, event_id = add(), Post(None), new_id("evt", NOW)

    def refused(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        raise EndpointConnectionError(endpoint_url="dynamodb")

    with signet.counting(lambda index, name: refused if post.sent and name.startswith("dynamodb:") else None):
        told = tell(event_id, certificate, post)

    assert told
    assert len(post.sent) == 1


@pytest.mark.usefixtures("signet")
@pytest.mark.parametrize("years", [1, 5, 15])
def test_an_event_that_is_announced_again_years_later_is_no_mail(years: int) -> None:
    certificate, post, event_id = add(), Post(KilledError()), new_id("evt", NOW)
    with pytest.raises(KilledError):
        tell(event_id, certificate, post)
    tell(event_id, certificate, post, timedelta(minutes=5))

    assert not tell(event_id, certificate, post, timedelta(days=365 * years))
    assert len(post.sent) == 1


def test_the_lease_of_a_claim_outlives_the_function_and_ends_before_lambda_tries_again(signet: InProcess) -> None:
    assert signet.functions["NotifyPeopleFunction"].timeout < LEASE_SECONDS < 60


@pytest.mark.usefixtures("signet")
def test_who_took_over_is_not_robbed_by_who_was_late() -> None:
    ports = wiring()
    claims, later = (
        IdempotencyTableMailClaims(ports.database, Late(timedelta(seconds=seconds))) for seconds in (0, 100)
    )
    event_id = new_id("evt", NOW)
    slow = claims.begin(event_id)
    quick = later.begin(event_id)
    assert slow
    assert quick

    claims.give_up(slow)

    assert later.begin(event_id) is None
    later.give_up(quick)
    assert later.begin(event_id) is not None
