"""Files that were made to hurt: whatever one says of itself, it is answered within 2 seconds of work and 200 MB."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import rsa_key
from tests.unit.certificate_files.hostile_files import HUGE, MAX_FILE, PASSWORD, PLACES, SHAPES, answer, leaf


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("count", HUGE, ids=lambda count: f"2^{count.bit_length()}")
def test_a_count_beyond_reason_is_not_obeyed(place: Callable[[int], bytes], count: int) -> None:
    assert answer(place(count)) == "unreadable_file"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("count", [0, -1])
def test_a_count_of_nothing_is_no_count(place: Callable[[int], bytes], count: int) -> None:
    assert answer(place(count)) == "unreadable_file"


@pytest.mark.one_in(7)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("count", range(200_000, 2_200_000, 400_000))
def test_the_largest_counts_that_are_obeyed_stay_within_the_time(place: Callable[[int], bytes], count: int) -> None:
    assert answer(place(count)) in {"wrong_password", "unreadable_file"}


def test_six_hundred_thousand_iterations_at_every_place_are_read() -> None:
    """What NSS writes by default, and what OWASP recommends, in each of the three places."""
    count = 600_000
    key = forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(leaf().pkcs8, PASSWORD, iterations=count))
    part = forged.encrypted_part(
        *forged.encrypted(forged.sequence(forged.certificate_bag(leaf().der)), PASSWORD, iterations=count)
    )
    parts = (forged.open_part(key), part)
    assert answer(forged.pkcs12(*parts, mac=forged.pbmac1(parts, PASSWORD, iterations=count))) is None


@pytest.mark.soak
def test_many_small_counts_are_added_up() -> None:
    parts = [
        forged.encrypted_part(*forged.encrypted(forged.sequence(), PASSWORD, iterations=20_000)) for _ in range(300)
    ]
    assert answer(forged.pkcs12(*parts)) == "unreadable_file"


def test_one_derivation_for_many_parts_is_done_and_counted_once() -> None:
    parts = [forged.encrypted_part(*forged.encrypted(forged.sequence(), PASSWORD, iterations=600_000))] * 900
    assert answer(forged.pkcs12(*parts)) == "no_certificate"


def test_two_and_a_half_thousand_certificates_of_one_key_and_one_name_are_answered() -> None:
    """All could have issued each other by their names; their one key says that none did."""
    content = forged.pkcs7(*(forged.smallest_certificate(number) for number in range(2_000)))
    assert answer(content, None) == "several_certificates"


@pytest.mark.parametrize("keys", [1, 2, 40])
def test_a_thousand_leaves_under_a_thousand_certificates_of_few_keys_are_answered(keys: int) -> None:
    above = [forged.smallest_certificate(number, key=1 + number % keys) for number in range(1_000)]
    below = [forged.smallest_certificate(5_000 + number, key=100 + number) for number in range(1_000)]
    content = forged.pkcs7(*above, *below)
    assert len(content) <= MAX_FILE
    assert answer(content, None) in {"several_certificates", "unreadable_file"}


@pytest.mark.parametrize(
    ("n", "r", "p"),
    [
        (1 << 14, 8, 1 << 20),
        (1 << 40, 8, 1),
        (1 << 20, 8, 1),
        (2, 1 << 28, 1),
        (2, 1, 1 << 29),
        (1 << 17, 8, 1),
        (3, 8, 1),
        (1, 8, 1),
        (0, 8, 1),
        (1 << 14, 0, 1),
        (1 << 2000, 8, 1),
        (1 << 16, 1, 1),
        (2, 1, 540_000),
        (2, 8, 60_000),
        (4, 1, 400_000),
    ],
)
def test_scrypt_is_bounded_in_time_and_memory(n: int, r: int, p: int) -> None:
    key = forged.sequence(forged.scrypt_algorithm(n, r, p), forged.octets(bytes(64)))
    pem = forged.pem_key(key, "ENCRYPTED PRIVATE KEY")
    assert answer(leaf().pem, PASSWORD, pem) == "unreadable_file"


@pytest.mark.parametrize(("n", "r", "p"), [(1 << 16, 8, 1), (1 << 14, 8, 1), (1 << 15, 8, 4)])
def test_scrypt_as_programs_use_it_is_obeyed(n: int, r: int, p: int) -> None:
    key = forged.sequence(forged.scrypt_algorithm(n, r, p), forged.octets(bytes(64)))
    pem = forged.pem_key(key, "ENCRYPTED PRIVATE KEY")
    assert answer(leaf().pem, PASSWORD, pem) == "wrong_password"


def test_a_key_is_sought_among_hundreds_of_long_ones_in_time() -> None:
    numbers = [(1 << 4095) + 2 * number + 1 for number in range(300)]
    infos = [forged.rsa_public_info(n, 65537) for n in numbers]
    content = forged.pkcs7(*(forged.certificate_of(public_info=info) for info in infos))
    key = rsa_key(4096).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert answer(content, None, key) == "key_mismatch"


@pytest.mark.one_in(4)
@pytest.mark.parametrize("shape", SHAPES)
def test_size_and_nesting_cost_no_more_than_they_may(shape: str) -> None:
    content = SHAPES[shape]()
    assert 20 < len(content) <= MAX_FILE
    answer(content)


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel does not tell the peak here")
def test_all_that_was_made_to_hurt_is_answered_within_200_mb(tmp_path: Path) -> None:
    """In a process of its own, whose peak is measured against that of the same process without them."""
    files = [shape() for shape in SHAPES.values()]
    files += [place(count) for place in PLACES for count in (600_000, 1 << 31)]
    for n, p in ((1 << 16, 1), (1 << 15, 4)):
        key = forged.sequence(forged.scrypt_algorithm(n, 8, p), forged.octets(bytes(64)))
        files.append(leaf().pem + forged.pem_key(key, "ENCRYPTED PRIVATE KEY").encode())
    for number, content in enumerate(files):
        (tmp_path / f"{number:03}").write_bytes(content)
    (tmp_path / "leaf.pem").write_bytes(leaf().pem)
    script = f"""
import pathlib, sys
sys.path[:0] = {sys.path!r}
from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.domain.errors import SignetError
def go(path):
    try:
        content = path.read_bytes()
        file = read_certificate_file(content, password="{PASSWORD}", private_key=None, private_key_password=None)
        certificate_details(file.certificate, file.chain)
    except SignetError:
        pass
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
folder = pathlib.Path({str(tmp_path)!r})
go(folder / "leaf.pem")
before = peak()
for path in sorted(folder.glob("[0-9]*")):
    go(path)
print(peak() - before)
"""
    grown = int(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
    print(f"{grown / 1024:.0f} MiB")
    assert 0 < grown < 200 * 1024
