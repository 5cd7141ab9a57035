"""Policies as files: what apply would change, and what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from signet_cli.client import Client
from signet_cli.commands import documents
from signet_cli.errors import CommandError, UsageError
from signet_cli.login.session import Session
from signet_cli.settings import Profile

CERTIFICATES = {"release-2027": "crt_1", "nightly": "crt_2"}
POLICY: dict[str, Any] = {
    "id": "pol_1",
    "name": "CI may sign",
    "description": "",
    "enabled": True,
    "action": "allow",
    "priority": 10,
    "what": {"certificates": ["crt_1"], "groups": ["grp_1"]},
    "who": {"users": ["ci/a", "ci/b"], "user_groups": []},
    "where": {"processes": [], "command_lines": [], "source_networks": []},
    "when": [],
    "version": 4,
}


class LoggedIn(Session):
    def token(self, *, renew: bool = False) -> str:
        return "token"


class Policies:
    """A service that has one policy, and remembers what it was asked to change."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=self._found(request.url.path))
        self.changes.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(200, json=POLICY)

    @staticmethod
    def _found(path: str) -> dict[str, Any]:
        if path.startswith("/v1/certificates/"):
            return {"id": CERTIFICATES[path.rsplit("/", 1)[1]]}
        items = {"/v1/policies": [POLICY], "/v1/certificate-groups": [{"id": "grp_1", "name": "Release"}]}
        return {"items": items[path], "next_cursor": None}


@pytest.fixture
def policies() -> Policies:
    return Policies()


@pytest.fixture
def client(policies: Policies) -> Client:
    return Client(LoggedIn(Profile("test", "https://signet.example.com")), httpx.MockTransport(policies))


def planned(client: Client, folder: Path, text: str) -> list[documents.Planned]:
    path = folder / "policies.yaml"
    path.write_text(text)
    return documents.plan(client, "policies", documents.read_documents(path, "policies"))


def test_a_policy_that_is_as_the_file_says_is_left_alone(client: Client, policies: Policies, tmp_path: Path) -> None:
    (each,) = planned(
        client,
        tmp_path,
        "name: CI may sign\npriority: 10\nwhat: {certificates: [release-2027], groups: [release]}\n"
        "who: {users: [ci/b, ci/a]}\n",
    )

    assert each.is_there
    assert list(each.difference()) == []
    assert documents.apply(client, "policies", each) == "unchanged"
    assert policies.changes == []


def test_only_what_differs_is_changed(client: Client, policies: Policies, tmp_path: Path) -> None:
    (each,) = planned(client, tmp_path, "name: CI may sign\npriority: 5\nwhat: {certificates: [nightly]}\n")

    assert documents.apply(client, "policies", each) == "changed"
    assert policies.changes == [
        ("PATCH", "/v1/policies/pol_1", {"priority": 5, "what": {"certificates": ["nightly"]}}),
    ]
    difference = "\n".join(each.difference())
    assert "-priority: 10" in difference
    assert "+priority: 5" in difference


def test_what_is_missing_is_made(client: Client, policies: Policies, tmp_path: Path) -> None:
    (each,) = planned(client, tmp_path, '[{"name": "Another", "action": "deny"}]')

    assert documents.apply(client, "policies", each) == "created"
    assert policies.changes == [("POST", "/v1/policies", {"name": "Another", "action": "deny"})]


@pytest.mark.parametrize(
    "text",
    [
        "policies:\n- {name: One}\n- {name: Two}\n",
        "name: One\n---\nname: Two\n",
        '[{"name": "One"}, {"name": "Two"}]',
        "\ufeff- name: One\n- name: Two\n",
    ],
)
def test_several_in_one_file_are_read_however_they_are_written(text: str, client: Client, tmp_path: Path) -> None:
    assert [each.name for each in planned(client, tmp_path, text)] == ["One", "Two"]


@pytest.mark.parametrize("text", ["[", "- 1", "- description: no name", "name: 7", "a: !!python/object:os.system {}"])
def test_a_file_that_makes_no_sense_is_refused_before_anything_is_asked(text: str, tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(text)

    with pytest.raises(CommandError, match=r"policies\.yaml"):
        documents.read_documents(path, "policies")


def test_one_name_stands_in_a_file_once(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text("- name: CI\n- name: ci\n")

    with pytest.raises(UsageError, match="twice"):
        documents.read_documents(path, "policies")
