"""Who asks, when, of which store: what each operation needs whatever it does, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signet.domain.certificates.overview import Overview, overview

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from signet.domain.access.access_snapshot import Access
    from signet.domain.access.principal import Principal
    from signet.domain.certificates.certificate import Certificate, Usage
    from signet.domain.events.event import Event
    from signet.ports.changes import Change
    from signet.ports.clock import Clock
    from signet.ports.idempotency import IdempotencyKey
    from signet.ports.store import Records, Snapshot


@dataclass(frozen=True, slots=True)
class Session:
    """One request, from its caller to its answer; made in one place, by `Wiring.session`."""

    caller: Principal
    records: Records
    """The store as it is: what is read and written here has nothing to do with the Idempotency-Key."""
    clock: Clock
    stages: tuple[int, ...] = ()
    """At how many days before its end this deployment tells of a certificate, the widest first."""
    idempotency: IdempotencyKey | None = None
    """The promise of the Idempotency-Key, where one came with a POST."""

    @property
    def now(self) -> datetime:
        """This moment, in UTC."""
        return self.clock.now()

    def load(
        self,
        reference: str | None = None,
        *,
        thumbprint: str | None = None,
        spki: str | None = None,
        issuers: Sequence[str] = (),
        key: Callable[[str, int], bool] | None = None,
        x509: bool = False,
    ) -> Snapshot:
        """As `Records.load`, with what was answered before under the Idempotency-Key."""
        return self.records.load(
            reference,
            thumbprint=thumbprint,
            spki=spki,
            issuers=issuers,
            idempotency=self.idempotency,
            key=key,
            x509=x509,
        )

    def load_request(self, request_id: str, *, x509: bool = False) -> Snapshot:
        """As `Records.load_request`, with what was answered before under the Idempotency-Key."""
        return self.records.load_request(request_id, idempotency=self.idempotency, x509=x509)

    def commit(
        self, *changes: Change, events: Sequence[Event], result: object = None, about: Sequence[str] = ()
    ) -> None:
        """As `Records.commit`; a repeat with the Idempotency-Key is answered `result`."""
        self.records.commit(*changes, events=events, idempotency=self.idempotency, result=result, about=about)

    def record(self, *events: Event) -> None:
        """Write `events` alone, of what was refused: a repeat is decided again."""
        self.records.commit(events=events)

    def begin(self) -> None:
        """As `Records.begin`, of what takes several transactions and must be done once."""
        if self.idempotency is not None:
            self.records.begin(self.idempotency)

    def complete(self, result: object, *, about: Sequence[str]) -> None:
        """As `Records.complete`: a repeat is answered `result`, `about` the things with these ids."""
        if self.idempotency is not None:
            self.records.complete(self.idempotency, result, about=about)

    def abandon(self) -> None:
        """As `Records.abandon`: a repeat is done from the start."""
        if self.idempotency is not None:
            self.records.abandon(self.idempotency)

    def leave_off(self, done: Sequence[str]) -> None:
        """As `Records.leave_off`: a repeat does the rest, and is told of what was `done` before."""
        if self.idempotency is not None:
            self.records.leave_off(self.idempotency, done)

    def overview(self, certificate: Certificate, usage: Usage, access: Access) -> Overview:
        """`certificate` as the caller may know it, now."""
        return overview(certificate, usage, access, self.caller, at=self.now, stages=self.stages)
