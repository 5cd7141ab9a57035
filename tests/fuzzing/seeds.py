"""Where each fuzzer begins: what programs and people really send, as the other tests and the samples have it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from signet.adapters.cryptography.certificate_signing_requests import build_csr
from signet.adapters.cryptography.private_keys import generate_private_key
from signet.domain.signing_requests.csr_command import parse_csr_order
from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.calls.library import HANDSHAKE
from signet_cli.pkcs11.frames import Frame, write_frame
from tests.support.certificates import issued
from tests.support.certificates.forged_files import Issued, issue
from tests.support.certificates.issued import ML_DSA_ALGORITHMS
from tests.support.certificates.vectors import expectations, key_expectations
from tests.support.programs.pkcs11_program import byte_array, call_body, template, u32, u64
from tests.support.services.oidc_issuer import jwk, key, signed
from tests.unit.certificate_files.hostile_files import PASSWORD, PLACES
from tests.unit.certificate_files.test_damaged_certificate_files import KNOWN_EXTENSIONS, samples

ISSUER_URL = "https://login.example.com/corp"
EXTENSIONS = tuple(KNOWN_EXTENSIONS)
_EVENTS = Path(__file__).resolve().parents[2] / "events"
_SMALL = 6000
"""Bytes; a larger file has nothing in it that a smaller has not."""


@cache
def leaf() -> Issued:
    """A certificate with its key, which texts of keys stand beside."""
    return issue("Leaf", key=ec.generate_private_key(ec.SECP256R1()))


@cache
def _of_ml_dsa(algorithm: str) -> issued.Issued:
    return issued.issue("For years to come", algorithm=algorithm)


# --- files ---------------------------------------------------------------------------------------------------------


def certificate_files() -> Iterator[bytes]:
    """Of each format, by the programs that write them, and those that were made to hurt."""
    yield from (content for content, _ in samples().values())
    yield from (place(1000) for place in PLACES)
    yield b"\xfe\xed\xfe\xed\x00\x00\x00\x02"
    for vector in expectations():
        # NIST's 405 key stores are much alike, and have tests of their own.
        if len(vector.content) < _SMALL and "PKITS" not in vector.name:
            yield vector.content


def private_keys() -> Iterator[bytes]:
    """In each of the formats of PEM, open and encrypted."""
    mine = leaf().key
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        yield mine.private_bytes(Encoding.PEM, form, NoEncryption())
        yield mine.private_bytes(Encoding.PEM, form, BestAvailableEncryption(PASSWORD.encode()))
    yield from (_of_ml_dsa(algorithm).key_pem() for algorithm in ML_DSA_ALGORITHMS)
    yield from (vector.key_text.encode() for vector in key_expectations() if len(vector.content) < _SMALL)


def certificates() -> Iterator[bytes]:
    """DER."""
    yield leaf().der
    yield issue("Root").der
    yield from (_of_ml_dsa(algorithm).der for algorithm in ML_DSA_ALGORITHMS)
    for vector in expectations():
        if len(vector.content) < _SMALL and vector.content[:1] == b"\x30" and "PKITS" not in vector.name:
            yield vector.content


def extensions() -> Iterator[bytes]:
    """The number of an extension, and a value that others put into it."""
    for extension in leaf().certificate.extensions:
        dotted = extension.oid.dotted_string
        if dotted in EXTENSIONS:
            yield bytes((EXTENSIONS.index(dotted),)) + extension.value.public_bytes()
    for place in range(len(EXTENSIONS)):
        for value in (
            "300a8208612e6578616d706c65",
            "0303070680",
            "30060101ff020100",
            "04020500",
            "300806062a864886f70d",
        ):
            yield bytes((place,)) + bytes.fromhex(value)


@cache
def csr() -> bytes:
    """What is asked of a CA, with names and usages."""
    asked = parse_csr_order(
        key_algorithm="ECC_NIST_P256",
        hash=None,
        subject=None,
        distinguished_name="CN=release,O=Example Corp,C=US",
        subject_alternative_names={"dns": ["example.com"], "email": ["a@example.com"], "ip": ["192.0.2.7"]},
        extended_key_usage=("code_signing",),
    )
    return build_csr(asked, generate_private_key("ECC_NIST_P256").pkcs8)


def distinguished_names() -> Iterator[bytes]:
    """RFC 4514, 4, and what is escaped."""
    yield b'CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net'
    yield b"UID=jsmith,DC=example,DC=net"
    yield b"OU=Sales+CN=J.  Smith,DC=example,DC=net"
    yield b"CN=Before\\0dAfter,DC=example,DC=net"
    yield b"1.3.6.1.4.1.1466.0=#04024869"
    yield b"CN=Lu\\C4\\8Di\\C4\\87, O=\\ a\\ , C=US, serialNumber=7, emailAddress=a@example.com"
    yield "CN=名前,O=é".encode()
    yield b"OID.2.5.4.3=#0c0141"


def alternative_names() -> Iterator[bytes]:
    """Of the four kinds."""
    yield b"example.com\n*.example.com\nxn--bcher-kva.example"
    yield b'release@example.com\n"a b"@example.com'
    yield b"urn:example:release\nhttps://example.com/a?b=c\nhttps://[2001:db8::7]:443/"
    yield b"192.0.2.7\n2001:db8::7\n::ffff:192.0.2.1\nfe80::1%eth0"


def timestamps() -> Iterator[bytes]:
    """RFC 3339, 5.8, and the ends of time."""
    yield from (
        b"1985-04-12T23:20:50.52Z",
        b"1996-12-19T16:39:57-08:00",
        b"1990-12-31T23:59:60Z",
        b"1937-01-01T12:00:27.87+00:20",
        b"0001-01-01T00:00:00+23:59",
        b"9999-12-31T23:59:59-23:59",
        b"2026-11-22t13:00:00z",
    )


def regular_expressions() -> Iterator[bytes]:
    """Of policies, and those that cost."""
    yield from (b"(?i)^signtool( |$)", b"[ab]*a[ab]{200}c", b"(a+)+$", b"\\p{L}+\\d{1,5}", b"(?P<n>x)|y", b"\\Q.*\\E")


# --- HTTP ----------------------------------------------------------------------------------------------------------


def _sample_events() -> Iterator[dict[str, Any]]:
    for path in sorted(_EVENTS.glob("*.json")):
        yield json.loads(path.read_text())


def bodies_of(route: str) -> Callable[[], Iterable[bytes]]:
    """The bodies of the samples of `route`, and of those that come near it."""

    def bodies() -> Iterator[bytes]:
        for event in _sample_events():
            if event.get("body") and event.get("routeKey", "").partition("{proxy")[0] == route.partition("{proxy")[0]:
                raw = event["body"].encode()
                yield base64.b64decode(raw) if event["isBase64Encoded"] else raw
        yield from _MORE_BODIES.get(route, ())

    return bodies


_WINDOW = {"days": ["mon"], "start_time": "22:00", "end_time": "06:00", "time_zone": "Europe/Madrid"}
_MORE_BODIES: dict[str, tuple[bytes, ...]] = {
    "POST /": (
        b'{"KeyId":"alias/a","Message":"QUJD","MessageType":"RAW","SigningAlgorithm":"ECDSA_SHA_256"}',
        b'{"KeyId":"alias/a","Message":"QUJD","Signature":"QUJD","SigningAlgorithm":"ECDSA_SHA_256","DryRun":true}',
    ),
    "POST /v1/transit/sign/{proxy+}": (
        b'{"input":"QUJD","key_version":"1","prehashed":"true","marshaling_algorithm":"jws","salt_length":"auto"}',
        b'{"batch_input":[{"input":"QUJD","reference":"1","signature":"vault:v1:QUJD"}],"hash_algorithm":"sha2-512"}',
    ),
    "POST /v1/policies": (
        json.dumps(
            {
                "name": "a",
                "action": "allow",
                "priority": 1,
                "what": {"certificates": ["crt_1"], "groups": ["grp_1"]},
                "who": {"users": ["corp/a"], "user_groups": ["corp/b"]},
                "where": {"processes": ["sign*"], "command_lines": ["^a"], "source_networks": ["10.0.0.0/8", "::/0"]},
                "when": [_WINDOW, {"start_date": "2026-01-01", "end_date": "2026-12-31"}],
            }
        ).encode(),
    ),
    "POST /v1/roles": (
        json.dumps(
            {
                "name": "a",
                "priority": 1,
                "permissions": ["certificates:view"],
                "users": ["corp/a"],
                "certificate_groups": [{"group": "grp_1", "rights": ["add"]}],
            }
        ).encode(),
    ),
}


def query_strings() -> Iterator[bytes]:
    """Filters of the three lists."""
    yield from (event["rawQueryString"].encode() for event in _sample_events() if event.get("rawQueryString"))
    yield b"status=enabled&expiry=valid&owner=corp%2Falice&q=a&expires_before=2026-11-22T13:00:00%2B01:00&limit=7"
    yield b"thumbprint=AA:BB&serial_number=0A&subject=CN%3Da&contains=b&usable=true&count=true&sort=valid_to&order=desc"
    yield b"type=Certificate%20Used&user=corp/a&outcome=refused&from=2026-11-22T13:00:00Z&to=2026-11-23T13:00:00Z"


def header_values() -> Iterator[bytes]:
    """RFC 9110, 12.5.1 and 13.1.1."""
    yield b"text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c"
    yield b'text/csv;a="b,c";q=1.000, */*;q=0'
    yield b'"1", W/"2", "0", "12345678901"'
    yield b"*"


def transit_signatures() -> Iterator[bytes]:
    """In both alphabets."""
    yield b"vault:v1:QUJD"
    yield b"vault:v12:QUJDRA=="
    yield b"vault:v999999:_-8"


def requested_actions() -> Iterator[bytes]:
    """As EventBridge delivers them."""
    for event in _sample_events():
        yield from (record["body"].encode() for record in event.get("Records", ()) if "body" in record)


# --- tokens --------------------------------------------------------------------------------------------------------


def _claims(**more: object) -> dict[str, object]:
    return {"iss": ISSUER_URL, "aud": "signet", "sub": "alice", "exp": 1795438800, **more}


def claims() -> Iterator[bytes]:
    """Of a token that is good, with groups in each of their forms."""
    for more in (
        {},
        {"groups": ["a", "b"], "aud": ["x", "signet"], "nbf": 0, "iat": 1.5},
        {"realm_access": {"roles": ["c"]}, "groups": "d"},
        {"_claim_names": {"groups": "src1"}},
    ):
        yield json.dumps(_claims(**more)).encode()


def tokens() -> Iterator[bytes]:
    """Signed as they should be, and by another key."""
    yield signed(_claims(), key("P-256"), "ES256", kid="one").encode()
    yield signed(_claims(groups=["a"]), key("Ed25519"), "EdDSA", kid="two", typ="at+jwt").encode()
    yield signed(_claims(), key("P-256/x"), "ES256").encode()
    yield b"eyJhbGciOiJub25lIn0.e30.e30"


@cache
def key_set() -> bytes:
    """Of each kind."""
    kinds = (("P-256", "one"), ("Ed25519", "two"), ("RSA", "three"), ("P-521", "four"))
    return json.dumps({"keys": [jwk(key(kind), kid=name, use="sig") for kind, name in kinds]}).encode()


def trusted_issuers() -> Iterator[bytes]:
    """Of the parameter, with all that an entry can have."""
    entry = {
        "alias": "corp",
        "issuer": ISSUER_URL,
        "audiences": ["signet"],
        "user_claim": "sub",
        "group_claims": ["groups"],
        "required_claims": {"hd": ["example.com"], "n": [1, True]},
        "jwks_uri": "https://login.example.com/keys",
        "login": {"client_id": "signet-cli", "scopes": "openid"},
    }
    yield json.dumps([entry]).encode()
    yield json.dumps([{**entry, "alias": "local", "issuer": "http://127.0.0.1:3000/local/issuer"}]).encode()
    yield b"[]"


# --- the agent -----------------------------------------------------------------------------------------------------


def conversations() -> Iterator[bytes]:
    """All of what a program says to sign once, in each of the ways to say it; and each call alone."""
    opening = [
        call_body(1, byte_array(HANDSHAKE), byte_array(b""), byte_array(b"")),
        call_body(4, b"\1", u32(8)),
        call_body(5, u64(1)),
        call_body(6, u64(1)),
        call_body(10, u64(1), u64(ck.CKF_SERIAL_SESSION)),
        call_body(18, u64(1), u64(ck.CKU_USER), byte_array(b"2468")),
        call_body(26, u64(1), template((ck.CKA_CLASS, ck.CKO_PRIVATE_KEY), (ck.CKA_SIGN, True))),
        call_body(27, u64(1), u32(8)),
        call_body(28, u64(1)),
        call_body(24, u64(1), u64(3), u32(2), u32(ck.CKA_ID), u32(64), u32(ck.CKA_EC_POINT), u32(0)),
    ]
    begins = call_body(42, u64(1), u32(ck.CKM_ECDSA_SHA256), u64(3))
    whole = [begins, call_body(43, u64(1), byte_array(b"data"), u32(1024))]
    parts = [begins, call_body(44, u64(1), byte_array(b"da")), call_body(45, u64(1), u32(1024))]
    for calls in (opening, [*opening, *whole], [*opening, *parts, call_body(2, byte_array(None))]):
        yield _framed(calls)
    for number in (2, 3, 7, 8, 11, 12, 13, 19, 23, 64, 65, 68, 99):
        yield _framed([*opening[:1], opening[4], call_body(number, u64(1), u64(1), u32(8))])


def _framed(bodies: Iterable[bytes]) -> bytes:
    sink = io.BytesIO(b"\2")
    sink.seek(1)
    for number, body in enumerate(bodies):
        write_frame(sink, Frame(number, b"", body))
    return sink.getvalue()
