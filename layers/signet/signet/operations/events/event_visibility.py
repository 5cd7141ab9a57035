"""Which events a caller may look at."""

from dataclasses import replace

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventScope
from signet.ports.session import Session


def event_scope(access: Access, within: Session, certificate: Certificate | None = None) -> EventScope:
    """What the caller's role lets look at; of `certificate`, which it covers now, whatever groups it was in then."""
    role = access.role_of(within.caller)
    if role is None:
        return EventScope()
    if role.may(Permission.VIEW_ALL_EVENTS):
        # All events are those of the role's own groups, unless the role is for all of them.
        if role.settings.certificate_groups.is_all:
            return EventScope(everything=True)
    elif not role.may(Permission.VIEW_CERTIFICATE_EVENTS):
        return EventScope(own=within.caller.user) if role.may(Permission.VIEW_OWN_EVENTS) else EventScope()
    covered = certificate is not None and role.covers(certificate.groups)
    return EventScope(
        own=within.caller.user if role.may(Permission.VIEW_OWN_EVENTS) else None,
        certificates=role.settings.certificate_groups.is_all,
        groups=frozenset(role.settings.certificate_groups.rights or ()),
        certificate=certificate.id if certificate is not None and covered else None,
    )


def as_shown(event: Event, access: Access, within: Session) -> Event:
    """`event` as the caller may know it: a certificate that somebody did not see is for Administrators to know."""
    if event.concealed is None or not access.is_administrator(within.caller):
        return event
    return replace(event, certificate=event.concealed)
