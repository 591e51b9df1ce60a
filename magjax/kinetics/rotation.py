"""Rotations of many directions at once."""

import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.sphere import cross, dot


def rotate(m: Array, axis: Array, angle: Array) -> Array:
    """Vectors `(3, n)` turned right-handed about an axis `(3,)` of any length by an angle, rad, one or one for each.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics.rotation import rotate
    >>> rotate(jnp.array([[1.0], [0.0], [0.0]]), jnp.array([0.0, 0.0, 2.0]), jnp.pi / 2).round(6)[:, 0].tolist()
    [0.0, 1.0, 0.0]
    """
    axis = jnp.broadcast_to((axis / jnp.linalg.norm(axis))[:, None], m.shape)
    angle = jnp.broadcast_to(angle, m.shape[1:])[None]
    along = axis * dot(axis, m)[None]
    return along + jnp.cos(angle) * (m - along) + jnp.sin(angle) * cross(axis, m)
