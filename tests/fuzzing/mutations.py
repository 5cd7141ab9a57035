"""Changes that keep the form of an input: bytes changed blindly mostly break a length or a bracket, and end there.

Each takes an input, a source of chance, and what changes bytes blindly; it gives an input whose outside is sound.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from typing import Any

Blindly = Callable[[bytes], bytes]
Mutation = Callable[[bytes, random.Random, Blindly], bytes]

_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, -0.0, 2**31, 2**63, 2**70, 10**400, [], {}, [[]], {"": None}),
    *("", " ", "\0", "\ud800", "\ufffd", "\u202e", "e\u0301", "é" * 70, "🔑" * 20, "x" * 300, "9" * 40, "all", "none"),
    *(
        "true",
        "0x10",
        "local/alice",
        "corp/a b",
        "10.0.0.1/33",
        "::/0",
        "fe80::1%eth0",
        "25:00",
        "24:00",
        "Mars/Olympus",
    ),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "2016-12-31T23:59:60Z", "(a+)+$", "["),
    *(
        "*",
        "**",
        "CN=\\",
        "CN=#04",
        "1.2.3.4",
        "2.999999999999999999999.1",
        "*.example.com",
        "http://[::1",
        "QUJD",
        "=",
    ),
)
_HIGH_TAG = 0x1F
_CONSTRUCTED = 0x20


def of_json(content: bytes, chance: random.Random, blindly: Blindly) -> bytes:
    """Another value somewhere in it, or a member renamed, doubled or gone."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return blindly(content)
    places = list(_places(document))
    if not places:
        return blindly(content)
    holder, at = chance.choice(places)
    match chance.randrange(8):
        case 0 if isinstance(holder, dict):
            holder[blindly(str(at).encode()).decode(errors="replace")] = holder.pop(at)
        case 0 | 1:
            del holder[at]
        case 2 if isinstance(holder, list):
            holder.extend([holder[at]] * chance.choice((1, 2, 300)))
        case 2 | 3:
            other, there = chance.choice(places)
            holder[at] = json.loads(json.dumps(other[there]))
        case 4 | 5 if isinstance(holder[at], str):
            holder[at] = blindly(holder[at].encode(errors="replace")).decode(errors="replace")
        case _:
            holder[at] = chance.choice(_ODD)
    return json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(node: Any) -> Any:
    for at in list(node) if isinstance(node, dict) else range(len(node) if isinstance(node, list) else 0):
        yield node, at
        yield from _places(node[at])


def of_der(content: bytes, chance: random.Random, blindly: Blindly) -> bytes:
    """One element changed, doubled, moved or gone; the lengths of all around it follow."""
    elements = _split(content)
    if elements is None:
        return blindly(content)
    siblings, at = elements, 0
    while True:
        at = chance.randrange(len(siblings))
        inner = _split(siblings[at][1]) if siblings[at][0] & _CONSTRUCTED else None
        if inner is None or chance.random() < 0.15:
            break
        # What is changed within is joined again on the way out.
        tag = siblings[at][0]
        changed = of_der(siblings[at][1], chance, blindly)
        siblings[at] = (tag, changed)
        return b"".join(_joined(*each) for each in siblings)
    tag, value = siblings[at]
    match chance.randrange(6):
        case 0:
            siblings[at] = (chance.choice((1, 2, 3, 4, 5, 6, 12, 19, 23, 24, 30, 48, 49, 128, 160, 161, 163)), value)
        case 1:
            siblings.insert(at, (tag, value))
        case 2 if len(siblings) > 1:
            del siblings[at]
        case 3:
            other = chance.randrange(len(siblings))
            siblings[at], siblings[other] = siblings[other], siblings[at]
        case _:
            siblings[at] = (tag, blindly(value))
    return b"".join(_joined(*each) for each in siblings)


def _split(content: bytes) -> list[tuple[int, bytes]] | None:
    """Tags and values side by side; None where that is not what it is, or where it is empty."""
    found, at = [], 0
    while at < len(content):
        head = content[at : at + 2]
        if len(head) < 2 or head[0] & _HIGH_TAG == _HIGH_TAG or head[1] in {0x80, 0xFF}:
            return None
        octets = head[1] & 0x7F if head[1] & 0x80 else 0
        length = int.from_bytes(content[at + 2 : at + 2 + octets], "big") if octets else head[1]
        at += 2 + octets
        if at + length > len(content):
            return None
        found.append((head[0], content[at : at + length]))
        at += length
    return found or None


def _joined(tag: int, value: bytes) -> bytes:
    length = len(value)
    if length < 0x80:
        return bytes((tag, length)) + value
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + value


def of_marked_der(content: bytes, chance: random.Random, blindly: Blindly) -> bytes:
    """A byte that says which, and DER behind it."""
    return content[:1] + of_der(content[1:], chance, blindly)


def of_frames(content: bytes, chance: random.Random, blindly: Blindly) -> bytes:
    """One body changed, doubled or gone, between frames that say how long it is (`signet_cli/pkcs11/frames.py`)."""
    bodies, at = [], 1
    while at + 12 <= len(content):
        _, options, length = struct.unpack(">III", content[at : at + 12])
        if options or at + 12 + length > len(content):
            return blindly(content)
        bodies.append(content[at + 12 : at + 12 + length])
        at += 12 + length
    if not bodies:
        return blindly(content)
    place = chance.randrange(len(bodies))
    match chance.randrange(5):
        case 0:
            bodies.insert(chance.randrange(len(bodies) + 1), bodies[place])
        case 1 if len(bodies) > 1:
            del bodies[place]
        case 2:
            bodies[place] = chance.randrange(70).to_bytes(4, "big") + bodies[place][4:]
        case _:
            bodies[place] = bodies[place][:8] + blindly(bodies[place][8:])
    framed = (struct.pack(">III", number, 0, len(body)) + body for number, body in enumerate(bodies))
    return content[:1] + b"".join(framed)
