"""Signing in a pipeline: the steps of the action and the jobs of the guide, with the texts that they have there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.support.certificates.issued import issue
from tests.support.programs.signet_command import CHECKOUT, PACKAGE, Command
from tests.support.programs.signing_programs import usage
from tests.support.services.over_http import Client, Service, at

pytestmark = pytest.mark.soak
ACTION = CHECKOUT / "clients" / "action"
DESCRIBED = yaml.safe_load((ACTION / "action.yml").read_text())
STEPS = {step["name"]: step for step in DESCRIBED["runs"]["steps"]}
PAGE = (CHECKOUT / "docs" / "guide" / "pipelines.md").read_text()
REQUEST_TOKEN = "request-token-of-the-job"
OF_THE_NETWORK = ("PIP_", "SSL_", "REQUESTS_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def of_page(title: str) -> Any:
    found = re.search(r"^```yaml\n(.*?)^```$", PAGE.split(f"\n## {title}\n")[1], re.MULTILINE | re.DOTALL)
    assert found
    return yaml.safe_load(found[1])


class Job:
    """A job of a pipeline, in a folder of its own, with the command where the action puts it."""

    def __init__(self, command: Command, signet: Service) -> None:
        self.command = command
        self.address = signet.stack.url
        self.folder = command.home
        (self.folder / "dist").mkdir()
        program = self.folder / "runner" / "signet" / "bin" / "signet"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{PACKAGE}" exec "{sys.executable}" -m signet_cli "$@"\n')
        program.chmod(0o755)

    def run(
        self,
        step: str,
        inputs: Mapping[str, str] | None = None,
        *,
        environment: str = "production",
        job: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """One step of the action, as a runner runs it."""
        given = {name: each.get("default", "") for name, each in DESCRIBED["inputs"].items()}
        given |= {"address": self.address, "certificate": "release", **(inputs or {})}
        of_the_runner = {
            "RUNNER_TEMP": str(self.folder / "runner"),
            "GITHUB_ACTION_PATH": str(ACTION),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.address}/local/ci/token?environment={environment}",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }
        of_the_step = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], text)
            for name, text in STEPS[step].get("env", {}).items()
        }
        return self.shell(STEPS[step]["run"], {**of_the_runner, **of_the_step, **(job or {})})

    def shell(self, script: str, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        network = {name: value for name, value in os.environ.items() if name.upper().startswith(OF_THE_NETWORK)}
        environment = self.command.environment_of(**network)
        del environment["PYTHONPATH"], environment["SIGNET_ADDR"]
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert "eyJ" not in told
        assert REQUEST_TOKEN not in told
        assert "Traceback" not in told
        return done

    def signatures(self) -> set[str]:
        return {path.name for path in (self.folder / "dist").iterdir() if path.suffix in {".sig", ".p7s"}}


@pytest.fixture
def job(stranger: Command, signet: Service) -> Job:
    return Job(stranger, signet)


@pytest.fixture
def release(admin: Client) -> Iterator[dict[str, Any]]:
    """A certificate that the guide's policy lets jobs for the environment `production` sign with."""
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), alias="release")
    (allowed,) = of_page("Allow the jobs")
    elsewhere = {
        **allowed,
        "name": "Staging signs in the office",
        "who": {"user_groups": ["ci/environment:staging"]},
        "where": {"source_networks": ["203.0.113.0/24"]},
    }
    made = [admin.good("POST", "/policies", policy)["id"] for policy in (allowed, elsewhere)]
    yield certificate
    for policy in made:
        admin.good("DELETE", f"/policies/{policy}")
    admin.good("DELETE", at(certificate["id"]))


def test_no_input_is_part_of_a_script() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []


