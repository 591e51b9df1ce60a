"""Energies as observables."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.system import AbstractSystem


def energies(t: Any, m: Array, system: AbstractSystem) -> dict[str, Array]:
    """Energy of each term in J by name, and their sum as `total`.

    - `t`: time, s. `m`: its unit vectors. `system`: the system.

    >>> import magjax as mj
    >>> from magjax.observe import energies
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=1e-11) + mj.Zeeman(B=(0, 0, 0.5)))
    >>> {name: float(f"{E:.3g}") for name, E in energies(0.0, mj.textures.uniform(mesh, (0, 0, 1)), film).items()}
    {'exchange': 0.0, 'zeeman': -1e-19, 'total': -1e-19}
    """
    parts = system.energies(m, t)
    return {**parts, "total": sum(parts.values(), start=jnp.zeros((), m.dtype))}
