"""Every change that is announced, and how it is made over HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.in_process import InProcess, InProcessClient
from tests.support.services.over_http import Response, at


@dataclass
class World:
    """What a request needs to exist already."""

    signet: InProcess
    certificate: dict[str, Any] = field(default_factory=dict)

    @property
    def admin(self) -> InProcessClient:
        return self.signet.admin

    def fresh(self, **fields: Any) -> str:
        return str(self.admin.import_certificate(**fields)["id"])

    def group(self) -> str:
        made = self.admin.good("POST", "/certificate-groups", {"name": unused_name("group")})
        return str(made["id"])

    def request(self) -> dict[str, Any]:
        body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("request")}}
        made: dict[str, Any] = self.admin.good("POST", "/signing-requests", body)
        return made

    def policy_body(self) -> dict[str, Any]:
        return {
            "name": unused_name("policy"),
            "action": "allow",
            "priority": 10,
            "what": {"certificates": [self.fresh()]},
            "who": {"users": ["local/bob"]},
        }

    def role_body(self) -> dict[str, Any]:
        return {"name": unused_name("role"), "permissions": ["certificates:view"], "users": ["local/bob"]}


def answer_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The CA's answer to a signing request, as a body."""
    csr = x509.load_pem_x509_csr(request["csr"].encode())
    return {"content": in_base64(issue(unused_name("answer"), public_key=csr.public_key()).pem)}


PlannedChange = Callable[[], Response]
Prepare = Callable[[World], PlannedChange]


