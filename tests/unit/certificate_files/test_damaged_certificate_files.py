"""Files that are cut off, changed by chance, or no file at all are answered, and nothing breaks."""

import random
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs7, pkcs12
from hypothesis import given
from hypothesis import strategies as st

from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import issue
from tests.unit.certificate_files.hostile_files import PASSWORD, answer, with_extension


@cache
def samples() -> dict[str, tuple[bytes, str | None]]:
    """One sound file of each format, small, so that much of it is structure."""
    root = issue("Root")
    mine = issue("Leaf", by=root, key=ec.generate_private_key(ec.SECP256R1()))
    return {
        "der": (mine.der, None),
        "pem": (mine.pem + root.pem + mine.key_pem, None),
        "encrypted pem": (
            mine.pem + forged.pem_key(forged.encrypted_key(mine.pkcs8, PASSWORD), "ENCRYPTED PRIVATE KEY").encode(),
            PASSWORD,
        ),
        "pkcs7": (pkcs7.serialize_certificates([mine.certificate, root.certificate], Encoding.DER), None),
        "pkcs12": (
            pkcs12.serialize_key_and_certificates(b"n", mine.key, mine.certificate, [root.certificate], NoEncryption()),
            None,
        ),
        "encrypted pkcs12": (
            forged.pkcs12(
                forged.open_part(
                    forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(mine.pkcs8, PASSWORD, iterations=1))
                ),
                forged.encrypted_part(
                    *forged.encrypted(forged.sequence(forged.certificate_bag(mine.der)), PASSWORD, iterations=1)
                ),
            ),
            PASSWORD,
        ),
    }


KINDS = ("der", "pem", "encrypted pem", "pkcs7", "pkcs12", "encrypted pkcs12")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_off_anywhere_is_answered(kind: str) -> None:
    content, password = samples()[kind]
    assert answer(content, password) is None
    for length in range(0, len(content) - 1, 1 + len(content) // 400):
        code = answer(content[:length], password)
        # A text may end between its blocks, or within what follows the last.
        assert code is not None or "pem" in kind, length


def damaged(content: bytes, generator: random.Random) -> bytes:
    """`content` with a few bits or bytes changed, a piece doubled, or a piece taken out."""
    changed = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 5))):
        at = generator.randrange(len(changed))
        match generator.randrange(5):
            case 0:
                changed[at] ^= 1 << generator.randrange(8)
            case 1:
                changed[at] = generator.choice(
                    (0, 1, 0x7F, 0x80, 0x84, 0xFF, 0x30, 0x31, 0xA0, generator.randrange(256))
                )
            case 2:
                changed[at:at] = changed[at : at + generator.randrange(1, 50)]
            case 3:
                del changed[at : at + generator.randrange(1, 50)]
            case _:
                other = generator.randrange(len(changed))
                changed[at : at + 4] = changed[other : other + 4]
        if not changed:
            return b""
    return bytes(changed)


@pytest.mark.one_in(10)
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_answered(kind: str, part: int) -> None:
    """The seed is fixed: what fails here fails again."""
    content, password = samples()[kind]
    generator = random.Random(f"Signet {kind} {part}")
    for _ in range(150):
        answer(damaged(content, generator), password)


def parts() -> st.SearchStrategy[bytes]:
    """Any DER there could be, of the tags that certificates use."""
    kinds = st.sampled_from((1, 2, 3, 4, 5, 6, 0x0C, 0x13, 0x17, 0x18, 0x1E, 0x80, 0x82, 0x86, 0x87, 0x88))
    leaves = st.builds(element, kinds, st.binary(max_size=12))
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda tag, children: element(tag, *children),
            st.sampled_from((0x30, 0x31, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0x24)),
            st.lists(inner, max_size=5),
        ),
        max_leaves=12,
    )


KNOWN_EXTENSIONS = [
    *(f"2.5.29.{number}" for number in (14, 15, 16, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54)),
    *(f"1.3.6.1.5.5.7.{number}" for number in ("1.1", "1.11", "1.24", "48.1.5")),
]


@given(st.sampled_from(KNOWN_EXTENSIONS), parts() | st.binary(max_size=20))
def test_any_extension_is_shown_or_noted_as_broken(dotted: str, value: bytes) -> None:
    details = certificate_details(with_extension(value, dotted), ())
    assert details.extensions[0].oid == dotted


@given(parts())
def test_any_der_is_answered(content: bytes) -> None:
    answer(content)


@given(st.binary(max_size=60))
def test_any_bytes_are_answered(content: bytes) -> None:
    assert answer(content) is not None
