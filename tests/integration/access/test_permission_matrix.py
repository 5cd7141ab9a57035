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

import pytest

from tests.architecture.source_tree import routes
from tests.integration.access.permission_cast import CALLERS, Cast, Line
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.programs.built_console import needs_console
from tests.support.services.over_http import Client, Response, Service

EVENTS = ("events:view_all", "events:view_certificates", "events:view_own")
"""Any of them, where the table says `events`."""

# fmt: off
TABLE = """
                                                                             nob str own sig vie jus sco bar all els adm
GET    /v1/health                                |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /v1/openapi.json                          |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /v1/auth-config                           |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /                                         |                         | 307 307 307 307 307  -   -   -   -  307 307
GET    /console                                  |                         | 200 200 200 200 200  -   -   -   -  200 200
GET    /console/{proxy+}                         |                         | 200 200 200 200 200  -   -   -   -  200 200
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
@pytest.mark.parametrize(
    "line",
    [pytest.param(line, marks=needs_console) if line.path.startswith("/console") else line for line in lines()],
    ids=str,
)
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
