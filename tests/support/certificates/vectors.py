"""What an import answers for each certificate and key in PyPI's `cryptography_vectors`, and why.

`expectations()` yields one `Vector` for every file of the folders below; a file that no rule names is an error, so new
vectors are not passed over. The files are other people's: NIST's PKITS, and those with which pyca, OpenSSL, mbed TLS,
Botan and others test themselves.
"""

from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key, load_pem_private_key

ROOT = Path(cryptography_vectors.__file__).parent
COMPROMISED = "compromised_key"


@dataclass(frozen=True, slots=True)
class Vector:
    """One file, and what importing it answers."""

    path: Path
    password: str | None
    code: str | None
    """The problem's code; None where the import succeeds."""
    reason: str

    @property
    def name(self) -> str:
        """The path inside the package."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def content(self) -> bytes:
        """What is in the file."""
        return self.path.read_bytes()

    @property
    def key_text(self) -> str:
        """A key's file as PEM, which `private_key` takes."""
        content = self.content
        if b"-----" in content:
            return content.decode("latin-1")
        return f"-----BEGIN PRIVATE KEY-----\n{encodebytes(content).decode()}-----END PRIVATE KEY-----\n"


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    code: str | None
    reason: str
    password: str | None = None


_SOUND = "a sound certificate"
_NOT_OURS = "holds no certificate: it is a CRL, a request or an OCSP answer"
_OLD_RSA = "an RSA key under 2048 bits"
_DSA = "DSA keys are not signed with"
_PSS = "the key is restricted to RSASSA-PSS"
_ENVELOPED = "an encrypted message, not a bag of certificates"
_TWO = "two certificates of which none issued the other, and no key to choose by"

