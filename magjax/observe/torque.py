"""How far a state is from rest."""

from typing import Any

from jaxtyping import Array

from magjax.numerics.sphere import cross, largest_length
from magjax.system import AbstractSystem


def max_torque(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Largest torque |m×B| of any cell, T, with B = B_eff and the fields of currents' torques: 0 where nothing moves.

    - `t`: time, s. `m`: its unit vectors. `system`: the system.

    >>> import magjax as mj
    >>> from magjax.observe import max_torque
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.5)))
    >>> float(max_torque(0.0, mj.textures.uniform(mesh, (1, 0, 0)), film))
    0.5
    """
    return torque_of(m, system.prepare(m.dtype).field(t, m))


def torque_of(m: Array, B: Array) -> Array:
    """Largest torque |m×B| of any cell, T.

    - `m`: unit vectors. `B`: a field of their shape, T.

    >>> import jax.numpy as jnp
    >>> from magjax.observe.torque import torque_of
    >>> x, z = jnp.eye(3)[0].reshape(3, 1, 1, 1), jnp.eye(3)[2].reshape(3, 1, 1, 1)
    >>> float(torque_of(x, 0.3 * z + x))
    0.3
    """
    return largest_length(cross(m, B))
