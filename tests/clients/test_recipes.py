"""The recipes of the guide, run as they stand there; the service counts as many signatures as were made."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import issue
from tests.support.programs.guide_page import GuidePage, lines_of
from tests.support.programs.sample_files import (
    smallest_kernel_module,
    smallest_package,
    smallest_pdf,
    smallest_windows_program,
    with_a_bit_flipped,
)
from tests.support.programs.signet_command import CHECKOUT, PACKAGE, Command
from tests.support.programs.signing_programs import PYHANKO, needs, needs_engine, needs_only, usage
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak
PAGE = GuidePage("recipes")
OF_THE_NETWORK = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
UV = CHECKOUT / ".tools" / "uv" / "bin" / "uv"

FAST = {"Any file": 2, "A CMS signature": 1}
"""How many signatures each recipe makes."""
SLOW = {
    "A Java archive": 1,
    "An Android package": 3,
    "A Windows program, on Linux": 1,
    "A Windows program, on Windows": 1,
    "An EFI image": 1,
    "A kernel module": 1,
    "A PDF, with pyHanko": 1,
    "A PDF": 2,
}
PROGRAMS_OF = {
    "A Java archive": needs("jarsigner", "jar", "pkcs11-tool"),
    "An Android package": needs("apksigner", "pkcs11-tool"),
    "A Windows program, on Linux": needs("osslsigncode"),
    "A Windows program, on Windows": needs_only("jsign", "osslsigncode"),
    "An EFI image": needs("sbsign", "sbverify"),
    "A kernel module": needs("sign-file", "modinfo", "certtool"),
    "A PDF, with pyHanko": needs("pyhanko", "pdfsig"),
    "A PDF": needs("pdfsig", "certutil", "modutil"),
}
BY_COSIGN = "A container image"
"""Run by test_cosign.py, which has a registry for the image."""
CHANGED = {
    "A Windows program, on Windows": ("setup-jsign.exe", b".text", "osslsigncode verify"),
    "A kernel module": ("hello-signed.ko", b"license", "LENGTH="),
    "A PDF, with pyHanko": ("document-pyhanko.pdf", b"200 200", "pdfsig"),
}
"""The file that a recipe signed, where one bit of it is flipped then, and with what its verification begins.

The other formats are changed in pkcs11/test_formats.py.
"""


@pytest.fixture
def release(admin: Client, stranger: Command) -> Iterator[dict[str, Any]]:
    """Alice's certificate, called as in the samples of `make run`; and files of hers to sign."""
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), alias="release", owner="local/alice")
    folder = stranger.home / "signet-recipes"
    folder.mkdir()
    for name in ("setup.exe", "boot.efi"):
        (folder / name).write_bytes(smallest_windows_program())
    (folder / "document.pdf").write_bytes(smallest_pdf())
    (folder / "hello.ko").write_bytes(smallest_kernel_module())
    (folder / "release.apk").write_bytes(smallest_package())
    yield certificate
    for policy in admin.items("/policies"):
        if certificate["id"] in policy["what"]["certificates"]:
            admin.good("DELETE", f"/policies/{policy['id']}")
    admin.good("DELETE", at(certificate["id"]))


def put_on_path(home: Path) -> None:
    """The two programs, and pyHanko, as pipx would put them there."""
    folder = home / ".local" / "bin"
    folder.mkdir(parents=True)
    for name, module in (("signet", "signet_cli"), ("signet-pkcs11", "signet_cli.pkcs11.agent")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{PACKAGE}" exec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)
    if PYHANKO.exists():
        (folder / "pyhanko").symlink_to(PYHANKO)


def paste(script: str, command: Command) -> subprocess.CompletedProcess[str]:
    """How a fresh shell ends, into which `script` is pasted; it ends at what fails."""
    path = os.pathsep.join((str(command.home / ".local" / "bin"), os.environ["PATH"]))
    # How this machine comes by packages, which has to do with no person.
    network = {name: value for name, value in os.environ.items() if name.upper().startswith(OF_THE_NETWORK)}
    environment = command.environment_of(**{**network, "PATH": path, "UV_SYSTEM_CERTS": "1"})
    del environment["PYTHONPATH"]
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # no terminal to ask on
        check=False,
    )


def pasted(script: str, command: Command) -> list[str]:
    """The lines that a fresh shell prints, both ways, when `script` is pasted into it; nothing in it may fail."""
    done = paste(script, command)
    assert done.returncode == 0, done.stdout + done.stderr
    return lines_of(done.stdout + done.stderr)


def test_every_recipe_of_the_page_is_run() -> None:
    titles = [title for title in PAGE.titles_with_commands if title != BY_COSIGN]

    assert titles == ["Install", "Log in", *FAST, *SLOW]


@needs("openssl")
@needs_engine
def test_the_command_and_openssl_sign_as_the_page_says(
    stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    put_on_path(stranger.home)

    told = pasted("".join(map(PAGE.commands, ("Log in", *FAST))), stranger)

    assert [line for title in FAST for line in PAGE.shown(title) if line not in told] == []
    assert usage(admin, release) == sum(FAST.values())


@needs("openssl")
@needs_engine
@pytest.mark.parametrize("title", [pytest.param(title, marks=PROGRAMS_OF[title]) for title in SLOW])
def test_a_recipe_signs_and_verifies_as_the_page_says(
    title: str, stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    put_on_path(stranger.home)

    told = pasted(PAGE.commands("Log in") + PAGE.commands(title), stranger)

    assert PAGE.shown(title)
    assert [line for line in PAGE.shown(title) if line not in told] == []
    assert usage(admin, release) == SLOW[title]
    if title in CHANGED:
        name, place, verification = CHANGED[title]
        _, begin, rest = PAGE.commands(title).partition(f"\n{verification}")
        verify = f"cd ~/signet-recipes{begin}{rest}"
        assert PAGE.shown(title)[-1] in pasted(verify, stranger)
        file = stranger.home / "signet-recipes" / name
        signed = file.read_bytes()
        file.write_bytes(with_a_bit_flipped(signed, at=signed.index(place)))
        again = paste(verify, stranger)
        assert PAGE.shown(title)[-1] not in lines_of(again.stdout + again.stderr)


@needs("openssl", "osslsigncode", "jarsigner", "jar", "pkcs11-tool")
@needs_engine
def test_a_fresh_shell_installs_logs_in_and_signs_with_four_programs(
    stranger: Command, admin: Client, release: dict[str, Any]
) -> None:
    titles = (*FAST, "A Java archive", "A Windows program, on Linux")
    # The very pipx, which this machine need not have.
    pipx = "" if shutil.which("pipx") else f'pipx() {{ "{UV}" tool run --quiet pipx "$@"; }}\n'

    told = pasted(pipx + "".join(map(PAGE.commands, ("Install", "Log in", *titles))), stranger)

    assert (stranger.home / ".local" / "bin" / "signet-pkcs11").exists()
    assert [line for title in titles for line in PAGE.shown(title) if line not in told] == []
    assert usage(admin, release) == sum({**FAST, **SLOW}[title] for title in titles)
