"""Who may do what: every route of the template, asked by everybody, expected against seen.

A line of the table is a route, the permission it is about, and the status that each kind of caller gets:

    nobody     no token
    stranger   nobody's owner, in no policy, without a role
    owner      of the certificate, without a role
    signer     an enabled policy allows the certificate, without a role
    viewer     the built-in Viewer
    just       a role with just that permission, on all groups; the same once more, given to a user group
    scoped     a role with just that permission and every right on the groups in question, and on no other
    bare       a role with every permission on them, and no right
    all but    a role with every permission but that, on all groups
    elsewhere  a role with every permission, on another group
    admin      an Administrator

What is done in a cell changes something, which its event tells. The calendar behind a secret link takes no token at
all. `-` is a caller for whom the route is as in another column. A route of the template without a line fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.architecture.source_tree import routes
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


EVENTS = ("events:view_all", "events:view_certificates", "events:view_own")
"""Any of them, where the table says `events`."""

# fmt: off
TABLE = """
                                                                             nob str own sig vie jus sco bar all els adm
GET    /v1/health                                |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /v1/openapi.json                          |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /v1/auth-config                           |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /v1/me                                    |                         | 401 200 200 200 200  -   -   -   -  200 200
POST   /v1/me/calendar-link                      |                         | 401 201 201 201 201  -   -   -   -  201 201
DELETE /v1/me/calendar-link                      |                         | 401 204 204 204 204  -   -   -   -  204 204
GET    /v1/calendar-links                        |                         | 401 403 403 403 403  -   -  403 403 403 200
DELETE /v1/calendar-links/{id}                   |                         | 401 403 403 403 403  -   -  403 403 403 204
GET    /v1/expiry.ics                            |                         | 401 200 200 200 200  -   -   -   -  200 200
GET    /v1/calendar                              |                         | 401 401 401 401 401  -   -   -   -  401 401

POST   /v1/certificates                          | certificates:import     | 401 403 403 403 403 201 403 403 403 403 201
POST   /v1/certificates with an owner            | certificates:set_owner  | 401 403 403 403 403 403 403 403 403 403 201
POST   /v1/certificates into the group           | certificates:import     | 401 403 403 403 403 201 201 403 403 422 201
GET    /v1/certificates                          | certificates:view       | 401 200 200 200 200 200 200 200 200 200 200
GET    /v1/certificates/{certificate}            | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
GET    /v1/certificates/{certificate}/details    | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
GET    /v1/certificates/{certificate}/related    | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
GET    /v1/certificates/{certificate}/download   | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
GET    /v1/certificates/{certificate}/events     | events                  | 401 404 403 403 200 200 200 200 403 404 200
PATCH  /v1/certificates/{certificate}            | certificates:edit       | 401 404 403 403 403 200 200 200 403 404 200
PATCH  /v1/certificates/{certificate} owner      | certificates:set_owner  | 401 404 403 403 403 200 200 200 403 404 200
POST   /v1/certificates/{certificate}/enable     | certificates:edit       | 401 404 403 403 403 200 200 200 403 404 200
POST   /v1/certificates/{certificate}/disable    | certificates:edit       | 401 404 403 403 403 200 200 200 403 404 200
DELETE /v1/certificates/{certificate}            | certificates:delete     | 401 404 403 403 403 204 204 204 403 404 204
POST   /v1/certificates/{certificate}/renew      | signing_requests:create | 401 404 403 403 403 201 201 201 403 404 201
POST   /v1/certificates/{certificate}/sign       |                         | 401 404 200 200 403  -   -  403 403 404 403
POST   /v1/certificates/actions                  | certificates:edit       | 401 404 403 403 403 200 200 200 403 404 200
POST   /v1/certificates/actions enable           | certificates:edit       | 401 404 403 403 403 200 200 200 403 404 200
POST   /v1/certificates/actions delete           | certificates:delete     | 401 404 403 403 403 200 200 200 403 404 200
POST   /v1/certificates/actions add to another   | certificates:edit       | 401 422 422 422 403 200 200 403 403 422 200
POST   /v1/certificates/actions add to theirs    | certificates:edit       | 401 422 422 422 403 200 200 422 403 404 200
POST   /v1/certificates/actions add as importer  | certificates:import     | 401 422 422 422 403 403 403 403 200 422 200
POST   /v1/certificates/actions add as requester | signing_requests:create | 401 422 422 422 403 403 403 403 200 422 200
POST   /v1/certificates/actions remove from one  | certificates:edit       | 401 422 422 422 403 200 200 403 403 422 200
POST   /v1/certificates/actions remove from last | certificates:edit       | 401 422 422 422 403 403 403 403 403 422 200

POST   /v1/signing-requests                      | signing_requests:create | 401 403 403 403 403 201 403 403 403 403 201
POST   /v1/signing-requests into the group       | signing_requests:create | 401 403 403 403 403 201 201 403 403 422 201
GET    /v1/signing-requests                      | signing_requests:view   | 401 403 403 403 200 200 200 200 403 200 200
GET    /v1/signing-requests/{id}                 | signing_requests:view   | 401 404 404 404 200 200 200 200 403 404 200
GET    /v1/signing-requests/{id}/csr             | signing_requests:view   | 401 404 404 404 200 200 200 200 403 404 200
POST   /v1/signing-requests/{id}/certificate     | certificates:import     | 401 404 404 404 403 201 201 201 403 404 201
POST   /v1/signing-requests/{id}/certificate move| certificates:import     | 401 404 404 404 403 403 403 403 403 404 201
DELETE /v1/signing-requests/{id}                 | signing_requests:delete | 401 404 404 404 403 204 204 204 403 404 204

