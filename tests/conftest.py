"""What a test run says at its end: how many tests of each folder passed, so that none is missed without a word."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests by their folder, such as `tests/packaging: 41 passed`."""
    outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    counted: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        for report in terminalreporter.getreports(outcome):
            counted.setdefault("/".join(report.nodeid.split("/")[:2]), Counter())[outcome] += 1
    for folder in sorted(counted):
        told = ", ".join(f"{counted[folder][outcome]} {outcome}" for outcome in outcomes if counted[folder][outcome])
        terminalreporter.write_line(f"{folder}: {told}")
