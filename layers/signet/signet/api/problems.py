"""Errors as callers see them: RFC 9457 problems. One table gives every error its status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from signet.domain import errors

STATUS: Mapping[type[errors.SignetError], HTTPStatus] = {
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MalformedJsonError: HTTPStatus.BAD_REQUEST,
    errors.RequestTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.TokensUnjudgedError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotAllowedError: HTTPStatus.FORBIDDEN,
    errors.GroupRequiredError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.StaleVersionError: HTTPStatus.PRECONDITION_FAILED,
    errors.IdempotencyKeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadCursorError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnreadableFileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedFormatError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.WrongPasswordError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PasswordRequiredError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoCertificateError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SeveralCertificatesError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SeveralKeysError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.KeyMismatchError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.WeakKeyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.CompromisedKeyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedKeyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.KeyTooLargeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.AliasTakenError: HTTPStatus.CONFLICT,
    errors.CertificateExistsError: HTTPStatus.CONFLICT,
    errors.GroupFullError: HTTPStatus.CONFLICT,
    errors.NameTakenError: HTTPStatus.CONFLICT,
    errors.GroupInUseError: HTTPStatus.CONFLICT,
    errors.LimitBelowCountError: HTTPStatus.CONFLICT,
    errors.LastAdministratorError: HTTPStatus.CONFLICT,
    errors.BuiltInRoleError: HTTPStatus.CONFLICT,
    errors.RenewalPendingError: HTTPStatus.CONFLICT,
    errors.AlreadyRenewedError: HTTPStatus.CONFLICT,
    errors.RequestNotPendingError: HTTPStatus.CONFLICT,
    errors.AnswerExpiredError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AnswerNotYetValidError: HTTPStatus.CONFLICT,
    errors.UnknownReferenceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownIssuerError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyGroupsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoPrivateKeyError: HTTPStatus.CONFLICT,
    errors.CertificateDisabledError: HTTPStatus.FORBIDDEN,
    errors.CertificateExpiredError: HTTPStatus.FORBIDDEN,
    errors.CertificateNotYetValidError: HTTPStatus.FORBIDDEN,
    errors.NotAllowedByPolicyError: HTTPStatus.FORBIDDEN,
    errors.ReasonRequiredError: HTTPStatus.FORBIDDEN,
    errors.PinRequiredError: HTTPStatus.FORBIDDEN,
    errors.PinWrongError: HTTPStatus.FORBIDDEN,
    errors.PinLockedError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.AlgorithmMismatchError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.DigestLengthError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MessageTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""What is not here is a fault of ours and answered 500: `ChangedMeanwhileError` never leaves an operation, a broken
ciphertext is for the alarm, and no caller can repair either."""

RETRY_AFTER_SECONDS = 2
"""When AWS does not answer, or too many change one thing at once."""

UNJUDGED_FOR_SECONDS = 60
"""For how long API Gateway keeps the authorizer's answer, and health its own: asking sooner tells nothing new."""


class FieldProblem(msgspec.Struct, frozen=True):
    """One field that cannot be accepted."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong (RFC 9457)."""

    type: str
    """`urn:signet:problem:<code>`."""
    title: str
    status: int
    detail: str
    code: str
    """Stable; texts may improve."""
    request_id: str
    errors: tuple[FieldProblem, ...] | None = None
    """For bad input: what is wrong where."""
    certificate_id: str | None = None
    """With `certificate_exists`, where the caller can see it."""


def problem_of(error: errors.SignetError, request_id: str) -> tuple[Problem, Mapping[str, str]]:
    """The problem that tells of `error`, and the headers that go with it."""
    status = STATUS[type(error)]
    fields: tuple[FieldProblem, ...] | None = None
    if isinstance(error, errors.FieldsError):
        fields = tuple(FieldProblem(one.field, one.message) for one in error.errors)
    problem = _problem(
        error.code,
        status,
        str(error) or _title(error.code),
        request_id,
        errors=fields,
        certificate_id=error.certificate_id if isinstance(error, errors.CertificateExistsError) else None,
    )
    return problem, _headers_of(error, status)


def internal_problem(request_id: str) -> Problem:
    """A fault of ours; what it was is in the log."""
    return _problem("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something is broken here.", request_id)


def _problem(code: str, status: HTTPStatus, detail: str, request_id: str, **more: Any) -> Problem:
    return Problem(
        type=f"urn:signet:problem:{code}",
        title=_title(code),
        status=status.value,
        detail=detail,
        code=code,
        request_id=request_id,
        **more,
    )


def _title(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _headers_of(error: errors.SignetError, status: HTTPStatus) -> Mapping[str, str]:
    if isinstance(error, errors.PinLockedError | errors.AnswerNotYetValidError):
        return {"Retry-After": str(max(1, -(-int(error.retry_after.total_seconds() * 1000) // 1000)))}
    if isinstance(error, errors.TokensUnjudgedError):
        return {"Retry-After": str(UNJUDGED_FOR_SECONDS)}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return {}
