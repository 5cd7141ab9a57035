"""GetMe: who the caller is, and what they may do."""

from signet.domain.access import Access
from signet.domain.principal import Principal
from signet.operations.ports import Records


def get_me(*, by: Principal, records: Records) -> tuple[Principal, Access]:
    """The caller, and what is known of who may do what; nothing but the caller's own part of it is for answering."""
    return by, records.sight().access
