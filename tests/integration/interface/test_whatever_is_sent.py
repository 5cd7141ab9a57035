"""Whatever is sent, the answer is one that the OpenAPI document tells of, and never a fault of the service.

Requests are drawn from the document itself: mostly as it lets make them, with something odd here and there. The draw is
the same at every run; `SIGNET_TEST_SEED` and `SIGNET_TEST_DRAWS` draw others, and more of them.
"""

import base64
import json
import os
import random
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from local.stack import start
from tests.support.certificates.issued import in_base64, issue
from tests.support.checks.conformance import Conformance
from tests.support.services.over_http import Client, Service
from tools.openapi.document import DOCUMENT

DESCRIBED: dict[str, Any] = json.loads(DOCUMENT.read_text())
SCHEMAS: dict[str, Any] = DESCRIBED["components"]["schemas"]
OPERATIONS = {
    each["operationId"]: (method.upper(), path, each)
    for path, methods in DESCRIBED["paths"].items()
    for method, each in methods.items()
}
KINDS = {"crt_": "certificates", "grp_": "certificate-groups", "req_": "signing-requests", "pol_": "policies"}
BODIES = {
    event["routeKey"]: json.loads(base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"])
    for event in (json.loads(path.read_text()) for path in (DOCUMENT.parents[4] / "events").glob("*.json"))
    if "routeKey" in event and event.get("body")
}
# What takes away comes last, or the rest would find nothing.
IN_ORDER = sorted(
    OPERATIONS,
    key=lambda each: (each == "ApplyCertificateAction", ("GET", "POST", "PATCH", "DELETE").index(OPERATIONS[each][0])),
)
SEED = int(os.environ.get("SIGNET_TEST_SEED", "2027"))
DRAWS = int(os.environ.get("SIGNET_TEST_DRAWS", "25"))

TEXTS = [
    "",
    " ",
    "x",
    "a\0b",
    "\n",
    "é" * 70,
    "e\u0301",
    "\u202eabc",
    "🔑" * 20,
    "x" * 200,
    "y" * 5000,
    "../../etc",
    "%00",
    "${x}",
    "[",
    "(a+)+$",
    "*",
    "null",
    "-1",
    "0",
    "9" * 40,
    "1e400",
    "true",
    "local/alice",
    "local/administrators",
    "all",
    "none",
    "crt_000000000000000000000000",
    "grp_000000000000000000000000",
    "2026-11-22T13:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-11-22",
    "25:00",
    "08:00",
    "Europe/Madrid",
    "Mars/Olympus",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.1/33",
    "fe80::1%eth0",
    "QUJD",
    "=",
    "CN=x,O=y",
    "CN=\\,",
    "1.2.3.4",
    "2.999999999999999999999.1",
    "*.example.com",
    "xn--",
    "a@b",
    "http://[::1",
]
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**70,
    10**400,
    1.5,
    -0.0,
    1e308,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
]


