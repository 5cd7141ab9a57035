"""Each change over HTTP is one event and one announcement, and each announcement is what its schema and sample say."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from cryptography import x509

from local.event_sources.event_pattern import matches
from local.lambda_service.lambda_runtime import Context, load_handler
from signet.api.reading.requested_action import RequestedAction
from signet.domain.certificates.bulk_command import BulkAction
from signet.domain.events.announcement import announcement_of
from signet.domain.events.event import Event, EventType, Outcome
from signet.domain.moments import rfc3339
from signet.wiring import wiring
from tests.architecture.source_tree import ROOT, routes
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.in_process import InProcess, InProcessClient, running
from tests.support.services.over_http import Response, at
from tools.announcements import (
    BEGIN,
    END,
    FOLDER,
    PAGE,
    SHAPES,
    as_text,
    breaches,
    file_name,
    sample_of,
    schema_of,
    table,
)

# These change nothing that anybody is told of: they decide, verify, or show.
CHANGES_NOTHING = {
    "POST /v1/policies/explain",
    "POST /v1/transit/verify/{proxy+}",
    "PUT /v1/transit/verify/{proxy+}",
}
CHANGING = sorted(route for route in routes() if not route.startswith("GET ") and route not in CHANGES_NOTHING)


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


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


def events_of(signet: InProcess, send: Callable[[], object]) -> list[Event]:
    """The events that `send` made, in order."""

    def ids() -> set[str]:
        return {item["pk"]["S"] for item in signet.items()["EventTable"]}

    before = ids()
    send()
    found = [wiring().records.event(event_id) for event_id in sorted(ids() - before)]
    return [event for event in found if event is not None]


def check_announced(event: Event) -> None:
    """What goes on the bus of `event` is what its schema and its sample say."""
    announcement = announcement_of(event)
    assert announcement
    told = {
        **sample_of(event.type),
        "time": rfc3339(announcement.occurred_at),
        "detail": json.loads(json.dumps(announcement.detail)),
    }
    schema = json.loads((FOLDER / f"{file_name(event.type)}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(told)
    shape = SHAPES[event.type]
    assert set(shape.always) <= set(told["detail"]) <= {*shape.always, *shape.sometimes}


@pytest.mark.parametrize("route", CHANGING)
def test_a_change_is_one_event_and_one_announcement(signet: InProcess, route: str) -> None:
    prepare, types = SEVERAL[route] if route in SEVERAL else (ONE[route][0], [ONE[route][1]])
    send = prepare(World(signet))

    def done() -> None:
        response = send()
        assert 200 <= response.status < 300, response

    events = events_of(signet, done)

    assert [event.type.value for event in events] == types
    for event in events:
        check_announced(event)


def test_a_renewal_is_told_of_the_new_certificate_the_request_and_the_old_one(signet: InProcess) -> None:
    world = World(signet)
    old = world.fresh(owner="local/alice")
    requests: list[dict[str, Any]] = []
    (created,) = events_of(signet, lambda: requests.append(world.admin.good("POST", at(old, "renew"), {})))
    check_announced(created)
    assert created.announcement["csr"] == requests[0]["csr"]

    path = f"/signing-requests/{requests[0]['id']}/certificate"
    events = events_of(signet, lambda: world.admin.good("POST", path, answer_of(requests[0])))

    assert [event.type.value for event in events] == [
        "Certificate Imported",
        "Signing Request Completed",
        "Certificate Renewed",
    ]
    for event in events:
        check_announced(event)


def test_a_refused_use_is_announced_and_a_refused_change_is_not(signet: InProcess) -> None:
    world = World(signet)
    certificate = world.fresh(owner="local/carol")
    carol = signet.caller("carol")
    world.admin.good("POST", at(certificate, "disable"))
    body = {"message": in_base64(b"text"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}

    (use,) = events_of(signet, lambda: carol.post(at(certificate, "sign"), body))
    (change,) = events_of(signet, lambda: carol.post(at(certificate, "enable")))

    check_announced(use)
    assert announcement_of(use).detail["code"] == "certificate_disabled"  # type: ignore[union-attr]
    assert change.outcome is Outcome.REFUSED
    assert announcement_of(change) is None


@pytest.mark.parametrize(("days", "kind"), [(20, EventType.CERTIFICATE_EXPIRING), (-2, EventType.CERTIFICATE_EXPIRED)])
def test_expiry_is_announced_as_its_sample_says(signet: InProcess, days: int, kind: EventType) -> None:
    World(signet).fresh(issued=issue(days=days, begins_in_days=-30))
    function = signet.functions["CheckExpiryFunction"]

    def check() -> None:
        load_handler(function)({"time": rfc3339(datetime.now(UTC))}, Context(function, "request"))

    (event,) = events_of(signet, check)
    assert event.type is kind
    check_announced(event)


# --- the files -----------------------------------------------------------------------------------------------------


def test_every_type_of_event_has_its_schema_and_sample_and_nothing_else_lies_there() -> None:
    assert set(SHAPES) == set(EventType)
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{file_name(kind)}{ending}" for kind in EventType for ending in (".json", ".schema.json")
    }


@pytest.mark.parametrize("kind", EventType)
def test_the_files_are_what_the_code_says(kind: EventType) -> None:
    schema, sample = (FOLDER / f"{file_name(kind)}{ending}" for ending in (".schema.json", ".json"))

    assert sample.read_text() == as_text(sample_of(kind)), "run: make announcements"
    assert schema.read_text() == as_text(schema_of(kind)), "run: make announcements"
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))
    jsonschema.validate(sample_of(kind), schema_of(kind))


def changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    older = schema_of(EventType.CERTIFICATE_EXPIRING)
    newer = copy.deepcopy(older)
    change(newer["properties"]["detail"])
    return list(breaches(older, newer))


def test_a_new_field_breaks_no_older_reader() -> None:
    assert changed(lambda detail: detail["properties"].update(new={"type": "string"})) == []
    assert changed(lambda detail: detail["required"].append("new")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda detail: detail["required"].remove("stage"), "detail.stage may be missing"),
        (lambda detail: detail["properties"].pop("stage"), "detail.stage is told no more"),
        (lambda detail: detail["properties"]["stage"].update(type="string"), "detail.stage may be of another type"),
        (
            lambda detail: detail["properties"]["alias"].update(type=["string", "null"]),
            "detail.alias may be of another type",
        ),
        (lambda detail: detail["properties"]["status"]["enum"].append("x"), "detail.status may have another value"),
        (
            lambda detail: detail["properties"]["groups"]["items"].update(type="object"),
            "detail.groups.[] may be of another type",
        ),
        (
            lambda detail: detail["properties"]["schema_version"].update(const=2),
            "detail.schema_version has another const",
        ),
        (lambda detail: detail["properties"]["valid_to"].pop("format"), "detail.valid_to has another format"),
    ],
)
def test_what_an_older_reader_could_not_read_is_found(change: Callable[[dict[str, Any]], object], words: str) -> None:
    assert changed(change) == [words]


def test_the_guides_table_of_announcements_is_the_codes() -> None:
    page = PAGE.read_text()
    shown = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]

    assert shown.strip() == table(), "run: make announcements"


def test_the_guides_rule_picks_what_it_says() -> None:
    found = re.search(r"put-rule [^']*'(\{.*?\})'\n", PAGE.read_text(), re.DOTALL)
    assert found
    pattern = json.loads(found[1])
    hers = sample_of(EventType.CERTIFICATE_EXPIRING)

    assert matches(pattern, hers)
    assert matches(pattern, {**hers, "detail": {**hers["detail"], "owner": None}})  # by its group
    assert not matches(pattern, {**hers, "detail": {**hers["detail"], "owner": None, "groups": []}})
    assert not matches(pattern, {**hers, "detail": {**hers["detail"], "stage": 90}})
    assert not matches(pattern, sample_of(EventType.CERTIFICATE_EXPIRED))


def test_the_guides_action_is_one_that_is_understood() -> None:
    found = re.search(r"put-events --entries '(\[.*?\])'\n", (ROOT / "docs/guide/automation.md").read_text(), re.DOTALL)
    assert found
    (entry,) = json.loads(found[1])
    event = {"id": "1", "source": entry["Source"], "detail": json.loads(entry["Detail"])}

    asked = RequestedAction.parse(json.dumps(event))

    assert (asked.principal.user, asked.command().action) == ("automation/com.example.inventory", BulkAction.DISABLE)