# The first rule that matches is the file's.
FILES = (
    # NIST's PKITS, 405 files: an end entity or CA each, with its key.
    *(
        _Rule(f"x509/PKITS_data/pkcs12/{name}.p12", "unsupported_key", _DSA, "password")
        for name in (
            "DSACACert",
            "DSAParametersInheritedCACert",
            "InvalidDSASignatureTest6EE",
            "ValidDSAParameterInheritanceTest5EE",
            "ValidDSASignaturesTest4EE",
        )
    ),
    _Rule(
        "x509/PKITS_data/pkcs12/*.p12", None, "RSA-2048 with its certificate, whatever its path is worth", "password"
    ),
    *(
        _Rule(f"x509/PKITS_data/certs/{name}.crt", "unsupported_key", _DSA)
        for name in (
            "DSACACert",
            "DSAParametersInheritedCACert",
            "InvalidDSASignatureTest6EE",
            "ValidDSAParameterInheritanceTest5EE",
            "ValidDSASignaturesTest4EE",
        )
    ),
    _Rule("x509/PKITS_data/certs/*.crt", None, _SOUND),
    # pyca's own PKCS#12 files.
    _Rule("pkcs12/cert-*.p12", None, "P-256, in RC2-40, 3DES, AES or no encryption", "cryptography"),
    _Rule("pkcs12/no-cert-key-*.p12", "no_certificate", "only a key", "cryptography"),
    _Rule("pkcs12/no-cert-*no-pwd.p12", "several_certificates", _TWO),
    _Rule("pkcs12/no-cert-*-pwd.p12", "several_certificates", _TWO, "password"),
    _Rule("pkcs12/java-truststore.p12", "several_certificates", _TWO),
    _Rule("pkcs12/*no-pwd.p12", None, "not encrypted; the certificate of the key, the two others belong to no path"),
    _Rule("pkcs12/*-pwd.p12", None, "the certificate of the key, the two others belong to no path", "password"),
    _Rule("pkcs12/no-password.p12", None, "encrypted under the empty password"),
    _Rule("pkcs12/ca/ca.pem", None, _SOUND),
    _Rule("pkcs12/ca/ca_key.pem", "no_certificate", "only a key"),
    # PKCS#7.
    _Rule("pkcs7/amazon-roots.*", "several_certificates", "two roots"),
    _Rule("pkcs7/enveloped*", "unsupported_format", _ENVELOPED),
    _Rule("pkcs7/authenticode.der", None, "signed data with the signer's certificate in it"),
    _Rule("pkcs7/isrg.pem", None, "one root"),
    _Rule("pkcs7/*-san.pem", None, _SOUND),
    # X.509 as found in the wild.
    _Rule("x509/badasn1time.pem", "unreadable_file", "a validity that is no time"),
    _Rule("x509/cryptography.io.*with_garbage.pem", "unreadable_file", "a block called PRIVATE KEY holds none"),
    _Rule("x509/cryptography.io.with_headers.pem", "password_required", "its key is encrypted, and none was given"),
    _Rule("x509/v1_cert.pem", "weak_key", _OLD_RSA),
    _Rule("x509/verisign_md2_root.pem", "weak_key", _OLD_RSA),
    _Rule("x509/ed448/*", "unsupported_key", "Ed448 is not signed with"),
    _Rule("x509/ed25519/ed25519-rfc8410.pem", "unsupported_key", "its key is for X25519, which agrees and never signs"),
    _Rule("x509/ed25519/*", None, _SOUND),
    # X.509 made to be odd.
    _Rule("x509/custom/crl_almost_10k.pem", "file_too_large", "278 KiB"),
    _Rule("x509/custom/crl_*.der", "unreadable_file", "a CRL in DER, which is no certificate"),
    _Rule("x509/custom/crl_*.pem", "no_certificate", _NOT_OURS),
    _Rule("x509/custom/*_crl.pem", "no_certificate", _NOT_OURS),
    _Rule("x509/custom/ca/*_key.pem", "no_certificate", "only a key"),
    _Rule("x509/custom/ca/*", None, _SOUND),
    _Rule("x509/custom/invalid_version.pem", "unreadable_file", "there is no such version of X.509"),
    _Rule("x509/custom/dsa_*", "unsupported_key", _DSA),
    _Rule("x509/custom/rsa_pss_sha256_no_null.pem", None, "signed with PSS, its own key is not restricted"),
    _Rule("x509/custom/rsa_pss*", "unsupported_key", _PSS),
    _Rule("x509/custom/ec_no_named_curve.pem", "unsupported_key", "the curve is spelled out"),
    _Rule("x509/custom/unsupported_subject_public_key_info.pem", "unsupported_key", "a kind of key nobody knows"),
    *(
        _Rule(f"x509/custom/{name}", "weak_key", _OLD_RSA)
        for name in (
            "alternate-rsa-sha1-oid.der",
            "cdp_all_reasons.pem",
            "cdp_crl_issuer.pem",
            "cdp_fullname_reasons_crl_issuer.pem",
            "cdp_reason_aa_compromise.pem",
            "malformed-ian.pem",
            "malformed-san.pem",
            "san_registered_id.pem",
        )
    ),
    _Rule("x509/custom/long-form-name-attribute.pem", "unreadable_file", "a name whose value is of no known type"),
    _Rule("x509/custom/*", None, "odd in its names or extensions, and sound in what an import needs"),
    # What is no certificate at all.
    _Rule("x509/requests/*.der", "unreadable_file", "a certification request in DER"),
    _Rule("x509/requests/*", "no_certificate", _NOT_OURS),
    _Rule("x509/*.pem", None, _SOUND),
    _Rule("x509/cryptography-scts-tbs-precert.der", "unreadable_file", "the part that is signed, without a signature"),
    _Rule("x509/e-trust.ru.der", "unsupported_key", "GOST keys are not signed with"),
    _Rule("x509/san_*.der", "unsupported_key", _DSA),
    _Rule("x509/*.der", None, _SOUND),
    _Rule("asymmetric/OpenSSH/*.key", "unsupported_format", "OpenSSH keys are not read"),
    _Rule("asymmetric/OpenSSH/*.pub", "unsupported_format", "OpenSSH keys are not read"),
    _Rule("asymmetric/OpenSSH/certs/*.pub", "unsupported_format", "OpenSSH certificates are not X.509"),
)

FILE_FOLDERS = (
    "pkcs12",
    "pkcs12/ca",
    "pkcs7",
    "x509",
    "x509/custom",
    "x509/custom/ca",
    "x509/ed25519",
    "x509/ed448",
    "x509/requests",
    "x509/PKITS_data/pkcs12",
    "x509/PKITS_data/certs",
    "asymmetric/OpenSSH",
    "asymmetric/OpenSSH/certs",
)

_EXPLICIT = "the curve is spelled out, or another"
_PUBLIC = "a public key or parameters, and no private key"
_BROKEN = "broken on purpose"

