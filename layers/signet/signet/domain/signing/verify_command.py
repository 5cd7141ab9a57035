"""What a caller asks to be verified."""

from dataclasses import dataclass, field

from signet.domain.signing.key_algorithm import MessageType


@dataclass(frozen=True, slots=True)
class VerifyCommand:
    """A signature, what it is said to be of, and who is said to have made it."""

    certificate: str
    """Id or alias."""
    message: bytes = field(repr=False)
    message_type: MessageType
    signing_algorithms: tuple[str, ...]
    """The first that is for keys of the family of the certificate's is meant."""
    signature: bytes
    place_in_line: int = 0
    """Which one of the line of renewals of `certificate`, counted from 1; 0 for `certificate` itself."""
