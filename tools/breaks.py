"""Planted faults: each line of the table breaks one line of the code, and some test has to fail.

`make breaks` plants them one after the other in a copy of the checkout and runs the tests that are named with each; a
break that no test notices is named, and makes the run fail. `COUNT=10` takes ten of them, other ones each time. This
judges the tests: a break that passes shows a rule that no test checks.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = "layers/signet/signet"
LIMIT_SECONDS = 900

_ROLE = f"{PACKAGE}/domain/access/role.py"
_ACCESS = f"{PACKAGE}/domain/access/access_snapshot.py"
_DECISION = f"{PACKAGE}/domain/policies/policy_decision.py"
_USE = f"{PACKAGE}/domain/signing/use_decision.py"
_WRITES = f"{PACKAGE}/adapters/dynamodb/writes/change_writes.py"
_DECISION_TESTS = ("tests/unit/policies/test_policy_decision.py",)
_USE_TESTS = ("tests/unit/signing/test_use_decision.py",)
_ROLE_TESTS = ("tests/unit/access/test_role.py",)


@dataclass(frozen=True)
class Break:
    """One fault to plant."""

    file: str
    line: str
    """What stands there, once in the file."""
    broken: str
    """What stands there instead."""
    tests: tuple[str, ...]
    """Those that should notice, the quickest that do."""

    @property
    def name(self) -> str:
        """For a person."""
        return f"{self.file.removeprefix(PACKAGE + '/')}: {self.line.strip()} -> {self.broken.strip() or 'gone'}"


BREAKS = (
    # --- who may manage what ---
    Break(_ROLE, "permission in self.settings.permissions and (", "True and (", _ROLE_TESTS),
    Break(_ROLE, "return rights is None or any(group in rights", "return True or any(group in rights", _ROLE_TESTS),
    Break(_ROLE, "return self.may(Permission.EDIT_CERTIFICATES, before) and (", "return True and (", _ROLE_TESTS),
    Break(_ROLE, "all(self.may_add_to(group) for group in joined)", "True", _ROLE_TESTS),
    Break(_ROLE, "(bool(leaving) or self.is_administrator)", "True", _ROLE_TESTS),
    Break(_ROLE, "return GroupRight.ASSIGN in self.rights_on(group)", "return True", _ROLE_TESTS),
    Break(_ROLE, "if len(open_to_it) < len(groups):", "if False:", _ROLE_TESTS),
    # --- who sees and uses what ---
    Break(
        _ACCESS,
        "or (role is not None and role.covers(certificate.groups))",
        "or role is not None",
        ("tests/unit/access/test_permissions.py", "tests/integration/access/test_unseen.py"),
    ),
    # --- the decision ---
    Break(_DECISION, "return settings.enabled and next(", "return next(", _DECISION_TESTS),
    Break(
        _DECISION,
        "return policy.settings.priority, policy.settings.action is PolicyAction.ALLOW, policy.id",
        "return policy.settings.priority, policy.settings.action is PolicyAction.DENY, policy.id",
        _DECISION_TESTS,
    ),
    Break(_DECISION, "ordered = sorted(policies, key=precedence)", "ordered = list(policies)", _DECISION_TESTS),
    Break(_DECISION, "too_costly = True", "pass", _DECISION_TESTS),
    Break(_DECISION, "elif not any(address in network", "elif not all(address in network", _DECISION_TESTS),
    Break(_DECISION, "return principal.user in settings.who.users or not", "return not", _DECISION_TESTS),
    Break(_USE, "if not certificate.enabled:", "if False:", _USE_TESTS),
    Break(_USE, "if at > certificate.facts.not_after:", "if at >= certificate.facts.not_after:", _USE_TESTS),
    Break(
        _USE,
        "earlier = 0 if usage.pin_locked_until is not None else usage.pin_failures",
        "earlier = usage.pin_failures",
        _USE_TESTS,
    ),
    Break(
        _USE,
        "if usage.pin_locked_until is not None and at < usage.pin_locked_until:",
        "if False:",
        _USE_TESTS,
    ),
    # --- what is written ---
    Break(
        _WRITES,
        'yield delete(PrivateKeyRow(with_prefix("key", certificate.id)))',
        "pass",
        ("tests/integration/resilience/test_faults.py",),
    ),
    Break(
        _WRITES,
        "yield put(settings_row(after), _is_still(before))",
        "yield put(settings_row(after))",
        ("tests/integration/resilience/test_races.py",),
    ),
    Break(
        _WRITES,
        "room_left = no_limit | (AccessRow.held < AccessRow.limit)",
        "room_left = no_limit | (AccessRow.held <= AccessRow.limit)",
        ("tests/integration/certificates/test_import_refuses.py",),
    ),
    # --- who calls ---
    Break(
        f"{PACKAGE}/domain/text/visible_text.py",
        "and not _is_ignorable(letter)",
        "",
        ("tests/unit/access/test_visible_text.py",),
    ),
)


def checked(breaks: Sequence[Break]) -> None:
    """Refuse a table whose lines stand no longer, or more than once, where it says.

    Raises:
        ValueError: with the break.
    """
    for each in breaks:
        if (CHECKOUT / each.file).read_text().count(each.line) != 1:
            raise ValueError(f"{each.name}: the line stands there not exactly once")


def caught(each: Break, copy: Path) -> bool:
    """Plant it in `copy`, run its tests there, and take it out again; whether one failed."""
    path = copy / each.file
    whole = path.read_text()
    path.write_text(whole.replace(each.line, each.broken))
    try:
        # The tests run as they are, in a checkout of their own; the environment is this one's.
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "", *each.tests],
            cwd=copy,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    finally:
        path.write_text(whole)
    # 1: tests failed. Anything else (2: interrupted, 4: no such test, 5: none collected) shows nothing.
    return run.returncode == 1


def main() -> int:
    """Plant all of them, or COUNT drawn at random; 1 where one went unnoticed."""
    checked(BREAKS)
    count = os.environ.get("COUNT") or str(len(BREAKS))
    drawn = random.sample(BREAKS, min(int(count), len(BREAKS)))
    unnoticed = []
    with tempfile.TemporaryDirectory(prefix="signet-breaks-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(
            CHECKOUT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".tools", ".aws-sam", ".*_cache")
        )
        for each in drawn:
            noticed = caught(each, copy)
            print(f"{'caught   ' if noticed else 'UNNOTICED'} {each.name}", flush=True)
            if not noticed:
                unnoticed.append(each)
    print(f"{len(drawn) - len(unnoticed)} of {len(drawn)} planted faults were caught")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
