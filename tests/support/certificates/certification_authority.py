"""A CA such as customers have one: `openssl ca` over a folder, which reads a CSR and answers with a certificate.

And openssl's word on what the service makes: whether a CSR proves its key, whether a signature is one.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CONFIGURATION = """
[ca]
default_ca = here

[here]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
email_in_dn = yes

[any]
commonName = optional
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
emailAddress = optional
domainComponent = optional
userId = optional
serialNumber = optional

[leaf]
basicConstraints = critical,CA:FALSE
authorityKeyIdentifier = keyid

[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid

[req]
distinguished_name = nothing
string_mask = utf8only

[nothing]
"""


def openssl(*arguments: object, given: bytes = b"") -> bytes:
    """What the openssl command prints, both ways; it must succeed."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout + done.stderr


@dataclass
class CertificationAuthority:
    """An issuing CA below a root, in a folder of its own."""

    folder: Path
    root: bytes = field(init=False)
    """The root's certificate, PEM."""
    own: bytes = field(init=False)
    """The issuing CA's certificate, PEM, signed by the root."""

    def __post_init__(self) -> None:
        above, below = self.folder / "root", self.folder / "issuing"
        for folder in (above, below):
            folder.mkdir()
            (folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=folder))
            (folder / "index.txt").touch()
            (folder / "serial").write_text("1000\n")
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "ca.key")
        asked = ["req", "-new", "-utf8", "-config"]
        openssl(
            *asked, above / "openssl.cnf", "-x509", "-days", 3650, "-extensions", "authority",
            "-key", above / "ca.key", "-subj", "/C=US/O=Example Corp/CN=Example Root CA", "-out", above / "ca.pem",
        )  # fmt: skip
        openssl(
            *asked, below / "openssl.cnf", "-key", below / "ca.key",
            "-subj", "/C=US/O=Example Corp/CN=Example Issuing CA", "-out", below / "ca.csr",
        )  # fmt: skip
        _sign(above, (below / "ca.csr").read_bytes(), below / "ca.pem", 3650, None, "authority")
        self.root = (above / "ca.pem").read_bytes()
        self.own = (below / "ca.pem").read_bytes()

    @property
    def chain(self) -> bytes:
        """The path above what it issues, nearest first."""
        return self.own + self.root

    def issue(self, csr: str, *, days: float = 365, begins_in_days: float = -1) -> bytes:
        """The certificate that `csr` asks for, PEM, valid from then until `days` from now."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".pem", delete=False) as answer:
            pass
        _sign(self.folder / "issuing", csr.encode(), Path(answer.name), days, begins_in_days, "leaf")
        return Path(answer.name).read_bytes()

    def certify_key(self, csr: str, subject: str) -> bytes:
        """A certificate, PEM, over the public key of `csr` for another subject: whoever has a CA can make it."""
        public = self.folder / "public.pem"
        public.write_bytes(openssl("req", "-pubkey", "-noout", given=csr.encode()))
        below, answer = self.folder / "issuing", self.folder / "forced.pem"
        openssl(
            "x509", "-new", "-force_pubkey", public, "-subj", subject, "-days", 365, "-CA", below / "ca.pem",
            "-CAkey", below / "ca.key", "-out", answer,
        )  # fmt: skip
        return answer.read_bytes()


def _sign(folder: Path, csr: bytes, answer: Path, days: float, begins: float | None, kind: str) -> None:
    asked = answer.with_suffix(".asked")
    asked.write_bytes(csr)
    now = datetime.now(UTC)
    first = now + timedelta(days=-1 if begins is None else begins)
    last = now + timedelta(days=days)
    openssl(
        "ca", "-batch", "-notext", "-utf8", "-preserveDN", "-config", folder / "openssl.cnf", "-extensions", kind,
        "-startdate", f"{first:%Y%m%d%H%M%SZ}", "-enddate", f"{last:%Y%m%d%H%M%SZ}", "-in", asked, "-out", answer,
    )  # fmt: skip


def as_der(certificate: bytes) -> bytes:
    """A PEM certificate as DER."""
    return openssl("x509", "-outform", "DER", given=certificate)


def as_pkcs7(*certificates: bytes, form: str = "DER") -> bytes:
    """PEM certificates in one PKCS#7, in this order."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as joined:
        joined.write(b"".join(certificates))
        joined.flush()
        return openssl("crl2pkcs7", "-nocrl", "-certfile", joined.name, "-outform", form)


def proves_its_key(csr: bytes, form: str = "PEM") -> bool:
    """Whether the CSR is signed by the key that it names (`openssl req -verify`)."""
    return b"verify OK" in openssl("req", "-verify", "-noout", "-inform", form, given=csr)


def told_of_csr(csr: str) -> str:
    """The CSR in openssl's words, its subject in one line of RFC 2253, in UTF-8."""
    options = "RFC2253,-esc_msb,utf8"
    return openssl("req", "-text", "-noout", "-utf8", "-nameopt", options, given=csr.encode()).decode()


def public_key_of(pem: bytes) -> bytes:
    """The public key of a certificate, PEM."""
    return openssl("x509", "-pubkey", "-noout", given=pem)


def is_signature(signature: bytes, message: bytes, certificate: bytes, signing_algorithm: str) -> bool:
    """Whether openssl takes `signature` for one of `message` by the key of `certificate`, PEM."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "signature").write_bytes(signature)
        (folder / "message").write_bytes(message)
        (folder / "public.pem").write_bytes(public_key_of(certificate))
        found = re.fullmatch(r"(\w+)_SHA_(\d+)", signing_algorithm)
        assert found is not None
        scheme, bits = found.groups()
        more = [] if scheme == "ED25519" else ["-digest", f"sha{bits}"]
        if scheme == "RSASSA_PSS":
            more += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "public.pem", "-rawin", *more,
             "-in", folder / "message", "-sigfile", folder / "signature"],
            capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0
