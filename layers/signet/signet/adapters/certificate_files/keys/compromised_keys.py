"""Keys whose private part is public: test keys of standards, and those that a deployment adds.

The list is a file of hashes: of each key the first 16 bytes of the SHA-256 of its SubjectPublicKeyInfo in DER, sorted,
one after the other, without a header. `tools/compromised_keys.py` makes one of a folder of keys; a deployment brings
its own in a layer (the template's parameter `CompromisedKeysLayer`), and it then stands in for the one shipped.
"""

import mmap
from pathlib import Path

PREFIX_BYTES = 16
SHIPPED = Path(__file__).with_suffix(".bin")


class CompromisedKeys:
    """A sorted file of hashes, in which a key is found in a few steps, without reading the whole file."""

    def __init__(self, hashes: bytes | mmap.mmap) -> None:
        if len(hashes) % PREFIX_BYTES:
            raise ValueError(f"A list of compromised keys has {PREFIX_BYTES} bytes for each, got {len(hashes)} in all.")
        self._hashes = hashes

    @classmethod
    def load(cls, replacement: Path) -> "CompromisedKeys":
        """The list at `replacement`, or the one that is shipped where there is none."""
        path = replacement if replacement.is_file() else SHIPPED
        if not path.stat().st_size:
            return cls(b"")
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def __contains__(self, spki_sha256: object) -> bool:
        """Whether the key with this thumbprint, the SHA-256 of its SubjectPublicKeyInfo in hex, is on the list."""
        wanted = bytes.fromhex(str(spki_sha256))[:PREFIX_BYTES]
        low, high = 0, len(self._hashes) // PREFIX_BYTES
        while low < high:
            middle = (low + high) // 2
            if self._hashes[middle * PREFIX_BYTES : (middle + 1) * PREFIX_BYTES] < wanted:
                low = middle + 1
            else:
                high = middle
        return self._hashes[low * PREFIX_BYTES : (low + 1) * PREFIX_BYTES] == wanted
