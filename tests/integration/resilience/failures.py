"""How a call of AWS can fail, before and after it took effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.support.services.in_process import Fault, InProcess, Send, answered

AWS = "https://aws.invalid/"


@dataclass(frozen=True)
class Kind:
    """One way for a call to fail."""

    name: str
    fault: Callable[[InProcess], Fault]
    operations: tuple[str, ...] = ()
    """Those it can happen to; empty for all."""
    once_only: bool = False
    """Nobody tries again after it, or going on and on it is like another one."""

    def __str__(self) -> str:
        return self.name


def refused(status: int, code: str, **more: Any) -> Callable[[InProcess], Fault]:
    return lambda signet: lambda send, asked: answered(status, {"__type": code, "message": code, **more})


def refused_afterwards(status: int, code: str) -> Callable[[InProcess], Fault]:
    def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        send()
        return answered(status, {"__type": code, "message": code})

    return lambda signet: fault


def broken(error: Callable[[], Exception], seconds: float, *, sent: bool) -> Callable[[InProcess], Fault]:
    def of(signet: InProcess) -> Fault:
        def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
            if sent:
                send()
            signet.clock.sleep(seconds)
            raise error()

        return fault

    return of


def unprocessed(signet: InProcess) -> Fault:
    def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
        return answered(200, {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]})

    return fault


def cancelled(code: str) -> Callable[[InProcess], Fault]:
    def of(signet: InProcess) -> Fault:
        def fault(send: Send, asked: Mapping[str, Any]) -> AWSResponse:
            reasons = [{"Code": code, "Message": code} for _ in asked["TransactItems"]]
            body = {"__type": "TransactionCanceledException", "message": code, "CancellationReasons": reasons}
            return answered(400, body)

        return fault

    return of


def timed_out() -> Exception:
    return ReadTimeoutError(endpoint_url=AWS)


DYNAMODB = ("dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:TransactWriteItems")
WRITES = ("dynamodb:TransactWriteItems", "kms:Encrypt")
KMS = ("kms:Encrypt", "kms:Decrypt")

KINDS = (
    Kind("throttled", refused(400, "ProvisionedThroughputExceededException"), DYNAMODB),
    Kind("throttled by KMS", refused(400, "ThrottlingException"), KMS),
    Kind("KMS is busy", refused(500, "KMSInternalException"), KMS, once_only=True),
    Kind("the wrapping key is switched off", refused(400, "DisabledException"), KMS, once_only=True),
    Kind("denied", refused(400, "AccessDeniedException"), once_only=True),
    Kind("keys left over", unprocessed, ("dynamodb:BatchGetItem",)),
    Kind("a race is lost", cancelled("TransactionConflict"), ("dynamodb:TransactWriteItems",)),
    Kind("throttled inside", cancelled("ThrottlingError"), ("dynamodb:TransactWriteItems",), once_only=True),
    Kind("no connection", broken(lambda: EndpointConnectionError(endpoint_url=AWS), 0, sent=False), once_only=True),
    Kind("nobody listens", broken(lambda: ConnectTimeoutError(endpoint_url=AWS), 1, sent=False), once_only=True),
    Kind("timed out before", broken(timed_out, 3, sent=False)),
    Kind("timed out after", broken(timed_out, 3, sent=True), WRITES),
    Kind("500 before", refused(500, "InternalServerError")),
    Kind("500 after", refused_afterwards(500, "InternalServerError"), WRITES),
    Kind("503 before", refused(503, "ServiceUnavailable"), once_only=True),
    Kind(
        "broken off after",
        broken(lambda: ConnectionClosedError(endpoint_url=AWS), 0, sent=True),
        WRITES,
        once_only=True,
    ),
)