class Draws:
    """Values drawn from schemas."""

    def __init__(self, seed: str, known: Mapping[str, list[str]]) -> None:
        """`known` has ids and names of what is there."""
        self.random = random.Random(seed)
        self._known = [value for values in known.values() for value in values]
        self.paths = known

    def chance(self, of_a_hundred: int) -> bool:
        return self.random.randrange(100) < of_a_hundred

    def text(self) -> str:
        return self.random.choice(TEXTS if self.chance(60) else self._known)

    def odd(self) -> Any:
        return self.text() if self.chance(50) else self.random.choice(ODD)

    def value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """Something that `schema` lets pass, or, now and then, does not."""
        if self.chance(6) or depth > 6:
            return self.odd()
        if "$ref" in schema:
            return self.value(SCHEMAS[schema["$ref"].rpartition("/")[2]], depth + 1)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self.value(self.random.choice(schema[several]), depth + 1)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                return [
                    self.value(schema.get("items", {}), depth + 1) for _ in range(self.random.choice([0, 1, 1, 2, 3]))
                ]
            case "integer":
                return self.random.choice([0, 1, 2, 5, 50, 100, 10**6])
            case "boolean":
                return self.chance(50)
            case "null":
                return None
            case "string":
                return self._known_text() if self.chance(50) else self.text()
        return self.odd()

    def altered(self, sample: Any) -> Any:
        """`sample`, which is as it should be, about what is there, and odd in a place or two."""
        sound = self._about_what_is_there(json.loads(json.dumps(sample)))
        for _ in range(self.random.choice([0, 1, 1, 1, 2])):
            node = sound
            while isinstance(node, dict | list) and node:
                place = self.random.choice(list(node) if isinstance(node, dict) else range(len(node)))
                if not isinstance(node[place], dict | list) or not node[place] or self.chance(30):
                    node[place] = self.odd()
                    break
                node = node[place]
        return sound

    def _about_what_is_there(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {name: self._about_what_is_there(each) for name, each in node.items()}
        if isinstance(node, list):
            return [self._about_what_is_there(each) for each in node]
        noun = KINDS.get(node[:4]) if isinstance(node, str) else None
        return self.random.choice([each for each in self.paths[noun] if each[:4] == node[:4]]) if noun else node

    def _known_text(self) -> str:
        return self.random.choice(self._known)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        drawn = {
            name: self.value(each, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if self.chance(95 if name in schema.get("required", ()) else 40)
        }
        if self.chance(2):
            drawn[self.text()] = self.odd()
        return drawn


@pytest.fixture(scope="module")
def own() -> Iterator[Service]:
    """A service of its own: roles and policies are changed here without sense."""
    printed: list[str] = []
    with start(workers=2, log=printed.append) as stack:
        yield Service(stack, printed, Conformance(DESCRIBED))
    assert not [line for line in printed if '"broken"' in line or "as IAM would" in line]


@pytest.fixture(scope="module")
def known(own: Service) -> Mapping[str, list[str]]:
    """What is there to be asked for, by the noun in the path."""
    admin = own.caller("admin", "administrators")
    group = admin.good("POST", "/certificate-groups", {"name": "Some"})
    files = [issue() for _ in range(3)]
    made = [admin.import_certificate(each, owner="local/alice", groups=[group["id"]]) for each in files]
    fields = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "Some"}, "alias": "some request"}
    request = admin.good("POST", "/signing-requests", fields)
    policy = admin.good(
        "POST",
        "/policies",
        {
            "name": "Some",
            "action": "allow",
            "priority": 10,
            "what": {"certificates": [made[0]["id"]]},
            "who": {"users": ["local/bob"]},
        },
    )
    role = admin.good(
        "POST", "/roles", {"name": "Some", "priority": 10, "permissions": [], "certificate_groups": "all"}
    )
    return {
        "certificates": [one[name] for one in made for name in ("id", "alias")],
        "certificate-groups": [group["id"]],
        "signing-requests": [request["id"]],
        "policies": [policy["id"]],
        "roles": [role["id"]],
        "events": [one["id"] for one in admin.items("/events")],
        "files": [in_base64(files[0].der), in_base64(issue().pem), in_base64(issue().pkcs12()), "open sesame"],
        "requests": ["ECDSA_SHA_256", "RSA_2048", "signtool", "2468", "QUJD", "local/alice", "local/administrators"],
    }


@pytest.fixture(scope="module")
def callers(own: Service) -> list[Client]:
    """Who calls: mostly somebody who may."""
    names = [("admin", "administrators")] * 4 + [("alice",), ("bob", "release")]
    return [own.caller(name, *groups) for name, *groups in names]


@pytest.mark.one_in(6)
@pytest.mark.parametrize("operation", IN_ORDER)
def test_whatever_is_sent_is_answered_as_documented(
    operation: str, own: Service, known: Mapping[str, list[str]], callers: list[Client]
) -> None:
    method, path, described = OPERATIONS[operation]
    draws = Draws(f"{SEED} {operation}", known)
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parameters = [each for each in described.get("parameters", []) if each["in"] == "query"]
    noun = path.split("/")[2]
    sample = BODIES.get(f"{method} {path}")

    for _ in range(DRAWS):
        named = draws.random.choice(known[noun]) if noun in known and draws.chance(75) else draws.text()
        target = "/".join(quote(named, safe="") if part.startswith("{") else part for part in path.split("/"))
        query = {each["name"]: draws.value(each["schema"]) for each in parameters if draws.chance(35)}
        headers = {name: value for name, value in (("Idempotency-Key", "k"), ("If-Match", '"1"')) if draws.chance(15)}
        if draws.chance(20):
            headers["Accept"] = draws.random.choice(["text/csv", "*/*", "application/json"])
        sent = None if body is None else draws.value(body)
        if sample is not None and draws.chance(60):
            sent = draws.altered(sample)
        caller = draws.random.choice(callers)

        response = caller.call(method, f"{target}?{urlencode(query)}" if query else target, sent, headers=headers)

        assert response.status < 500, (response, sent)
