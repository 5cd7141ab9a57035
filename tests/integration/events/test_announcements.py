"""Each change over HTTP is one event and one announcement, and each announcement is what its schema and sample say."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from local.lambda_service.lambda_runtime import Context, load_handler
from signet.domain.events.announcement import announcement_of
from signet.domain.events.event import Event, EventType, Outcome
from signet.domain.moments import rfc3339
from signet.wiring import wiring
from tests.architecture.source_tree import routes
from tests.integration.events.announced_changes import ONE, SEVERAL, World, answer_of
from tests.support.certificates.issued import in_base64, issue
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at
from tools.announcements import (
    FOLDER,
    SHAPES,
    file_name,
    sample_of,
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