# Keys come in beside a certificate that is made for them here; without one that fits, beside any.
KEYS = (
    _Rule("*/PKCS8/*pub.*", "unreadable_file", _PUBLIC),
    _Rule("*/PKCS8/bad-encryption-oid.pem", "unsupported_format", "an encryption that nobody knows", "baz"),
    _Rule("*/PKCS8/enc-unknown-*.pem", "unsupported_format", "an algorithm that nobody knows", "foobar"),
    _Rule("*/PKCS8/rsa-rc2-cbc-effective-key-length.pem", "unsupported_format", "RC2 with 258 effective bits", "baz"),
    _Rule("*/PKCS8/enc-rsa-pkcs8-pbkdf2-0iter.pem", "unreadable_file", "no iterations at all", "foobar"),
    _Rule("*/PKCS8/bad-oid-dsa-key.pem", "unsupported_key", "a kind of key nobody knows"),
    _Rule("*/PKCS8/unknown-oid.der", "unsupported_key", "a kind of key nobody knows"),
    _Rule("*/PKCS8/unenc-dsa-pkcs8.pem", "unsupported_key", _DSA),
    _Rule("*/PKCS8/rsa_pss_2048*.pem", "unsupported_key", _PSS),
    _Rule("*/PKCS8/ec-inconsistent-curve*.pem", "unreadable_file", "names two curves"),
    _Rule("*/PKCS8/ec-invalid-version.pem", "unreadable_file", _BROKEN),
    _Rule("*/PKCS8/ec-invalid-private-scalar.pem", "unreadable_file", "longer than its curve"),
    _Rule("*/PKCS8/ec_oid_not_in_reg_private_2.pkcs8.pem", "unsupported_key", _EXPLICIT),
    _Rule("*/PKCS8/*dompar_private.pkcs8.pem", "unsupported_key", _EXPLICIT),
    _Rule("*/PKCS8/private.pem", "unsupported_key", _EXPLICIT),
    _Rule("*/PKCS8/pkcs12_s2k_pem-X_*.pem", "weak_key", _OLD_RSA, "123456"),
    _Rule("*/PKCS8/enc-rsa-pkcs8.pem", "weak_key", _OLD_RSA, "foobar"),
    _Rule("*/PKCS8/enc2-rsa-pkcs8.pem", "weak_key", _OLD_RSA, "baz"),
    _Rule("*/PKCS8/rsa-40bitrc2.pem", "weak_key", _OLD_RSA, "baz"),
    _Rule("*/PKCS8/unenc-rsa-pkcs8.pem", "weak_key", _OLD_RSA),
    _Rule("*/PKCS8/enc-rsa-3des.pem", None, "PBE with SHA-1 and 3DES", "password"),
    _Rule("*/PKCS8/enc-ec-sha1-128-rc4.pem", None, "PBE with SHA-1 and RC4", "password"),
    _Rule("*/PKCS8/ec_private_key_encrypted.pem", None, "PBES2", "123456"),
    _Rule("*/PKCS8/ed25519-scrypt.pem", None, "PBES2 with scrypt", "hunter42"),
    _Rule("*/PKCS8/rsa-aes-192-cbc.pem", None, "PBES2 with AES-192", "PolarSSLTest"),
    _Rule("*/PKCS8/rsa-pbe-3des-long-salt.pem", None, "a salt of a kilobyte", "password"),
    _Rule("*/PKCS8/rsa-pbewithmd5anddescbc.pem", None, "PBES1 with MD5 and DES", "hunter2"),
    _Rule("*/PKCS8/rsa-rc2-cbc.pem", None, "PBES2 with RC2", "Red Hat Enterprise Linux 7.4"),
    _Rule("*/PKCS8/rsa_pkcs8_pbes2_pbkdf2_2048_3des_*.pem", None, "PBES2 with SHA-2 and 3DES", "PolarSSLTest"),
    _Rule("*/PKCS8/ec-consistent-curve.pem", None, "names its curve twice, and means the same"),
    _Rule("*/PKCS8/ec_private_key.pem", None, "P-256"),
    _Rule("*/PKCS8/ecc_private_with_rfc5915_ext.pem", None, "P-256"),
    _Rule("*/PKCS8/invalid-version.der", None, "version 1 without a public key: harmless"),
    _Rule("*/PKCS8/wrong-pem-delimiter-rsa.pem", None, "PKCS#8 under PKCS#1's label: the bytes say what it is"),
    _Rule("*/PEM_Serialization/dsa_private_key.pem", "unsupported_key", _DSA, "123456"),
    _Rule("*/PEM_Serialization/dsa_4096.pem", "unsupported_key", _DSA),
    _Rule("*/PEM_Serialization/*public_key*.pem", "unreadable_file", _PUBLIC),
    _Rule("*/PEM_Serialization/dsaparam.pem", "unreadable_file", _PUBLIC),
    _Rule("*/PEM_Serialization/README.txt", "unreadable_file", "prose"),
    _Rule("*/PEM_Serialization/rsa-bad-1025-q-is-2.pem", "weak_key", "1025 bits, and 2 is one of its primes"),
    _Rule("*/PEM_Serialization/ec_private_key.pem", None, "SEC 1"),
    _Rule("*/PEM_Serialization/ec_private_key_encrypted.pem", None, "SEC 1 in AES-256", "123456"),
    _Rule("*/PEM_Serialization/rsa_private_key.pem", None, "PKCS#1 in 3DES", "123456"),
    _Rule("*/Traditional_OpenSSL_Serialization/dsa*.pem", "unsupported_key", _DSA),
    _Rule(
        "*/Traditional_OpenSSL_Serialization/key1-no-dek-info.pem", "unsupported_format", "no cipher named", "123456"
    ),
    _Rule("*/Traditional_OpenSSL_Serialization/key1-*.pem", "unreadable_file", "a broken DEK-Info", "123456"),
    _Rule("*/Traditional_OpenSSL_Serialization/key1.pem", None, "PKCS#1 in DES-EDE3", "123456"),
    _Rule("*/Traditional_OpenSSL_Serialization/key2.pem", None, "PKCS#1 in AES", "a123456"),
    _Rule("*/Traditional_OpenSSL_Serialization/rsa-wrong-version.pem", "unreadable_file", "version 17"),
    _Rule("*/Traditional_OpenSSL_Serialization/testrsa-encrypted.pem", None, "PKCS#1 in AES", "password"),
    _Rule("*/Traditional_OpenSSL_Serialization/testrsa.pem", None, "PKCS#1"),
    _Rule("*/DER_Serialization/*pub*.der", "unreadable_file", _PUBLIC),
    _Rule("*/DER_Serialization/*dsa*", "unsupported_key", _DSA),
    _Rule("*/DER_Serialization/enc-rsa-pkcs8.der", "weak_key", _OLD_RSA, "foobar"),
    _Rule("*/DER_Serialization/enc2-rsa-pkcs8.der", "weak_key", _OLD_RSA, "baz"),
    _Rule("*/DER_Serialization/unenc-rsa-pkcs8.der", "weak_key", _OLD_RSA),
    _Rule("*/DER_Serialization/testrsa.der", None, "PKCS#1"),
    _Rule("*/DER_Serialization/ec_private_key.der", None, "SEC 1"),
    _Rule("*/DER_Serialization/ec_private_key_encrypted.der", None, "PBES2", "123456"),
    _Rule("*/EC/*pub*", "unreadable_file", _PUBLIC),
    _Rule("*/EC/*-spki.pem", "unreadable_file", _PUBLIC),
    _Rule("*/EC/compressed_points.txt", "unreadable_file", "prose"),
    _Rule("*/EC/*explicit*", "unsupported_key", _EXPLICIT),
    _Rule("*/EC/ec-missing-curve.pem", "unsupported_key", "no curve at all"),
    _Rule("*/EC/secp128r1_private_key.pem", "unsupported_key", _EXPLICIT),
    _Rule("*/EC/ec_private_key_non_zero_unused_bits.der", None, "its public point is odd, and is computed anyway"),
    _Rule("*/EC/truncated-private-key.der", "weak_key", "its number is 1"),
    _Rule("*/EC/high-bit-set.pem", None, "P-256"),
    _Rule("*/Ed25519/*pub*", "unreadable_file", _PUBLIC),
    _Rule("*/Ed25519/ed25519-pkcs8-enc.*", COMPROMISED, "a key of RFC 8410, in PBES2", "password"),
    _Rule("*/Ed25519/ed25519-pkcs8.*", COMPROMISED, "a key of RFC 8410"),
    _Rule("*/Ed25519/sign.input", "file_too_large", "5 MB of test signatures"),
    _Rule("*/MLDSA/*_pub.der", "unreadable_file", _PUBLIC),
    _Rule("*/MLDSA/*_noseed_priv.der", "unsupported_key", "expanded, without its seed"),
    _Rule("*/MLDSA/*_priv.der", "weak_key", "its seed is one byte, 32 times"),
    _Rule("*/MLDSA/*.rsp", "file_too_large", "megabytes of known answers"),
    *(
        rule
        for kind in ("Ed448", "X25519", "X448")
        for rule in (
            _Rule(f"*/{kind}/*pub*", "unreadable_file", _PUBLIC),
            _Rule(f"*/{kind}/*-enc.*", "unsupported_key", f"{kind} is not signed with", "password"),
            _Rule(f"*/{kind}/*-pkcs8.*", "unsupported_key", f"{kind} is not signed with"),
            _Rule(f"*/{kind}/*.txt", "unreadable_file", "prose"),
        )
    ),
    _Rule("*/DH/dhp*", "unreadable_file", _PUBLIC),
    _Rule("*/DH/dh*key*.txt", "unreadable_file", "prose"),
    _Rule("*/DH/dh*key*", "unsupported_key", "Diffie-Hellman agrees and never signs"),
    _Rule("*/DH/*", "unreadable_file", "prose"),
    _Rule("*/custom/nilpotent.pem", "unsupported_key", _DSA),
)

