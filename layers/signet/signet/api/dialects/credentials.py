"""Where the clients of other signing services put their token, told as our own clients would tell it."""

from collections.abc import Mapping
from typing import Any

from signet.api.answering.identity import only_identity_source


def authorization_of_transit(event: Mapping[str, Any]) -> str | None:
    """The token of `X-Vault-Token`, or else what `Authorization` says, as Vault itself reads them.

    API Gateway keeps no answer of this authorizer, which may therefore look at headers.
    """
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    token = headers.get("x-vault-token")
    return f"Bearer {token}" if token else headers.get("authorization")


def authorization_of_kms(event: Mapping[str, Any]) -> str | None:
    """The token of the AWS session, `X-Amz-Security-Token`; the signature of the request means nothing here."""
    token = only_identity_source(event)
    return f"Bearer {token}" if token else None
