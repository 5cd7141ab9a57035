"""Requests about policies, and of callers whom they are about."""

import hashlib
from typing import Any

from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.over_http import Client, Response, at

NOWHERE = "crt_000000000000000000000000"
NO_GROUP = "grp_000000000000000000000000"


def body(**fields: Any) -> dict[str, Any]:
    return {"name": unused_name("policy"), "action": "allow", "who": {"users": ["local/bob"]}, **fields}


def make(by: Client, **fields: Any) -> dict[str, Any]:
    policy: dict[str, Any] = by.good("POST", "/policies", body(**fields))
    return policy


def path(policy: dict[str, Any]) -> str:
    return f"/policies/{policy['id']}"


def group(admin: Client, **fields: Any) -> str:
    made: str = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), **fields})["id"]
    return made


def role(admin: Client, holder: Client, *permissions: str, groups: Any = "all") -> dict[str, Any]:
    """A role given to `holder` alone."""
    made: dict[str, Any] = admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": permissions,
            "certificate_groups": groups,
            "users": [holder.user],
        },
    )
    return made


def sign(by: Client, certificate: str, **fields: Any) -> Response:
    order = {
        "message": in_base64(hashlib.sha256(b"hello").digest()),
        "message_type": "DIGEST",
        "signing_algorithm": "ECDSA_SHA_256",
    }
    return by.post(at(certificate, "sign"), {**order, **fields})


def events_of(admin: Client, policy: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    return [
        event
        for kind in ("Created", "Updated", "Deleted")
        for event in admin.good("GET", "/events", type=f"Policy {kind}", limit=200, **query)["items"]
        if event["detail"].get("policy_id") == policy["id"]
    ]
