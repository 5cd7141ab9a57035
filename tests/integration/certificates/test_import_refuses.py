"""What an import refuses over HTTP: the status, the code, and that nothing was kept, in any table."""

import base64
import gzip
import hashlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, x25519

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.issued import PASSWORD, Issued, a_key, authority, in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, assert_refused, overview_of

MAX_FILE = 256 * 1024


@cache
def leaf() -> Issued:
    """A certificate that is refused in many ways and never comes in."""
    return issue("Refused")


@cache
def other() -> Issued:
    """Another one."""
    return issue("Refused as well")


@cache
def rsa_leaf() -> Issued:
    """One with an RSA key."""
    return issue("Refused RSA", algorithm="RSA_2048")


def file(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"content": in_base64(content), **fields}


@cache
def dsa_key() -> dsa.DSAPrivateKey:
    return dsa.generate_private_key(2048)


def with_public_key(key: Any) -> bytes:
    """A certificate for a key of whatever kind."""
    return issue("Unusual", key=a_key(), public_key=key.public_key()).der


def nested(depth: int) -> bytes:
    """SEQUENCEs within one another."""
    content = b""
    for _ in range(depth):
        content = element(tags.SEQUENCE, content)
        if len(content) > MAX_FILE - 10:
            break
    return content


def java_keystore(magic: bytes) -> bytes:
    """An empty one, as keytool writes it."""
    body = magic + bytes.fromhex("00000002 00000000")
    return body + hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()


