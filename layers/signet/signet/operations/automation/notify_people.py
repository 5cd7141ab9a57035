"""NotifyPeople: a mail about a certificate whose expiry was announced, once however often the announcement comes."""

from dataclasses import dataclass

from signet.domain.expiry.expiry_mail import Deployment, expiry_mail
from signet.ports.announcements import MailClaims, Mailing
from signet.ports.clock import Clock
from signet.ports.store import Records


@dataclass(frozen=True, slots=True)
class ExpiryAnnounced:
    """What an announcement says of a certificate that expires."""

    event_id: str
    """The same on a redelivery and a redrive."""
    certificate_id: str
    stage: int
    """Days before its end; 0 where it is over."""
    days_left: int | None
    """None where it has expired: that is then counted from now."""


def notify_people(
    announced: ExpiryAnnounced,
    *,
    records: Records,
    mailing: Mailing,
    claims: MailClaims,
    deployment: Deployment,
    clock: Clock,
) -> bool:
    """Tell people of `announced`; whether there was need.

    No mail is sent about a certificate that is deleted or renewed by now, and none twice about one event. The event
    is claimed before the mail is sent, and the claim is kept once it is. Whoever claimed and was stopped loses it soon;
    the next one to get the event then sends the mail, which may have been sent already.

    Raises:
        UnavailableError: the claim cannot be had now.
    """
    snapshot = records.load(announced.certificate_id)
    certificate = snapshot.certificate
    if certificate is None or certificate.renewed_by is not None:
        return False
    days_left = announced.days_left
    if days_left is None:
        days_left = min(-1, certificate.days_left(clock.now()))
    mail = expiry_mail(
        certificate,
        snapshot.usage,
        snapshot.access.groups_of(certificate),
        stage=announced.stage,
        days_left=days_left,
        deployment=deployment,
    )
    claim = claims.begin(announced.event_id)
    if claim is None:
        return False
    try:
        mailing.send(mail)
    except Exception:
        # Not sent: whoever tries again need not wait until the claim is over.
        claims.give_up(claim)
        raise
    claims.keep(claim)
    return True
