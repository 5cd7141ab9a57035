"""What functions were seen to do is held against what their roles let them do, in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.aws.iam_statements import Need
from local.aws.used_grants import RECORD_GRANTS, Grant, grants_of, recorded_grants, recorder, used_grants
from tools.grants import UNSEEN, Unseen, all_grants, load, main, needless, outdated, table

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/access"
STATEMENT: dict[str, Any] = {
    "Sid": "KeepLinks",
    "Effect": "Allow",
    "Action": ["dynamodb:PutItem", "dynamodb:DeleteItem"],
    "Resource": TABLE,
    "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["calendar#*", "calendar-links"]}},
}
PUT_LINK, PUT_LIST, DELETE_LINK, DELETE_LIST = grants_of("signet-keep", STATEMENT)


def put(*keys: str) -> Need:
    return Need("dynamodb:PutItem", TABLE, {"dynamodb:LeadingKeys": list(keys)})


def test_a_statement_grants_each_action_for_each_pattern_of_keys() -> None:
    assert Grant("signet-keep", "KeepLinks", "dynamodb:PutItem", 0, "calendar#*") == PUT_LINK
    assert {PUT_LIST.keys, DELETE_LIST.keys} == {"calendar-links"}
    assert {DELETE_LINK.action, DELETE_LIST.action} == {"dynamodb:DeleteItem"}


def test_a_call_uses_the_pattern_that_its_keys_have_and_no_other() -> None:
    assert list(used_grants("signet-keep", put("calendar#1"), STATEMENT)) == [PUT_LINK]
    assert list(used_grants("signet-keep", put("calendar#1", "calendar-links"), STATEMENT)) == [PUT_LINK, PUT_LIST]


def test_what_was_used_is_read_back_from_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RECORD_GRANTS, str(tmp_path))
    write_down = recorder()
    assert write_down is not None
    write_down("signet-keep", put("calendar#1"), [STATEMENT])
    write_down("signet-keep", put("calendar#2"), [STATEMENT])
    (tmp_path / "1.jsonl").write_text(json.dumps(PUT_LIST) + "\n")

    assert recorded_grants(tmp_path) == {PUT_LINK, PUT_LIST}
    assert sum(len(file.read_text().splitlines()) for file in tmp_path.iterdir()) == 2


def test_nothing_is_written_down_where_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RECORD_GRANTS, raising=False)

    assert recorder() is None


def test_a_grant_that_nothing_used_is_told_unless_a_reason_names_it() -> None:
    granted = [PUT_LINK, DELETE_LINK]

    assert needless(granted, {PUT_LINK}, []) == [DELETE_LINK]
    assert needless(granted, {PUT_LINK}, [Unseen("KeepLinks", "why", frozenset({"dynamodb:PutItem"}))]) == [DELETE_LINK]
    assert needless(granted, {PUT_LINK}, [Unseen("KeepLinks", "why", frozenset({"dynamodb:DeleteItem"}))]) == []


def test_a_reason_that_everything_contradicts_is_told() -> None:
    reason = Unseen("KeepLinks", "why")

    assert outdated([PUT_LINK, DELETE_LINK], {PUT_LINK}, [reason]) == []
    assert outdated([PUT_LINK, DELETE_LINK], {PUT_LINK, DELETE_LINK}, [reason]) == [reason]


def test_the_table_says_of_each_grant_whether_it_was_used_or_why_not() -> None:
    lines = table([PUT_LINK, DELETE_LINK, DELETE_LIST], {PUT_LINK}, [Unseen("Other", "why")]).splitlines()

    assert lines[0] == "signet-keep"
    assert [line.endswith("used") for line in lines[1:]] == [True, False, False]
    assert lines[2].endswith("NOT SEEN")


def test_the_tool_fails_where_something_granted_was_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    granted = list(all_grants(load()))
    left_out = next(grant for grant in granted if grant.sid == "RecordEvents")
    named = [grant for grant in granted if any(each.names(grant) for each in UNSEEN)]

    def run(used: list[Grant]) -> int:
        (tmp_path / "1.jsonl").write_text("".join(json.dumps(grant) + "\n" for grant in used))
        return main([str(tmp_path)])

    assert run([grant for grant in granted if grant not in named]) == 0
    assert run([grant for grant in granted if grant not in named and grant != left_out]) == 1
    assert f"Granted and never used: {left_out.function} RecordEvents" in capsys.readouterr().out
