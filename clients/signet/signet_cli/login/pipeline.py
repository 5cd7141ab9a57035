"""The token of a pipeline's job, fetched from the CI's own service: no secret is stored anywhere."""

from __future__ import annotations

import os

from signet_cli.errors import NotLoggedInError, OutOfReachError

AUDIENCE = "signet"
TOKEN_VARIABLE = "SIGNET_ID_TOKEN"  # noqa: S105 - the name of a variable
_URL_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_URL"
_REQUEST_TOKEN_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - the name of a variable


def pipeline_token() -> str | None:
    """The job's token; None where this is no job that can have one.

    Raises:
        NotLoggedInError: the CI gives none to this job.
        OutOfReachError: its service does not answer.
    """
    given = os.environ.get(TOKEN_VARIABLE)
    if given:
        return given.strip()
    url, request_token = os.environ.get(_URL_VARIABLE), os.environ.get(_REQUEST_TOKEN_VARIABLE)
    if not url or not request_token:
        return None
    import httpx  # only here: the agent asks for a token at every start

    try:
        answer = httpx.get(
            url,
            params={**httpx.URL(url).params, "audience": os.environ.get("SIGNET_AUDIENCE", AUDIENCE)},
            headers={"Authorization": f"Bearer {request_token}"},
            timeout=20,
        )
    except httpx.HTTPError as error:
        raise OutOfReachError(f"The token service of the pipeline does not answer: {error}.") from error
    if answer.status_code != httpx.codes.OK:
        hint = "A job needs the permission id-token: write."
        raise NotLoggedInError(f"The pipeline gives this job no token ({answer.status_code}).", hint=hint)
    try:
        return str(answer.json()["value"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotLoggedInError("The token service of the pipeline answered without a token.", hint="") from error
