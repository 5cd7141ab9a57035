"""The HTTP interface of the service: called again where that is safe; refusals become errors."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from signet_cli.errors import OutOfReachError, ProblemError
from signet_cli.login.session import Session

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 8.0
TIMEOUT_SECONDS = 35
"""Longer than a function may run: what it does not answer within its time, it never will."""

_PASSING = frozenset({429, 502, 503, 504})
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})


def path_of(*parts: str) -> str:
    """A path below `/v1`: `path_of("certificates", alias, "sign")`."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


class Client:
    """Calls one service."""

    def __init__(self, session: Session, transport: httpx.BaseTransport | None = None) -> None:
        self._session = session
        self._http = httpx.Client(
            base_url=session.profile.required_address,
            timeout=TIMEOUT_SECONDS,
            headers={"User-Agent": "signet-cli"},
            transport=transport,
        )

    @property
    def address(self) -> str:
        """Of the service."""
        return self._session.profile.required_address

    # --- what commands ask -----------------------------------------------------------------------------------------

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET, as JSON."""
        return self._call("GET", path, query=query).json()

    def download(self, path: str, accept: str = "*/*", **query: Any) -> httpx.Response:
        """The answer to a GET, as it is."""
        return self._call("GET", path, query=query, headers={"Accept": accept})

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The answer to a POST, as JSON. It has an idempotency key, so that a repeat of it does nothing twice."""
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(24)}
        return self._call("POST", path, body=body, headers=headers).json()

    def patch(self, path: str, body: object, *, version: int | None = None) -> Any:
        """The answer to a PATCH; with `version` only if it is still at that one."""
        return self._call("PATCH", path, body=body, headers=_if_match(version)).json()

    def delete(self, path: str, *, version: int | None = None) -> None:
        """Delete what `path` names."""
        self._call("DELETE", path, headers=_if_match(version))

    def pages(self, path: str, *, most: int | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page; `most` of them, or all."""
        cursor, count = None, 0
        while True:
            limit = 200 if most is None else max(1, min(200, most - count))
            page = self.get(path, **query, limit=limit, **({} if cursor is None else {"cursor": cursor}))
            for item in page["items"]:
                yield item
                count += 1
                if most is not None and count >= most:
                    return
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def public(self, path: str) -> Any:
        """The answer to a GET that needs no token."""
        return self._attempts("GET", path, {}, None, {}, lambda: None).json()

    # --- how it is sent --------------------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        given = {name.rstrip("_"): value for name, value in (query or {}).items() if value is not None}
        try:
            return self._attempts(method, path, given, body, headers or {}, self._session.token)
        except ProblemError as error:
            if error.status != httpx.codes.UNAUTHORIZED:
                raise
        return self._attempts(method, path, given, body, headers or {}, lambda: self._session.token(renew=True))

    def _attempts(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: object,
        headers: Mapping[str, str],
        token: Callable[[], str | None],
    ) -> httpx.Response:
        safe = method in _REPEATABLE or "Idempotency-Key" in headers or "If-Match" in headers
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            bearer = token()
            sent = {**headers, **({} if bearer is None else {"Authorization": f"Bearer {bearer}"})}
            try:
                answer = self._http.request(method, path, params=dict(query), headers=sent, json=body)
            except httpx.HTTPError as error:
                if last or not safe:
                    address = self._session.profile.address
                    raise OutOfReachError(f"{address} cannot be reached: {error}", hint="Try signet doctor.") from error
            else:
                if answer.is_success:
                    return answer
                problem = _problem_of(answer)
                if answer.status_code not in _PASSING or problem.code == "pin_locked" or last or not safe:
                    raise problem
                after = answer.headers.get("Retry-After", "")
                pause = max(pause, float(after) if after.isdigit() else 0.0)
            time.sleep(min(pause, LONGEST_PAUSE_SECONDS) * random.uniform(0.8, 1.2))  # noqa: S311 - spreads callers
            pause *= 2
        raise OutOfReachError(f"{self._session.profile.address} did not answer.")


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _problem_of(answer: httpx.Response) -> ProblemError:
    try:
        read = answer.json()
        errors = [(str(each.get("field", "")), str(each.get("message", ""))) for each in read.get("errors", [])]
        detail = str(read.get("detail") or read.get("title") or read.get("message") or "")
        return ProblemError(
            answer.status_code, str(read.get("code", "")), detail, errors, str(read.get("request_id", ""))
        )
    except (ValueError, AttributeError):
        return ProblemError(answer.status_code, "", f"What answers is not Signet ({answer.status_code}).")
