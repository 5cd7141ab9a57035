"""`make soak` says what it ran, what failed and what it left out, and never calls a failure a success."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tools.shifted_clock import PRELOAD, distance_to, shifted, unshifted
from tools.soak import CHECKOUT, Part, soak


def saying(text: str, code: int = 0) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r}); raise SystemExit({code})")


def run(*parts: Part, minutes: float = 5) -> tuple[int, list[str]]:
    said: list[str] = []
    return soak(parts, minutes, said.append), said


def test_what_passed_and_what_a_part_printed_is_told() -> None:
    code, said = run(Part("one", 0, saying("3 passed in 0.10s")), Part("two", 0, saying("more")))

    assert code == 0
    assert "3 passed in 0.10s" in said
    assert said[-2] == "soak: passed: one, two; failed: none; left out: none"


def test_a_part_that_failed_makes_all_fail_and_the_others_run_all_the_same() -> None:
    code, said = run(Part("one", 0, saying("no", 1)), Part("two", 0, saying("yes")))

    assert code == 1
    assert said[-2:] == ["soak: passed: two; failed: one; left out: none", "0 passed, 1 failed"]


def test_the_last_line_counts_the_tests_of_all_parts() -> None:
    closing = "===== 2 failed, 7 passed, 1 skipped, 1 error in 61.20s (0:01:01) ====="
    _, said = run(Part("one", 0, saying("3 passed, 1 warning in 0.10s")), Part("two", 0, saying(closing, 1)))

    assert said[-1] == "10 passed, 3 failed"


def test_a_run_of_no_test_is_a_failure() -> None:
    code, _ = run(Part("none", 0, (sys.executable, "-m", "pytest", "-q", "-k", "no such test", __file__)))

    assert code == 1


def test_what_does_not_fit_is_left_out_and_what_is_shorter_still_runs() -> None:
    code, said = run(Part("first", 0, saying("x")), Part("long", 30, saying("x")), Part("short", 1, saying("x")))

    assert code == 0
    assert said[-2].startswith("soak: passed: first, short; failed: none; left out: long (takes 30 minutes, ")


def test_a_part_that_would_only_just_fit_is_left_out() -> None:
    code, said = run(Part("tight", 4.9, saying("x")), Part("short", 0, saying("x")))

    assert code == 0
    assert said[-2].startswith("soak: passed: short; failed: none; left out: tight (takes 4.9 minutes, ")


@pytest.mark.soak
def test_a_part_that_takes_longer_than_there_is_time_is_cut_off_with_all_that_it_started() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    code, said = run(Part("one", 0, saying("x")), Part("endless", 0, (sys.executable, "-c", child)), minutes=0.1)

    assert code == 0
    assert said[-2] == "soak: passed: one; failed: none; left out: endless (cut off, the minutes were used up)"


@pytest.mark.soak
def test_a_part_that_was_cut_off_after_a_failure_failed() -> None:
    script = "echo '1 failed, 2 passed in 0.20s'; exec sleep 600"
    code, _ = run(Part("endless", 0, ("bash", "-c", script)), minutes=0.05)

    assert code == 1


def test_make_knows_how_to_set_up_all_that_it_needs() -> None:
    done = subprocess.run(["make", "-n", "soak"], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


SHOW_TIME = "import time; print(time.strftime('%Y-%m-%d %Z'))"


def test_a_part_sees_its_own_moment_and_zone() -> None:
    shown = (sys.executable, "-c", SHOW_TIME)
    _, said = run(Part("leap day", 0, shown, "2028-02-29T12:00:00Z", "Pacific/Auckland"))

    assert "2028-03-01 NZDT" in said


def test_a_shifted_clock_is_taken_off_again_for_what_asks_the_network() -> None:
    environment = shifted(os.environ, timedelta(days=400))

    assert {PRELOAD, "FAKETIME"} <= set(environment)
    assert not {PRELOAD, "FAKETIME"} & set(unshifted(environment))


@pytest.mark.parametrize("moment", ["2028-02-29", "+1y", "soon", "2028-02-29T12:00:00"])
def test_a_moment_that_is_none_is_refused(moment: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        distance_to(moment)


def test_days_ahead_are_counted_from_now() -> None:
    assert distance_to("+400d") == timedelta(days=400)
    assert abs(distance_to("2028-02-29T12:00:00Z") + datetime.now(UTC) - datetime(2028, 2, 29, 12, tzinfo=UTC)) < (
        timedelta(minutes=1)
    )


CHANGES_AND_WAITS = """
import os, subprocess, sys, threading, time
from tools.shifted_clock import keep_environment_in_place
keep_environment_in_place()
end = time.monotonic() + 4
def wait():
    while time.monotonic() < end:
        time.time()
for _ in range(3):
    threading.Thread(target=wait).start()
while time.monotonic() < end:
    for number in range(40):
        os.environ[f"CHANGED_{number}"] = "x" * number
    for number in range(40):
        del os.environ[f"CHANGED_{number}"]
os.environ["KEPT"] = "before"
os.environ["KEPT"] = "after"
os.environ["GONE"] = "."
del os.environ["GONE"]
print(subprocess.run(["env"], capture_output=True, text=True, check=True).stdout)
"""


@pytest.mark.soak
def test_a_process_under_a_shifted_clock_may_change_its_environment_while_its_threads_wait() -> None:
    environment = shifted({**os.environ, "HERE": "before it"}, timedelta(days=400))

    done = subprocess.run(
        [sys.executable, "-c", CHANGES_AND_WAITS], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert {"HERE=before it", "KEPT=after"} <= set(told)
    assert not any(line.startswith(("GONE=", "CHANGED_", "KEPT=before")) for line in told)
