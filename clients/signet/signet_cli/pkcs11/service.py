"""The service as the agent calls it: which certificates may be used, and sign."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from signet_cli import unanswered
from signet_cli.unanswered import Attempt

TIMEOUT_SECONDS: Final = 30
ATTEMPTS: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.3
LONGEST_PAUSE_SECONDS: Final = 5.0
MAX_CERTIFICATES: Final = 1000
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024

_NOT_SIGNET: Final = "What answers at the address is not Signet."
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


class ServiceError(Exception):
    """The service said no; `code` is its problem's."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def is_about_this_request(self) -> bool:
        """Whether nothing was signed; not where only the caller was turned away, or the service failed."""
        return 400 <= self.status < 500 and self.status not in {401, 429}


class OutOfReachError(Exception):
    """The service did not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the service is, and the token that says who calls."""

    address: str
    """Such as `https://signet.example.com`."""
    token: str


@dataclass(frozen=True, slots=True)
class Usable:
    """A certificate that the caller could sign with."""

    id: str
    alias: str
    der: bytes
    pin_required: bool
    reason_required: bool


@dataclass(frozen=True, slots=True)
class SignCommand:
    """One signature, as it is asked for."""

    certificate_id: str
    algorithm: str
    digest: bytes
    pin: str | None
    reason: str | None
    process: str | None
    command_line: str | None

    def body(self) -> dict[str, Any]:
        """As the service reads it."""
        application = {"process": self.process, "command_line": self.command_line}
        given = {
            "message": base64.b64encode(self.digest).decode(),
            "message_type": "DIGEST",
            "signing_algorithm": self.algorithm,
            "pin": self.pin,
            "reason": self.reason,
            "application": {name: value for name, value in application.items() if value is not None} or None,
        }
        return {name: value for name, value in given.items() if value is not None}


class Service:
    """Calls the service, again where that is safe: a signature has an idempotency key, so it counts once."""

    def __init__(self, account: Callable[[bool], Account], sleep: Callable[[float], None] = time.sleep) -> None:
        """`account(renew)` tells who calls; with `renew` the token that it gave last was refused."""
        self._account = account
        self._sleep = sleep
        self._connection: http.client.HTTPConnection | None = None
        self._address = ""
        self._given: Attempt | None = None
        """What the last signature was asked for with, until the program has it."""

    def usable(self) -> Iterator[Usable]:
        """The certificates that the caller could sign with now, by alias; at most a thousand."""
        cursor: str | None = None
        count = 0
        while count < MAX_CERTIFICATES:
            query = {
                "usable": "true",
                "include": "certificate",
                "limit": "200",
                **({"cursor": cursor} if cursor else {}),
            }
            page = self._json("GET", f"/v1/certificates?{urlencode(query)}")
            try:
                found, cursor = [_usable(item) for item in page["items"]], page["next_cursor"]
            except (KeyError, TypeError, ValueError) as error:
                raise OutOfReachError(_NOT_SIGNET) from error
            count += len(found)
            yield from found
            if cursor is None:
                return

    def chain(self, certificate_id: str) -> bytes:
        """The certificate and the rest of its path as PEM."""
        return self._call("GET", f"/v1/certificates/{quote(certificate_id)}/download?format=pem_chain", None, {})

    def sign(self, command: SignCommand) -> bytes:
        """The signature; the same one where it was asked for before and not had. `was_handed_on` ends it.

        Raises:
            ServiceError: it was refused.
            OutOfReachError: nobody answers; whether a signature was counted is not known, and none was given.
        """
        self.was_handed_on()  # The program asks for the next one, so it has the last.
        path, body = f"/v1/certificates/{quote(command.certificate_id)}/sign", command.body()
        without_secrets = {name: value for name, value in body.items() if name != "pin"}
        attempt = unanswered.begin(self._account(False).address, path, without_secrets)
        with contextlib.ExitStack() as stack:
            stack.callback(attempt.leave)
            answer = self._signed(path, body, attempt)
            try:
                signature = base64.b64decode(answer["signature"], validate=True)
            except (KeyError, TypeError, ValueError) as error:
                raise OutOfReachError(_NOT_SIGNET) from error
            stack.pop_all()
        self._given = attempt
        return signature

    def was_handed_on(self) -> None:
        """The program has the signature that `sign` returned last."""
        if self._given is not None:
            self._given.settle()
            self._given = None

    def _signed(self, path: str, body: Mapping[str, Any], attempt: Attempt) -> Any:
        try:
            return self._json("POST", path, body, {"Idempotency-Key": attempt.key})
        except ServiceError as error:
            if attempt.again and error.code == "idempotency_key_reused":
                attempt.start_over()
                return self._json("POST", path, body, {"Idempotency-Key": attempt.key})
            if error.is_about_this_request and not attempt.again:
                attempt.settle()
            raise

    def _json(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        text = self._call(method, path, body, headers or {})
        try:
            return json.loads(text)
        except ValueError as error:
            raise OutOfReachError(_NOT_SIGNET) from error

    def _call(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> bytes:
        renewed = False
        pause = FIRST_PAUSE_SECONDS
        account = self._account(False)
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                status, answer, retry_after = self._once(account, method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self._close()
                if last:
                    raise OutOfReachError(f"{account.address} cannot be reached: {_why(error)}") from error
            else:
                if status < 300:
                    return answer
                refusal = _refusal(status, answer)
                if status == 401 and not renewed:
                    renewed, account = True, self._account(True)
                    continue
                if status not in _PASSING or refusal.code == "pin_locked" or last:
                    raise refusal
                pause = max(pause, retry_after)
            self._sleep(min(pause, LONGEST_PAUSE_SECONDS))
            pause *= 2
        raise OutOfReachError(f"{account.address} did not answer.")

    def _once(
        self, account: Account, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> tuple[int, bytes, float]:
        connection = self._connected(account.address)
        sent = {"Authorization": f"Bearer {account.token}", "User-Agent": "signet-pkcs11", **headers}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        connection.request(method, urlsplit(account.address).path.rstrip("/") + path, content, sent)
        response = connection.getresponse()
        answer = response.read(MAX_ANSWER_BYTES + 1)
        if len(answer) > MAX_ANSWER_BYTES:
            raise OutOfReachError(_NOT_SIGNET)
        retry_after = response.getheader("Retry-After", "0")
        return response.status, answer, float(retry_after) if retry_after.isdigit() else 0.0

    def _connected(self, address: str) -> http.client.HTTPConnection:
        if self._connection is None or self._address != address:
            self._close()
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
            if parts.scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
            self._address = address
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _usable(item: Mapping[str, Any]) -> Usable:
    status = item["status_info"]
    der = base64.b64decode(item["certificate"], validate=True)
    return Usable(
        str(item["id"]), str(item["alias"]), der, bool(status["pin_required"]), bool(status["reason_required"])
    )


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _refusal(status: int, answer: bytes) -> ServiceError:
    try:
        problem = json.loads(answer)
        return ServiceError(
            status, str(problem.get("code", "")), str(problem.get("detail") or problem.get("message", ""))
        )
    except (ValueError, AttributeError):
        return ServiceError(status, "", f"The service answered {status}.")
