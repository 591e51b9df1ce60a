"""How far a state is from rest."""

from typing import Any

from jaxtyping import Array

from magjax.numerics.sphere import cross, largest_length
from magjax.system import AbstractSystem


def max_torque(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Largest torque |m×B_eff| of any cell, T: 0 at an equilibrium.

    - `t`: time, s. `m`: its unit vectors. `system`: the system.

    >>> import magjax as mj
    >>> from magjax.observe import max_torque
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.5)))
    >>> float(max_torque(0.0, mj.textures.uniform(mesh, (1, 0, 0)), film))
    0.5
    """
    return largest_length(cross(m, system.field(m, t)))
