"""A file of a hundred megabytes, signed by programs as each of them hands it over.

What programs hash themselves arrives as a digest. What they leave to the agent arrives in parts or in one call, and is
hashed there as it comes in: the agent never has all of it in memory.
"""

import sys
from pathlib import Path

import pytest

from tests.support.certificates.issued import Issued
from tests.support.programs.signet_command import CHECKOUT, Command
from tests.support.programs.signing_programs import MODULE, Programs, needs, needs_engine, owned, token_of, usage
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak

BYTES = 100_000_000
MOST_KIB = 64 * 1024
"""What an agent may have in memory at most: Python, its modules, and a few parts of the file."""
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="not installed: /proc")


@pytest.fixture
def large(programs: Programs) -> Path:
    path = programs.folder / "large"
    with path.open("wb") as file:
        file.truncate(BYTES)
        file.seek(BYTES // 2)
        file.write(b"release 1.4")
    return path


def assert_good(programs: Programs, issued: Issued, large: Path) -> None:
    """Openssl verifies the file `signature`, and no longer once a bit of the file is another."""
    (programs.folder / "signer.pem").write_bytes(issued.pem)
    programs.good("openssl", "x509", "-in", "signer.pem", "-pubkey", "-noout", "-out", "public.pem")
    verify = ("openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", large)
    assert programs.run(*verify).stdout == "Verified OK\n"
    with large.open("r+b") as file:
        file.seek(BYTES - 1)
        file.write(b"\1")
    assert "Verified OK" not in programs.run(*verify).stdout


@needs("pkcs11-tool", "openssl")
def test_pkcs11_tool_hands_it_over_in_parts(programs: Programs, admin: Client, large: Path) -> None:
    issued, certificate = owned(admin)

    done = programs.pkcs11_tool(
        "--sign", "--mechanism", "SHA256-RSA-PKCS", "--token-label", certificate["alias"],
        "--input-file", large, "--output-file", "signature",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert_good(programs, issued, large)
    assert usage(admin, certificate) == 1


@needs("openssl")
@needs_engine
def test_openssl_hashes_it_itself(programs: Programs, admin: Client, large: Path) -> None:
    issued, certificate = owned(admin)
    by_engine = ("openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-out", "signature")

    programs.good(*by_engine, "-sign", token_of(certificate), large)

    assert_good(programs, issued, large)
    assert usage(admin, certificate) == 1


@needs("openssl")
@needs_proc
@pytest.mark.parametrize("way", ["parts", "whole", "raw"])
def test_the_agent_hashes_it_without_having_it_in_memory(
    way: str, programs: Programs, admin: Client, large: Path
) -> None:
    issued, certificate = owned(admin)
    program = CHECKOUT / "tests" / "support" / "programs" / "cryptoki_program.py"

    done = programs.run(sys.executable, program, way, MODULE, certificate["alias"])

    assert done.returncode == 0, done.stderr
    if way == "raw":
        # A mechanism that takes a digest refuses it, in words and as CKR_DATA_LEN_RANGE, and the session goes on.
        assert "takes a digest and not the data itself" in done.stderr
        assert "0x21" in done.stderr.splitlines()
    (programs.folder / "signature").write_bytes(bytes.fromhex(done.stdout))
    assert_good(programs, issued, large)
    assert int((programs.folder / "peak").read_text()) < MOST_KIB
    assert usage(admin, certificate) == 1


@needs("openssl")
def test_the_command_hashes_it_itself_and_refuses_it_where_all_of_it_would_be_sent(
    programs: Programs, command: Command, admin: Client, large: Path
) -> None:
    issued, certificate = owned(admin)
    _, whole = owned(admin, "ED25519")

    command.good("sign", large, "-c", certificate["alias"], "-a", "RSASSA_PKCS1_V1_5_SHA_256", "-o", "signature")
    refused = command("sign", large, "-c", whole["alias"])

    assert (refused.exit_code, "4 MiB" in refused.words) == (1, True)
    assert_good(programs, issued, large)
    assert (usage(admin, certificate), usage(admin, whole)) == (1, 0)