def altered(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 0xFF
    return bytes(changed)


def two_keys_in_pkcs12() -> bytes:
    bags = [forged.bag(forged.KEY_BAG, forged.Issued(one.certificate, one.key).pkcs8) for one in (leaf(), other())]
    return forged.pkcs12(forged.open_part(*bags, forged.certificate_bag(leaf().der)))


def costly_pkcs12(iterations: int) -> bytes:
    """A file that states an iteration count which would keep the service busy for minutes."""
    bags = (forged.certificate_bag(leaf().der),)
    return forged.pkcs12(forged.open_part(*bags), mac=forged.classic_mac(iterations))


def costly_key(algorithm: bytes) -> bytes:
    """A key whose encryption asks for too much."""
    key = forged.sequence(algorithm, forged.octets(bytes(64)))
    return leaf().pem + forged.pem_key(key, "ENCRYPTED PRIVATE KEY").encode()


def rsa_with_exponent(exponent: int) -> bytes:
    number = rsa_leaf().key.public_key().public_numbers().n
    return forged.certificate_of(public_info=forged.rsa_public_info(number, exponent))


def rsa_of(modulus: int) -> bytes:
    return forged.certificate_of(public_info=forged.rsa_public_info(modulus, 65537))


A_PRIME = (1 << 2203) - 1
"""A Mersenne prime, which follows a pattern as well."""


def rfc6979_key() -> ec.EllipticCurvePrivateKey:
    """Appendix A.2.5: everybody has its private key."""
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    return ec.derive_private_key(number, ec.SECP256R1())


Make = Callable[[], dict[str, Any]]

REFUSED: dict[str, tuple[str, Make]] = {
    # not a certificate file at all, or a broken one
    "empty": ("unreadable_file", lambda: file(b"")),
    "text": ("unreadable_file", lambda: file(b"Dear Sir or Madam,\n")),
    "random bytes": ("unreadable_file", lambda: file(os.urandom(3000))),
    "zeros": ("unreadable_file", lambda: file(bytes(MAX_FILE))),
    "ones": ("unreadable_file", lambda: file(b"\xff" * MAX_FILE)),
    "a gzip file": ("unreadable_file", lambda: file(gzip.compress(leaf().der))),
    "DER cut in the middle": ("unreadable_file", lambda: file(leaf().der[:-100])),
    "DER with something behind it": ("unreadable_file", lambda: file(leaf().der + b"\0\x01")),
    "PKCS#12 cut in the middle": ("unreadable_file", lambda: file(leaf().pkcs12()[:-200], password=PASSWORD)),
    "PKCS#12 cut after its head": ("unreadable_file", lambda: file(leaf().pkcs12()[:40], password=PASSWORD)),
    "PKCS#12 with a broken head": ("unreadable_file", lambda: file(altered(leaf().pkcs12(), 8), password=PASSWORD)),
    "PEM without its end": ("unreadable_file", lambda: file(leaf().pem.replace(b"-----END", b"-----"))),
    "a second key that is indented": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem() + b"  " + other().key_pem()),
    ),
    "a second key behind a byte order mark": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem() + b"\xef\xbb\xbf" + other().key_pem()),
    ),
    "PEM in UTF-16": ("unreadable_file", lambda: file(leaf().pem.decode().encode("utf-16"))),
    "base64 without armour": ("unreadable_file", lambda: file(b"".join(leaf().pem.splitlines()[1:-1]))),
    "PEM that holds no base64": (
        "unreadable_file",
        lambda: file(b"-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n"),
    ),
    "PEM that holds nothing": (
        "unreadable_file",
        lambda: file(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    ),
    "nested a hundred thousand times": ("unreadable_file", lambda: file(nested(100_000))),
    "nested without end": ("unreadable_file", lambda: file(b"\x30\x80" * (MAX_FILE // 2))),
    "a length beyond the file": ("unreadable_file", lambda: file(b"\x30\x84\xff\xff\xff\xff" + bytes(100))),
    "a length of a hundred bytes": ("unreadable_file", lambda: file(b"\x30\xe4" + b"\xff" * 100)),
    "a key that is none beside a file": (
        "unreadable_file",
        lambda: file(leaf().der, private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ),
    "text for a key beside a file": ("unreadable_file", lambda: file(leaf().der, private_key="my key")),
    "an empty key beside a file": ("unreadable_file", lambda: file(leaf().der, private_key="")),
    # asks for too much work
    "PKCS#12 of two thousand million rounds": (
        "unreadable_file",
        lambda: file(costly_pkcs12(2**31 - 1), password=PASSWORD),
    ),
    "PKCS#12 of more rounds than numbers have": (
        "unreadable_file",
        lambda: file(costly_pkcs12(2**200), password=PASSWORD),
    ),
    "PKCS#12 of no rounds": ("unreadable_file", lambda: file(costly_pkcs12(0), password=PASSWORD)),
    "a key of a thousand million rounds": (
        "unreadable_file",
        lambda: file(costly_key(forged.pbe_algorithm("1.2.840.113549.1.5.3", 10**9)), password=PASSWORD),
    ),
    "scrypt over all memory": (
        "unreadable_file",
        lambda: file(costly_key(forged.scrypt_algorithm(2**30, 8, 1)), password=PASSWORD),
    ),
    # passwords
    "wrong password": ("wrong_password", lambda: file(leaf().pkcs12(), password="guess")),
    "wrong password in another script": ("wrong_password", lambda: file(leaf().pkcs12(), password="пароль 🔑")),
    "password of the longest": ("wrong_password", lambda: file(leaf().pkcs12(), password="x" * 1024)),
    "PKCS#12 without its password": ("password_required", lambda: file(leaf().pkcs12())),
    "PEM key with the wrong password": (
        "wrong_password",
        lambda: file(leaf().pem + leaf().key_pem(PASSWORD), password="guess"),
    ),
    "PEM key without its password": ("password_required", lambda: file(leaf().pem + leaf().key_pem(PASSWORD))),
    "key beside, wrong password": (
        "wrong_password",
        lambda: file(leaf().der, private_key=leaf().key_pem(PASSWORD).decode(), private_key_password="guess"),
    ),
    "key beside, without its password": (
        "password_required",
        lambda: file(leaf().der, private_key=leaf().key_pem(PASSWORD).decode()),
    ),
    "key beside, the file's password given": (
        "password_required",
        lambda: file(leaf().der, password=PASSWORD, private_key=leaf().key_pem(PASSWORD).decode()),
    ),
    # keys and certificates that do not go together
    "another's key in PEM": ("key_mismatch", lambda: file(leaf().pem + other().key_pem())),
    "another's key beside": ("key_mismatch", lambda: file(leaf().der, private_key=other().key_pem().decode())),
    "key of another kind": ("key_mismatch", lambda: file(leaf().pem + rsa_leaf().key_pem())),
    "two keys in PEM": ("several_keys", lambda: file(leaf().pem + leaf().key_pem() + other().key_pem())),
    "the same key twice": ("several_keys", lambda: file(leaf().pem + leaf().key_pem() + leaf().key_pem())),
    "a key in the file and one beside": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem(), private_key=leaf().key_pem().decode()),
    ),
    "two keys in PKCS#12": ("several_keys", lambda: file(two_keys_in_pkcs12())),
    "two end-entity certificates": ("several_certificates", lambda: file(leaf().pem + other().pem)),
    "a key alone": ("no_certificate", lambda: file(leaf().key_pem())),
    "a key alone in DER": ("no_certificate", lambda: file(forged.Issued(leaf().certificate, leaf().key).pkcs8)),
    "PKCS#7 without certificates": ("no_certificate", lambda: file(forged.pkcs7())),
    "PKCS#12 without certificates": ("no_certificate", lambda: file(forged.pkcs12(forged.open_part()))),
    # keys that nobody should sign with
    "RSA of 1024 bits": ("weak_key", lambda: issue(algorithm="RSA_1024").body()),
    "RSA of 2047 bits": (
        "weak_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info((1 << 2046) + 1, 65537))),
    ),
    "RSA, even exponent": ("weak_key", lambda: file(rsa_with_exponent(65536))),
    "RSA, exponent 1": ("weak_key", lambda: file(rsa_with_exponent(1))),
    "RSA, exponent 0": ("weak_key", lambda: file(rsa_with_exponent(0))),
    "RSA, even modulus": (
        "weak_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info(1 << 2047, 65537))),
    ),
    "RSA of 8192 bits": (
        "unsupported_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info((1 << 8191) + 1, 65537))),
    ),
    "DSA": ("unsupported_key", lambda: file(with_public_key(dsa_key()))),
    "secp256k1": ("unsupported_key", lambda: issue(algorithm="SECP256K1").body()),
    "brainpool": ("unsupported_key", lambda: issue(algorithm="BrainpoolP256R1").body()),
    "Ed448": ("unsupported_key", lambda: file(with_public_key(ed448.Ed448PrivateKey.generate()))),
    "X25519": ("unsupported_key", lambda: file(with_public_key(x25519.X25519PrivateKey.generate()))),
    "RSA, a prime for a modulus": ("weak_key", lambda: file(rsa_of(A_PRIME))),
    "RSA, a square for a modulus": ("weak_key", lambda: file(rsa_of(rsa_leaf().key.private_numbers().p ** 2))),
    "the base point of P-256": (
        "weak_key",
        lambda: issue(key=ec.derive_private_key(1, ec.SECP256R1())).body(),
    ),
    "Ed25519 of a seed of zeros": (
        "weak_key",
        lambda: issue(key=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))).body(),
    ),
    "a test key of RFC 6979": ("compromised_key", lambda: file(issue(key=rfc6979_key()).der)),
    "a test key of RFC 6979 with its private key": ("compromised_key", lambda: issue(key=rfc6979_key()).body()),
    # what would be too long to show
    "a serial number of 204,000 octets": (
        "unreadable_file",
        lambda: file(forged.certificate_of(serial=element(tags.INTEGER, b"\x7f" * 204_000))),
    ),
    # key stores of other kinds
    "Java keystore": ("unsupported_format", lambda: file(java_keystore(bytes.fromhex("feedfeed")))),
    "JCE keystore": ("unsupported_format", lambda: file(java_keystore(bytes.fromhex("cececece")))),
    "OpenSSH key": (
        "unsupported_format",
        lambda: file(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"),
    ),
    "PuTTY key": ("unsupported_format", lambda: file(b"PuTTY-User-Key-File-3: ssh-rsa\n")),
    "OpenPGP key": (
        "unsupported_format",
        lambda: file(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n"),
    ),
    "ZIP": ("unsupported_format", lambda: file(b"PK\x03\x04" + bytes(200))),
}


@pytest.mark.one_in(6)
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_and_leaves_nothing(case: str, signet: Service, admin: Client) -> None:
    code, make = REFUSED[case]
    body = {"alias": unused_name(), "owner": "local/alice", "pin": "1234", **make()}

    with signet.nothing_stored():
        response = admin.post("/certificates", body, key=unused_name())

    assert_refused(response, 422, code)


def test_no_refusal_repeats_the_password_or_the_key(admin: Client) -> None:
    for code, make in REFUSED.values():
        body = make()
        text = admin.post("/certificates", {"alias": unused_name(), **body}).body.decode()

        assert PASSWORD not in text, code
        assert not body.get("password") or body["password"] not in text, code
        assert "PRIVATE KEY-----" not in text, code


def test_a_file_over_256_kib_is_too_large(signet: Service, admin: Client) -> None:
    padded = leaf().pem + leaf().key_pem()
    padded = padded.rjust(MAX_FILE, b"\n")

    with signet.nothing_stored():
        too_long = admin.post("/certificates", file(b"\n" + padded, alias=unused_name()))
        far_too_long = admin.post("/certificates", file(bytes(4 * 1024 * 1024), alias=unused_name()))

    assert_refused(too_long, 413, "file_too_large")
    assert_refused(far_too_long, 413, "file_too_large")


def test_a_certificate_that_says_more_than_can_be_shown_is_too_large(signet: Service, admin: Client) -> None:
    points = forged.extension("2.5.29.31", forged.sequence(b"\x30\x00" * 130_000))
    certificate = forged.certificate_of(extensions=forged.sequence(points))
    assert len(certificate) < MAX_FILE

    with signet.nothing_stored():
        response = admin.post("/certificates", file(certificate, alias=unused_name()), key=unused_name())

    assert_refused(response, 413, "file_too_large")


def test_the_longest_path_that_a_file_has_room_for_is_stored_and_shown(admin: Client) -> None:
    above = authority_of_long_names(None)
    path = [above]
    while sum(len(each.der) for each in path) < MAX_FILE - 100_000:
        path.append(authority_of_long_names(path[-1]))
    content = forged.pkcs7(*(each.der for each in path))

    got = admin.good("POST", "/certificates", file(content, alias=unused_name()))

    details = admin.good("GET", f"/certificates/{got['id']}/details")
    assert len(details["chain"]) == len(path) - 1
    for download in ("pem_chain", "pkcs7"):
        assert admin.get(f"/certificates/{got['id']}/download?format={download}").status == 200
    listed = admin.good("GET", "/certificates", q=got["alias"])
    assert [item["id"] for item in listed["items"]] == [got["id"]]


@pytest.mark.parametrize(
    ("letter", "count"),
    [("\U0001f511", 16_000), ("\u0390", 16_000), ("\0", 5_000), ('"', 8_000)],
    ids=["four bytes each", "three letters in lower case", "three letters when escaped", "two when escaped"],
)
def test_the_longest_names_that_come_in_are_stored_listed_and_shown(letter: str, count: int, admin: Client) -> None:
    name = forged.sequence(
        element(
            tags.SET,
            forged.sequence(forged.oid("2.5.4.10"), element(tags.UTF8_STRING, (letter * count).encode())),
        )
    )
    certificate = forged.certificate_of(subject=name)

    got = admin.good("POST", "/certificates", file(certificate, alias=unused_name()))

    assert admin.good("GET", f"/certificates/{got['id']}/details")["subject_attributes"][0]["value"] == letter * count
    assert admin.good("GET", "/certificates", q=got["alias"])["items"][0]["id"] == got["id"]
    assert admin.good("PATCH", f"/certificates/{got['id']}", {"description": "x"})["description"] == "x"
    assert admin.good("GET", f"/certificates/{got['id']}/events")["items"]


def authority_of_long_names(by: forged.Issued | None) -> forged.Issued:
    """Its subject is some 8,000 letters of three bytes."""
    return forged.issue(unused_name(), by=by, organization="\u4e2d" * 8_000)


def test_a_file_of_256_kib_comes_in(admin: Client) -> None:
    issued = issue()
    padded = (issued.pem + issued.key_pem()).rjust(MAX_FILE, b"\n")

    assert admin.good("POST", "/certificates", file(padded, alias=unused_name()))["has_private_key"]


def test_a_body_over_what_lambda_takes_never_reaches_it(signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", {"content": "A" * 7 * 1024 * 1024})

    assert (response.status, set(response.json)) == (413, {"message"})


@pytest.mark.parametrize("already", ["with a key", "without a key"])
def test_a_taken_alias_is_refused_whoever_has_it(already: str, signet: Service, admin: Client) -> None:
    alias = unused_name()
    first = issue()
    body = first.body(alias=alias) if already == "with a key" else file(first.der, alias=alias)
    admin.good("POST", "/certificates", body)

    with signet.nothing_stored():
        response = admin.post("/certificates", issue().body(alias=alias.upper()), key=unused_name())

    assert_refused(response, 409, "alias_taken")
    assert "certificate_id" not in response.json


def test_the_same_certificate_again_is_refused_with_its_id(signet: Service, admin: Client) -> None:
    issued = issue()
    first = admin.import_certificate(issued)

    with signet.nothing_stored():
        again = admin.post("/certificates", issued.body(alias=unused_name()), key=unused_name())
        without_key = admin.post("/certificates", file(issued.der, alias=unused_name()))

    for response in (again, without_key):
        assert_refused(response, 409, "certificate_exists")
        assert response.json["certificate_id"] == first["id"]


def test_the_same_certificate_with_its_key_gives_the_one_without_its_key(admin: Client) -> None:
    issued = issue()
    first = admin.good("POST", "/certificates", file(issued.der, alias=unused_name(), owner="local/alice"))

    again = admin.post("/certificates", issued.body())

    assert again.status == 200
    assert again.json == {**first, "has_private_key": True, "version": 2, "updated_at": again.json["updated_at"]}
    assert admin.get(f"/certificates/{first['id']}").json == overview_of(again.json)


def test_a_key_that_is_not_the_stored_certificates_gives_it_none(signet: Service, admin: Client) -> None:
    issued = issue()
    admin.good("POST", "/certificates", file(issued.der, alias=unused_name()))

    with signet.nothing_stored():
        response = admin.post("/certificates", file(issued.pem + other().key_pem()))

    assert_refused(response, 422, "key_mismatch")


def test_who_may_not_import_learns_nothing_of_the_file(signet: Service, admin: Client, alice: Client) -> None:
    issued = issue()
    admin.import_certificate(issued, owner="local/alice")
    bodies = [issued.body(), issue().body(), file(b""), file(issued.pkcs12()), issued.body(owner="local/alice")]

    for body in bodies:
        with signet.nothing_stored("not_allowed"):
            response = alice.post("/certificates", body, key=unused_name())
        assert_refused(response, 403, "not_allowed")


def test_groups_that_do_not_exist_are_unknown(signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        unknown = admin.post("/certificates", issue().body(groups=["grp_000000000000000000000000", "crt_x", ""]))
        many = admin.post("/certificates", issue().body(groups=[f"grp_{n:024}" for n in range(26)]))
        far_too_many = admin.post("/certificates", issue().body(groups=[f"grp_{n:024}" for n in range(501)]))

    assert_refused(unknown, 422, "unknown_reference", "groups[0]", "groups[1]", "groups[2]")
    assert_refused(many, 422, "too_many_groups")
    assert_refused(far_too_many, 422, "invalid_input", "groups")


@pytest.fixture(scope="module")
def room_for_one(admin: Client) -> str:
    """A certificate group that is full."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), "certificate_limit": 1})["id"]
    admin.import_certificate(groups=[group])
    return str(group)


@pytest.fixture(scope="module")
def importer(signet: Service, admin: Client) -> tuple[Client, str]:
    """Somebody whose role lets import into one certificate group, and nothing else; and that group."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    role = {
        "name": unused_name("role"),
        "priority": 10,
        "permissions": ["certificates:view", "certificates:import"],
        "certificate_groups": [{"group": group, "rights": ["add"]}],
        "users": ["local/importer"],
    }
    admin.good("POST", "/roles", role)
    return signet.caller("importer"), group


def test_a_full_group_takes_none_in(room_for_one: str, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", issue().body(groups=[room_for_one]), key=unused_name())

    assert_refused(response, 409, "group_full")


def test_who_imports_for_a_group_must_name_it(importer: tuple[Client, str], signet: Service) -> None:
    client, group = importer

    with signet.nothing_stored("group_required"):
        assert_refused(client.post("/certificates", issue().body(), key=unused_name()), 403, "group_required")
    assert client.post("/certificates", issue().body(groups=[group])).status == 201


def test_who_imports_may_not_give_it_to_a_user_for_that_alone(importer: tuple[Client, str], signet: Service) -> None:
    client, group = importer

    for owner in ("local/importer", "local/alice"):
        with signet.nothing_stored("not_allowed"):
            refused = client.post("/certificates", issue().body(groups=[group], owner=owner))
        assert_refused(refused, 403, "not_allowed")


def test_a_group_that_the_caller_does_not_see_is_as_unknown_as_one_that_is_not_there(
    importer: tuple[Client, str], room_for_one: str, signet: Service
) -> None:
    client, group = importer
    absent = "grp_000000000000000000000000"

    with signet.nothing_stored():
        hidden, none = (
            client.post("/certificates", issue().body(groups=[group, one])) for one in (room_for_one, absent)
        )

    assert_refused(hidden, 422, "unknown_reference", "groups[1]")
    assert hidden.json["errors"] == none.json["errors"]


def test_a_conflict_over_what_the_caller_does_not_see_names_no_certificate(
    importer: tuple[Client, str], signet: Service, admin: Client
) -> None:
    client, group = importer
    issued = issue()
    hidden = admin.import_certificate(issued)

    with signet.nothing_stored():
        same = client.post("/certificates", issued.body(groups=[group]))
        alias = client.post("/certificates", issue().body(groups=[group], alias=hidden["alias"]))

    assert_refused(same, 409, "certificate_exists")
    assert_refused(alias, 409, "alias_taken")
    for response in (same, alias):
        assert hidden["id"] not in response.body.decode()
        assert "certificate_id" not in response.json


def test_a_hidden_certificate_without_its_key_is_given_none(
    importer: tuple[Client, str], signet: Service, admin: Client
) -> None:
    client, group = importer
    issued = issue()
    admin.good("POST", "/certificates", file(issued.der, alias=unused_name()))

    with signet.nothing_stored():
        refused = client.post("/certificates", issued.body(groups=[group]))

    assert_refused(refused, 409, "certificate_exists")
    assert "certificate_id" not in refused.json


FIELDS: dict[str, Any] = {
    "content": [None, 5, [], {}, True],
    "password": [5, [], "x" * 1025],
    "private_key": [5, "x" * 65537],
    "private_key_password": [5, "x" * 1025],
    "alias": [5, [], "", " a", "a ", "a/b", "a?b", "a#b", "a%b", "a\\b", ".", "..", "crt_x", "CRT_x", "x" * 129],
    "description": [5, "x" * 1025, "a\0b"],
    "owner": [5, "", "alice", "/alice", "local/", "LOCAL/alice", "local/ alice", "local/a\nb", "local/" + "x" * 257],
    "groups": ["grp_x", [5], {}, None, ["x" * 513]],
    "ask_for_reason": ["yes", 1, None],
    "pin": [1234, "123", "x" * 65, "12\n34", ""],
}
BAD_FIELDS = [(name, value) for name, values in FIELDS.items() for value in values]


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("name", "value"), BAD_FIELDS, ids=[f"{name}={str(value)[:20]!r}" for name, value in BAD_FIELDS]
)
def test_a_field_that_is_not_as_it_must_be_is_named(name: str, value: Any, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", leaf().body(**{name: value}))

    assert_refused(response, 422, "invalid_input")
    (wrong,) = response.json["errors"]
    assert wrong["field"].partition("[")[0] == name
    assert wrong["message"]
    assert name not in {"pin", "password", "private_key_password"} or str(value) not in wrong["message"] or not value


FOREIGN = {
    "URL-safe alphabet": base64.urlsafe_b64encode(b"\xfb\xff\xbf" * 30).decode(),
    "no padding": in_base64(leaf().der + b"x").rstrip("=") + ("" if len(leaf().der) % 3 != 2 else "A"),
    "a line break": in_base64(leaf().der)[:76] + "\n" + in_base64(leaf().der)[76:],
    "a space": " " + in_base64(leaf().der),
    "a line break at the end": in_base64(leaf().der) + "\n",
    "a stray character": in_base64(leaf().der)[:40] + "*" + in_base64(leaf().der)[40:],
    "padding within": "QQ==" + in_base64(leaf().der),
    "too much padding": in_base64(leaf().der + bytes(-len(leaf().der) % 3)) + "====",
    "one character": "A",
    "other digits": "\uff14" * 4,
    "stray bits": "QR==",
    "a data URL": "data:application/x-pkcs12;base64," + in_base64(leaf().der),
    "hex": leaf().der.hex() + "0",
    "PEM": leaf().pem.decode(),
}


@pytest.mark.one_in(5)
@pytest.mark.parametrize("case", FOREIGN)
def test_base64_is_decoded_strictly(case: str, signet: Service, admin: Client) -> None:
    with signet.nothing_stored():
        response = admin.post("/certificates", {"content": FOREIGN[case], "alias": unused_name()})

    assert_refused(response, 422, "invalid_input", "content")


def test_an_expired_certificate_comes_in_and_so_does_one_not_yet_valid(admin: Client) -> None:
    expired = admin.import_certificate(issue(begins_in_days=-30, days=-0.5))
    early = admin.import_certificate(issue(begins_in_days=30, days=60))

    assert (expired["expiry"]["state"], expired["expiry"]["days_left"]) == ("expired", -1)
    assert early["expiry"]["state"] == "not_yet_valid"


def test_a_certificate_with_the_path_above_it_is_the_one_that_issued_none(admin: Client) -> None:
    middle = issue("Middle CA", ca=True)
    below = issue(issuer=middle)
    files = [below.pem + middle.pem + authority().pem, authority().pem + middle.pem + below.pem]

    for content in files[:1]:
        got = admin.good("POST", "/certificates", file(content, alias=unused_name()))
        assert got["subject"] == below.certificate.subject.rfc4514_string()
    assert_refused(admin.post("/certificates", file(files[1])), 409, "certificate_exists")


def test_the_alias_is_the_friendly_name_or_else_the_cn(admin: Client) -> None:
    named, plain = issue(), issue()
    friendly = unused_name("友好 name")

    first = admin.good("POST", "/certificates", file(named.pkcs12(name=friendly), password=PASSWORD))
    second = admin.good("POST", "/certificates", plain.body())

    assert first["alias"] == friendly
    assert f"CN={second['alias']}" in second["subject"]


def test_rsa_lengths_between_the_common_ones_come_in(admin: Client) -> None:
    assert admin.import_certificate(issue(algorithm="RSA_2176"))["key_algorithm"] == "RSA_2176"
