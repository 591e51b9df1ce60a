"""Unit vectors: products of three components, normalisation that leaves empty cells alone.

Fields of spins are `(…, 3, nz, ny, nx)`: sublattices put an axis in front. Arrays of fewer than four dimensions have
their components first.

Component sums are written out: XLA turns a sum over a leading axis of three into a reduction that does not fuse,
which costs three to five times the arithmetic on a CPU.
"""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def component_axis(ndim: int) -> int:
    """Which axis of an array of so many dimensions holds the components of its vectors.

    >>> from magjax.numerics.sphere import component_axis
    >>> component_axis(4), component_axis(5), component_axis(2)
    (0, 1, 0)
    """
    return max(ndim - 4, 0)


def components(a: Array) -> list[Array]:
    """The three components of a vector field `(…, 3, nz, ny, nx)`, each with an axis of one in place of the three.

    A split, whose transpose is one concatenation; indexing transposes into three paddings and a sum.
    """
    return list(lax.split(a, (1, 1, 1), axis=component_axis(a.ndim)))


def joined(parts: list[Array]) -> Array:
    """The vector field of three components as `components` gives them."""
    return jnp.concatenate(parts, axis=component_axis(parts[0].ndim))


def scalar_product(a: Array, b: Array) -> Array:
    """a·b of vector fields, with an axis of one in place of the components: ready to multiply vectors with."""
    (ax, ay, az), (bx, by, bz) = components(a), components(b)
    return ax * bx + ay * by + az * bz


def dot(a: Array, b: Array) -> Array:
    """a·b of vector fields `(…, 3, nz, ny, nx)`, without the axis of components."""
    product = scalar_product(a, b)
    return lax.squeeze(product, (component_axis(product.ndim),))


def cross(a: Array, b: Array) -> Array:
    """a×b of vector fields `(…, 3, nz, ny, nx)`."""
    (ax, ay, az), (bx, by, bz) = components(a), components(b)
    return joined([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def normalize(m: Array) -> Array:
    """m/|m| of a vector field `(…, 3, nz, ny, nx)`; zero vectors (empty cells) stay zero, with zero derivative."""
    x, y, z = components(m)
    square = x * x + y * y + z * z
    inverse = lax.rsqrt(jnp.where(square > 0, square, 1))
    # By component: the transpose of a product broadcast over components would be such a sum.
    return joined([x * inverse, y * inverse, z * inverse])


def tangent(m: Array, v: Array) -> Array:
    """The part of `v` perpendicular to the unit vectors `m`."""
    return v - m * scalar_product(m, v)


def largest_length(v: Array) -> Array:
    """Largest |v| over the cells of a vector field `(…, 3, nz, ny, nx)`."""
    square = jnp.max(dot(v, v))
    # The square root has no derivative at 0; an exact 0 stays exact, and NaN stays NaN.
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(square == 0, 1, square)))
