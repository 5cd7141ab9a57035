"""What the present state does not allow."""

from datetime import datetime

from signet.domain.errors.signet_error import SignetError
from signet.domain.moments import rfc3339


class AliasTakenError(SignetError):
    """Another certificate or pending request has the alias."""

    code = "alias_taken"


class CertificateExistsError(SignetError):
    """The same certificate is under management already."""

    code = "certificate_exists"

    def __init__(self, certificate_id: str | None = None) -> None:
        super().__init__("This certificate is under management already.")
        self.certificate_id = certificate_id
        """Only where the caller can see it."""


class GroupFullError(SignetError):
    """The certificate group holds as many certificates as its limit allows."""

    code = "group_full"


class NameTakenError(SignetError):
    """Another policy, certificate group or role has the name, without regard to case."""

    code = "name_taken"


class GroupInUseError(SignetError):
    """Policies or roles name the certificate group."""

    code = "group_in_use"


class LimitBelowCountError(SignetError):
    """The certificate group holds more certificates than the limit asked for."""

    code = "limit_below_count"


class LastAdministratorError(SignetError):
    """Nobody would be left who can administer."""

    code = "last_administrator"


class BuiltInRoleError(SignetError):
    """The built-in roles cannot be changed in this way or deleted."""

    code = "built_in_role"


class RenewalPendingError(SignetError):
    """A renewal of this certificate waits for the CA already."""

    code = "renewal_pending"


class AlreadyRenewedError(SignetError):
    """The certificate was renewed; renew the newest."""

    code = "already_renewed"


class RequestNotPendingError(SignetError):
    """The signing request is completed or cancelled."""

    code = "request_not_pending"


class AnswerExpiredError(SignetError):
    """The CA's answer to a signing request is past its end: it could not sign, and the request waits on."""

    code = "certificate_expired"


class AnswerNotYetValidError(SignetError):
    """The CA's answer is not in force yet: an alias never moves to what cannot sign; send it again when it is."""

    code = "certificate_not_yet_valid"

    def __init__(self, begins: datetime, now: datetime) -> None:
        super().__init__(f"The certificate is in force from {rfc3339(begins)} on: send it again then.")
        self.retry_after = begins - now


class ChangedMeanwhileError(SignetError):
    """What was decided on changed before the decision was written; decide again. It never leaves an operation."""

    code = "changed_meanwhile"
