"""A policy from before there was a bound to what its regular expressions cost: it is disabled, not locked in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.certificates.issued import unused_name
from tests.support.checks.budgets import ORDER, policy
from tests.support.services.access_seeds import stored_policies
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at

COSTLY = [f"(?:(?:a|b)?(?:a|b)?){{240}}c{number}" for number in range(20)]


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


@pytest.fixture
def stored(signet: InProcess) -> dict[str, Any]:
    """A costly policy that lets bob sign with a certificate of alice's."""
    made = signet.admin.import_certificate(owner="local/alice")
    body = policy(0, [made["id"]], ["local/bob"])
    body["name"] = unused_name("costly")
    body["where"] = {**body["where"], "command_lines": COSTLY}
    (identifier,) = stored_policies([body])
    found: dict[str, Any] = signet.admin.good("GET", f"/policies/{identifier}")
    return {**found, "certificate": made["id"]}


def test_it_would_not_be_made_today(signet: InProcess) -> None:
    body = policy(1, ["crt_0000000000000000000000zz"], ["local/bob"])
    body["where"] = {**body["where"], "command_lines": COSTLY}

    refused = signet.admin.post("/policies", body)

    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "where.command_lines[0]")


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"name": "renamed"}, {"priority": 900}, {"where": {"processes": ["signtool"]}}]
)
def test_it_is_disabled_and_changed_in_what_is_sound(
    signet: InProcess, stored: dict[str, Any], change: dict[str, Any]
) -> None:
    if "name" in change:
        change = {"name": unused_name("renamed")}
    path = f"/policies/{stored['id']}"

    changed = signet.admin.patch(path, change)

    assert changed.status == 200, changed
    name, value = next(iter(change.items()))
    if name != "where":
        assert changed.json[name] == value
        assert changed.json["where"]["command_lines"] == COSTLY
    else:
        assert changed.json["where"]["command_lines"] == []
    assert changed.headers["etag"] == f'"{stored["version"] + 1}"'


def test_disabled_it_is_not_looked_at_and_enabled_again_it_refuses(signet: InProcess, stored: dict[str, Any]) -> None:
    path, bob = f"/policies/{stored['id']}", signet.caller("bob")
    order = {**ORDER, "application": {"process": "signtool", "command_line": "ab" * 4000}}
    refused = bob.post(at(stored["certificate"], "sign"), order)
    assert (refused.status, refused.code) == (403, "not_allowed_by_policy")

    signet.admin.good("PATCH", path, {"enabled": False})
    assert bob.post(at(stored["certificate"], "sign"), order).status == 404  # Nothing names bob any more.
    again = signet.admin.patch(path, {"enabled": True})
    assert again.status == 200, again
    assert bob.post(at(stored["certificate"], "sign"), order).code == "not_allowed_by_policy"


def test_to_set_its_regular_expressions_again_is_refused(signet: InProcess, stored: dict[str, Any]) -> None:
    shorter = {"where": {"command_lines": COSTLY[:10]}}

    refused = signet.admin.patch(f"/policies/{stored['id']}", shorter)

    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "where.command_lines[0]")
