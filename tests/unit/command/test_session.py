"""Which token a command calls with."""

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.core import load_keyring

from signet_cli.errors import NotLoggedInError
from signet_cli.login import token_store
from signet_cli.login.session import Session, claims_of
from signet_cli.login.token_store import Tokens
from signet_cli.settings import Profile
from tests.architecture.source_tree import ROOT

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SIGNET_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    # Set and not only named: which keyring there is, is remembered in the process.
    before = keyring.get_keyring()
    keyring.set_keyring(load_keyring("keyring.backends.fail.Keyring"))
    yield
    keyring.set_keyring(before)


def tokens(token: str, seconds: float) -> Tokens:
    return Tokens(token, time.time() + seconds, "refresh", NOBODY, "signet-cli")


def session() -> Session:
    return Session(Profile("default", NOBODY))


def test_a_kept_token_serves_until_it_is_about_to_end() -> None:
    token_store.save("default", tokens("kept", 3600))

    assert session().token() == "kept"


@pytest.mark.skipif(sys.platform == "win32", reason="there the folder of the user decides")
def test_a_file_of_tokens_is_for_nobody_else_to_read() -> None:
    kept = Path(token_store.save("default", tokens("kept", 3600)))

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_nobody_is_logged_in_at_first_and_after_a_logout() -> None:
    with pytest.raises(NotLoggedInError):
        session().token()
    token_store.save("default", tokens("kept", 3600))
    assert token_store.forget("default")
    with pytest.raises(NotLoggedInError):
        session().token()


def test_what_another_program_renewed_meanwhile_is_not_renewed_again() -> None:
    token_store.save("default", tokens("renewed elsewhere", 3600))

    assert session()._renewed(tokens("about to end", 10)).token == "renewed elsewhere"


def test_the_token_of_a_job_goes_before_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    token_store.save("default", tokens("kept", 3600))
    monkeypatch.setenv("SIGNET_ID_TOKEN", " of the job\n")

    assert session().token() == "of the job"


def test_a_file_of_tokens_that_makes_no_sense_is_no_login() -> None:
    token_store.save("default", tokens("kept", 3600))
    token_store._file("default").write_text('{"token": ')

    with pytest.raises(NotLoggedInError):
        session().token()


@pytest.mark.parametrize("text", ["", "a.b", "a.!.c", "a.W10.c", "ä.ä.ä"])
def test_what_is_no_token_claims_nothing(text: str) -> None:
    assert claims_of(text) == {}


def test_the_agents_start_imports_nothing_but_the_standard_library() -> None:
    text = (
        "import sys; import signet_cli.pkcs11.agent;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    environment = {"PYTHONPATH": str(ROOT / "clients" / "signet")}
    done = subprocess.run([sys.executable, "-S", "-c", text], env=environment, capture_output=True, check=False)

    assert done.stdout.decode().strip() in {"['__main__', 'signet_cli']", "['signet_cli']"}, done.stderr
