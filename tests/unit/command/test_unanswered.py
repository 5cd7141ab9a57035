"""The notes of signatures that were asked for and not had."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from signet_cli import unanswered

REQUEST = ("https://signet.example.com", "crt_1", {"message": "ZGlnZXN0", "reason": "1.4"})


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they lie."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path / "signet" / "unanswered"


def left() -> str:
    """A signature that is asked for, and whose answer never comes: the key of it."""
    attempt = unanswered.begin(*REQUEST)
    attempt.leave()
    return attempt.key


def test_what_was_left_is_asked_for_again_with_the_same_key_until_it_is_settled() -> None:
    key = left()

    again = unanswered.begin(*REQUEST)
    assert (again.key, again.again) == (key, True)
    again.settle()

    other = unanswered.begin(*REQUEST)
    assert other.key != key
    assert not other.again
    other.settle()


@pytest.mark.parametrize("place", range(3))
def test_another_request_has_another_key(place: int) -> None:
    key = left()
    request = [*REQUEST]
    request[place] = "another"

    attempt = unanswered.begin(*request)

    assert attempt.key != key
    attempt.settle()


def test_two_that_ask_for_the_same_at_once_have_two_keys() -> None:
    key = left()

    first, second = unanswered.begin(*REQUEST), unanswered.begin(*REQUEST)

    assert first.key == key
    assert second.key != key
    second.settle()
    first.leave()
    assert left() == key


def test_an_error_leaves_it_and_an_end_settles_it(notes: Path) -> None:
    with pytest.raises(TimeoutError), unanswered.attempt(*REQUEST) as attempt:
        raise TimeoutError
    with unanswered.attempt(*REQUEST) as again:
        pass

    assert again.key == attempt.key
    assert list(notes.iterdir()) == []


def test_what_the_service_has_forgotten_is_not_asked_for_again_and_the_note_of_it_goes(notes: Path) -> None:
    key = left()
    (note,) = notes.iterdir()
    note.write_text(json.dumps({"key": key, "begun_at": time.time() - unanswered.REMEMBERED_SECONDS - 1}))
    assert left() != key

    long_ago = time.time() - unanswered.REMEMBERED_SECONDS - 60
    os.utime(note, (long_ago, long_ago))
    unanswered.begin("another").settle()
    assert list(notes.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', '{"key": "a", "begun_at": "never"}'])
def test_a_note_that_says_nothing_is_none(text: str, notes: Path) -> None:
    left()
    (note,) = notes.iterdir()
    note.write_text(text)

    attempt = unanswered.begin(*REQUEST)

    assert not attempt.again
    attempt.settle()


def test_a_note_is_for_nobody_else_to_read_and_says_nothing_of_the_request(notes: Path) -> None:
    left()

    (note,) = notes.iterdir()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(notes.stat().st_mode) == 0o700
    assert set(json.loads(note.read_text())) == {"key", "begun_at"}


def test_who_starts_over_leaves_the_other_key() -> None:
    key = left()
    attempt = unanswered.begin(*REQUEST)

    attempt.start_over()
    attempt.leave()

    assert attempt.key != key
    assert left() == attempt.key


def test_without_a_folder_to_write_to_there_is_a_key_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/nowhere")

    attempt = unanswered.begin(*REQUEST)

    assert attempt.key
    attempt.settle()
