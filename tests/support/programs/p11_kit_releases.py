"""Releases of p11-kit that are newer than the machine's, unpacked apart with what they stand on.

`tools/install-clients` puts each into a folder of `.tools/`. Its programs are run by its own loader, since the C
library of the machine may be older than theirs; what they start (the agent) runs as ever.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.programs.signet_command import CHECKOUT


@dataclass(frozen=True)
class Release:
    """One release of p11-kit, and the programs beside it."""

    version: str

    @property
    def root(self) -> Path:
        return CHECKOUT / ".tools" / f"p11-kit-{self.version}" / "root"

    @property
    def is_there(self) -> bool:
        return self.root.with_name(".ready").exists()

    @property
    def module(self) -> Path:
        (found,) = self.root.glob("usr/lib/*/pkcs11/p11-kit-client.so")
        return found

    def program(self, name: str) -> tuple[Path | str, ...]:
        """How `name` is run: by the loader that belongs to it."""
        return self._run(self.root / "usr" / "bin" / name)

    def sign_file(self) -> tuple[Path | str, ...]:
        """How the kernel's sign-file is run."""
        (found,) = self.root.glob("usr/lib/linux-kbuild-*/scripts/sign-file")
        return self._run(found)

    def _run(self, program: Path) -> tuple[Path | str, ...]:
        libraries = self.module.parents[1]
        (loader,) = libraries.glob("ld-linux*.so.*")
        return (loader, "--library-path", str(libraries), program)

    def for_provider(self) -> dict[str, str]:
        """What openssl needs in its environment, to sign by its provider `pkcs11`."""
        return {
            "OPENSSL_MODULES": str(self.module.parents[1] / "ossl-modules"),
            "PKCS11_PROVIDER_MODULE": str(self.module),
            # Not what the machine has configured for its own, older one.
            "OPENSSL_CONF": "/dev/null",
        }


RELEASES = [
    pytest.param(
        release,
        id=f"p11-kit {release.version}",
        marks=pytest.mark.skipif(not release.is_there, reason=f"not installed: p11-kit {release.version}"),
    )
    for release in (Release("0.25"), Release("0.26"))
]
