"""What an operation refuses before anything is written, decided on a store in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.access.role import GroupScope, Permission, Role, RoleSettings
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.bulk_command import BulkAction, BulkCommand
from signet.domain.certificates.certificate import Certificate
from signet.domain.certificates.certificate_settings import CertificateUpdate
from signet.domain.errors import (
    AlreadyRenewedError,
    ChangedMeanwhileError,
    IdempotencyKeyReusedError,
    NotAllowedError,
    NotFoundError,
    StaleVersionError,
)
from signet.domain.events.event import EventType, Outcome
from signet.domain.x509.certificate_facts import CertificateFacts
from signet.operations.authorisation import permitted
from signet.operations.automation.announce_events import announce_events
from signet.operations.certificates.bulk.plan import plan
from signet.operations.certificates.renew_certificate import renew_certificate
from signet.operations.certificates.update_certificate import update_certificate
from signet.operations.idempotency import answer_stored_response
from signet.ports.announcements import NotPut, UnreadableEvent
from signet.ports.idempotency import AlreadyAnswered, IdempotencyKey, StoredResponse
from signet.ports.session import Session
from signet.ports.store import Snapshot

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
BOB = Principal("local/bob")
ANY: Any = None
WORKING = frozenset({Permission.EDIT_CERTIFICATES, Permission.CREATE_SIGNING_REQUESTS})


class Now:
    def now(self) -> datetime:
        return NOW


class InMemoryRecords:
    """Knows `held` by their ids, and what was committed."""

    def __init__(self, *held: Certificate) -> None:
        self.held = {one.id: one for one in held}
        self.changes: list[Any] = []
        self.events: list[Any] = []

    def load(self, reference: str | None = None, **_: Any) -> Snapshot:
        return Snapshot(access(), certificate=self.held.get(reference or ""))

    def commit(self, *changes: Any, events: Sequence[Any], **_: Any) -> None:
        self.changes += changes
        self.events += events


class NoPins:
    """None is set here."""

    def hash(self, pin: object) -> str:
        raise AssertionError(pin)

    def hash_text(self, text: str) -> str:
        raise AssertionError(text)

    def matches(self, text: str, kept: str) -> bool:
        raise AssertionError(text)


def access() -> Access:
    """Bob works with the certificates of `grp_a`, and with no others."""
    settings = RoleSettings(
        "Worker",
        permissions=WORKING,
        certificate_groups=GroupScope({"grp_a": frozenset()}),
        users=frozenset({BOB.user}),
    )
    return Access.of(
        "", "", roles=[Role("rol_1", settings)], policies=[], groups=[], search=lambda pattern, text, budget: False
    )


def certificate(number: int, *groups: str, **fields: Any) -> Certificate:
    facts = CertificateFacts("CN=a", "CN=b", "a", "01", "AA", "BB", "RSA_2048", "CC", NOW, NOW)
    made = Certificate(
        id=f"crt_{number:024}",
        alias=Alias(f"certificate {number}"),
        enabled=True,
        groups=groups,
        facts=facts,
        key_version=1,
        created_at=NOW,
        created_by="local/admin",
        updated_at=NOW,
        version=3,
        last_event="",
    )
    return replace(made, **fields)


WORKED_WITH = certificate(1, "grp_a")
OWNED_ONLY = certificate(2, "grp_b", owner=BOB.user)
"""Seen by its owner, and managed by others."""


def session(*held: Certificate) -> tuple[Session, InMemoryRecords]:
    records = InMemoryRecords(*held)
    return Session(BOB, records, Now()), records  # type: ignore[arg-type]  # as much of a store as is asked for here


# --- rights are those over the very certificate ---------------------------------------------------------------------


def test_a_right_over_some_certificates_is_none_over_another_that_is_seen() -> None:
    within, records = session()
    permission, intent = Permission.EDIT_CERTIFICATES, EventType.CERTIFICATE_DISABLED

    assert permitted(permission, Snapshot(access(), WORKED_WITH), within, intent) == WORKED_WITH
    with pytest.raises(NotAllowedError):
        permitted(permission, Snapshot(access(), OWNED_ONLY), within, intent)
    assert [(event.type, event.outcome) for event in records.events] == [(intent, Outcome.REFUSED)]


@pytest.mark.parametrize("action", list(BulkAction))
def test_each_certificate_of_a_bulk_action_needs_the_right_over_itself(action: BulkAction) -> None:
    within, _ = session()
    command = BulkCommand(action, (OWNED_ONLY.id,))

    (planned,) = plan(command, [Snapshot(access(), OWNED_ONLY)], within=within)

    assert isinstance(planned.error, NotAllowedError)
    assert planned.change is None


def test_what_may_be_done_in_bulk_is_planned() -> None:
    within, _ = session()

    (planned,) = plan(
        BulkCommand(BulkAction.DISABLE, (WORKED_WITH.id,)), [Snapshot(access(), WORKED_WITH)], within=within
    )

    assert planned.change is not None
    assert not planned.change.after.enabled


# --- versions and renewals ------------------------------------------------------------------------------------------


def test_a_change_that_insists_on_another_version_changes_nothing() -> None:
    within, records = session(WORKED_WITH)
    update = CertificateUpdate(description="other")

    with pytest.raises(StaleVersionError):
        update_certificate(WORKED_WITH.id, update, if_match=frozenset({2}), within=within, pins=NoPins())
    assert records.changes == []
    changed = update_certificate(WORKED_WITH.id, update, if_match=frozenset({2, 3}), within=within, pins=NoPins())
    assert changed.certificate.description == "other"


def test_what_was_renewed_is_not_renewed_again() -> None:
    old = replace(WORKED_WITH, renewed_by="crt_000000000000000000000009")
    within, records = session(old)

    with pytest.raises(AlreadyRenewedError):
        renew_certificate(old.id, lambda command: command, within=within, requests=ANY, wrapper=ANY)
    assert records.changes == []


# --- repeats --------------------------------------------------------------------------------------------------------


def stored_response(
    *, fingerprint: str = "same", body: bytes = b"{}", subject: str = WORKED_WITH.id, secrets: str = ""
) -> StoredResponse:
    return StoredResponse(fingerprint, body, (subject,) if subject else (), lambda sent: sent == secrets)


@pytest.mark.parametrize(
    ("stored", "refusal"),
    [
        (stored_response(), AlreadyAnswered),
        (stored_response(fingerprint="other"), IdempotencyKeyReusedError),
        (stored_response(secrets="another PIN"), IdempotencyKeyReusedError),
        (stored_response(body=b""), ChangedMeanwhileError),
        (stored_response(subject=OWNED_ONLY.id), NotFoundError),
        (stored_response(subject=""), NotFoundError),
    ],
)
def test_a_repeat_is_answered_as_before_to_the_same_request_of_who_sees_what_it_is_about(
    stored: StoredResponse, refusal: type[Exception]
) -> None:
    within, _ = session()
    within = replace(within, idempotency=IdempotencyKey("1", "same", lambda result: b"{}"))

    with pytest.raises(refusal):
        answer_stored_response(within, Snapshot(access(), stored=stored), WORKED_WITH.id.__eq__)


# --- what nobody waits for ------------------------------------------------------------------------------------------


class NoBus:
    def put(self, announcements: Sequence[Any]) -> Mapping[str, NotPut]:
        return {}


class FullQueue:
    def add(self, reasons: Mapping[str, str]) -> set[str]:
        return set(reasons)


def test_what_can_neither_be_announced_nor_set_aside_comes_again() -> None:
    delivered = {"place 1": UnreadableEvent("evt_1", "of another version")}

    again = announce_events(delivered, bus=NoBus(), announcement_dlq=FullQueue())  # type: ignore[arg-type]

    assert again == ("place 1",)