def test_the_action_logs_in_and_signs_files_of_any_name(job: Job, admin: Client, release: dict[str, Any]) -> None:
    names = ["a b.txt", "two\nlines.txt", "$(touch run).txt", "`touch run`;'\".txt", "::error::x.txt", "[a]*.txt"]
    for name in names:
        (job.folder / "dist" / name).write_bytes(b"release 1.4")
    (job.folder / "-c").write_bytes(b"release 1.4")

    logged_in = job.run("Log in")
    assert (logged_in.returncode, logged_in.stdout) == (0, "ci/repo:acme/app:environment:production\n")
    signed = job.run("Sign", {"files": "dist/*.txt\n\n-c\n", "reason": "$(touch run)"})

    assert signed.returncode == 0, signed.stdout + signed.stderr
    assert job.signatures() == {f"{name}.sig" for name in names}
    assert (job.folder / "-c.sig").is_file()
    assert not list(job.folder.rglob("run"))
    assert usage(admin, release) == len(names) + 1
    lines = signed.stdout.splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines[-1] == f"::{lines[0].removeprefix('::stop-commands::')}::"
    assert signed.stderr == ""


def test_what_inputs_contain_is_not_run(job: Job, admin: Client, release: dict[str, Any]) -> None:
    (job.folder / "dist" / "a").write_bytes(b"release 1.4")
    bad = "\"; touch run; $(touch run) `touch run` '"

    for name in ("certificate", "files", "format", "algorithm", "reason", "audience", "address"):
        job.run("Sign", {"files": "dist/a", name: bad})

    assert not list(job.folder.rglob("run"))
    assert usage(admin, release) == 1, "only the reason is free text"


def test_what_goes_wrong_is_told_with_an_exit_code(job: Job, admin: Client, release: dict[str, Any]) -> None:
    (job.folder / "dist" / "a").write_bytes(b"release 1.4")
    no_permission = {"ACTIONS_ID_TOKEN_REQUEST_URL": "", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""}
    down = {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/token"}
    found = {
        "id-token: write": job.run("Log in", job=no_permission),
        "token service of the pipeline does not answer": job.run("Log in", job=down),
        "audience": job.run("Log in", {"audience": "elsewhere"}),
        "polic": job.run("Sign", {"files": "dist/a"}, environment="staging"),
        "nothing here that you can see": job.run("Sign", {"files": "dist/a"}, environment="testing"),
        "nothing is called": job.run("Sign", {"files": "dist/a\ndist/b*"}),
        "no files": job.run("Sign", {"files": "\n"}),
    }

    codes = {words: done.returncode for words, done in found.items()}
    assert codes == dict(zip(found, (4, 7, 4, 3, 5, 1, 2), strict=True)), found
    assert [words for words, done in found.items() if words not in done.stdout + done.stderr] == [], found
    assert job.signatures() == set()
    assert usage(admin, release) == 0


def test_the_action_installs_the_command_with_what_is_pinned(job: Job) -> None:
    (job.folder / "runner" / "signet" / "bin" / "signet").unlink()

    installed = job.run("Install the command")

    assert installed.returncode == 0, installed.stdout + installed.stderr
    helped = job.shell('"$RUNNER_TEMP/signet/bin/signet" --help', {"RUNNER_TEMP": str(job.folder / "runner")})
    assert (helped.returncode, "doctor" in helped.stdout) == (0, True)


def test_the_jobs_of_the_guide_sign(job: Job, admin: Client, release: dict[str, Any], signet: Service) -> None:
    (job.folder / "dist" / "a b").write_bytes(b"release 1.4")
    github = of_page("GitHub Actions")["jobs"]["release"]
    with_inputs = github["steps"][-1]["with"]
    assert github["permissions"]["id-token"] == "write"
    assert set(with_inputs) <= set(DESCRIBED["inputs"])

    of_action = job.run("Sign", {**with_inputs, "address": job.address}, environment=github["environment"])
    assert of_action.returncode == 0, of_action.stdout
    (job.folder / "dist" / "a b.sig").unlink()

    gitlab = of_page("GitLab CI")["release"]
    assert gitlab["id_tokens"] == {"SIGNET_ID_TOKEN": {"aud": "signet"}}
    url = f"{job.address}/local/ci/token?environment={gitlab['environment']}"
    asked = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN}
    token = job.command.good("token", **asked).out.strip()
    path = os.pathsep.join((str(job.folder / "runner" / "signet" / "bin"), os.environ["PATH"]))
    script = "\n".join(line for line in gitlab["script"] if not line.startswith("pip install"))
    done = job.shell(script, {"PATH": path, "SIGNET_ADDR": job.address, "SIGNET_ID_TOKEN": token})
    assert done.returncode == 0, done.stderr
    assert job.signatures() == {"a b.sig"}
    assert usage(admin, release) == 2
