"""signet pkcs11: make the agent known to the PKCS#11 programs of this user."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from signet_cli.errors import CommandError
from signet_cli.output import say

app = typer.Typer(no_args_is_help=True, help="The PKCS#11 agent.")

_CLIENT = "p11-kit-client.so"
_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu/pkcs11",
    "/usr/lib/aarch64-linux-gnu/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib/pkcs11",
    "/opt/homebrew/lib/pkcs11",
    "/usr/local/lib/pkcs11",
)


def agent_program() -> str:
    """The agent's own path.

    Raises:
        CommandError: it is not installed beside this command.
    """
    beside = Path(sys.argv[0]).resolve().with_name("signet-pkcs11")
    found = str(beside) if beside.is_file() else shutil.which("signet-pkcs11")
    if found is None:
        raise CommandError("signet-pkcs11 is not on the PATH.", hint="Install the package with pipx.")
    return found


@app.command()
def install() -> None:
    """Write the module file, so that every program that uses p11-kit finds the agent."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        hint = f"Put the file into /etc/pkcs11/modules/ instead: remote: |{agent_program()}"
        raise CommandError("p11-kit reads no module files of root's own.", hint=hint)
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pkcs11" / "modules"
    path = folder / "signet.module"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"remote: |{agent_program()}\nmodule: {_CLIENT}\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    say(f"Written to {path}. Try: p11tool --list-tokens")


@app.command()
def environment() -> None:
    """Print what a program needs in its environment: eval "$(signet pkcs11 environment)"."""
    module = next((str(path) for folder in _FOLDERS if (path := Path(folder) / _CLIENT).is_file()), None)
    if module is None:
        hint = "On Debian: apt install p11-kit-modules"
        raise CommandError(f"{_CLIENT} is not on this machine.", hint=hint)
    print(f"export P11_KIT_SERVER_ADDRESS='|{agent_program()}'")
    print(f"export PKCS11_MODULE_PATH='{module}'")
