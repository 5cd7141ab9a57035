"""Who is told of expiry, and of what nobody needs to hear."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.rooms import Context, load_handler
from signet.domain.certificate import Certificate, X509Body
from signet.domain.event import EventType, certificate_event
from signet.domain.expiry import CHECKER
from signet.operations.ports import CertificateAdded
from signet.wiring import wiring
from tests.domain_examples import a_certificate
from tests.in_process import InProcess, running

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        sqs, sns = signet.client("sqs"), signet.client("sns")
        sqs.create_queue(QueueName="mail")
        topic = signet.environment["EXPIRY_TOPIC"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mail")
        yield signet


def add(**fields: Any) -> Certificate:
    certificate = a_certificate(**fields)
    event = certificate_event(EventType.CERTIFICATE_IMPORTED, certificate, CHECKER, certificate.last_event)
    wiring().records.commit(CertificateAdded(certificate, X509Body(b"\x30\x00", ())), events=[event])
    return certificate


def notify(signet: InProcess, kind: EventType, **detail: Any) -> Any:
    function = signet.functions["NotifyPeopleFunction"]
    event = {"detail-type": kind.value, "detail": detail}
    return load_handler(function)(event, Context(function, "request"))


def mail(signet: InProcess) -> dict[str, Any] | None:
    url = signet.client("sqs").get_queue_url(QueueName="mail")["QueueUrl"]
    messages = signet.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    for message in messages:
        signet.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(messages[0]["Body"]) if messages else None


def test_a_mail_says_what_the_announcement_said(signet: InProcess) -> None:
    certificate = add(not_after=NOW + timedelta(days=12))

    told = notify(signet, EventType.CERTIFICATE_EXPIRING, certificate_id=certificate.id, stage=30, days_to_expiry=29)

    assert told == {"told": True}
    sent = mail(signet)
    assert sent
    assert sent["Subject"] == f"Certificate {certificate.alias.text}: expires in 29 days"
    assert certificate.facts.subject in sent["Message"]


@pytest.mark.parametrize(("days", "words"), [(-3, "expired 3 days ago"), (5, "expired less than a day ago")])
def test_one_that_has_expired_is_told_as_expired_however_the_check_was_run(
    signet: InProcess, days: int, words: str
) -> None:
    certificate = add(not_after=NOW + timedelta(days=days, hours=-1))

    notify(signet, EventType.CERTIFICATE_EXPIRED, certificate_id=certificate.id)

    sent = mail(signet)
    assert sent
    assert sent["Subject"].endswith(words)


def test_of_one_that_is_gone_or_renewed_nobody_is_told(signet: InProcess) -> None:
    renewed = add(not_after=NOW, renewed_by="crt_0000000000000000000000aa")

    for certificate in (renewed.id, "crt_0000000000000000000000bb"):
        told = notify(signet, EventType.CERTIFICATE_EXPIRING, certificate_id=certificate, days_to_expiry=7)
        assert told == {"told": False}
    assert mail(signet) is None


def test_an_event_that_makes_no_sense_makes_the_function_fail(signet: InProcess) -> None:
    with pytest.raises(KeyError, match="certificate_id"):
        notify(signet, EventType.CERTIFICATE_EXPIRING)
