"""Normal numbers from counters: any of them at any time, without the ones before.

A generator with a state ties a run to the order in which numbers are drawn. Here every number is a function of whose it
is, so that a run is the same however it is cut into chunks, batches or devices.
"""

from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
#: Blocks of random bits a cell may draw in one step.
_BLOCKS = 4


def threefry(key: tuple[Array, Array], counter: tuple[Array, Array]) -> tuple[Array, Array]:
    """64 random bits in two words: the Threefry-2x32 cipher of 20 rounds, element by element.

    - `key`, `counter`: two words each, `uint32`, broadcastable against each other.

    Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC11
    (2011).

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.noise import threefry
    >>> zero = jnp.uint32(0)
    >>> [hex(word) for word in threefry((zero, zero), (zero, zero))]
    ['0x6b200159', '0x99ba4efe']
    """
    k0, k1 = key
    keys = (k0, k1, k0 ^ k1 ^ jnp.uint32(0x1BD11BDA))
    a, b = counter[0] + k0, counter[1] + k1
    for i in range(5):
        for r in _ROTATIONS[i % 2]:
            a = a + b
            b = a ^ ((b << jnp.uint32(r)) | (b >> jnp.uint32(32 - r)))
        a, b = a + keys[(i + 1) % 3], b + keys[(i + 2) % 3] + jnp.uint32(i + 1)
    return a, b


def normals(seed: Any, replica: Any, step: Any, index: Any, dtype: Any) -> tuple[Array, Array, Array]:
    """Three independent standard normal numbers for each cell, step and replica.

    - `seed`, `replica`, `step`: whole numbers, taken modulo 2³². `index`: of the cells, below 2³⁰. All broadcastable.

    **Returns** three arrays of their common shape. In single precision they end at 5.2 standard deviations.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.noise import normals
    >>> x, y, z = normals(7, 0, 12, jnp.arange(100_000), jnp.float32)
    >>> bool(abs(x.mean()) < 0.01), bool(abs(y.std() - 1) < 0.01), bool(abs((x * z).mean()) < 0.01)
    (True, True, True)
    """
    key = _word(seed), _word(replica)
    first, now = _word(index) * jnp.uint32(_BLOCKS), _word(step)
    if jnp.dtype(dtype) == jnp.float64:
        blocks = [threefry(key, (first + jnp.uint32(i), now)) for i in range(3)]
        x, y, z = (_normal(_double(*block)) for block in blocks)
        return x, y, z
    (a, b), (c, _) = (threefry(key, (first + jnp.uint32(i), now)) for i in range(2))
    x, y, z = (_normal(_single(word).astype(dtype)) for word in (a, b, c))
    return x, y, z


def _word(value: Any) -> Array:
    return jnp.asarray(value).astype(jnp.uint32)


def _single(word: Array) -> Array:
    """Uniform in (−1, 1), never at its ends: 23 bits and a half."""
    return ((word >> jnp.uint32(9)).astype(jnp.float32) + 0.5) * jnp.float32(2**-22) - 1


def _double(high: Array, low: Array) -> Array:
    """The same of 52 bits."""
    bits = (high >> jnp.uint32(6)).astype(jnp.float64) * 2.0**26 + (low >> jnp.uint32(6)).astype(jnp.float64)
    return (bits + 0.5) * 2.0**-51 - 1


def _normal(uniform: Array) -> Array:
    return jnp.asarray(2**0.5, uniform.dtype) * lax.erf_inv(uniform)
