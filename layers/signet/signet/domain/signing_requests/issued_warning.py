"""What is odd about a certificate that a CA issued, though it is accepted (contract, section 4)."""

from collections.abc import Iterable
from enum import StrEnum


class IssuedWarning(StrEnum):
    """One oddity; in the order in which they are told."""

    NOT_YET_VALID = "not_yet_valid"
    """Only of a certificate that renews none."""
    SUBJECT_DIFFERS = "subject_differs"
    NAMES_MISSING = "names_missing"
    USAGES_MISSING = "usages_missing"
    CA_CERTIFICATE = "ca_certificate"
    ENDS_BEFORE_RENEWED = "ends_before_renewed"
    ISSUER_UNKNOWN = "issuer_unknown"
    """Nobody in the file issued it, nobody that the service holds and the caller sees, and not it itself."""
    SELF_SIGNED = "self_signed"


def in_order(warnings: Iterable[IssuedWarning]) -> tuple[str, ...]:
    """The names of `warnings`, each once, in the order of `IssuedWarning`."""
    found = frozenset(warnings)
    return tuple(each.value for each in IssuedWarning if each in found)
