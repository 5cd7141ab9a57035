"""What can be wrong with a request itself, who sends it, and what it names."""

from signet.domain.errors.signet_error import FieldError, FieldsError, SignetError


class InvalidInputError(FieldsError):
    """Well-formed, but fields of it are unacceptable."""

    code = "invalid_input"

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidInputError":
        """One field is wrong."""
        return cls(FieldError(field, message))


class MalformedJsonError(SignetError):
    """The body is not JSON."""

    code = "malformed_json"


class RequestTooLargeError(SignetError):
    """The body, or a field of it, is longer than is read."""

    code = "too_large"


class UnauthenticatedError(SignetError):
    """No valid token came with the request, or it has expired since."""

    code = "unauthenticated"


class InvalidTokenError(UnauthenticatedError):
    """The token is not one to believe. The message is for the caller, and repeats nothing that the token holds."""


class TokensUnjudgedError(SignetError):
    """The service cannot judge the token: its issuers are misconfigured, or their keys out of reach."""

    code = "tokens_unjudged"


class IssuerUnreachableError(TokensUnjudgedError):
    """The keys of the token's issuer cannot be had now. The message is for the caller."""


class NotAllowedError(SignetError):
    """The caller sees the thing, and may not do this to it."""

    code = "not_allowed"


class GroupRequiredError(SignetError):
    """The caller's role works in certificate groups, and none that it may add to was named."""

    code = "group_required"


class NotFoundError(SignetError):
    """Absent, or invisible to the caller: the two are one answer."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you can see.")


class StaleVersionError(SignetError):
    """`If-Match` names another version than the present one."""

    code = "stale"


class IdempotencyKeyReusedError(SignetError):
    """The Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"


class BadCursorError(SignetError):
    """The cursor was not given by this service to this caller for this query."""

    code = "bad_cursor"


class BusyError(SignetError):
    """Too many changes of one thing at once; try again."""

    code = "busy"


class UnavailableError(SignetError):
    """AWS does not answer; nothing is known to have happened, and a repeat with the same Idempotency-Key is safe."""

    code = "unavailable"


class UnknownReferenceError(FieldsError):
    """A certificate or certificate group that does not exist, or that the caller cannot see."""

    code = "unknown_reference"


class UnknownIssuerError(FieldsError):
    """A user or user group of an issuer that this deployment does not trust."""

    code = "unknown_issuer"


class TooManyGroupsError(SignetError):
    """A certificate is in at most 25 groups."""

    code = "too_many_groups"
