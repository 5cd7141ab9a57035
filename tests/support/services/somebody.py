"""Callers with just the rights that a test gives them, and what they bring."""

from typing import Any

from cryptography import x509

from tests.support.certificates.issued import Issued, issue, unused_name
from tests.support.services.over_http import Client, Service

SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def group_of(admin: Client) -> str:
    return str(admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"])


def somebody_who(signet: Service, admin: Client, *permissions: str, **groups: list[str]) -> Client:
    """A caller with these permissions, and these rights on these groups."""
    caller = signet.caller(unused_name("somebody"))
    scope = [{"group": group, "rights": rights} for group, rights in groups.items()]
    role = {
        "name": unused_name("role"),
        "permissions": permissions,
        "certificate_groups": scope,
        "users": [caller.user],
    }
    admin.good("POST", "/roles", role)
    return caller


def answer_to(request: dict[str, Any]) -> Issued:
    """What a CA issues for it."""
    return issue(public_key=x509.load_pem_x509_csr(request["csr"].encode()).public_key())
