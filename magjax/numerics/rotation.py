"""Rotations of vectors, component by component."""

import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.sphere import components, cross, joined


def cayley(v: Array, angle: Array) -> Array:
    """`v` turned about `angle` by Cayley's map: the solution of v′ = v + angle × (v + v′)/2.

    It turns by 2 arctan(|angle|/2), which is |angle| to second order, and keeps |v| to rounding; it needs no sine.

    - `v`: `(3, …)`. `angle`: rotation vectors, rad, alike.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.rotation import cayley
    >>> turned = cayley(jnp.array([1.0, 0, 0]), jnp.array([0, 0, 2.0]))  # 2 arctan 1 = π/2
    >>> [round(float(x), 6) for x in turned]
    [0.0, 1.0, 0.0]
    """
    # With w = angle/2: [(1 − w²) v + 2 w × v + 2 (w·v) w]/(1 + w²), component by component, which is one pass.
    x, y, z = components(v)
    a, b, c = components(angle / 2)
    square, along = a * a + b * b + c * c, a * x + b * y + c * z
    scale = 1 / (1 + square)
    keep, add = (1 - square) * scale, 2 * scale
    return joined(
        [
            keep * x + add * (b * z - c * y + along * a),
            keep * y + add * (c * x - a * z + along * b),
            keep * z + add * (a * y - b * x + along * c),
        ]
    )


def exponential(v: Array, angle: Array) -> Array:
    """`v` turned about `angle` by exactly |angle| (Rodrigues' formula).

    - `v`: `(3, …)`. `angle`: rotation vectors, rad, alike.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.rotation import exponential
    >>> turned = exponential(jnp.array([1.0, 0, 0]), jnp.array([0, 0, jnp.pi / 2]))
    >>> [abs(round(float(x), 6)) for x in turned]
    [0.0, 1.0, 0.0]
    """
    x, y, z = components(angle)
    square = x * x + y * y + z * z
    small = square < 1e-8
    length = jnp.sqrt(jnp.where(small, 1, square))
    # Near zero the series, whose derivative is finite there.
    sine = jnp.where(small, 1 - square / 6, jnp.sin(length) / length)
    cosine = jnp.where(small, 0.5 - square / 24, (1 - jnp.cos(length)) / length**2)
    once = cross(angle, v)
    return v + sine * once + cosine * cross(angle, once)
