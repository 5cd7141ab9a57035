"""Which cases are for `make soak`, and what a test run says at its end.

It says how many tests of each folder passed, so that none is missed without a word, and which programs were missing:
their tests are skipped, with the reason `not installed: <program>, <program>`. Under a shifted clock the environment of
each process of the run is kept in place before the first test changes it.
"""

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from tools.shifted_clock import keep_environment_in_place

keep_environment_in_place()

# No test fails because the machine is busy.
settings.register_profile("without a clock", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")


@pytest.hookimpl(tryfirst=True)  # before `-m` leaves out what is marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the cases of a test marked `one_in(10)`, leave every tenth, from the first on, to `make test`."""
    seen: Counter[str] = Counter()
    for item in items:
        if drawn := item.get_closest_marker("one_in"):
            test = item.nodeid.partition("[")[0]
            if seen[test] % drawn.args[0]:
                item.add_marker(pytest.mark.soak)
            seen[test] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests by their folder, such as `tests/packaging: 41 passed`."""
    outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    counted: dict[str, Counter[str]] = {}
    absent: Counter[str] = Counter()
    for outcome in outcomes:
        for report in terminalreporter.getreports(outcome):
            counted.setdefault("/".join(report.nodeid.split("/")[:2]), Counter())[outcome] += 1
            if outcome == "skipped":
                absent.update(_not_installed(report))
    for folder in sorted(counted):
        told = ", ".join(f"{counted[folder][outcome]} {outcome}" for outcome in outcomes if counted[folder][outcome])
        terminalreporter.write_line(f"{folder}: {told}")
    if absent:
        told = ", ".join(f"{program} ({count} tests)" for program, count in sorted(absent.items()))
        terminalreporter.write_line(f"Not installed, and so not tested with: {told}")


def _not_installed(report: pytest.TestReport) -> list[str]:
    """The programs for want of which a test was skipped."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    found = re.search(r"not installed: (.+)", reason)
    return found[1].split(", ") if found else []
