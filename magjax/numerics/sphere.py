"""Unit vectors: products of three components, normalisation that leaves empty cells alone.

Component sums are written out: XLA turns a sum over a leading axis of three into a reduction that does not fuse,
which costs three to five times the arithmetic on a CPU.
"""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def components(a: Array) -> list[Array]:
    """The three components of a vector field `(3, …)`, each `(1, …)`.

    A split, whose transpose is one concatenation; indexing transposes into three paddings and a sum.
    """
    return list(lax.split(a, (1, 1, 1), axis=0))


def dot(a: Array, b: Array) -> Array:
    """a·b of vector fields `(3, …)`; shape `(…)`."""
    (ax, ay, az), (bx, by, bz) = components(a), components(b)
    return (ax * bx + ay * by + az * bz)[0]


def cross(a: Array, b: Array) -> Array:
    """a×b of vector fields `(3, …)`."""
    (ax, ay, az), (bx, by, bz) = components(a), components(b)
    return jnp.concatenate([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def normalize(m: Array) -> Array:
    """m/|m| of a vector field `(3, …)`; zero vectors (empty cells) stay zero, with zero derivative."""
    x, y, z = components(m)
    square = x * x + y * y + z * z
    inverse = lax.rsqrt(jnp.where(square > 0, square, 1))
    # By component: the transpose of a product broadcast over components would be such a sum.
    return jnp.concatenate([x * inverse, y * inverse, z * inverse])


def tangent(m: Array, v: Array) -> Array:
    """The part of `v` perpendicular to the unit vectors `m`."""
    return v - m * dot(m, v)[None]


def largest_length(v: Array) -> Array:
    """Largest |v| over the cells of a vector field `(3, …)`."""
    square = jnp.max(dot(v, v))
    # The square root has no derivative at 0; an exact 0 stays exact, and NaN stays NaN.
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(square == 0, 1, square)))
