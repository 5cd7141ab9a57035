"""NotifyPeople: a mail about a certificate whose expiry was announced."""

from signet.domain.expiry_mail import expiry_mail
from signet.operations.ports import Clock, Mailing, Records


def notify_people(
    certificate_id: str, days_left: int | None, *, records: Records, mailing: Mailing, clock: Clock
) -> bool:
    """Tell people that the certificate expires in `days_left` days, or, with None, that it has; whether there was need.

    Of one that is gone by now, or renewed, nobody needs to hear.
    """
    sight = records.sight(certificate_id)
    certificate = sight.certificate
    if certificate is None or certificate.renewed_by is not None:
        return False
    if days_left is None:
        days_left = min(-1, certificate.days_left(clock.now()))
    mailing.send(expiry_mail(certificate, sight.usage, days_left=days_left))
    return True