KEY_FOLDERS = tuple(
    f"asymmetric/{folder}"
    for folder in (
        "PKCS8",
        "PEM_Serialization",
        "Traditional_OpenSSL_Serialization",
        "DER_Serialization",
        "EC",
        "Ed25519",
        "Ed448",
        "MLDSA",
        "X25519",
        "X448",
        "DH",
        "DSA/custom",
    )
)


def expectations() -> Iterator[Vector]:
    """Every file that is imported by itself."""
    return _expected(FILE_FOLDERS, FILES)


def key_expectations() -> Iterator[Vector]:
    """Every file that is imported as the private key of a certificate."""
    return _expected(KEY_FOLDERS, KEYS)


def certificate_for(vector: Vector) -> bytes:
    """A certificate in PEM of the key in `vector`, made for the occasion; where it is not sound, of another."""
    if vector.code not in {None, COMPROMISED}:
        return (ROOT / "x509/cryptography.io.pem").read_bytes()
    return self_signed(_load(vector)).public_bytes(Encoding.PEM)


def self_signed(key: RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey) -> x509.Certificate:
    """A certificate of `key` by itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A vector's key")])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 17)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, None if isinstance(key, Ed25519PrivateKey) else hashes.SHA256())
    )


_REFUSED_BY_PYCA = ("invalid-version.der", "ec_private_key_non_zero_unused_bits.der")


def _load(vector: Vector) -> RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey:
    """The key by pyca's reading; the two on P-256 that it refuses and Signet reads, by their number."""
    content = vector.content
    if vector.path.name in _REFUSED_BY_PYCA:
        scalar = content.partition(b"\x02\x01\x01\x04")[2]
        return derive_private_key(int.from_bytes(scalar[1 : 1 + scalar[0]]), SECP256R1())
    password = vector.password.encode() if vector.password else None
    content = content.replace(b"RSA PRIVATE", b"PRIVATE") if "wrong-pem-delimiter" in vector.name else content
    load = load_pem_private_key if b"-----" in content else load_der_private_key
    key = load(content, password)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise TypeError(f"{vector.name} is of a kind that Signet refuses.")
    return key


def _expected(folders: tuple[str, ...], rules: tuple[_Rule, ...]) -> Iterator[Vector]:
    for folder in folders:
        for path in sorted((ROOT / folder).iterdir()):
            if path.is_file() and path.suffix not in {".py", ".pyc", ".sh"}:
                yield _vector(path, rules)


def _vector(path: Path, rules: tuple[_Rule, ...]) -> Vector:
    name = path.relative_to(ROOT).as_posix()
    for rule in rules:
        if fnmatchcase(name, rule.pattern):
            return Vector(path, rule.password, rule.code, rule.reason)
    raise LookupError(f"No rule says what an import of {name} answers.")
