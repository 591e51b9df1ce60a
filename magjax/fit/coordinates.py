"""Coordinates in which a fit moves: relative or logarithmic, and without bounds.

A value is reached in two steps, u → z → value: z is the value over its scale, or its logarithm, which is what errors
and directions refer to; u runs from −∞ to ∞ while z stays between its bounds, and z − z0 = u to first order at the
start z0.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array

#: softplus(_ONE) = 1, where its slope is _SLOPE.
_ONE, _SLOPE = math.log(math.e - 1), (math.e - 1) / math.e


def inside(u: Array, z0: Array, low: Array, high: Array) -> Array:
    """Coordinates z between their bounds from u without any: logistic between two, softplus from one, z0 + u without.

    - `u`, `z0`: coordinates `(n,)`, z0 within the bounds. `low`, `high`: bounds of z `(n,)`, infinite where none.

    >>> import jax.numpy as jnp
    >>> from magjax.fit.coordinates import inside
    >>> args = jnp.array([0.5]), jnp.array([0.0]), jnp.array([1.0])
    >>> [round(float(inside(jnp.array([u]), *args)[0]), 4) for u in (-100.0, 0.0, 0.01, 100.0)]
    [0.0, 0.5, 0.51, 1.0]
    """
    below, above = jnp.isfinite(low), jnp.isfinite(high)
    both = below & above
    a, b = jnp.where(below, low, z0 - 1), jnp.where(above, high, z0 + 1)
    width, part = b - a, (z0 - a) / (b - a)
    between = a + width * jax.nn.sigmoid(jnp.log(part) - jnp.log1p(-part) + u / (width * part * (1 - part)))
    over = a + (z0 - a) * jax.nn.softplus(_ONE + u / (_SLOPE * (z0 - a)))
    under = b - (b - z0) * jax.nn.softplus(_ONE - u / (_SLOPE * (b - z0)))
    return jnp.where(both, between, jnp.where(below, over, jnp.where(above, under, z0 + u)))
