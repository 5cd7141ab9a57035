"""The path above a certificate, put together of a file, what was known before, and what is held."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.cryptography.certificate_paths import complete_path, issuer_keys
from tests.support.certificates.issued import Issued, a_key, authority, issue

NOW = datetime.now(UTC)


def ders(*issued: Issued) -> list[bytes]:
    return [each.certificate.public_bytes(Encoding.DER) for each in issued]


def a_path() -> tuple[Issued, Issued, Issued]:
    """A leaf, its CA, and the root above that."""
    root = authority()
    middle = issue("Middle", ca=True, issuer=root)
    return issue(issuer=middle), middle, root


def test_pieces_in_any_order_make_one_path() -> None:
    leaf, middle, root = a_path()
    path = complete_path(leaf.der, [], ders(root), ders(leaf, middle), at=NOW)
    assert list(path.chain) == ders(middle, root)
    assert path.missing_issuer == ()


def test_a_path_that_ends_below_a_root_tells_by_what_its_issuer_would_be_found() -> None:
    leaf, middle, _ = a_path()
    alone = complete_path(leaf.der, [], at=NOW)
    assert alone.chain == ()
    keys = issuer_keys(X509Certificate.read(middle.der))
    assert set(alone.missing_issuer) & set(keys)
    assert issuer_keys(X509Certificate.read(leaf.der)) == ()


def test_what_issued_nothing_of_it_is_not_in_the_path() -> None:
    leaf, middle, _ = a_path()
    namesake = issue("Middle", ca=True, key=a_key())
    path = complete_path(leaf.der, [], ders(namesake, issue()), at=NOW)
    assert path.chain == ()
    assert list(complete_path(leaf.der, [], ders(namesake), ders(middle), at=NOW).chain) == ders(middle)


def test_a_path_never_becomes_shorter() -> None:
    leaf, middle, root = a_path()
    path = complete_path(leaf.der, ders(middle, root), ders(middle), at=NOW)
    assert list(path.chain) == ders(middle, root)


def test_an_issuer_that_ended_makes_room_for_the_one_that_took_its_place() -> None:
    root = authority()
    key = a_key()
    ended = issue("Middle", ca=True, key=key, issuer=root, days=-1, begins_in_days=-100)
    now = issue("Middle", ca=True, key=key, issuer=root)
    leaf = issue(issuer=now)
    assert list(complete_path(leaf.der, ders(ended, root), ders(now), at=NOW).chain) == ders(now, root)
    # Of two that are in force, the one that is there stays.
    other = issue("Middle", ca=True, key=key, issuer=root, days=700)
    assert list(complete_path(leaf.der, ders(now, root), ders(other), at=NOW).chain) == ders(now, root)
    assert list(complete_path(leaf.der, ders(ended, root), ders(now), at=NOW - timedelta(days=50)).chain) == ders(
        ended, root
    )


def test_what_is_no_certificate_is_passed_over() -> None:
    leaf, middle, _ = a_path()
    assert list(complete_path(leaf.der, [], [b"", b"\x30\x00"], ders(middle), at=NOW).chain) == ders(middle)


def test_a_crowd_of_namesakes_asks_for_too_many_checks_and_leaves_the_path_as_it_was() -> None:
    key = a_key()
    crowd = [issue("Same", ca=True, issuer=authority(), public_key=a_key().public_key(), key=key) for _ in range(450)]
    above = issue("Same", ca=True)
    leaf = issue(issuer=above)
    assert list(complete_path(leaf.der, [], ders(*crowd[:5], above), at=NOW).chain) == ders(above)
    assert complete_path(leaf.der, [], ders(*crowd, above), at=NOW).chain == ()


def test_a_path_with_more_bytes_than_are_stored_is_not_made() -> None:
    bulk = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), bytes(130 * 1024))
    top, middle = a_key(), a_key()
    root_der = self_made("Bulky root", top, "Bulky root", top, bulk)
    middle_der = self_made("Bulky middle", middle, "Bulky root", top, bulk)
    leaf_der = self_made("Leaf", a_key(), "Bulky middle", middle)
    assert complete_path(leaf_der, [], [middle_der], at=NOW).chain == (middle_der,)
    assert complete_path(leaf_der, [middle_der], [root_der], at=NOW).chain == (middle_der,)


def self_made(subject: str, key: Any, issuer: str, signer: Any, *extensions: x509.ExtensionType) -> bytes:
    """A certificate, DER, with `extensions`."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for each in extensions:
        builder = builder.add_extension(each, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)