POST   /v1/policies                              | policies:create         | 401 403 403 403 403 201 201 403 403 422 201
GET    /v1/policies                              | policies:view           | 401 403 403 403 200 200 200 200 403 200 200
GET    /v1/policies/{id}                         | policies:view           | 401 404 404 404 200 200 200 200 403 404 200
PATCH  /v1/policies/{id}                         | policies:edit           | 401 404 404 404 403 200 200 200 403 404 200
DELETE /v1/policies/{id}                         | policies:delete         | 401 404 404 404 403 204 204 204 403 404 204
POST   /v1/policies/explain                      | policies:view           | 401 404 403 403 200 200 200 200 403 404 200

POST   /v1/certificate-groups                    |                         | 401 403 403 403 403  -   -  403 403 403 201
GET    /v1/certificate-groups                    |                         | 401 200 200 200 200  -   -  200 200 200 200
GET    /v1/certificate-groups/{id}               |                         | 401 404 200 200 200  -   -   -  200 404 200
PATCH  /v1/certificate-groups/{id}               |                         | 401 404 403 403 403  -   -   -  403 404 200
DELETE /v1/certificate-groups/{id}               |                         | 401 404 403 403 403  -   -   -  403 404 204

POST   /v1/roles                                 |                         | 401 403 403 403 403  -   -  403 403 403 201
GET    /v1/roles                                 |                         | 401 403 403 403 200  -   -  403 403 403 200
GET    /v1/roles/{id}                            |                         | 401 404 404 404 200  -   -  404 404 404 200
PATCH  /v1/roles/{id}                            |                         | 401 404 404 404 403  -   -  404 404 404 200
DELETE /v1/roles/{id}                            |                         | 401 404 404 404 403  -   -  404 404 404 204

GET    /v1/events                                | events                  | 401 403 403 403 200 200 200 200 403 200 200
GET    /v1/events/{id}                           | events:view_all         | 401 404 404 404 200 200 200 200 200 404 200

GET    /v1/transit/keys/{proxy+}                 | certificates:view       | 403 404 200 200 200 200 200 200 403 404 200
POST   /v1/transit/sign/{proxy+}                 |                         | 403 404 200 200 403  -   -  403 403 404 403
PUT    /v1/transit/sign/{proxy+}                 |                         | 403 404 200 200 403  -   -  403 403 404 403
POST   /v1/transit/verify/{proxy+}               | certificates:view       | 403 404 200 200 200 200 200 200 403 404 200
PUT    /v1/transit/verify/{proxy+}               | certificates:view       | 403 404 200 200 200 200 200 200 403 404 200
POST   / Sign                                    |                         | 401 404 200 200 403  -   -  403 403 404 403
POST   / Verify                                  | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
POST   / GetPublicKey                            | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
POST   / DescribeKey                             | certificates:view       | 401 404 200 200 200 200 200 200 403 404 200
"""
# fmt: on


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
        return self.path == "/" or self.path.startswith("/v1/transit/")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.variant}".strip()


def lines() -> list[Line]:
    found = []
    for text in TABLE.splitlines():
        if "|" in text:
            what, about, expected = (part.strip() for part in text.split("|"))
            method, path, *variant = what.split()
            permissions = EVENTS if about == "events" else tuple(about.split())
            found.append(Line(method, path, " ".join(variant), permissions, tuple(expected.split())))
    return found


def test_every_route_of_the_template_has_a_line_and_every_line_a_route() -> None:
    assert {line.route for line in lines()} == set(routes())
    assert {len(line.expected) for line in lines()} == {len(CALLERS)}


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


KMS_STATUS = {
    "NotFoundException": 404,
    "AccessDeniedException": 403,
    "UnrecognizedClientException": 401,
    "KMSInvalidSignatureException": 200,  # Verify was done, and this is what it found.
}
"""What an exception of KMS is elsewhere: all of them come with 400."""


def status_of(line: Line, response: Response) -> int:
    """The status that tells: of a bulk action, that of the problem of its one certificate."""
    if line.path.endswith("/actions") and response.status == 200:
        return int(response.json["results"][0].get("problem", {}).get("status", 200))
    if line.path == "/" and response.status == 400:
        return KMS_STATUS[response.json["__type"]]
    return response.status


@pytest.fixture(scope="module")
def cast(signet: Service, admin: Client, ca: CertificationAuthority) -> Cast:
    return Cast(signet, admin, ca)


@pytest.mark.one_in(6)
@pytest.mark.parametrize("line", lines(), ids=str)
def test_everybody_gets_what_the_table_says(cast: Cast, line: Line) -> None:
    scene, wrong = cast.scene(line), []
    expected = dict(zip(CALLERS, line.expected, strict=True))
    expected["by group"] = expected["just"]
    for kind, status in expected.items():
        if status == "-":
            continue
        by = cast.caller(kind, line)
        response = cast.ask(by, line, scene)
        if (seen := str(status_of(line, response))) != status:
            wrong.append(f"{kind}: {seen} instead of {status}")
        if line.method != "GET" and seen.startswith("2"):
            wrong += [f"{kind}: {seen} and nothing was done"] * (not cast.did(by, line, response))
            scene = cast.scene(line)
    assert not wrong
