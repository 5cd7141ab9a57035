"""Make the list of compromised keys that a deployment brings in a layer: `python -m tools.compromised_keys FOLDER OUT`.

FOLDER holds keys and certificates in PEM or DER, public or private (unencrypted), and texts with one SHA-256 of a
SubjectPublicKeyInfo in hex a line. What the service ships is part of the list, unless `--alone` is given. For a layer:

    python -m tools.compromised_keys keys/ layer/compromised_keys.bin
    (cd layer && zip -q ../layer.zip compromised_keys.bin)
    aws lambda publish-layer-version --layer-name compromised-keys --zip-file fileb://layer.zip

The ARN that the last command prints is the template's parameter `CompromisedKeysLayer`.
"""

import argparse
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
)

from signet.adapters.certificate_files.keys.compromised_keys import PREFIX_BYTES, SHIPPED

_HASH = re.compile(rb"[0-9A-Fa-f]{64}")
_PEM = re.compile(rb"-----BEGIN ([^-]+)-----.*?-----END \1-----", re.DOTALL)
_READERS: tuple[Callable[[bytes], object], ...] = (
    lambda data: load_pem_private_key(data, None).public_key(),
    lambda data: load_der_private_key(data, None).public_key(),
    load_pem_public_key,
    load_der_public_key,
    load_ssh_public_key,
    lambda data: x509.load_pem_x509_certificate(data).public_key(),
    lambda data: x509.load_der_x509_certificate(data).public_key(),
)


def hashes_in(data: bytes) -> Iterator[bytes]:
    """The beginning of the hash of each key in `data`, a file of whatever kind; none where it holds no key."""
    blocks = [match[0] for match in _PEM.finditer(data)]
    for block in blocks or [data]:
        if (info := _public_info(block)) is not None:
            yield hashlib.sha256(info).digest()[:PREFIX_BYTES]
    if not blocks:
        for line in data.split():
            if _HASH.fullmatch(line):
                yield bytes.fromhex(line.decode())[:PREFIX_BYTES]


def _public_info(data: bytes) -> bytes | None:
    """The SubjectPublicKeyInfo of the key or certificate that `data` is, by the first reader that takes it."""
    for read in _READERS:
        try:
            key = read(data)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            continue  # Of another kind, or encrypted; the next reader may take it, and `main` names what none takes.
        encode = getattr(key, "public_bytes", None)
        return encode(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if encode else None
    return None


def main(arguments: list[str] | None = None) -> None:
    """Read the folder, say what held no key, and write the list."""
    parser = argparse.ArgumentParser(prog="python -m tools.compromised_keys", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--alone", action="store_true", help="leave out the keys that the service ships")
    options = parser.parse_args(arguments)
    shipped = b"" if options.alone else SHIPPED.read_bytes()
    hashes = {shipped[at : at + PREFIX_BYTES] for at in range(0, len(shipped), PREFIX_BYTES)}
    for path in sorted(path for path in options.folder.rglob("*") if path.is_file()):
        found = set(hashes_in(path.read_bytes()))
        if not found:
            print(f"no key in {path}")
        hashes |= found
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(b"".join(sorted(hashes)))
    print(f"{len(hashes)} keys in {options.out}")


if __name__ == "__main__":
    main()
