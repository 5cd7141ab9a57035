"""The recipes of the guide, run as they stand there; the service counts as many signatures as were made."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import issue
from tests.support.programs.sample_files import smallest_package, smallest_pdf, smallest_windows_program
from tests.support.programs.signet_command import CHECKOUT, PACKAGE, Command
from tests.support.programs.signing_programs import needs, needs_engine, usage
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak
PAGE = (CHECKOUT / "docs" / "guide" / "recipes.md").read_text()
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OF_THE_NETWORK = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
UV = CHECKOUT / ".tools" / "uv" / "bin" / "uv"

FAST = {"Any file": 2, "A CMS signature": 1}
"""How many signatures each recipe makes."""
SLOW = {
    "A Java archive": 1,
    "An Android package": 3,
    "A Windows program, on Linux": 1,
    "An EFI image": 1,
    "A PDF": 2,
}
PROGRAMS_OF = {
    "A Java archive": needs("jarsigner", "jar", "pkcs11-tool"),
    "An Android package": needs("apksigner", "pkcs11-tool"),
    "A Windows program, on Linux": needs("osslsigncode"),
    "An EFI image": needs("sbsign", "sbverify"),
    "A PDF": needs("pdfsig", "certutil", "modutil"),
}


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(title: str) -> str:
    return "".join(text for kind, text in BLOCK.findall(section(title)) if kind == "sh")


def shown(title: str) -> list[str]:
    """The lines that the page says are printed."""
    return [line for kind, text in BLOCK.findall(section(title)) if kind == "text" for line in text.splitlines()]


@pytest.fixture
def release(admin: Client, stranger: Command) -> Iterator[dict[str, Any]]:
    """Alice's certificate, called as in the samples of `make run`; and files of hers to sign."""
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), alias="release", owner="local/alice")
    folder = stranger.home / "signet-recipes"
    folder.mkdir()
    for name in ("setup.exe", "boot.efi"):
        (folder / name).write_bytes(smallest_windows_program())
    (folder / "document.pdf").write_bytes(smallest_pdf())
    (folder / "release.apk").write_bytes(smallest_package())
    yield certificate
    for policy in admin.items("/policies"):
        if certificate["id"] in policy["what"]["certificates"]:
            admin.good("DELETE", f"/policies/{policy['id']}")
    admin.good("DELETE", at(certificate["id"]))


def put_on_path(home: Path) -> None:
    """The two programs, as pipx would put them there."""
    folder = home / ".local" / "bin"
    folder.mkdir(parents=True)
    for name, module in (("signet", "signet_cli"), ("signet-pkcs11", "signet_cli.pkcs11.agent")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{PACKAGE}" exec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)


def pasted(script: str, command: Command) -> str:
    """What a fresh shell prints, both ways, when `script` is pasted into it; nothing in it may fail."""
    path = os.pathsep.join((str(command.home / ".local" / "bin"), os.environ["PATH"]))
    # How this machine comes by packages, which has to do with no person.
    network = {name: value for name, value in os.environ.items() if name.upper().startswith(OF_THE_NETWORK)}
    environment = command.environment_of(**{**network, "PATH": path, "UV_SYSTEM_CERTS": "1"})
    del environment["PYTHONPATH"]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # no terminal to ask on
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_recipe_of_the_page_is_run_here() -> None:
    titles = [title for title in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if "```sh" in section(title)]

    assert titles == ["Install", "Log in", *FAST, *SLOW]


@needs("openssl")
@needs_engine
def test_the_command_and_openssl_sign_as_the_page_says(
    stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    put_on_path(stranger.home)

    told = pasted("".join(map(commands, ("Log in", *FAST))), stranger)

    assert [line for title in FAST for line in shown(title) if line not in told.splitlines()] == []
    assert usage(admin, release) == sum(FAST.values())


@needs("openssl")
@needs_engine
@pytest.mark.parametrize("title", [pytest.param(title, marks=PROGRAMS_OF[title]) for title in SLOW])
def test_a_recipe_signs_and_verifies_as_the_page_says(
    title: str, stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    put_on_path(stranger.home)

    told = pasted(commands("Log in") + commands(title), stranger)

    assert shown(title)
    assert [line for line in shown(title) if line not in told.splitlines()] == []
    assert usage(admin, release) == SLOW[title]


@needs("openssl", "osslsigncode", "jarsigner", "jar", "pkcs11-tool")
@needs_engine
def test_a_fresh_shell_installs_logs_in_and_signs_with_four_programs(
    stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    titles = (*FAST, "A Java archive", "A Windows program, on Linux")
    # The very pipx, which this machine need not have.
    pipx = "" if shutil.which("pipx") else f'pipx() {{ "{UV}" tool run --quiet pipx "$@"; }}\n'

    told = pasted(pipx + "".join(map(commands, ("Install", "Log in", *titles))), stranger)

    assert (stranger.home / ".local" / "bin" / "signet-pkcs11").exists()
    assert [line for title in titles for line in shown(title) if line not in told.splitlines()] == []
    assert usage(admin, release) == sum({**FAST, **SLOW}[title] for title in titles)
