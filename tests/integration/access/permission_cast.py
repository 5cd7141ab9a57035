"""The callers of the permission matrix, and what each of its requests is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import (
    EVERY_PERMISSION,
    MESSAGE,
    a_group,
    a_policy,
    a_role,
    ask,
    renew,
    request_body,
    sign_order,
)
from tests.support.services.over_http import Client, Response, Service

CALLERS = (
    "nobody",
    "stranger",
    "owner",
    "signer",
    "viewer",
    "just",
    "scoped",
    "bare",
    "all but",
    "elsewhere",
    "admin",
)


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    method: str
    path: str
    variant: str
    permissions: tuple[str, ...]
    expected: tuple[str, ...]

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def dialect(self) -> bool:
        """Whether it is asked by clients of another signing service."""
        return (self.method, self.path) == ("POST", "/") or self.path.startswith("/v1/transit/")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.variant}".strip()


@dataclass(frozen=True)
class Scene:
    """What is there to ask about: of one certificate, whatever hangs on it."""

    group: str
    another: str
    """A group that it may go to, or is also in."""
    certificate: str
    request: dict[str, Any]
    policy: str
    role: str
    event: str
    calendar_link: str


class Cast:
    """All callers, and a new scene whenever one was changed."""

    def __init__(self, signet: Service, admin: Client, ca: CertificationAuthority) -> None:
        self.signet, self.admin, self.ca = signet, admin, ca
        self.stranger, self.owner, self.signer = (
            signet.caller(f"matrix-{name}") for name in ("stranger", "owner", "signer")
        )
        self.viewer, self.elsewhere = signet.caller("matrix-viewer"), signet.caller("matrix-elsewhere")
        viewer = next(role for role in admin.items("/roles", limit=200) if role["name"] == "Viewer")
        admin.good("PATCH", f"/roles/{viewer['id']}", {"users": [*viewer["users"], self.viewer.user]})
        self.theirs = a_group(admin)
        a_role(admin, self.elsewhere, groups=[self.theirs])
        self.group, self.another = a_group(admin), a_group(admin)
        self.with_role = cache(self._with_role)

    def _with_role(self, how: str, permissions: tuple[str, ...]) -> Client:
        name = unused_name("matrix-role").replace(" ", "-")
        caller = self.signet.caller(name, name)
        ours = (self.group, self.another)
        role: dict[str, Any] = {"name": name, "permissions": permissions, "users": [caller.user]}
        if how == "by group":
            role |= {"users": [], "user_groups": [caller.user]}
        elif how == "scoped":
            rights = ["add", "remove", "assign"]
            role["certificate_groups"] = [{"group": each, "rights": rights} for each in (*ours, self.theirs)]
        elif how == "bare":
            role["certificate_groups"] = [{"group": each, "rights": []} for each in ours]
        self.admin.good("POST", "/roles", role)
        return caller

    def caller(self, kind: str, line: Line) -> Client:
        match kind:
            case "nobody":
                return self.signet.nobody
            case "just" | "by group" | "scoped":
                return self.with_role(kind, line.permissions[:1])
            case "bare":
                return self.with_role(kind, EVERY_PERMISSION)
            case "all but":
                return self.with_role(kind, tuple(one for one in EVERY_PERMISSION if one not in line.permissions))
            case _:
                named: Client = getattr(self, kind)
                return named

    def scene(self, line: Line) -> Scene:
        group = a_group(self.admin) if "groups" in line.path else self.group
        groups = [group, self.another] if line.variant == "remove from one" else [group]
        made = self.admin.import_certificate(owner=self.owner.user, groups=groups)
        policy = a_policy(self.admin, self.signer, certificates=[made["id"]])
        if "enable" in str(line):
            self.admin.good("POST", f"/certificates/{made['id']}/disable")
        return Scene(
            group=group,
            another=self.another,
            certificate=made["id"],
            request=renew(self.admin, made["id"]) if line.variant == "move" else ask(self.admin, groups=[group]),
            policy=policy["id"],
            role=a_role(self.admin, permissions=["certificates:view"])["id"],
            event=self.admin.good("GET", f"/certificates/{made['id']}/events")["items"][0]["id"],
            calendar_link=self.owner.good("POST", "/me/calendar-link")["id"],
        )

    def body(self, line: Line, scene: Scene) -> object:
        match line.route, line.variant:
            case "POST /v1/certificates", variant:
                more: dict[str, dict[str, Any]] = {
                    "with an owner": {"owner": self.owner.user},
                    "into the group": {"groups": [scene.group]},
                }
                return issue().body(alias=unused_name("matrix"), **more.get(variant, {}))
            case "PATCH /v1/certificates/{certificate}", "owner":
                return {"owner": self.owner.user + "2"}
            case "POST /v1/certificates/{certificate}/sign", _:
                return sign_order()
            case "POST /v1/certificates/actions", variant:
                first, _, rest = variant.partition(" ")
                action = {"": "disable", "add": "add_to_groups", "remove": "remove_from_groups"}.get(first, first)
                there = {"to theirs": self.theirs, "from last": scene.group}.get(rest, scene.another)
                groups = {"groups": [there]} if rest else {}
                return {"action": action, "certificates": [scene.certificate], **groups}
            case "POST /v1/signing-requests", variant:
                return request_body(**({"groups": [scene.group]} if variant else {}))
            case "POST /v1/signing-requests/{id}/certificate", variant:
                moved = {"groups": [scene.group, scene.another]} if variant else {}
                return {"content": in_base64(self.ca.issue(scene.request["csr"])), **moved}
            case "POST /v1/policies", _:
                who = {"users": ["local/somebody"]}
                what = {"certificates": [scene.certificate]}
                return {"name": unused_name("matrix"), "action": "allow", "what": what, "who": who}
            case "POST /v1/policies/explain", _:
                return {"certificate": scene.certificate, "user": "local/somebody"}
            case (("POST /v1/certificate-groups" | "POST /v1/roles"), _):
                return {"name": unused_name("matrix"), **({"permissions": []} if "roles" in line.path else {})}
            case route, _ if route.startswith("PATCH"):
                return {"description": "changed"}
            case "POST /v1/certificates/{certificate}/renew", _:
                return {}
        return None

    def ask(self, by: Client, line: Line, scene: Scene) -> Response:
        if line.route == "DELETE /v1/me/calendar-link":
            by.post("/me/calendar-link")  # else there is none
        identifier = {
            "signing-requests": scene.request["id"],
            "policies": scene.policy,
            "certificate-groups": scene.group,
            "roles": scene.role,
            "events": scene.event,
            "calendar-links": scene.calendar_link,
        }.get(line.path.partition("/v1/")[2].split("/")[0], "")
        if line.dialect:
            return self.ask_in_dialect(by, line, scene)
        if not line.path.startswith("/v1/"):  # the console, which takes no token, though a browser may send one
            sent = {} if by.token is None else {"Authorization": f"Bearer {by.token}"}
            return by.send(line.method, line.path.replace("{proxy+}", "certificates"), None, sent)
        path = line.path.replace("{certificate}", scene.certificate).replace("{id}", identifier)
        return by.call(line.method, path, self.body(line, scene))

    def ask_in_dialect(self, by: Client, line: Line, scene: Scene) -> Response:
        """The same certificate, asked about as a client of Vault or of AWS KMS does."""
        signature = in_base64(b"made by no key")
        if line.path == "/":
            body = {"KeyId": scene.certificate}
            if line.variant in {"Sign", "Verify"}:
                body |= {"Message": in_base64(MESSAGE), "SigningAlgorithm": "ECDSA_SHA_256"}
            if line.variant == "Verify":
                body["Signature"] = signature
            headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{line.variant}"}
            headers |= {} if by.token is None else {"X-Amz-Security-Token": by.token}
            return by.send("POST", "/", json.dumps(body).encode(), headers)
        headers = {"Content-Type": "application/json"} | ({} if by.token is None else {"X-Vault-Token": by.token})
        asked = {"input": in_base64(MESSAGE)}
        if "/verify/" in line.path:
            asked["signature"] = f"vault:v1:{signature}"
        content = None if line.method == "GET" else json.dumps(asked).encode()
        return by.send(line.method, line.path.replace("{proxy+}", scene.certificate), content, headers)

    def did(self, by: Client, line: Line, response: Response) -> bool:
        """Whether something was done, as the audit record tells; looking changes nothing."""
        if line.path.endswith("/explain") or (line.dialect and "sign" not in str(line).lower()):
            return True
        return bool(latest(self.admin, by)["request_id"] == response.headers["apigw-requestid"])


def latest(admin: Client, by: Client) -> dict[str, Any]:
    """The newest event of what `by` did."""
    (event,) = admin.good("GET", "/events", user=by.user, limit=1)["items"]
    told: dict[str, Any] = event
    return told
