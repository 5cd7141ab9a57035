"""Checks of what expires, and what they tell and store."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from local.lambda_service.lambda_runtime import Context, load_handler
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.events.event import EventType, certificate_event
from signet.domain.expiry.expiry import CHECKER
from signet.domain.moments import rfc3339
from signet.ports.changes import CertificateAdded
from signet.wiring import wiring
from tests.support.services.in_process import InProcess

END = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOTHING = {"90": 0, "30": 0, "7": 0, "1": 0}


def add(certificate: Certificate) -> Certificate:
    event = certificate_event(EventType.CERTIFICATE_IMPORTED, certificate, CHECKER, certificate.last_event)
    wiring().records.commit(CertificateAdded(certificate, X509Body(b"\x30\x00", ())), events=[event])
    return certificate


def check(signet: InProcess, at: datetime | str, *, seconds: float = 900) -> dict[str, Any]:
    function = signet.functions["CheckExpiryFunction"]
    context = Context(function, "request", signet.clock.monotonic() + seconds)
    answer: dict[str, Any] = load_handler(function)(
        {"source": "aws.events", "time": at if isinstance(at, str) else rfc3339(at)}, context
    )
    return answer


def read(signet: InProcess, table: str) -> list[dict[str, Any]]:
    plain = TypeDeserializer().deserialize
    return [{name: plain(value) for name, value in item.items()} for item in signet.items()[table]]


def told(signet: InProcess) -> list[tuple[str, str, int | None]]:
    """What was announced of expiry: certificate, type, stage; in order."""
    events = sorted(read(signet, "EventTable"), key=lambda row: row["pk"])
    return [
        (row["certificate_id"], row["type"], json.loads(row["announcement"]).get("stage"))
        for row in events
        if row["type"].startswith("Certificate Expir")
    ]


def stored(certificate: Certificate) -> Certificate:
    found = wiring().records.load(certificate.id).certificate
    assert found
    return found


def expiring(certificate: Certificate, stage: int) -> tuple[str, str, int]:
    return certificate.id, "Certificate Expiring", stage


class KilledError(BaseException):
    """The process is no more."""
