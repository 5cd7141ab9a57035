"""Where tokens lie and PINs come from; and whether the clock that judges them is right."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import keyring
import keyring.backend
import pytest

from signet_cli.commands.doctor import _clock
from signet_cli.commands.pins import given_pin
from signet_cli.errors import UsageError
from signet_cli.login import token_store
from signet_cli.login.token_store import Tokens


class InMemoryKeyring(keyring.backend.KeyringBackend):
    """The keyring of a desktop."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def desktop() -> Iterator[InMemoryKeyring]:
    before = keyring.get_keyring()
    own = InMemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def test_where_the_system_has_a_keyring_no_token_lies_in_a_file(
    desktop: InMemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    tokens = Tokens("secret", 4102444800.0)

    assert token_store.save("work", tokens) == "the system's keyring"

    assert token_store.load("work") == tokens
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert token_store.forget("work")
    assert desktop.kept == {}


def test_a_pin_from_a_file_descriptor_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_PIN", "111111")
    theirs, ours = os.pipe()
    os.write(ours, b"246810\n")
    os.close(ours)
    try:
        assert given_pin(theirs) == "246810"
    finally:
        os.close(theirs)
    assert given_pin(None) == "111111"
    with pytest.raises(UsageError, match="file descriptor"):
        given_pin(theirs)


@pytest.mark.parametrize(
    ("ahead", "good", "told"), [(0, True, "right"), (20, True, "right"), (120, False, "behind"), (-120, False, "ahead")]
)
def test_the_doctor_says_which_way_the_clock_is_off(ahead: int, good: bool, told: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)

    finding = _clock(httpx.Response(200, headers={"Date": date}))

    assert (finding.good, told in finding.text) == (good, True)
