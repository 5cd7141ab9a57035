"""Programs that sign by PKCS#11; each signature is verified by a program that did not make it."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import Issued, authority, issue
from tests.support.programs.signet_command import CHECKOUT, Command
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, at

MODULES = [
    Path(folder) / "p11-kit-client.so"
    for folder in ("/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib/aarch64-linux-gnu/pkcs11", "/usr/lib64/pkcs11")
]
MODULE = next((path for path in MODULES if path.is_file()), None)
ENGINES = [*Path("/usr/lib").glob("*/engines-3/pkcs11.so"), *Path("/usr/lib64").glob("engines-3/pkcs11.so")]
DATA = b"release 1.4\n"
PIN = "246810"


PYHANKO = CHECKOUT / ".tools" / "pyhanko" / "bin" / "pyhanko"
"""In an environment of its own, where pipx would put it."""


HAS_OPTION = {
    "osslsigncode": ("sign", "-TSA-key"),  # since 2.7, which finds its engine as well
    "cosign": ("sign-blob", "--tlog-upload"),  # of version 2, which the guide is about
}
"""A command of a program, and an option of it that older or newer ones lack."""


@cache
def is_installed(program: str) -> bool:
    """Whether it is there, in a version that the tests are about."""
    if program == "sign-file":  # of the kernel's scripts, which are on no PATH
        return any(Path("/usr/lib").glob("linux-kbuild-*/scripts/sign-file"))
    if program == "pyhanko":
        return PYHANKO.exists()
    if shutil.which(program) is None:
        return False
    if program not in HAS_OPTION:
        return True
    command, option = HAS_OPTION[program]
    told = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=False)
    return option in told.stdout + told.stderr


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where a program, or the stock client, is not installed, and say which."""
    return needs_only(*programs, *([] if MODULE else ["p11-kit-client.so"]))


def needs_only(*programs: str) -> pytest.MarkDecorator:
    """As `needs`, for programs that do not sign by PKCS#11."""
    missing = [program for program in programs if not is_installed(program)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


needs_engine = pytest.mark.skipif(
    not ENGINES, reason="not installed: openssl's engine pkcs11 (libengine-pkcs11-openssl)"
)


class Programs:
    """Runs PKCS#11 programs in a folder, with the agent of one caller."""

    def __init__(self, command: Command, token: str) -> None:
        self.folder = command.home
        self.agents = self.folder / "agents"
        """The process id of each agent that was started, one a line."""
        agent = self.folder / "signet-pkcs11"
        agent.write_text(f'#!/bin/sh\necho $$ >>"{self.agents}"\nexec "{sys.executable}" -m signet_cli.pkcs11.agent\n')
        agent.chmod(0o700)
        (self.folder / "data").write_bytes(DATA)
        (self.folder / "root.pem").write_bytes(authority().pem)
        self.environment = command.environment_of(
            P11_KIT_SERVER_ADDRESS=f"|{agent}", PKCS11_MODULE_PATH=str(MODULE), SIGNET_ID_TOKEN=token
        )

    def start(self, *words: object, **more: str) -> subprocess.Popen[str]:
        """Start a program, and leave it running."""
        return subprocess.Popen(
            [str(word) for word in words],
            cwd=self.folder,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # no terminal to ask on
        )

    def run(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return ended(self.start(*words, **more))

    def good(self, *words: object, **more: str) -> str:
        """Run it; it is to succeed. What it printed, both ways."""
        done = self.run(*words, **more)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def pkcs11_tool(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("pkcs11-tool", "--module", MODULE, *words, **more)

    def write_java_configuration(self, certificate: Mapping[str, Any]) -> None:
        """Of Java's SunPKCS11, which takes one slot by its place in the list."""
        blocks = self.pkcs11_tool("--list-slots").stdout.split("\nSlot ")[1:]
        place = next(n for n, block in enumerate(blocks) if f": {certificate['alias']}\n" in block)
        text = f"name = Signet\nlibrary = {MODULE}\nslotListIndex = {place}\n"
        (self.folder / "pkcs11.cfg").write_text(text)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """How it ended, and what it printed."""
    try:
        out, told = process.communicate(timeout=ANSWER_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, told)


def owned(admin: Client, algorithm: str = "RSA_2048", **settings: Any) -> tuple[Issued, dict[str, Any]]:
    """A certificate of Alice's."""
    issued = issue(algorithm=algorithm)
    return issued, admin.import_certificate(issued, owner="local/alice", **settings)


def usage(admin: Client, certificate: Mapping[str, Any]) -> int:
    count: int = admin.good("GET", at(certificate["id"]))["usage_count"]
    return count


def token_of(certificate: Mapping[str, Any]) -> str:
    """As an RFC 7512 address names it."""
    return f"pkcs11:serial={certificate['id'][-16:]}"


def digest_of(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def verified(programs: Programs, issued: Issued, *words: object) -> str:
    """Openssl's word on `signature` over `data`."""
    (programs.folder / "signer.pem").write_bytes(issued.pem)
    programs.good("openssl", "x509", "-in", "signer.pem", "-pubkey", "-noout", "-out", "public.pem")
    verify = ("openssl", "dgst", *words, "-verify", "public.pem", "-signature", "signature")
    done = programs.run(*verify, "data").stdout
    (programs.folder / "flipped").write_bytes(DATA[:-1] + b"\x0b")
    assert "Verified OK" not in programs.run(*verify, "flipped").stdout
    return done
