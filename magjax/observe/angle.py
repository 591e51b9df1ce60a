"""How sharply a texture turns from cell to cell."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.mesh import AXES
from magjax.numerics.sphere import cross, dot
from magjax.numerics.stencil import next_neighbour
from magjax.system import AbstractSystem


def max_angle(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Largest angle between the spins of neighbouring cells, rad; across periodic borders, not into empty cells.

    Finite differences are good up to about 0.3 rad; beyond 1 rad cells are too large for the texture.

    - `t`: time, s; of no influence. `m`: its unit vectors. `system`: the system.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.observe import max_angle
    >>> mesh = mj.Mesh((8, 1, 1), 5e-9, periodic="x")
    >>> film = mj.System(mesh, Ms=8e5)
    >>> turn = jnp.arange(8.0).reshape(1, 1, 8) * jnp.pi / 4
    >>> round(float(max_angle(0.0, jnp.stack([jnp.cos(turn), jnp.sin(turn), 0 * turn]), film)), 6)  # π/4
    0.785398
    """
    largest = jnp.zeros((), m.dtype)
    for axis, n in zip(AXES, system.mesh.cells, strict=True):
        if n == 1:
            continue
        other = next_neighbour(m, axis, periodic=system.mesh.is_periodic(axis))
        turn, cosine = cross(m, other), dot(m, other)
        square = dot(turn, turn)
        # The square root has no derivative at 0; where a cell is empty both are 0, and so is the angle.
        sine = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)
        neighbours = (square > 0) | (cosine != 0)
        angle = jnp.where(neighbours, jnp.arctan2(sine, jnp.where(neighbours, cosine, 1)), 0)
        largest = jnp.maximum(largest, jnp.max(angle))
    return largest
