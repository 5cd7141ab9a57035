"""Which service and which login: the flag before the environment before the file."""

from pathlib import Path

import pytest

from signet_cli.address import parse_address
from signet_cli.errors import CommandError, UsageError
from signet_cli.pkcs11.caller import Caller, NotLoggedInError, environment_of_children
from signet_cli.settings import Profile, configuration_file, profile, save_profile


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIGNET_ADDR", "SIGNET_PROFILE", "SIGNET_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))


def test_the_flag_goes_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    save_profile(Profile("work", "https://file.example.com", "corp"))
    assert profile() == Profile("work", "https://file.example.com", "corp")

    monkeypatch.setenv("SIGNET_ADDR", "https://environment.example.com")
    assert profile().address == "https://environment.example.com"
    assert profile(address="https://flag.example.com").address == "https://flag.example.com"

    monkeypatch.setenv("SIGNET_PROFILE", "home")
    assert profile() == Profile("home", "https://environment.example.com")
    assert profile("work").issuer == "corp"


def test_a_profile_is_read_as_it_was_kept_and_others_stay() -> None:
    save_profile(Profile("work", "https://one.example.com", 'a "quoted" \\ issuer'))
    save_profile(Profile("home", "http://localhost:3000"))

    assert profile("work").issuer == 'a "quoted" \\ issuer'
    assert profile("home").address == "http://localhost:3000"
    assert profile().name == "work"


def test_without_an_address_it_is_said_what_to_do() -> None:
    with pytest.raises(UsageError, match="not known") as caught:
        _ = profile().required_address
    assert "SIGNET_ADDR" in caught.value.hint


@pytest.mark.parametrize("text", ["profile = [", 'profiles = "work"', "[profiles]\nwork = 1"])
def test_a_file_that_makes_no_sense_is_named(text: str) -> None:
    configuration_file().parent.mkdir(parents=True)
    configuration_file().write_text(text)

    with pytest.raises(CommandError, match=r"config\.toml"):
        profile()


@pytest.mark.parametrize("name", ["../x", "a b", "", "x" * 65, "/"])
def test_a_name_of_a_profile_names_no_other_file(name: str) -> None:
    with pytest.raises(UsageError):
        profile(name or "\n")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("signet.example.com", "https://signet.example.com"),
        ("https://signet.example.com/v1/", "https://signet.example.com"),
        ("https://signet.example.com:8443/prod/v1", "https://signet.example.com:8443/prod"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
    ],
)
def test_an_address_is_taken_as_people_write_it(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://signet.example.com",
        "ftp://signet.example.com",
        "https://",
        "https://user:secret@signet.example.com",
        "https://signet.example.com:port",
        "https://signet.example.com?x=y",
        "https://[::1",
        "http://127.0.0.1.example.com",
    ],
)
def test_a_token_is_sent_nowhere_else(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError):
        parse_address(text)

    monkeypatch.setenv("SIGNET_ADDR", text)
    monkeypatch.setenv("SIGNET_ID_TOKEN", "a token")
    with pytest.raises(NotLoggedInError, match="SIGNET_ADDR"):
        Caller()(False)


def test_no_child_of_the_agent_inherits_the_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_PIN", "2468")

    assert "SIGNET_PIN" not in environment_of_children()
