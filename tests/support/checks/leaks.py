"""Finds a secret wherever it hides: in any encoding that a log, a table or a message could give it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

WINDOW = 20
"""Bytes of a longer secret that are looked for together: enough that chance makes none."""

_BLANK = re.compile(rb"\\[nrt]|[\s\"':,\\]")


@dataclass(frozen=True)
class Secret:
    """Something that must not be seen."""

    name: str
    parts: tuple[bytes, ...]
    """What gives it away, each by itself."""
    text: str | None = None
    """Where it is a text: as people write it."""


def of_text(name: str, text: str) -> Secret:
    """A password, a PIN, a token."""
    return Secret(name, (text.encode(), text.encode("utf-16-be"), text.encode("utf-16-le")), text)


def of_bytes(name: str, *parts: bytes) -> Secret:
    """Bytes, of which any stretch gives them away: the beginning, the middle and the end are looked for."""
    windows = []
    for part in parts:
        middle = max(0, len(part) // 2 - WINDOW // 2)
        windows += [part[:WINDOW], part[middle : middle + WINDOW], part[-WINDOW:]]
    return Secret(name, tuple(dict.fromkeys(windows)))


def of_key(name: str, key: Any) -> Secret:
    """A private key: each of its numbers, in either order of bytes."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        found = [numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        found = [key.private_numbers().private_value]
    else:
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        found = [int.from_bytes(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))]
    parts = [number.to_bytes((number.bit_length() + 7) // 8, order) for number in found for order in ("big", "little")]
    secret = of_bytes(name, *parts)
    return Secret(name, (*secret.parts, *(str(number)[:40].encode() for number in found)))


def of_pkcs8(name: str, der: bytes) -> Secret:
    """A private key as it is before it is wrapped."""
    return of_key(name, load_der_private_key(der, None))


def needles(secret: Secret) -> Iterator[tuple[str, bytes]]:
    """Each way of writing it, with its name."""
    for part in secret.parts:
        yield "as it is", part
        yield "hex", part.hex().encode()
        yield "HEX", part.hex().upper().encode()
        for shift in range(3):
            # Three alignments; of each the characters that nothing before or after it changes.
            padded = b"\0" * shift + part
            for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
                whole = encode(padded)[-(-shift * 8 // 6) :]
                yield f"{name} at {shift}", whole[: (len(padded) * 8 // 6) - (-(-shift * 8 // 6))]
        yield "base32", base64.b32encode(part)[: len(part) * 8 // 5]
        yield "bytes as Python shows them", repr(part)[2:-1].encode()
        yield "a list of bytes", ",".join(str(byte) for byte in part).encode()
        yield "url", quote(part, safe="").encode()
        yield "reversed", part[::-1]
    if secret.text is not None:
        yield "JSON", json.dumps(secret.text)[1:-1].encode()
        yield "JSON in JSON", json.dumps(json.dumps(secret.text)[1:-1])[1:-1].encode()
        yield "form", quote_plus(secret.text).encode()
        yield "Python", repr(secret.text)[1:-1].encode()


class Haystack:
    """Everything that was said or kept, by where."""

    def __init__(self) -> None:
        self._said: dict[str, list[bytes]] = {}

    def add(self, where: str, what: object) -> None:
        """Text, bytes, or anything of JSON; the bytes in a table's item are taken as they are, too."""
        self._said.setdefault(where, []).extend(_told(what))

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(len(one) for said in self._said.values() for one in said)

    def places(self) -> dict[str, int]:
        """How much was said where."""
        return {where: len(said) for where, said in self._said.items()}

    def leaks(self, secrets: Iterable[Secret], *, but: Mapping[str, str] | None = None) -> list[str]:
        """Which secret stands where, and how it is written; `but` names the one place where a secret may stand."""
        found = []
        allowed = but or {}
        stacks = {where: b"\n\n".join(said) for where, said in self._said.items()}
        # Once more without what a line break, a quotation mark or a separator can put between.
        stacks |= {f"{where}, run together": _BLANK.sub(b"", text) for where, text in stacks.items()}
        for secret in secrets:
            wanted = dict.fromkeys((needle, how) for how, needle in needles(secret))
            for where, text in stacks.items():
                if allowed.get(secret.name) == where.partition(",")[0]:
                    continue
                run_together = where.endswith("run together")
                for needle, how in wanted:
                    if (_BLANK.sub(b"", needle) if run_together else needle) in text:
                        found.append(f"{secret.name} in {where} ({how})")
        return found


def _told(what: object) -> Iterator[bytes]:
    match what:
        case bytes() | bytearray():
            yield bytes(what)
        case str():
            yield what.encode(errors="surrogatepass")
        case Mapping():
            for name, value in what.items():
                yield from _told(name)
                yield from _told(value)
        case list() | tuple() | set():
            for value in what:
                yield from _told(value)
        case _ if hasattr(what, "value"):
            yield from _told(what.value)
        case _:
            yield repr(what).encode()