def signing(world: World) -> PlannedChange:
    certificate = world.fresh(owner=world.admin.user)
    body = {"message": in_base64(b"text"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
    return lambda: world.admin.post(at(certificate, "sign"), body)


def by_transit(method: str) -> Prepare:
    def prepare(world: World) -> PlannedChange:
        path = f"/v1/transit/sign/{world.fresh(owner=world.admin.user)}"
        body = json.dumps({"input": in_base64(b"text")}).encode()
        return lambda: world.admin.send(method, path, body, {"Content-Type": "application/json"})

    return prepare


def by_kms(world: World) -> PlannedChange:
    asked = {"KeyId": world.fresh(owner=world.admin.user), "Message": in_base64(b"text")}
    body = json.dumps({**asked, "SigningAlgorithm": "ECDSA_SHA_256"}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "TrentService.Sign",
        "X-Amz-Security-Token": "as ours",
    }
    return lambda: world.admin.send("POST", "/", body, headers)


def acting(world: World) -> PlannedChange:
    body = {"action": "disable", "certificates": [world.fresh()]}
    return lambda: world.admin.post("/certificates/actions", body)


def enabling(world: World) -> PlannedChange:
    certificate = world.fresh()
    world.admin.good("POST", at(certificate, "disable"))
    return lambda: world.admin.post(at(certificate, "enable"))


def on_fresh(send: Callable[[InProcessClient, str], Response]) -> Prepare:
    def prepare(world: World) -> PlannedChange:
        certificate = world.fresh()
        return lambda: send(world.admin, at(certificate))

    return prepare


def on(make: Callable[[World], str], send: Callable[[InProcessClient, str], Response]) -> Prepare:
    def prepare(world: World) -> PlannedChange:
        path = make(world)
        return lambda: send(world.admin, path)

    return prepare


def issuing(world: World) -> PlannedChange:
    request = world.request()
    return lambda: world.admin.post(f"/signing-requests/{request['id']}/certificate", answer_of(request))


def made(path: str, body: Callable[[World], dict[str, Any]]) -> Callable[[World], str]:
    return lambda world: f"{path}/{world.admin.good('POST', path, body(world))['id']}"


def posting(path: str, body: Callable[[World], dict[str, Any]]) -> Prepare:
    def prepare(world: World) -> PlannedChange:
        content = body(world)
        return lambda: world.admin.post(path, content)

    return prepare


def group_path(world: World) -> str:
    return f"/certificate-groups/{world.group()}"


def link_path(world: World) -> str:
    """A new link's, of a user who had none."""
    by = world.signet.caller(unused_name("linked"))
    return f"/calendar-links/{by.good('POST', '/me/calendar-link')['id']}"


def linking(world: World) -> PlannedChange:
    by = world.signet.caller(unused_name("linking"))
    return lambda: by.post("/me/calendar-link")


def unlinking(world: World) -> PlannedChange:
    by = world.signet.caller(unused_name("unlinking"))
    by.good("POST", "/me/calendar-link")
    return lambda: by.delete("/me/calendar-link")


POLICY = made("/policies", World.policy_body)
ROLE = made("/roles", World.role_body)

ONE = {
    "POST /v1/certificates": (posting("/certificates", lambda world: issue().body()), "Certificate Imported"),
    "PATCH /v1/certificates/{certificate}": (
        on_fresh(lambda admin, path: admin.patch(path, {"description": "new"})),
        "Certificate Updated",
    ),
    "POST /v1/certificates/{certificate}/enable": (enabling, "Certificate Enabled"),
    "POST /v1/certificates/{certificate}/disable": (
        on_fresh(lambda admin, path: admin.post(f"{path}/disable")),
        "Certificate Disabled",
    ),
    "DELETE /v1/certificates/{certificate}": (
        on_fresh(lambda admin, path: admin.delete(path)),
        "Certificate Deleted",
    ),
    "POST /v1/certificates/{certificate}/sign": (signing, "Certificate Used"),
    "POST /v1/transit/sign/{proxy+}": (by_transit("POST"), "Certificate Used"),
    "PUT /v1/transit/sign/{proxy+}": (by_transit("PUT"), "Certificate Used"),
    "POST /": (by_kms, "Certificate Used"),
    "POST /v1/certificates/{certificate}/renew": (
        on_fresh(lambda admin, path: admin.post(f"{path}/renew", {})),
        "Signing Request Created",
    ),
    "POST /v1/certificates/actions": (acting, "Certificate Disabled"),
    "POST /v1/signing-requests": (
        posting("/signing-requests", lambda world: {"key_algorithm": "ED25519", "subject": {"common_name": "x"}}),
        "Signing Request Created",
    ),
    "DELETE /v1/signing-requests/{id}": (
        on(lambda world: f"/signing-requests/{world.request()['id']}", lambda admin, path: admin.delete(path)),
        "Signing Request Cancelled",
    ),
    "POST /v1/policies": (posting("/policies", World.policy_body), "Policy Created"),
    "PATCH /v1/policies/{id}": (on(POLICY, lambda admin, path: admin.patch(path, {"priority": 3})), "Policy Updated"),
    "DELETE /v1/policies/{id}": (on(POLICY, lambda admin, path: admin.delete(path)), "Policy Deleted"),
    "POST /v1/roles": (posting("/roles", World.role_body), "Role Created"),
    "PATCH /v1/roles/{id}": (on(ROLE, lambda admin, path: admin.patch(path, {"priority": 3})), "Role Updated"),
    "DELETE /v1/roles/{id}": (on(ROLE, lambda admin, path: admin.delete(path)), "Role Deleted"),
    "POST /v1/certificate-groups": (
        posting("/certificate-groups", lambda world: {"name": unused_name("group")}),
        "Certificate Group Created",
    ),
    "PATCH /v1/certificate-groups/{id}": (
        on(group_path, lambda admin, path: admin.patch(path, {"description": "new"})),
        "Certificate Group Updated",
    ),
    "DELETE /v1/certificate-groups/{id}": (
        on(group_path, lambda admin, path: admin.delete(path)),
        "Certificate Group Deleted",
    ),
    "POST /v1/me/calendar-link": (linking, "Calendar Link Created"),
    "DELETE /v1/me/calendar-link": (unlinking, "Calendar Link Revoked"),
    "DELETE /v1/calendar-links/{id}": (on(link_path, lambda admin, path: admin.delete(path)), "Calendar Link Revoked"),
}
SEVERAL = {
    "POST /v1/signing-requests/{id}/certificate": (issuing, ["Certificate Imported", "Signing Request Completed"])
}
