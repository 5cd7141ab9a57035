"""RSA moduli that can be factored quickly, as the modulus shows, and primes that were not chosen at random.

Each check is bounded, and wrong for a sound key less often than once in 2^60 keys. The library `badkeys` has many of
them, for public keys alone; it needs two more native libraries, 25 ms and 7 MB of every cold start, and a list of keys
that it fetches by itself, and it does not look at primes, multiples of a base point or Edwards curves.
"""

import re
from functools import cache
from math import gcd, isqrt, prod

from signet.domain.errors import WeakKeyError

_SMALL_FACTORS_TO = 65537
_ROCA_PRIMES = [n for n in range(3, 702, 2) if all(n % d for d in range(3, isqrt(n) + 1, 2))]
_FERMAT_ROUNDS = 100
_RATIO_TO = 16
_PATTERN_BITS = (*range(1, 65), 96, 128, 256)
_RUN = re.compile(rb"\x00{10}|\xff{10}")
_PATTERN_BITS_LEAST = 120


def check_modulus(modulus: int, *, may_be_prime: bool) -> None:
    """Refuse `modulus`, positive and of a length that is supported, if it shows how it can be factored.

    `may_be_prime` where no private key shows that it is a product; to find out takes a tenth of a second.

    Raises:
        WeakKeyError: it does.
    """
    if gcd(modulus, _primorial()) != 1:
        raise WeakKeyError("The RSA modulus has a small factor.")
    if _primes_are_close(modulus):
        raise WeakKeyError("The RSA modulus can be factored: its primes are close to each other, or to a simple ratio.")
    if _is_cube(modulus):
        raise WeakKeyError("The RSA modulus can be factored: it is a power of one number.")
    if _has_roca_fingerprint(modulus):
        raise WeakKeyError("The RSA key is of the guessable kind that some smart cards made (CVE-2017-15361).")
    if _shows_a_pattern(modulus):
        raise WeakKeyError("The RSA modulus can be factored: its primes follow a pattern.")
    if may_be_prime and pow(2, modulus - 1, modulus) == 1:
        raise WeakKeyError("The RSA modulus is a prime itself, so that everybody can compute the private key.")


def check_primes(p: int, q: int) -> None:
    """Refuse primes that follow a pattern, which somebody who looks for one would find.

    Raises:
        WeakKeyError: one does.
    """
    if repeats_itself(p) or repeats_itself(q):
        raise WeakKeyError("A prime of the RSA key follows a pattern.")


def repeats_itself(number: int) -> bool:
    """Whether most bits of `number`, a random one of 128 bits and more, are those a fixed step before, or all one."""
    bits = number.bit_length()
    if bits < _PATTERN_BITS_LEAST or _is_uneven(number.bit_count(), bits):
        return True
    return any(
        _is_uneven(((number ^ number >> step) & ((1 << bits - step) - 1)).bit_count(), bits - step)
        for step in _PATTERN_BITS
        if step < bits // 3
    )


def _is_uneven(ones: int, bits: int) -> bool:
    """Whether so many of `bits` are ones that no coin did it: ten standard deviations off, once in 2^75 times."""
    return abs(2 * ones - bits) > 10 * isqrt(bits)


@cache
def _primorial() -> int:
    sieve = bytearray([1]) * (_SMALL_FACTORS_TO + 1)
    for n in range(2, isqrt(_SMALL_FACTORS_TO) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, _SMALL_FACTORS_TO + 1, n)))
    return prod(n for n in range(2, _SMALL_FACTORS_TO + 1) if sieve[n])


def _primes_are_close(modulus: int) -> bool:
    """Whether Fermat's method finds the factors in a few rounds (CVE-2022-26320), or Lehman's those of a ratio."""
    if _fermat(modulus, _FERMAT_ROUNDS):
        return True
    return any(
        _fermat(4 * a * b * modulus, 2)
        for a in range(1, _RATIO_TO + 1)
        for b in range(a + 1, _RATIO_TO + 1)
        if gcd(a, b) == 1
    )


def _fermat(number: int, rounds: int) -> bool:
    a = isqrt(number - 1) + 1
    for _ in range(rounds):
        square = a * a - number
        if isqrt(square) ** 2 == square:
            return True
        a += 1
    return False


def _is_cube(modulus: int) -> bool:
    root = 1 << -(-modulus.bit_length() // 3)
    while (better := (2 * root + modulus // (root * root)) // 3) < root:
        root = better
    return root**3 == modulus


def _shows_a_pattern(modulus: int) -> bool:
    """Whether both primes are a word of so many bits over and over, or nothing but a few ones.

    A prime of a repeated word is nearly word * (2^k - 1) / (2^bits - 1): by (2^bits - 1)^2 the modulus becomes a short
    number with a long run of equal bits behind it.
    """
    if _is_uneven(modulus.bit_count(), modulus.bit_length()):
        return True
    for word in _PATTERN_BITS:
        product = modulus * ((1 << word) - 1) ** 2
        if _RUN.search(product.to_bytes(product.bit_length() // 8 + 1)):
            return True
    return False


def _has_roca_fingerprint(modulus: int) -> bool:
    """Whether `modulus` is a power of 65537 modulo every small prime: by chance less often than once in 2^100 keys.

    Nemec et al., The Return of Coppersmith's Attack, 2017, section 2: keys from 1984 bits on use these 126 primes.
    """
    return all(modulus % prime in _powers_of_65537(prime) for prime in _ROCA_PRIMES)


@cache
def _powers_of_65537(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))
