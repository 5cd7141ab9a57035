"""A store with something of every kind in it, as the service itself makes it."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from tests.support.certificates.issued import in_base64, issue
from tests.support.services.over_http import Client, at

ORDER = {"message": "c2lnbiB0aGlz", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def certified(request: dict[str, Any]) -> str:
    """What a CA answers to a signing request."""
    public_key = x509.load_pem_x509_csr(request["csr"].encode()).public_key()
    return in_base64(issue("new", public_key=public_key).pem)


def fill(admin: Client, alice: Client) -> None:
    """Make it, and undo some of it: what was deleted leaves traces that are no faults."""
    group, full, gone = (
        admin.good("POST", "/certificate-groups", {"name": name, "certificate_limit": limit})["id"]
        for name, limit in (("Release", 10), ("Devices", None), ("Gone", None))
    )
    admin.import_certificate(alias="release", owner=alice.user, groups=[group, full, gone])
    admin.import_certificate(alias="other", owner=alice.user)
    admin.import_certificate(alias="locked", owner=alice.user, pin="2468", groups=[group])
    admin.import_certificate(alias="old", groups=[group], owner=alice.user)
    deleted = admin.import_certificate(alias="deleted", owner=alice.user)["id"]
    admin.good("POST", "/certificates", {"content": in_base64(issue("public").pem), "alias": "public"})
    admin.good("POST", "/certificates", {"content": in_base64(issue("A CA", ca=True).pem), "alias": "ca"})
    for _ in range(3):
        alice.good("POST", at("release", "sign"), ORDER)
    alice.good("POST", at("deleted", "sign"), ORDER)
    assert alice.post(at("locked", "sign"), ORDER).status == 403
    admin.good("POST", at("public", "disable"))
    admin.good("PATCH", at("locked"), {"description": "Asks for a PIN"})
    _ask_a_ca(admin, group)
    for what in ({"groups": [group]}, {"certificates": ["release", deleted]}):
        body = {"name": f"May sign {len(what)} {next(iter(what))}", "action": "allow", "what": what}
        admin.good("POST", "/policies", {**body, "who": {"users": [alice.user]}})
    grants = [{"group": group, "rights": ["add"]}]
    role = {"name": "Releasers", "permissions": ["certificates:view"], "certificate_groups": grants}
    admin.good("POST", "/roles", {**role, "users": [alice.user]})
    alice.good("POST", "/me/calendar-link")
    admin.good("DELETE", at("deleted"))
    admin.good("DELETE", f"/certificate-groups/{gone}")


def _ask_a_ca(admin: Client, group: str) -> None:
    """Requests that wait, that were cancelled and that were answered, and renewals of each kind."""
    asked = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "new"}}
    admin.good("POST", "/signing-requests", {**asked, "alias": "waiting", "groups": [group]})
    cancelled = admin.good("POST", "/signing-requests", {**asked, "alias": "cancelled"})
    admin.good("DELETE", f"/signing-requests/{cancelled['id']}")
    answered = admin.good("POST", "/signing-requests", {**asked, "alias": "answered"})
    # The same X.509 twice: once without its key.
    content = certified(answered)
    admin.good("POST", f"/signing-requests/{answered['id']}/certificate", {"content": content})
    renewal = admin.good("POST", at("old", "renew"), {})
    admin.good("POST", f"/signing-requests/{renewal['id']}/certificate", {"content": certified(renewal)})
    admin.good("POST", at("locked", "renew"), {})
