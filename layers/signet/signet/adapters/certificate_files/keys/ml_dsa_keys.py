"""ML-DSA keys as they come in: what their seed makes of them, and whether the seed is one that anybody would guess.

The private key is a seed of 32 bytes. Files may hold, beside it, what FIPS 204 expands it to; whether that is of the
seed has to be computed, since the library takes the seed alone. What is here is FIPS 204, 6.1, and what it stands on;
it is not made to take the same time for every key, which nobody can measure once for each import.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from signet.adapters.certificate_files.keys.curve_weakness import plain_seeds
from signet.domain.errors import WeakKeyError

SEED_BYTES = 32
_Q = 8380417
_DEGREE = 256
_DROPPED_BITS = 13
_ROOT = 1753
_Polynomial = list[int]
"""256 coefficients, from the constant one on."""


@dataclass(frozen=True, slots=True)
class _ParameterSet:
    """FIPS 204, 4, table 1."""

    rows: int
    columns: int
    eta: int

    @property
    def public_key_bytes(self) -> int:
        return 32 + 320 * self.rows


_PARAMETER_SETS = {
    "ML_DSA_44": _ParameterSet(4, 4, 2),
    "ML_DSA_65": _ParameterSet(6, 5, 4),
    "ML_DSA_87": _ParameterSet(8, 7, 2),
}


def public_key_bytes(key_algorithm: str) -> int:
    """How long a public key is."""
    return _PARAMETER_SETS[key_algorithm].public_key_bytes


def check_public_key(key_algorithm: str, public_key: bytes) -> None:
    """Refuse the key of a seed that is no secret.

    Raises:
        WeakKeyError: it is one.
    """
    # A public key begins with what the seed alone is hashed to.
    if public_key[:32] in _beginnings_of_plain_seeds(key_algorithm):
        raise WeakKeyError("The ML-DSA key is made from a seed that anybody would guess.")


@cache
def _beginnings_of_plain_seeds(key_algorithm: str) -> frozenset[bytes]:
    return frozenset(_expanded_seed(key_algorithm, seed)[:32] for seed in plain_seeds())


def expanded_private_key(key_algorithm: str, seed: bytes, public_key: bytes) -> bytes:
    """What FIPS 204, 6.1, makes of `seed`, whose public key is `public_key`; takes some 20 ms."""
    of = _PARAMETER_SETS[key_algorithm]
    expanded = _expanded_seed(key_algorithm, seed)
    public_seed, secret_seed, signing_seed = expanded[:32], expanded[32:96], expanded[96:]
    secrets = [_short(secret_seed, number, of.eta) for number in range(of.columns + of.rows)]
    s1, s2 = secrets[: of.columns], secrets[of.columns :]
    transformed = [_transformed(each) for each in s1]
    t0 = []
    for row in range(of.rows):
        total = [0] * _DEGREE
        for column, secret in enumerate(transformed):
            uniform = _uniform(public_seed + bytes((column, row)))
            total = [(sum_ + a * b) % _Q for sum_, a, b in zip(total, uniform, secret, strict=True)]
        t = [(a + b) % _Q for a, b in zip(_transformed_back(total), s2[row], strict=True)]
        t0.append([_low(each) for each in t])
    return b"".join(
        (
            public_seed,
            signing_seed,
            hashlib.shake_256(public_key).digest(64),
            *(_packed(each, of.eta, (2 * of.eta).bit_length()) for each in (*s1, *s2)),
            *(_packed(each, 1 << (_DROPPED_BITS - 1), _DROPPED_BITS) for each in t0),
        )
    )


def _expanded_seed(key_algorithm: str, seed: bytes) -> bytes:
    """The public seed, the one of the secret polynomials, and the one that signatures are made with."""
    of = _PARAMETER_SETS[key_algorithm]
    return hashlib.shake_256(seed + bytes((of.rows, of.columns))).digest(128)


def _uniform(seed: bytes) -> _Polynomial:
    """RejNTTPoly, algorithm 30: numbers of 23 bits, as far as they are under q."""
    blocks = hashlib.shake_128(seed).digest(3 * 512)  # 256 of 512 are under q, but for once in more than 2^1000
    numbers = (int.from_bytes(blocks[at : at + 3], "little") & 0x7FFFFF for at in range(0, len(blocks), 3))
    return _first(number for number in numbers if number < _Q)


def _short(seed: bytes, number: int, eta: int) -> _Polynomial:
    """RejBoundedPoly, algorithm 31: half bytes, as far as they are small."""
    block = hashlib.shake_256(seed + number.to_bytes(2, "little")).digest(512)
    halves = (half for byte in block for half in (byte & 15, byte >> 4))
    if eta == 2:
        return _first(2 - half % 5 for half in halves if half < 15)
    return _first(4 - half for half in halves if half < 9)


def _first(coefficients: Iterator[int]) -> _Polynomial:
    return [next(coefficients) for _ in range(_DEGREE)]


@cache
def _zetas() -> Sequence[int]:
    """The powers of the root, by the reversed bits of their number (FIPS 204, appendix B)."""
    return [pow(_ROOT, int(f"{number:08b}"[::-1], 2), _Q) for number in range(_DEGREE)]


def _transformed(polynomial: _Polynomial) -> _Polynomial:
    """NTT, algorithm 41."""
    w, zetas, at, length = list(polynomial), _zetas(), 0, _DEGREE // 2
    while length:
        for start in range(0, _DEGREE, 2 * length):
            at += 1
            zeta = zetas[at]
            for j in range(start, start + length):
                t = zeta * w[j + length] % _Q
                w[j], w[j + length] = w[j] + t, w[j] - t
        length //= 2
    return w


def _transformed_back(polynomial: _Polynomial) -> _Polynomial:
    """The inverse of `_transformed`, algorithm 42."""
    w, zetas, at, length = list(polynomial), _zetas(), _DEGREE, 1
    while length < _DEGREE:
        for start in range(0, _DEGREE, 2 * length):
            at -= 1
            zeta = zetas[at]
            for j in range(start, start + length):
                w[j], w[j + length] = w[j] + w[j + length], zeta * (w[j + length] - w[j]) % _Q
        length *= 2
    by_degree = pow(_DEGREE, -1, _Q)
    return [each * by_degree % _Q for each in w]


def _low(number: int) -> int:
    """The lower bits of a coefficient, from -4095 to 4096 (Power2Round, algorithm 35)."""
    low = number % (1 << _DROPPED_BITS)
    return low - (1 << _DROPPED_BITS) if low > 1 << (_DROPPED_BITS - 1) else low


def _packed(polynomial: _Polynomial, most: int, bits: int) -> bytes:
    """BitPack, algorithm 17: how far each coefficient is under `most`, in `bits` bits each."""
    number = sum((most - coefficient) << (bits * at) for at, coefficient in enumerate(polynomial))
    return number.to_bytes(bits * _DEGREE // 8, "little")
