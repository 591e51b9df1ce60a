"""Unit vectors: products of three components, normalisation that leaves empty cells alone.

Component sums are written out: XLA turns a sum over a leading axis of three into a reduction that does not fuse,
which costs three to five times the arithmetic on a CPU.
"""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def dot(a: Array, b: Array) -> Array:
    """a·b of vector fields `(3, …)`; shape `(…)`."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Array, b: Array) -> Array:
    """a×b of vector fields `(3, …)`."""
    return jnp.stack(
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    )


def normalize(m: Array) -> Array:
    """m/|m| of a vector field `(3, …)`; zero vectors (empty cells) stay zero, with zero derivative."""
    square = dot(m, m)
    return m * lax.rsqrt(jnp.where(square > 0, square, 1))[None]


def tangent(m: Array, v: Array) -> Array:
    """The part of `v` perpendicular to the unit vectors `m`."""
    return v - m * dot(m, v)[None]


def largest_length(v: Array) -> Array:
    """Largest |v| over the cells of a vector field `(3, …)`."""
    square = jnp.max(dot(v, v))
    # The square root has no derivative at 0; an exact 0 stays exact, and NaN stays NaN.
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(square == 0, 1, square)))
