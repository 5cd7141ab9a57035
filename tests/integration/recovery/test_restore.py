"""The worst day, rehearsed: tables brought back to one moment, a lost stack put on what it left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.backends import get_backend
from moto.dynamodb.models import dynamodb_backends

from local.aws.template import ACCOUNT, REGION
from signet.settings import settings
from signet.wiring import wiring
from tests.integration.recovery.store import ORDER, fill
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at
from tools.recovery.deployment import CannotLookError, Deployment, run_here
from tools.recovery.doctor import examine
from tools.recovery.findings import Kind
from tools.recovery.restore import parameters_of, restore
from tools.recovery.tables import Tables

pytestmark = pytest.mark.soak

GOES_WITH_THE_STACK = ("events", "logs", "scheduler", "sns", "sqs")


@pytest.fixture
def signet() -> Iterator[InProcess]:
    """A full service of its own: what is restored and deployed cannot be put back."""
    with running() as signet:
        fill(signet.admin, signet.caller("alice"))
        yield signet


def moment_now() -> datetime:
    """The end of this second, once it is over: point-in-time recovery counts in seconds."""
    end = int(time.time()) + 1
    while time.time() <= end:
        pass
    return datetime.fromtimestamp(end, UTC)


def deployed_again(signet: InProcess, parameters: Mapping[str, str], patch: pytest.MonkeyPatch) -> InProcess:
    """The stack is gone, but for its tables and keys, and is deployed with these parameters."""
    for service in GOES_WITH_THE_STACK:
        get_backend(service)[ACCOUNT][REGION].reset()  # type: ignore[call-overload]
    signet.client("kms").delete_alias(AliasName="alias/signet-wrapping")
    new = InProcess(signet.calls, signet.clock, {**signet.template.parameters, **parameters})
    for name, value in new.environment.items():
        patch.setenv(name, value)
    settings.cache_clear()
    wiring.cache_clear()
    return new


def found_in(deployment: Deployment) -> list[str]:
    return [str(each) for each in examine(Tables(deployment, sleep=lambda _: None), open_keys=True)]


def aliases(signet: InProcess) -> set[str]:
    return {each["alias"] for each in signet.admin.items("/certificates")}


def damage(signet: InProcess) -> None:
    """A bad hour: things are deleted, changed and used."""
    admin, alice = signet.admin, signet.caller("alice")
    alice.good("POST", at("release", "sign"), ORDER)
    admin.good("DELETE", at("release"))
    admin.import_certificate(alias="later", owner=alice.user)
    admin.good("PATCH", at("other"), {"alias": "renamed"})
    for policy in admin.items("/policies"):
        admin.good("DELETE", f"/policies/{policy['id']}")


def test_a_deployment_is_brought_back_to_one_moment(signet: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    before, policies = aliases(signet), len(signet.admin.items("/policies"))
    uses = signet.admin.good("GET", at("release"))["usage_count"]
    moment = moment_now()
    damage(signet)

    new = restore(run_here("", signet.client), moment, say=lambda _: None)

    assert found_in(new) == []
    # In AWS the stack keeps the table of kept answers that it made.
    kept_answers = {"ExistingIdempotencyTable": new.tables["IdempotencyTable"]}
    again = deployed_again(signet, {**parameters_of(new), **kept_answers}, monkeypatch)
    assert aliases(again) == before
    assert len(again.admin.items("/policies")) == policies
    again.caller("alice").good("POST", at("release", "sign"), ORDER)
    assert again.admin.good("GET", at("release"))["usage_count"] == uses + 1
    assert found_in(new) == []
    assert not again.template.of_type("AWS::DynamoDB::Table")


def test_a_second_call_goes_on_with_what_the_first_made(signet: InProcess) -> None:
    here, moment = run_here("", signet.client), moment_now()
    first, said = restore(here, moment, say=lambda _: None), list[str]()

    assert restore(here, moment, say=said.append) == first
    assert sum("there already" in each for each in said) == 4


def test_a_moment_that_the_key_table_has_forgotten_is_told_of(signet: InProcess) -> None:
    moment = moment_now()
    release, ca = (signet.admin.good("GET", at(alias))["id"] for alias in ("release", "ca"))
    damage(signet)
    later = signet.admin.good("GET", at("later"))["id"]
    _forget_before(signet, "PrivateKeyTable", moment_now())
    said: list[str] = []

    new = restore(run_here("", signet.client), moment, say=said.append)

    assert [each for each in said if "are gone for good" in each]
    found = list(examine(Tables(new, sleep=lambda _: None)))
    told = {(each.kind, each.subject.split(" ")[0]) for each in found}
    assert told == {
        (Kind.CERTIFICATE_WITHOUT_KEY, release),
        (Kind.KEY_WITHOUT_CERTIFICATE, later.replace("crt_", "key_")),
    }
    assert ca not in str(found)


def test_a_moment_that_the_other_tables_have_forgotten_is_refused(signet: InProcess) -> None:
    moment = moment_now()
    _forget_before(signet, "EventTable", moment + timedelta(seconds=1))

    with pytest.raises(CannotLookError, match="at the earliest"):
        restore(run_here("", signet.client), moment, say=lambda _: None)
    with pytest.raises(CannotLookError, match="at the latest"):
        restore(run_here("", signet.client), moment + timedelta(hours=1), say=lambda _: None)
    assert len(dynamodb_backends[ACCOUNT][REGION].tables) == 5


def test_a_lost_stack_is_rejoined_to_what_it_left(signet: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    left = run_here("", signet.client)
    before, events = aliases(signet), len(signet.admin.items("/events"))

    parameters = {**parameters_of(left), "ExistingIdempotencyTable": left.tables["IdempotencyTable"]}
    again = deployed_again(signet, parameters, monkeypatch)

    assert not again.template.of_type("AWS::DynamoDB::Table")
    assert aliases(again) == before
    again.caller("alice").good("POST", at("release", "sign"), ORDER)
    assert len(again.admin.items("/events")) == events + 1
    assert found_in(left) == []


def _forget_before(signet: InProcess, table: str, moment: datetime) -> None:
    """As if the table's recovery reached back to `moment` only."""
    backups: Any = dynamodb_backends[ACCOUNT][REGION].tables[signet.tables[table]].continuous_backups
    backups["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"] = moment.timestamp()
