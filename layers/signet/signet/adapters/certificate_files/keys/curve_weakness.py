"""Public keys of elliptic curves whose private key is easy to find: a small multiple of the base point, a plain seed.

The arithmetic is of the NIST curves' short Weierstrass form (SEC 1, 2.2.1), on public numbers alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from signet.domain.errors import WeakKeyError

_STEPS = 256
"""Baby steps and giant steps (Shanks): multiples up to twice their product are found, about 130,000."""
_Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Curve:
    """y² = x³ - 3x + b over the integers modulo p (SP 800-186, 3.2.1)."""

    p: int
    base: _Point
    bits: int


_CURVES = {
    "ECC_NIST_P256": _Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        (
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
        256,
    ),
    "ECC_NIST_P384": _Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        (
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        ),
        384,
    ),
    "ECC_NIST_P521": _Curve(
        2**521 - 1,
        (
            0xC6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66,
            0x11839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650,
        ),
        521,
    ),
}


def check_point(algorithm: str, x: int, y: int) -> None:
    """Refuse a point of a NIST curve that is a small multiple of its base point, of a power of two or a repeated byte.

    Raises:
        WeakKeyError: it is one.
    """
    if x in _guessable(algorithm) or any(each in _baby_steps(algorithm) for each in _giant_steps(algorithm, (x, y))):
        raise WeakKeyError("The private key is so small or so plain a number that it can be guessed.")


def check_ed25519(key: bytes) -> None:
    """Refuse a point of small order, under which everybody can sign, and the key of a seed that is no secret.

    Raises:
        WeakKeyError: it is one.
    """
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)
    if y % _ED25519_P in _SMALL_ORDER_Y:
        raise WeakKeyError("The Ed25519 key is a point of small order, for which anybody can make signatures.")
    if key in _keys_of_plain_seeds():
        raise WeakKeyError("The Ed25519 key is made from a seed that anybody would guess.")


_ED25519_P = 2**255 - 19
_ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y = frozenset((0, 1, _ED25519_P - 1, _ORDER_8_Y, _ED25519_P - _ORDER_8_Y))
"""Of the eight points whose order divides the cofactor (RFC 8032, 5.1)."""


def plain_seeds() -> Iterator[bytes]:
    """32 equal bytes, a number that is small, and counting up or down."""
    for octet in range(256):
        yield bytes((octet,)) * 32
        yield octet.to_bytes(32)
        yield octet.to_bytes(32, "little")
        yield bytes((octet + at) % 256 for at in range(32))
        yield bytes((octet - at) % 256 for at in range(32))


@cache
def _keys_of_plain_seeds() -> frozenset[bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seeds = set(plain_seeds())
    return frozenset(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() for seed in seeds)


@cache
def _baby_steps(algorithm: str) -> frozenset[int]:
    """The x of the first multiples of the base point; that of a point is that of its negative."""
    curve = _CURVES[algorithm]
    return frozenset(x for x, _ in _multiples(curve, curve.base, _STEPS))


@cache
def _strides(algorithm: str) -> tuple[_Point, ...]:
    """How far the giant steps lead from a point, each in either direction."""
    curve = _CURVES[algorithm]
    return _multiples(curve, _multiple(curve, 2 * _STEPS + 1, curve.base), _STEPS - 1)


def _giant_steps(algorithm: str, point: _Point) -> Iterator[int]:
    """The x of `point`, and of it less and plus ever further multiples of the base point."""
    curve, strides = _CURVES[algorithm], _strides(algorithm)
    p, (x, y) = curve.p, point
    yield x
    # A stride that is the point itself or its negative: the point is a multiple that is found.
    if any(stride[0] == x for stride in strides):
        yield curve.base[0]
        return
    inverses = _inverses([stride[0] - x for stride in strides], p)
    for (stride_x, stride_y), inverse in zip(strides, inverses, strict=True):
        for slope in ((stride_y - y) * inverse, (-stride_y - y) * inverse):
            yield (slope * slope - stride_x - x) % p


@cache
def _guessable(algorithm: str) -> frozenset[int]:
    """The x of the powers of two, and of the numbers of one byte over and over, times the base point."""
    curve = _CURVES[algorithm]
    found, point = set(), curve.base
    for _ in range(curve.bits):
        found.add(point[0])
        point = _sum(curve, point, point) or curve.base
    repeated = _multiple(curve, int.from_bytes(b"\x01" * (curve.bits // 8)), curve.base)
    return frozenset(found | {x for x, _ in _multiples(curve, repeated, 255)})


def _multiples(curve: _Curve, point: _Point, count: int) -> tuple[_Point, ...]:
    """`point` times 1 to `count`, fewer than its order: the list grows by itself plus its last, all sums at once."""
    found = [point, _doubled(curve, point)]
    while len(found) < count:
        last_x, last_y = found[-1]
        more = found[: min(len(found), count - len(found))]
        # Of the last one itself, plus itself, the slope is another; it is left to the doubling.
        adding = [each for each in more if each[0] != last_x]
        inverses = _inverses([x - last_x for x, _ in adding], curve.p)
        for (x, y), inverse in zip(adding, inverses, strict=True):
            slope = (y - last_y) * inverse % curve.p
            sum_x = (slope * slope - x - last_x) % curve.p
            found.append((sum_x, (slope * (x - sum_x) - y) % curve.p))
        if len(adding) < len(more):
            found.append(_doubled(curve, (last_x, last_y)))
    return tuple(found[:count])


def _inverses(numbers: Sequence[int], p: int) -> list[int]:
    """Of each of `numbers` modulo `p`, none of which is 0, by one inversion (Montgomery's trick)."""
    products = list(accumulate(numbers, lambda a, b: a * b % p))
    rest, found = pow(products[-1], -1, p), []
    for number, before in zip(reversed(numbers), [*reversed(products[:-1]), 1], strict=True):
        found.append(rest * before % p)
        rest = rest * number % p
    return found[::-1]


def _doubled(curve: _Curve, point: _Point) -> _Point:
    twice = _sum(curve, point, point)
    if twice is None:
        raise ValueError("The order of the base point is odd.")
    return twice


def _multiple(curve: _Curve, number: int, point: _Point) -> _Point:
    total: _Point | None = None
    for bit in f"{number:b}":
        total = _sum(curve, total, total)
        if bit == "1":
            total = _sum(curve, total, point)
    if total is None:
        raise ValueError("A multiple of the base point is the point at infinity.")
    return total


def _sum(curve: _Curve, a: _Point | None, b: _Point | None) -> _Point | None:
    """In affine coordinates, None for the point at infinity (SEC 1, 2.2.1)."""
    if a is None or b is None:
        return a or b
    p, (x1, y1), (x2, y2) = curve.p, a, b
    if x1 == x2:
        if (y1 + y2) % p == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, p) % p
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, p) % p
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p
