"""GetMe: who the caller is, and what they may do."""

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.ports.session import Session


def get_me(*, within: Session) -> tuple[Principal, Access]:
    """The caller, and what is known of who may do what; nothing but the caller's own part of it is for answering."""
    return within.caller, within.load().access
